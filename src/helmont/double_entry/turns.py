"""Who may do what to a form that two people copy: the same rules for what is done and for what is shown.

A line of a log is begun under a number that is given once (``NEW`` asks for it); whoever copies it second picks it by
that number, and may say that the paper has no such line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from django.utils.translation import gettext as _

from helmont.core.errors import NotFound, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.double_entry.models import (
    ABSENT,
    ADJUDICATE,
    CLOSED,
    DIFFERS,
    DRAFT,
    MOVED,
    SETTLED,
    WANTED,
    WITHDRAWN,
    form_of,
    transcription_key,
)
from helmont.edc.actions.base import FormAction
from helmont.edc.keys import LOG, split_form_key
from helmont.study.compiled_forms import CompiledForm

NEW = "new"
"""Stands for the number of a line that is begun."""


class Copy(NamedTuple):
    """What matters of a transcription here; ``ruled`` when a third person has looked at it."""

    by: str
    status: str
    ruled: bool = False


def state_of(handle: str, first: Copy | None, second: Copy | None, *, adjudicates: bool) -> str:
    """How somebody meets the two entries of a form.

    first, second: theirs to enter. waiting: they are done, the other is not. taken: two others are at it. seen: they
    have seen the first entry, as somebody who decides. differs, absent: somebody decides. settled, withdrawn: it is over.
    """
    if first is None:
        return "first"
    for status, state in ((WITHDRAWN, "withdrawn"), (DIFFERS, "differs")):
        if first.status == status:
            return state
    if first.status in SETTLED:
        return "settled"
    absent = second is not None and second.status == ABSENT
    if first.by == handle:
        return "first" if first.status == DRAFT else "absent" if absent else "waiting"
    if absent:
        return "absent"
    if first.ruled and adjudicates:
        return "seen"
    if second is None or second.status == WANTED:
        return "second"
    if second.by == handle:
        return "second" if second.status == DRAFT else "waiting"
    return "taken"


def standing_of(first: Copy, second: Copy | None) -> str:
    """Where two entries stand, whoever asks: first (begun), second (it is waited for), both (begun), differs, absent,
    settled, withdrawn."""
    if first.status in SETTLED:
        return "settled"
    if first.status in (WITHDRAWN, DIFFERS):
        return str(first.status)
    if second is not None and second.status == ABSENT:
        return "absent"
    if second is not None and second.status != WANTED:
        return "both"
    return "first" if first.status == DRAFT else "second"


REFUSALS = {
    "waiting": lambda: _("You have entered this form; somebody else makes the other entry."),
    "taken": lambda: _("Two people have entered this form already."),
    "seen": lambda: _("You decide about entries here and may have seen the first one; somebody else makes the second."),
    "differs": lambda: _("Two people have entered this form already."),
    "absent": lambda: _("It is being decided whether the paper has this line."),
    "settled": lambda: _("Both entries of this form were accepted; it is corrected on its own page now."),
    "withdrawn": lambda: _("This line was withdrawn; its number is not used again."),
}


def refuse(state: str) -> NoReturn:
    """Raise ``Refused`` in the words for the state."""
    raise Refused(str(REFUSALS[state]()) if state in REFUSALS else _("This is not possible now."), state=state)


class Entries(NamedTuple):
    """Both entries of a form as they are in a transaction, and how the actor meets them."""

    first: Row | None
    second: Row | None
    state: str


def entries_of(tx: Transaction, actor: Actor, action: FormAction) -> Entries:
    """Both entries of the form that the action is about."""
    first, second = (tx.get("transcription", transcription_key(action.key, number)) for number in (1, 2))
    adjudicates = actor.may(ADJUDICATE, action.scope(tx), tx.today)
    return Entries(first, second, state_of(actor.handle, copy_of(first), copy_of(second), adjudicates=adjudicates))


def copy_of(row: Row | None) -> Copy | None:
    return Copy(row["by"], row["status"], bool(row["rulings"])) if row else None


def refuse_accepted(tx: Transaction, key: str, form: CompiledForm) -> None:
    """Raise ``Refused`` unless the form is one that is entered twice and is not in the record yet.

    What was begun while the form was entered twice goes on so when an amendment has it entered once.
    """
    row = tx.get("form", key)
    if form.form.entry != "double" and not _goes_on(tx.get("transcription", transcription_key(key, 1))):
        raise Refused(_("This form is entered once; it has no second entry."))
    if row is not None and (row["status"] != DRAFT or row["line"]):
        refuse("settled")


def _goes_on(first: Row | None) -> bool:
    return first is not None and first["status"] not in CLOSED | {MOVED}


def begun_line(entries: Entries, action: FormAction) -> Row:
    """The first entry of a line; raises ``NotFound`` for a form that is no line, or a line that nobody has begun."""
    if action.parts[2] != LOG or entries.first is None:
        raise NotFound(action.key)
    return entries.first


# Numbers


def lines_begun(tx: Transaction, participant: str) -> Iterator[tuple[str, int]]:
    """Form and number of every line that was begun from paper, withdrawn ones included."""
    for row in tx.find("transcription", "participant", participant):
        _study, _number, encounter, form, line = split_form_key(form_of(row["key"]))
        if encounter == LOG:
            yield form, int(line)


def next_line(tx: Transaction, participant: str, form: str) -> str:
    """The key of the next line of a log: one after every line that was saved or begun from paper."""
    container = f"{participant}/{LOG}/{form}"
    saved = [int(row["line"]) for row in tx.find("form", "container", container)]
    begun = [number for name, number in lines_begun(tx, participant) if name == form]
    return f"{container}/{max((*saved, *begun), default=0) + 1}"
