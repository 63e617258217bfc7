"""Which locks stand around a form, a participant or a site, for pages that show them."""

from __future__ import annotations

from helmont.edc.locks import HELD, Hold, form_hold, lock_key
from helmont.edc.models import Form, Lock
from helmont.participants.models import Participant

__all__ = ["Hold", "holds_around", "holds_of_study"]


def holds_around(participant: Participant, form: Form | None = None) -> list[Hold]:
    """The locks in force at a participant and on the form, the widest first. Items are locked apart (``Form.held``)."""
    study = participant.study
    keys = [
        lock_key(study, "study"),
        lock_key(study, "site", participant.site),
        lock_key(study, "participant", participant.number),
    ]
    found = {lock.key: lock for lock in Lock.objects.filter(key__in=keys, state__in=HELD)}
    holds = [_hold(found[key]) for key in keys if key in found]
    if form is not None and (own := form_hold({"lock": form.lock, "locked": form.locked})):
        holds.append(own)
    return holds


def holds_of_study(study: str) -> dict[tuple[str, str], Hold]:
    """Every lock in force on the study, its sites and participants, by level and place."""
    return {(lock.level, lock.place): _hold(lock) for lock in Lock.objects.filter(study=study, state__in=HELD)}


def _hold(lock: Lock) -> Hold:
    return Hold(lock.level, lock.state, lock.place, lock.by, lock.at, lock.reason)
