"""Whose turn it is at a form that is entered twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from helmont.core.permissions import Actor
from helmont.double_entry.models import ADJUDICATE, CLOSED, DISPUTED, DONE, DRAFT, MOVED, Transcription
from helmont.double_entry.turns import NEW, Copy, standing_of, state_of
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.queries.forms import FormView, visible_data
from helmont.participants.queries import scope_of
from helmont.studies.queries import compiled

__all__ = ["NEW", "Turn", "copy_of", "enters_twice", "turn_of"]


@dataclass(frozen=True)
class Turn:
    """How one person meets a form that is entered twice and not in the record yet.

    ``state`` as in ``turns.state_of``, ``standing`` as in ``turns.standing_of`` ("" while nobody has begun). ``others`` is
    whether somebody else has begun; ``own`` what this person has entered. ``withdraws`` and ``denies`` are whether a
    line is theirs to withdraw, or theirs not to find on the paper.
    """

    state: str
    standing: str = ""
    own: Transcription | None = None
    others: bool = False
    adjudicates: bool = False
    withdraws: bool = False
    denies: bool = False

    @property
    def enters(self) -> bool:
        return self.state in ("first", "second")

    @property
    def begun(self) -> bool:
        return bool(self.standing)

    def view(self, view: FormView) -> FormView:
        """The form with this person's own entry in it, and nobody else's."""
        return replace(view, data=visible_data(self.own.data if self.own else {}, view.hidden))


def copy_of(row: Transcription | None) -> Copy | None:
    return Copy(row.by, row.status, bool(row.rulings)) if row else None


def turn_of(actor: Actor, view: FormView, today: date) -> Turn | None:
    """The person's turn at a form; None for a form that is entered once, or is in the record."""
    form = view.definition.form
    if view.status not in ("blank", "draft") or (view.row is not None and view.row.line):
        return None
    rows = {row.number: row for row in Transcription.objects.filter(form=view.key).exclude(status=MOVED)}
    if form.entry != "double" and (1 not in rows or rows[1].status in CLOSED):
        return None  # what was begun while it was entered twice goes on so
    first, second = rows.get(1), rows.get(2)
    own = next((row for row in rows.values() if row.by == actor.handle), None)
    adjudicates = actor.may(ADJUDICATE, scope_of(view.participant), today)
    state = state_of(actor.handle, copy_of(first), copy_of(second), adjudicates=adjudicates)
    is_line, copied = form.kind == "log", copy_of(first)
    return Turn(
        state,
        standing_of(copied, copy_of(second)) if copied else "",
        own,
        others=any(row.by != actor.handle for row in rows.values()),
        adjudicates=adjudicates and own is None and any(row.status in DISPUTED for row in rows.values()),
        withdraws=is_line and first is not None and first is own and second is None and first.status in (DRAFT, DONE),
        denies=is_line and state == "second",
    )


@lru_cache(maxsize=256)
def enters_twice(study: str, version: str) -> bool:
    """Whether this version of the study has a form that is entered twice."""
    return any(form.form.entry == "double" for form in compiled(study, version).forms.values())


def line_of(form: str) -> str:
    """The number of the line that a form's key names, "" for a form of a visit."""
    return split_form_key(form)[4]


def unbegun_line(study: str, number: str, form: str, least: str) -> str:
    """The number for a new line of a log that is entered once: ``least``, or one after every line begun from paper."""
    container = f"{study}/{number}/{LOG}/{form}/"
    begun = Transcription.objects.filter(participant=f"{study}/{number}", form__startswith=container)
    numbers = [int(line_of(key)) for key in begun.values_list("form", flat=True)]
    return str(max(int(least), *(each + 1 for each in numbers), 1))
