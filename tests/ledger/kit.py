"""An action that writes any record, and a small history to look at."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import connection

from helmont.core.actions import Action, Job, Outcome
from helmont.core.permissions import Actor, Grant
from helmont.core.transactions import Transaction
from helmont.core.writer import perform, perform_all

LOG = "TRIAL1"
OFFICER = Actor(
    "olga.officer", (Grant("system", "*"), Grant("privacy_officer", "*"), Grant("inspector", "*")), "Europe/Brussels"
)


@dataclass(frozen=True)
class Put(Action):
    """Write one record."""

    name: ClassVar[str] = "test.put"
    permission: ClassVar[str] = "assignment.change"
    type: str
    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def log(self) -> str:
        return self.key.split("/")[0]

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        tx.put(self.type, self.key, **self.fields)
        return self.key


def put(key: str, *, reason: str = "", actor: Actor = OFFICER, **fields: Any) -> Outcome:
    """Write an assignment."""
    return perform(Put("assignment", key, fields, reason), actor)


def put_many(count: int, *, log: str = LOG) -> None:
    """Write ``count`` assignments in one transaction."""
    outcomes = perform_all(
        [
            Job(Put("assignment", f"{log}/assignments/{n}", {"person": f"person.{n}", "role": "monitor"}), OFFICER)
            for n in range(count)
        ]
    )
    assert all(isinstance(outcome, Outcome) for outcome in outcomes), outcomes


def history() -> None:
    """Six entries in a study's log and one in the installation's, two records changed once more."""
    for number in range(4):
        put(f"{LOG}/assignments/{number}", person="els.peeters", role="monitor", tasks={"NOTE": f"note {number}"})
    put(f"{LOG}/assignments/1", role="data_manager", reason="other work")
    put(f"{LOG}/assignments/2", tasks={"NOTE": "changed", "VISITS": "yes"})
    perform(Put("token", "system/tokens/1", {"person": "els.peeters", "label": "laboratory"}), OFFICER)


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a statement behind the application's back."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []
