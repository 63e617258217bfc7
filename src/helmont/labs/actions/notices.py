"""Recording that people were written to about an alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.people.alerts import AlertAction
from helmont.core.permissions import Actor
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class RecordNotice(AlertAction):
    """``told`` were written to about the alert ``key`` as it rests on ``basis``; those told before stay named."""

    name: ClassVar[str] = "labs.record_notice"
    permission: ClassVar[str] = "labs.notify"
    rule: str
    basis: str
    told: tuple[str, ...]

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("lab_notice", self.key)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        earlier = tx.get("lab_notice", self.key)
        before = earlier["told"] if earlier and earlier["basis"] == self.basis else {}
        return self.tell(tx, "lab_notice", self.told, before, alert=self.rule, basis=self.basis)
