"""Declared states and transitions: who may move a record from one state to another, and what that takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.errors import ReasonRequired, Refused
from helmont.core.records import Row


@dataclass(frozen=True)
class Transition:
    """One permitted move. ``reason`` and ``signature`` (a meaning) say what it takes besides ``permission``."""

    name: str
    title: Any
    sources: frozenset[str]
    target: str
    permission: str
    reason: bool = False
    signature: str = ""


@dataclass(frozen=True)
class Workflow:
    """The life of one field of one record type; ``states`` maps each state to its title, the first being where it starts."""

    record: str
    field: str
    states: dict[str, Any]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        for transition in self.transitions:
            unknown = (transition.sources | {transition.target}) - self.states.keys()
            if unknown:
                raise ValueError(f"{self.record}.{transition.name}: unknown state {', '.join(sorted(unknown))}")
        _WORKFLOWS[self.record, self.field] = self

    @property
    def initial(self) -> str:
        return next(iter(self.states))

    def transition(self, name: str) -> Transition:
        return next(t for t in self.transitions if t.name == name)

    def target(self, row: Row, name: str, reason: str = "") -> str:
        """The state that ``name`` leads to from where the record is; raises ``Refused`` when it does not lead from there."""
        transition = self.transition(name)
        state = row[self.field] or self.initial
        if state not in transition.sources:
            raise Refused(
                _("“%(move)s” is not possible while this is %(state)s.")
                % {"move": transition.title, "state": self.states[state]},
                state=state,
                accepted=[t.name for t in self.transitions if state in t.sources],
            )
        if transition.reason and not reason.strip():
            raise ReasonRequired
        return transition.target

    def available(self, state: str, permissions: Iterable[str]) -> list[Transition]:
        """The moves open to somebody with ``permissions`` from ``state``."""
        held = set(permissions)
        return [t for t in self.transitions if (state or self.initial) in t.sources and t.permission in held]


_WORKFLOWS: dict[tuple[str, str], Workflow] = {}


def workflows() -> list[Workflow]:
    """Every declared workflow, by record and field."""
    return [_WORKFLOWS[name] for name in sorted(_WORKFLOWS)]
