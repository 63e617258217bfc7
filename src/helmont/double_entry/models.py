"""Forms on paper that two people copy, each without seeing what the other read."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.permissions import Actor, Scope
from helmont.core.records import LedgerRecord, record
from helmont.participants.models import Participant

ADJUDICATE = "double_entry.adjudicate"
DRAFT, DONE, DIFFERS, AGREED, ADJUDICATED = "draft", "done", "differs", "agreed", "adjudicated"
SETTLED = frozenset({AGREED, ADJUDICATED})


def form_of(key: str) -> str:
    """The key of the form that a transcription is of."""
    return key.rpartition("#")[0]


def transcription_key(form: str, number: int) -> str:
    """``<key of the form>#1`` for the first entry, ``#2`` for the second."""
    return f"{form}#{number}"


def withheld(actor: Actor, key: str, today: date) -> bool:
    """Whether somebody must not see a transcription yet: everybody but who made it and who adjudicates, until it is
    settled. Otherwise the second person could read what the first one wrote."""
    row = Transcription.objects.filter(key=key).select_related("participant").first()
    if row is None or row.status in SETTLED or row.by == actor.handle:
        return False
    return not actor.may(ADJUDICATE, Scope(row.study, row.participant.country, row.participant.site), today)


@record(
    "transcription",
    _("Transcription"),
    participant="participant",
    describe=lambda row: row["key"].rsplit("/", 1)[-1],
    items_of=form_of,
    withheld=withheld,
)
class Transcription(LedgerRecord):
    """What one person read on a paper form. ``number`` is 1 or 2; ``data`` goes by item key.

    ``status``: draft; done (it waits for the other one); differs (both are done and do not say the same); agreed;
    adjudicated. The second one also holds what came of the comparison: how many items were ``compared``, the
    ``differences`` (item key -> {first, second}) and what was ``decided`` (item key -> {value, reason, by}).
    """

    study = models.CharField(max_length=64)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="transcriptions")
    form = models.CharField(_("form"), max_length=200, db_index=True)
    number = models.IntegerField(_("entry"))
    status = models.CharField(_("status"), max_length=12)
    by = models.CharField(_("entered by"), max_length=100)
    at = models.CharField(_("entered"), max_length=27)
    data = models.JSONField(_("values"), default=dict)
    compared = models.IntegerField(_("items compared"), default=0)
    differences = models.JSONField(_("differences"), default=dict)
    decided = models.JSONField(_("decisions"), default=dict)

    class Meta:
        db_table = "double_entry_transcription"
        indexes = [models.Index(fields=["study", "status"], name="double_entry_worklist")]

    def __str__(self) -> str:
        return str(self.key)
