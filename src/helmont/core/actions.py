"""The only way to change anything.

An action is one class per mutation: it names its permission, says where it applies, checks its input against what is there
and writes through the transaction. Page, API, import, device gateway and command line all call the same action, and
the ledger entry follows from what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Read, Rows
from helmont.core.transactions import Transaction


class Action:
    """Base of every mutation. Subclasses are frozen dataclasses whose fields are the action's input.

    ``name`` goes into the ledger; ``permission`` is one of ``roles.PERMISSIONS``. ``reason``, where an action has such
    a field, goes into the entry.
    """

    name: ClassVar[str]
    permission: ClassVar[str]

    @property
    def log(self) -> str:
        """The log that describes the change: the study's id, or ``system``."""
        raise TypeError(f"{type(self).__name__} does not say which log it belongs to")

    def reads(self) -> Iterable[Read]:
        """What ``perform`` will read, so that a batch of actions can read it together. A hint; never needed."""
        return ()

    def further_reads(self, rows: Rows) -> Iterator[Iterable[Read]]:
        """What ``perform`` will read besides, in rounds: ``rows`` holds what was asked for before. A hint as well."""
        return iter(())

    def scope(self, tx: Transaction) -> Scope:
        """Where the permission has to hold."""
        return Scope(self.log)

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        """Check and write. Raises ``Refused``; returns something JSON can hold."""
        raise TypeError(f"{type(self).__name__} does nothing")


@dataclass(frozen=True)
class Job:
    """One action to carry out for one person. ``token`` makes its repetition harmless; ``request`` is what it must repeat."""

    action: Action
    actor: Actor
    source: dict[str, Any] = field(default_factory=lambda: {"channel": "command"})
    token: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action; ``sequence`` is its ledger entry, None when there was nothing to change."""

    result: Any
    log: str
    sequence: int | None
    action: str = ""


def authorise(action: Action, tx: Transaction, actor: Actor) -> str:
    """The role in which ``actor`` may perform ``action``; raises ``NotFound`` when even the place is not theirs."""
    scope = action.scope(tx)
    role = actor.role_for(action.permission, scope, tx.today)
    if role is None:
        if actor.may("study.view", scope, tx.today):
            raise NotPermitted(f"{action.name}: {action.permission}", permission=action.permission)
        raise NotFound
    return role
