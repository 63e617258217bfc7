"""Files that left the installation or came into it: the ledger remembers them, for whom or by whom, and what was in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("export", _("Export"), describe=lambda row: f"{row['format']} {row['contents']}")
class Export(LedgerRecord):
    """One file. Key ``STUDY/exports/<sequence>``.

    ``contents`` says what is in it (snapshot, audit trail); ``as_of`` is the number of entries that the study's log had;
    ``hidden`` names the privileges that the person lacks, whose values are not in the file.
    """

    study = models.CharField(max_length=64, db_index=True)
    format = models.CharField(_("format"), max_length=40)
    contents = models.CharField(_("contents"), max_length=40)
    person = models.CharField(_("made for"), max_length=100)
    made = models.CharField(_("made"), max_length=27)
    as_of = models.BigIntegerField(_("entries of the log"), default=0)
    participants = models.IntegerField(_("participants"), default=0)
    size = models.BigIntegerField(_("size"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    hidden = models.CharField(_("without"), max_length=100, blank=True)

    class Meta:
        db_table = "exchange_export"

    def __str__(self) -> str:
        return str(self.key)


@record("import", _("Import"), describe=lambda row: row["file"])
class Import(LedgerRecord):
    """One file, or several of one dataset, whose data were taken in. Key ``STUDY/imports/<sequence>``.

    ``counts`` holds how many records of each type were created and changed (``created/form``, ``changed/value``), the steps of
    which nothing came (``unchanged``) and what was refused. The entries of the data name the file and its line.
    """

    study = models.CharField(max_length=64, db_index=True)
    format = models.CharField(_("format"), max_length=40)
    file = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    person = models.CharField(_("taken in by"), max_length=100)
    made = models.CharField(_("taken in"), max_length=27)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        db_table = "exchange_import"

    def __str__(self) -> str:
        return str(self.key)
