from django.apps import AppConfig


class ListingsConfig(AppConfig):
    name = "helmont.listings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.listings import projections  # noqa: F401 - it registers itself
