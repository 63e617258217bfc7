from django.apps import AppConfig


class SensorsConfig(AppConfig):
    name = "helmont.sensors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.sensors import projections, services  # noqa: F401 - they register themselves
