"""What the actions on an amendment have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helmont.amendments.workflows import AMENDMENT
from helmont.core.actions import Action
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class AmendmentAction(Action):
    """Base of what is done to one amendment, named by its key; the permission has to hold in the whole study."""

    amendment: str

    @property
    def log(self) -> str:
        return self.amendment.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("amendment", self.amendment)

    def row(self, tx: Transaction) -> Row:
        return tx.require("amendment", self.amendment)

    def move(self, tx: Transaction, name: str, reason: str = "", **fields: object) -> str:
        """Carry out a transition of the workflow; raises ``Refused`` where it does not lead from here."""
        status = AMENDMENT.target(self.row(tx), name, reason)
        tx.put("amendment", self.amendment, status=status, **fields)
        return status
