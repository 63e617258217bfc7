"""How far each projection has read each log."""

from django.db import models


class ProjectionCursor(models.Model):
    """``sequence`` is the next entry to read; it is written in the transaction that writes the derived rows.

    ``built`` is the size of the log when the projection began, or began again: what was redacted before never got in.
    """

    pk = models.CompositePrimaryKey("name", "log")
    name = models.CharField(max_length=80)
    log = models.CharField(max_length=64)
    sequence = models.BigIntegerField(default=0)
    built = models.BigIntegerField(default=0)

    class Meta:
        db_table = "projection_cursor"

    def __str__(self) -> str:
        return f"{self.name} {self.log} {self.sequence}"
