from django.apps import AppConfig


class CodingConfig(AppConfig):
    name = "helmont.coding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.coding import checks, following, projections  # noqa: F401 - they register themselves
        from helmont.coding.moving import move_codings
        from helmont.edc.actions.amending.followers import FOLLOWERS

        FOLLOWERS.append(move_codings)
