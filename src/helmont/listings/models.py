"""Listings that people keep, and the pinned snapshots they analyse."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("listing", _("Listing"), describe=lambda row: row["title"])
class Listing(LedgerRecord):
    """A listing somebody keeps. Key ``STUDY/listings/<n>``.

    ``kind`` is ``form`` (rows of a form, see ``definition.Selection``) or ``sql`` (a statement for a snapshot).
    """

    study = models.CharField(max_length=64, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, default="form")
    owner = models.CharField(_("owner"), max_length=100)
    shared = models.BooleanField(_("shared with the study"), default=False)
    removed = models.BooleanField(_("removed"), default=False)
    definition = models.JSONField(_("definition"), default=dict)

    class Meta:
        db_table = "listing"

    def __str__(self) -> str:
        return str(self.title)


@record("snapshot", _("Snapshot"), describe=lambda row: row["title"])
class Snapshot(LedgerRecord):
    """The data of a study as of one ledger entry, in a file that never changes. Key ``STUDY/snapshots/<n>``.

    ``size`` is how many entries of the ledger it holds, ``sha256`` that of the file, ``hidden`` the privileges whose
    values were left out; ``sites`` the sites it is limited to ("" for all).
    """

    study = models.CharField(max_length=64, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    maker = models.CharField(_("made by"), max_length=100)
    made = models.CharField(_("made at"), max_length=27)
    size = models.BigIntegerField(_("entries of the ledger"), default=0)
    root = models.CharField(_("root of the ledger"), max_length=64, blank=True)
    sha256 = models.CharField(_("content hash"), max_length=64)
    bytes = models.BigIntegerField(_("size of the file"), default=0)
    hidden = models.CharField(_("left out"), max_length=60, blank=True)
    blinded = models.BooleanField(_("blinded"), default=True)
    sites = models.TextField(_("sites"), blank=True)

    class Meta:
        db_table = "listing_snapshot"

    def __str__(self) -> str:
        return str(self.title)
