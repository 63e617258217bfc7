"""The ledger's tables. Triggers refuse every UPDATE and DELETE that is not a redaction's (migration 0002)."""

from django.db import models


class Log(models.Model):
    """One append-only sequence: a study's, or the installation's own (``system``)."""

    name = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_log"

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """One leaf. ``body`` is the exact canonical JSON (empty once redacted); the other columns repeat it for look-up."""

    pk = models.CompositePrimaryKey("log", "sequence")
    log = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    time = models.CharField(max_length=27)
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=80)
    record = models.CharField(max_length=240)
    participant = models.CharField(max_length=120, blank=True)
    leaf = models.BinaryField(max_length=32)
    body = models.TextField()

    class Meta:
        db_table = "ledger_entry"
        indexes = [
            models.Index(fields=["log", "participant", "sequence"], name="ledger_entry_participant"),
            models.Index(fields=["record", "sequence"], name="ledger_entry_record"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.sequence}"


class Tile(models.Model):
    """Up to 256 hashes of one level of a log's tree (C2SP tlog-tiles)."""

    pk = models.CompositePrimaryKey("log", "level", "idx")
    log = models.CharField(max_length=64)
    level = models.IntegerField()
    idx = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"

    def __str__(self) -> str:
        return f"{self.log} {self.level}/{self.idx}"


class Checkpoint(models.Model):
    """A signed statement of a log's size and root (C2SP signed note)."""

    pk = models.CompositePrimaryKey("log", "size")
    log = models.CharField(max_length=64)
    size = models.BigIntegerField()
    time = models.CharField(max_length=27)
    note = models.TextField()

    class Meta:
        db_table = "ledger_checkpoint"

    def __str__(self) -> str:
        return f"{self.log} at {self.size}"


class Redaction(models.Model):
    """Permission to blank the body of one entry, given by a later entry of the same log."""

    pk = models.CompositePrimaryKey("log", "sequence")
    log = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    redacted_by = models.BigIntegerField()

    class Meta:
        db_table = "ledger_redaction"

    def __str__(self) -> str:
        return f"{self.log} {self.sequence}"


class Idempotency(models.Model):
    """The answer given to a write that carried an idempotency key, so that its repetition gets the same answer."""

    pk = models.CompositePrimaryKey("person", "token")
    person = models.CharField(max_length=100)
    token = models.CharField(max_length=100)
    request = models.CharField(max_length=64)
    outcome = models.TextField()
    time = models.CharField(max_length=27)

    class Meta:
        db_table = "ledger_idempotency"

    def __str__(self) -> str:
        return f"{self.person} {self.token}"
