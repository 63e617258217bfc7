"""Forms on paper that two people copy, each without seeing what the other read."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.permissions import Actor, Scope
from helmont.core.records import KEY_LENGTH, LedgerRecord, record
from helmont.participants.models import Participant

ADJUDICATE = "double_entry.adjudicate"
ENTER = "form.enter"
DRAFT, DONE, DIFFERS, AGREED, ADJUDICATED = "draft", "done", "differs", "agreed", "adjudicated"
ABSENT, WANTED, WITHDRAWN, MOVED = "absent", "wanted", "withdrawn", "moved"
SETTLED = frozenset({AGREED, ADJUDICATED})
DISPUTED = frozenset({DIFFERS, ABSENT})
CLOSED = SETTLED | {WITHDRAWN, MOVED}


def form_of(key: str) -> str:
    """The key of the form that a transcription is of."""
    return key.rpartition("#")[0]


def transcription_key(form: str, number: int) -> str:
    """``<key of the form>#1`` for the first entry, ``#2`` for the second."""
    return f"{form}#{number}"


def withheld(actor: Actor, key: str, today: date) -> bool:
    """Whether somebody must not see a transcription: otherwise the second person could read what the first one wrote.

    Until it is settled only who made it sees it, and who adjudicates once there is something to decide. A line that was
    withdrawn may be copied again under another number, so it stays hidden from others who copy.
    """
    rows = Transcription.objects.filter(form=form_of(key)).select_related("participant")
    found = {row.key: row for row in rows}
    row = found.get(key)
    if row is None or row.status in SETTLED or row.by == actor.handle:
        return False
    if row.status == MOVED:
        return withheld(actor, row.moved, today)
    scope = Scope(row.study, row.participant.country, row.participant.site)
    if row.status == WITHDRAWN:
        return actor.may(ENTER, scope, today)
    disputed = any(each.status in DISPUTED for each in found.values())
    return not (disputed and actor.may(ADJUDICATE, scope, today))


@record(
    "transcription",
    _("Transcription"),
    participant="participant",
    describe=lambda row: row["key"].split("/", 2)[2],
    items_of=form_of,
    withheld=withheld,
)
class Transcription(LedgerRecord):
    """What one person read on a paper form. ``number`` is 1 or 2; ``data`` goes by item key.

    ``status``: draft; done (it waits for the other one); differs (both are done and do not say the same); agreed;
    adjudicated. The second one also holds what came of the comparison: how many items were ``compared``, and once it is
    decided the ``differences`` (item key -> {first, second}) and what was ``decided`` (item key -> {value, reason, by});
    before, the second person does not learn what the first one read.

    Of a log's line, the second one may also be absent (the paper has no such line, and why) or wanted (it has, it was
    decided), and both withdrawn. The first one holds why it was ``withdrawn``, and ``rulings``: handle -> {line, reason,
    at}. ``moved`` is the key under which it goes on in another version of the study, ``aside`` what has no place there.
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
    absent = models.TextField(_("not on the paper"), blank=True)
    withdrawn = models.TextField(_("withdrawn"), blank=True)
    rulings = models.JSONField(_("decisions about the line"), default=dict)
    moved = models.CharField(_("goes on as"), max_length=KEY_LENGTH, blank=True)
    aside = models.JSONField(_("values without a place"), default=dict)

    class Meta:
        db_table = "double_entry_transcription"
        indexes = [models.Index(fields=["study", "status"], name="double_entry_worklist")]

    def __str__(self) -> str:
        return str(self.key)
