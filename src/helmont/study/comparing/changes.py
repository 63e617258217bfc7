"""What a difference between two versions is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helmont.study.amendment import Move
from helmont.study.text import Text

Kind = Literal["added", "removed", "changed", "moved"]
Consequence = Literal["none", "reruns", "asks_anew", "may_not_fit", "destructive"]
CONSEQUENCES: tuple[Consequence, ...] = ("none", "reruns", "asks_anew", "may_not_fit", "destructive")
"""From harmless to grave: nothing; rules run again; something is asked anew; values may not fit; values have no place."""
MODULES = (
    "study",
    "protocol",
    "eligibility",
    "schedule",
    "windows",
    "forms",
    "items",
    "codelists",
    "checks",
    "verification",
    "datasets",
    "analyses",
    "design",
    "sensors",
)
"""The parts in reading order; a part of the definition that is not among them comes after, under its own name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. ``place`` is its path (``VS.SYSBP``), ``what`` the key that changed ("" = the whole thing).

    ``old`` and ``new`` are as written in a package; "" where there is none. ``label`` names the thing for people.
    """

    module: str
    place: str
    kind: Kind
    what: str = ""
    old: str = ""
    new: str = ""
    consequence: Consequence = "none"
    label: Text | None = None

    def to_dict(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("module", "place", "kind", "what", "old", "new", "consequence")}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Difference:
    """Every change from version ``old`` to ``new``, by part; and the moves that look meant but are not declared."""

    study: str
    old: str
    new: str
    changes: tuple[Change, ...]
    suggestions: tuple[Move, ...] = ()

    @property
    def modules(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of each part that has any, in reading order."""
        names = [*MODULES, *sorted({change.module for change in self.changes} - set(MODULES))]
        found = {name: tuple(change for change in self.changes if change.module == name) for name in names}
        return {name: changes for name, changes in found.items() if changes}

    @property
    def counts(self) -> Mapping[str, int]:
        """How many changes have each consequence."""
        return Counter(change.consequence for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: what ``helmont study diff --json`` prints."""
        return {
            "study": self.study,
            "old": self.old,
            "new": self.new,
            "counts": dict(self.counts),
            "changes": [change.to_dict() for changes in self.modules.values() for change in changes],
            "suggested_moves": [{"was": move.was, "now": move.now} for move in self.suggestions],
        }
