from django.apps import AppConfig


class DoubleEntryConfig(AppConfig):
    name = "helmont.double_entry"
    default_auto_field = "django.db.models.BigAutoField"
