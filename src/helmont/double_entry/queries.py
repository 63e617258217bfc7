"""What is entered twice: whose turn it is, what waits, what differs, and how often."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.double_entry.models import ADJUDICATE, DIFFERS, DRAFT, SETTLED, Transcription
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.edc.queries.forms import FormView, visible_data
from helmont.participants.models import Participant
from helmont.participants.queries import in_places, scope_of
from helmont.studies.queries import compiled


@dataclass(frozen=True)
class Turn:
    """How one person meets a form that is entered twice and not in the record yet.

    ``state``: first or second (theirs to enter), waiting (they are done, the other is not), taken (two others are at it),
    differs. ``others`` is whether somebody else has begun; ``own`` what this person has entered.
    """

    state: str
    own: Transcription | None = None
    others: bool = False
    adjudicates: bool = False

    @property
    def enters(self) -> bool:
        return self.state in ("first", "second")

    def view(self, view: FormView) -> FormView:
        """The form with this person's own entry in it, and nobody else's."""
        return replace(view, data=visible_data(self.own.data if self.own else {}, view.hidden))


def turn_of(actor: Actor, view: FormView, today: date) -> Turn | None:
    """The person's turn at a form; None for a form that is entered once, or is in the record."""
    if view.definition.form.entry != "double" or view.status not in ("blank", "draft"):
        return None
    rows = {row.number: row for row in Transcription.objects.filter(form=view.key)}
    own = next((row for row in rows.values() if row.by == actor.handle), None)
    others = any(row.by != actor.handle for row in rows.values())
    adjudicates = actor.may(ADJUDICATE, scope_of(view.participant), today)
    if rows and all(row.status == DIFFERS for row in rows.values()):
        return Turn("differs", own, others, adjudicates and own is None)
    if own is not None:
        return Turn(("first", "second")[own.number - 1] if own.status == DRAFT else "waiting", own, others)
    if len(rows) == 2:
        return Turn("taken", None, True)
    return Turn("second" if 1 in rows else "first", None, others)


@lru_cache(maxsize=256)
def enters_twice(study: str, version: str) -> bool:
    """Whether this version of the study has a form that is entered twice."""
    return any(form.form.entry == "double" for form in compiled(study, version).forms.values())


@dataclass(frozen=True)
class Waiting:
    """A form whose entries are not settled. ``state``: first, second, differs."""

    form: str
    participant: Participant
    state: str
    by: tuple[str, ...]
    at: str
    differing: int

    @property
    def form_encounter(self) -> str:
        return split_form_key(self.form)[2]

    @property
    def form_id(self) -> str:
        return split_form_key(self.form)[3]


def waiting(actor: Actor, study: str, today: date) -> list[Waiting]:
    """Forms in which somebody has to do something, oldest first, at the places where the person may see forms."""
    places = in_places(actor, "form.view", study, today)
    if places is None:
        raise NotFound(study)
    people = {row.key: row for row in Participant.objects.filter(places, study=study)}
    found: dict[str, list[Transcription]] = defaultdict(list)
    for row in Transcription.objects.filter(study=study).exclude(status__in=SETTLED).order_by("at"):
        if row.participant_id in people:
            found[row.form].append(row)
    return [
        Waiting(
            form,
            people[rows[0].participant_id],
            _state(rows),
            tuple(row.by for row in rows),
            rows[-1].at,
            max(len(row.differences) for row in rows),
        )
        for form, rows in found.items()
    ]


def _state(rows: list[Transcription]) -> str:
    if all(row.status == DIFFERS for row in rows):
        return "differs"
    return "second" if any(row.status != DRAFT for row in rows) else "first"


@dataclass(frozen=True)
class Rate:
    """How many items were compared, and how many differed, of one form or one person."""

    name: str
    compared: int
    differing: int


def rates(study: str) -> tuple[list[Rate], list[Rate]]:
    """Discrepancies by form and by person. A difference that was decided counts for who had it wrong, one that is not
    decided for nobody yet."""
    by_form: Counter[str] = Counter()
    form_differs: Counter[str] = Counter()
    by_person: Counter[str] = Counter()
    person_wrong: Counter[str] = Counter()
    rows = list(Transcription.objects.filter(study=study))
    firsts = {row.form: row for row in rows if row.number == 1}
    for second in (row for row in rows if row.number == 2 and row.compared):
        form = split_form_key(second.form)[3]
        by_form[form] += second.compared
        form_differs[form] += len(second.differences)
        pair = (firsts[second.form], second)
        for row in pair:
            by_person[row.by] += second.compared
        for key, decision in second.decided.items():
            for row in pair:
                person_wrong[row.by] += row.data.get(key) != decision["value"]
    return (
        [Rate(name, count, form_differs[name]) for name, count in sorted(by_form.items())],
        [Rate(name, count, person_wrong[name]) for name, count in sorted(by_person.items())],
    )


@dataclass(frozen=True)
class Difference:
    """One item that two people read differently; ``first`` and ``second`` as stored."""

    key: str
    first: Any
    second: Any


def differing(actor: Actor, view: FormView, today: date) -> tuple[Transcription, Transcription, list[Difference]]:
    """Both entries and what differs, for who adjudicates; raises ``NotFound`` for everybody else."""
    rows = {row.number: row for row in Transcription.objects.filter(form=view.key)}
    if not actor.may(ADJUDICATE, scope_of(view.participant), today) or len(rows) != 2 or rows[2].status != DIFFERS:
        raise NotFound(view.key)
    if any(base_item(key) in view.hidden for key in rows[2].differences):
        raise NotFound(view.key)
    order = view.definition.item_keys()
    found = [Difference(key, said["first"], said["second"]) for key, said in rows[2].differences.items()]
    return rows[1], rows[2], sorted(found, key=lambda each: order.index(each.key))
