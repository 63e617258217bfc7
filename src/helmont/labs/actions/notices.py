"""Recording that people were written to about an alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.actions import Action
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class RecordNotice(Action):
    """``told`` were written to about the alert ``key`` as it rests on ``basis``; those told before stay named."""

    name: ClassVar[str] = "labs.record_notice"
    permission: ClassVar[str] = "labs.notify"
    key: str
    rule: str
    basis: str
    told: tuple[str, ...]

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def _participant(self) -> str:
        return "/".join(self.key.split("/")[:2])

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self._participant)
        yield Get("lab_notice", self.key)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self._participant)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        earlier = tx.get("lab_notice", self.key)
        before = earlier["told"] if earlier and earlier["basis"] == self.basis else {}
        told = dict.fromkeys(self.told, tx.timestamp) | before
        fields = {"alert": self.rule, "basis": self.basis, "told": told}
        tx.put("lab_notice", self.key, study=self.log, participant=self._participant, **fields)
        return {"key": self.key}
