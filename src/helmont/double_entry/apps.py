from django.apps import AppConfig


class DoubleEntryConfig(AppConfig):
    name = "helmont.double_entry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.double_entry import checks  # noqa: F401 - it registers itself
        from helmont.double_entry.moving import move_transcriptions, transcriptions_read
        from helmont.double_entry.turns import lines_begun
        from helmont.edc.actions.amending.followers import FOLLOWERS, READS
        from helmont.edc.actions.lines import SPOKEN_FOR

        SPOKEN_FOR.append(lines_begun)
        FOLLOWERS.append(move_transcriptions)
        READS.append(transcriptions_read)
