"""Pseudonymised source copies that a person may compare, or offered at their site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.edc.models import Form, SourceCopy
from helmont.edc.queries.forms import hidden_items
from helmont.edc.sources import readable_text, stored_copy
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.studies.queries import compiled

__all__ = ["SourceCopy", "copies_for", "copy_for", "is_open", "readable_text", "stored_copy"]

PERMISSIONS = ("form.verify", "source.offer")
OPEN_FOR = timedelta(minutes=30)


def copies_for(actor: Actor, study: str, today: date) -> list[SourceCopy]:
    """Every copy of the study that is the person's to see, those offered first, the newest first."""
    rows = SourceCopy.objects.filter(study=study).select_related("participant").order_by("status", "-at")
    return [row for row in rows if _theirs(actor, row, today)]


def copy_for(actor: Actor, key: str, today: date) -> SourceCopy:
    """One copy; raises ``NotFound`` when it is not the person's to see."""
    row: SourceCopy | None = SourceCopy.objects.filter(key=key).select_related("participant").first()
    if row is None or not _theirs(actor, row, today):
        raise NotFound(key)
    return row


def is_open(actor: Actor, row: SourceCopy) -> bool:
    """Whether the person opened the copy a moment ago, which the ledger then knows."""
    looked = row.looked.get(actor.handle)
    there = row.status == "offered" and looked
    return bool(there) and datetime.now(UTC) - datetime.fromisoformat(looked) < OPEN_FOR


def _theirs(actor: Actor, row: SourceCopy, today: date) -> bool:
    """Who may not see every item of the form may not see its source: the document does not leave items out.

    Who offered a copy has had it in their hands; they find it again, to withdraw it.
    """
    participant: Participant = row.participant
    scope = scope_of(participant)
    if not any(actor.may(permission, scope, today) for permission in PERMISSIONS):
        return False
    if row.by == actor.handle:
        return True
    form_id = Form.objects.filter(key=row.form).values_list("form", flat=True).first()
    form = compiled(row.study, participant.definition).forms.get(form_id or "")
    return form is not None and not hidden_items(actor, participant, form, today)
