"""What is said of an alert about a participant: somebody has seen it and says what follows; people were written to about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class AlertAction(Action):
    """Something about the alert ``key`` (``STUDY/<number>/...``); the permission has to hold at the participant's site."""

    key: str

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def participant(self) -> str:
        return "/".join(self.key.split("/")[:2])

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self.participant)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])

    def see(self, tx: Transaction, actor: Actor, record: str, note: str, **about: str) -> dict[str, Any]:
        """Record that the person has seen it, and what they make of it. Raises ``Invalid`` when they say nothing."""
        if not note.strip():
            raise Invalid([Fault("note", _("Say what you make of it."), _("what follows, or why nothing does"))])
        row = tx.require("participant", self.participant)
        place = {"study": self.log, "country": row["country"], "site": row["site"], "participant": self.participant}
        tx.put(record, self.key, **place, **about, time=tx.timestamp, by=actor.handle, note=note.strip())
        return {"key": self.key}

    def tell(
        self, tx: Transaction, record: str, told: Iterable[str], before: Mapping[str, str], **about: str
    ) -> dict[str, Any]:
        """Record that these people were written to; those told ``before`` stay named."""
        everybody = dict.fromkeys(told, tx.timestamp) | dict(before)
        tx.put(record, self.key, study=self.log, participant=self.participant, **about, told=everybody)
        return {"key": self.key}
