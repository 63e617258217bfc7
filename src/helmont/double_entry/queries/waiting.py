"""What is being copied from paper and not in the record yet: in a study, in a casebook, in a log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.double_entry.models import ADJUDICATE, CLOSED, DIFFERS, MOVED, SETTLED, WANTED, WITHDRAWN, Transcription
from helmont.double_entry.queries.turns import copy_of
from helmont.double_entry.turns import standing_of, state_of
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.queries.forms import hidden_items, visible_data
from helmont.participants.models import Participant
from helmont.participants.queries import in_places, scope_of
from helmont.studies.queries import compiled


@dataclass(frozen=True)
class Waiting:
    """A form whose entries are not settled. ``state``: first, second, both, differs, absent (``turns.standing_of``)."""

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

    @property
    def line(self) -> str:
        return split_form_key(self.form)[4]


def waiting(actor: Actor, study: str, today: date) -> list[Waiting]:
    """Forms in which somebody has to do something, oldest first, at the places where the person may see forms."""
    places = in_places(actor, "form.view", study, today)
    if places is None:
        raise NotFound(study)
    people = {row.key: row for row in Participant.objects.filter(places, study=study)}
    rows = Transcription.objects.filter(study=study).exclude(status__in=CLOSED).order_by("at")
    return [
        Waiting(
            form,
            people[found[0].participant_id],
            _standing(found),
            tuple(row.by for row in found),
            found[-1].at,
            _differing(found),
        )
        for form, found in _by_form(row for row in rows if row.participant_id in people).items()
    ]


def _by_form(rows: Iterable[Transcription]) -> dict[str, list[Transcription]]:
    found: dict[str, list[Transcription]] = defaultdict(list)
    for row in rows:
        found[row.form].append(row)
    return found


def _differing(rows: Sequence[Transcription]) -> int:
    """How many items the two entries of a form differ in; 0 while there are not both."""
    if any(row.status != DIFFERS for row in rows):
        return 0
    one, other = (row.data for row in rows)
    return sum(one.get(key) != other.get(key) for key in {**one, **other})


def _standing(rows: Iterable[Transcription]) -> str:
    copies = {row.number: copy_of(row) for row in rows}
    first = copies.get(1)
    return standing_of(first, copies.get(2)) if first is not None else "first"


def standings_in_study(study: str) -> dict[str, str]:
    """Where each form stands that is begun from paper and not settled: form key -> ``turns.standing_of``."""
    rows = Transcription.objects.filter(study=study).exclude(status__in=CLOSED)
    return {form: _standing(found) for form, found in _by_form(rows).items()}


def standings_on_paper(participant: Participant) -> dict[str, str]:
    """The same for one participant."""
    rows = Transcription.objects.filter(participant=participant).exclude(status__in=CLOSED)
    return {form: _standing(found) for form, found in _by_form(rows).items()}


@dataclass(frozen=True)
class PaperLine:
    """A line of a log that is not in the record: begun from paper, or withdrawn. Nothing of it but the person's own
    entry is in ``data``. ``state`` is how this person meets it, ``standing`` where it stands."""

    key: str
    number: int
    standing: str
    state: str
    by: tuple[str, ...]
    at: str
    data: Mapping[str, Any]
    own: bool


def paper_lines(actor: Actor, participant: Participant, form: str, today: date) -> list[PaperLine]:
    """The lines of a participant's log that are begun from paper and in no record, by number; withdrawn ones included."""
    container = f"{participant.key}/{LOG}/{form}/"
    definition = compiled(participant.study, participant.definition).forms.get(form)
    if definition is None:
        return []
    rows = Transcription.objects.filter(participant=participant, form__startswith=container)
    hidden = hidden_items(actor, participant, definition, today)
    adjudicates = actor.may(ADJUDICATE, scope_of(participant), today)
    found = []
    for key, entries in _by_form(rows.exclude(status__in=SETTLED | {MOVED}).order_by("number")).items():
        first, *others = entries
        own = next((row for row in entries if row.by == actor.handle), None)
        second = copy_of(others[0]) if others else None
        found.append(
            PaperLine(
                key,
                int(split_form_key(key)[4]),
                _standing(entries),
                state_of(actor.handle, copy_of(first), second, adjudicates=adjudicates),
                tuple(row.by for row in entries if row is first or row.status not in (WITHDRAWN, WANTED)),
                max(row.at for row in entries),
                visible_data(own.data, hidden) if own is not None else {},
                own is not None,
            )
        )
    return sorted(found, key=lambda line: line.number)
