from django.apps import AppConfig


class SensorsConfig(AppConfig):
    name = "helmont.sensors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.edc.actions.entry import FILLED
        from helmont.edc.queries.audit import HIDDEN_RECORDS
        from helmont.sensors import alerting, entering, projections, services  # noqa: F401 - they register themselves
        from helmont.sensors.actions.results import filled
        from helmont.sensors.queries.entries import hidden_entries

        FILLED.append(filled)
        HIDDEN_RECORDS.append(hidden_entries)
