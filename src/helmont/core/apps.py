import gc

from django.apps import AppConfig

# Rows come in by the hundred thousand and hardly any is part of a cycle. To look for cycles after every 700 objects, as
# Python does, costs tables and packages a third of their time.
CYCLES_LOOKED_FOR = (50_000, 20, 20)


class CoreConfig(AppConfig):
    name = "helmont.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        gc.set_threshold(*CYCLES_LOOKED_FOR)
        from helmont.core.people import queries, session, signals  # noqa: F401 - they listen
