from django.apps import AppConfig


class LabsConfig(AppConfig):
    name = "helmont.labs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.labs import notices, projections  # noqa: F401 - they register themselves
