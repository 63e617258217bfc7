from django.apps import AppConfig


class EdcConfig(AppConfig):
    name = "helmont.edc"
    default_auto_field = "django.db.models.BigAutoField"
