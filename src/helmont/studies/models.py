"""Studies, their published definitions and their sites."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("study", _("Study"), describe=lambda row: row["key"])
class Study(LedgerRecord):
    """A trial; its key is its id and the name of its log. ``definition`` is the version new participants start under."""

    title = models.JSONField(_("title"), default=dict)
    sponsor = models.CharField(_("sponsor"), max_length=200, blank=True)
    phase = models.CharField(_("phase"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=20, default="running")
    definition = models.CharField(_("definition"), max_length=40, blank=True)

    class Meta:
        db_table = "study"
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return str(self.key)


@record("definition", _("Study definition"), describe=lambda row: row["version"])
class Definition(LedgerRecord):
    """A published version: immutable, named by the SHA-256 of its canonical JSON. Key ``STUDY/definitions/<version>``."""

    study = models.CharField(max_length=64, db_index=True)
    version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    document = models.TextField()

    class Meta:
        db_table = "study_definition"

    def __str__(self) -> str:
        return str(self.key)


@record("site", _("Site"), describe=lambda row: row["name"])
class Site(LedgerRecord):
    """A place where participants are seen. Key ``STUDY/sites/<number>``.

    ``definition`` is the version that new participants start under here; empty: the study's.
    """

    study = models.CharField(max_length=64, db_index=True)
    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    status = models.CharField(_("status"), max_length=20, default="active")
    definition = models.CharField(_("definition"), max_length=40, blank=True)

    class Meta:
        db_table = "site"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
