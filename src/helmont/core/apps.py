from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "helmont.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.core.people import queries, session, signals  # noqa: F401 - they listen
