"""Small actions that write, read and refuse, on the kernel's own records."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.actions import Action, Job, Outcome
from helmont.core.ledger import store
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.core.writer import perform_all
from tests.ledger.kit import LOG, OFFICER, Put

RECORD = f"{LOG}/assignments/1"


@dataclass(frozen=True)
class Do(Action):
    """Whatever the test says."""

    name: ClassVar[str] = "test.do"
    permission: ClassVar[str] = "assignment.change"
    work: Callable[[Transaction], Any]
    log: str = LOG  # type: ignore[assignment]  # a field of this action, a property of others
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        return self.work(tx)


def write(key: str = RECORD, **fields: Any) -> Put:
    return Put("assignment", key, fields)


def batch(*actions: Action, by: Actor = OFFICER) -> list[Outcome | Exception]:
    """Carry out actions together, in one transaction of the database."""
    return perform_all([Job(action, by) for action in actions])


def entries(log: str = LOG) -> list[dict[str, Any]]:
    """What the ledger holds, in order."""
    return [entry.content for entry in store.read_entries(log)]


def newest() -> dict[str, Any]:
    return entries()[-1]
