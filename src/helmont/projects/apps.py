from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "helmont.projects"
    default_auto_field = "django.db.models.BigAutoField"
