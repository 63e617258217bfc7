"""Whose data an export holds, and which of their items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from helmont.core.errors import NotPermitted
from helmont.core.permissions import Actor, Scope
from helmont.edc.items import base_item
from helmont.edc.queries.forms import hidden_items
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.studies.queries import compiled, study_for
from helmont.study.compiled_forms import CompiledForm

PERMISSION = "export.read"
KEPT = 4096
T = TypeVar("T")


@dataclass
class Visible:
    """What one person may take out of one study on one day. Raises ``NotFound`` or ``NotPermitted``."""

    actor: Actor
    study: str
    today: date
    _hidden: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _memo: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        study_for(self.actor, self.study, self.today)
        if not self.actor.places(PERMISSION, self.study, self.today):
            raise NotPermitted("export.read", permission=PERMISSION)

    def participants(self) -> Iterator[Participant]:
        """In order of their numbers."""
        return iter(participants_for(self.actor, self.study, self.today, PERMISSION).iterator(500))

    def form(self, participant: Participant, form: str) -> CompiledForm | None:
        """The form in the version of the study that the participant is under."""
        return compiled(self.study, participant.definition).forms.get(form)

    def hides(self, participant: Participant, form: str, item_key: str) -> bool:
        """Whether the item is under a privilege that the person lacks at the participant's site."""
        place = (f"{participant.definition}/{participant.country}/{participant.site}", form)
        hidden = self._hidden.get(place)
        if hidden is None:
            definition = self.form(participant, form)
            found = hidden_items(self.actor, participant, definition, self.today) if definition else frozenset()
            hidden = self._hidden[place] = found
        return bool(hidden) and base_item(item_key) in hidden

    def remembered(self, name: tuple[str, str], look: Callable[[], T]) -> T:
        """What ``look`` finds under that name, kept for a while."""
        if name not in self._memo:
            if len(self._memo) > KEPT:
                self._memo.clear()
            self._memo[name] = look()
        found: T = self._memo[name]
        return found

    def lacking(self) -> str:
        """The privileges that the person has nowhere in the study, for the note that an export was made."""
        return " ".join(sorted(self.actor.hidden(Scope(self.study), self.today) - {"identity"}))
