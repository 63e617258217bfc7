"""The database-lock checklist as one person may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from helmont.core.permissions import Actor
from helmont.edc.checklist import Line, Missing, examine
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.edc.models import LedgerCheck, Lock
from helmont.edc.queries.forms import hidden_items
from helmont.participants.models import Participant
from helmont.studies.queries import compiled

__all__ = ["Missing", "ShownLine", "checklist", "ledger_check", "study_lock"]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with what the person may see of it; ``withheld`` when something else is left to do besides."""

    name: str
    title: str
    missing: tuple[Missing, ...]
    withheld: bool
    mandatory: bool

    @property
    def count(self) -> int:
        return len(self.missing)

    @property
    def done(self) -> bool:
        return not self.missing and not self.withheld


def checklist(actor: Actor, study: str, today: date, names: Iterable[str] | None = None) -> list[ShownLine]:
    """The lines now. The person holds their permission for the whole study; what they may not see is not counted."""
    sight = _Sight(actor, study, today)
    return [_shown(line, sight) for line in examine(study, today, names)]


def _shown(line: Line, sight: _Sight) -> ShownLine:
    seen = tuple(sight.of(line.missing))
    return ShownLine(line.name, line.title, seen, len(seen) < line.count, line.mandatory)


class _Sight:
    """What of a study's forms and items one person may see."""

    def __init__(self, actor: Actor, study: str, today: date) -> None:
        self._actor, self._today = actor, today
        self._people = {row.key: row for row in Participant.objects.filter(study=study)}
        self._hidden: dict[tuple[str, str, str], tuple[frozenset[str], bool]] = {}

    def of(self, missing: Iterable[Missing]) -> Iterator[Missing]:
        return (each for each in missing if self._sees(each))

    def _sees(self, each: Missing) -> bool:
        try:
            study, number, _encounter, form, _line = split_form_key(each.key)
        except ValueError:
            return True  # a participant, a visit or the study
        participant = self._people.get(f"{study}/{number}")
        if participant is None:
            return False
        place = (participant.definition, participant.site, form)
        if place not in self._hidden:
            definition = compiled(study, participant.definition).forms.get(form)
            hidden = hidden_items(self._actor, participant, definition, self._today) if definition else frozenset()
            self._hidden[place] = (hidden, definition is not None and len(hidden) < len(definition.items))
        hidden, something = self._hidden[place]
        return something and base_item(each.item) not in hidden


def ledger_check(study: str) -> LedgerCheck | None:
    """When the ledger was last compared with the data, and with what outcome."""
    found: LedgerCheck | None = LedgerCheck.objects.filter(study=study).first()
    return found


def study_lock(study: str) -> Lock | None:
    """The lock on the study, open or not; None when there never was one."""
    found: Lock | None = Lock.objects.filter(study=study, level="study").first()
    return found
