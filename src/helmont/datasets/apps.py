from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "helmont.datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.datasets import projections  # noqa: F401 - it registers itself
