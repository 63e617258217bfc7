"""The rows of data sets as they are now, and the cuts that were made of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


class DatasetRows(models.Model):
    """One participant's rows of one data set: derived from the ledger, to be dropped and made again at any time.

    Key ``STUDY/<number>/<data set>``. ``body`` holds variables, rows and what they were made of (``store.packed``);
    ``participant`` is empty in data sets that are made from the protocol.
    """

    key = models.CharField(primary_key=True, max_length=250)
    study = models.CharField(max_length=64)
    participant = models.CharField(max_length=200)
    site = models.CharField(max_length=20)
    dataset = models.CharField(max_length=40)
    count = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "datasets_rows"
        indexes = [
            models.Index(fields=["study", "dataset"], name="datasets_rows_dataset"),
            models.Index(fields=["participant"], name="datasets_rows_participant"),
        ]

    def __str__(self) -> str:
        return self.key


class DueParticipant(models.Model):
    """A participant whose rows are to be made again. ``forms`` are those that changed, parted by spaces; ``*`` is all."""

    participant = models.CharField(primary_key=True, max_length=200)
    study = models.CharField(max_length=64, db_index=True)
    forms = models.TextField(default="*")

    class Meta:
        db_table = "datasets_due"

    def __str__(self) -> str:
        return self.participant


class Made(models.Model):
    """How the data sets of a study were made last: by which definition, with which facts of the whole trial."""

    study = models.CharField(primary_key=True, max_length=64)
    definition = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    sequence = models.BigIntegerField(default=0)

    class Meta:
        db_table = "datasets_made"

    def __str__(self) -> str:
        return self.study


@record("cut", _("Data cut"), describe=lambda row: row["title"])
class Cut(LedgerRecord):
    """A named point of the ledger at which data sets and tables are frozen. Key ``STUDY/cuts/<n>``.

    ``size`` is how many entries it holds, ``checkpoint`` the signed note of the tree at that size, ``definition`` the
    version of the study whose data sets are made.
    """

    study = models.CharField(max_length=64, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    size = models.BigIntegerField(_("entries"))
    root = models.CharField(_("root"), max_length=64)
    checkpoint = models.TextField(_("checkpoint"))
    definition = models.CharField(_("study definition"), max_length=40)
    made = models.CharField(_("made"), max_length=27)
    maker = models.CharField(_("made by"), max_length=100)
    purpose = models.TextField(_("purpose"), blank=True)

    class Meta:
        db_table = "datasets_cut"

    def __str__(self) -> str:
        return str(self.title)
