"""What entries of the ledger change of what listings show: which participants, encounters and forms are to be read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.core.ledger import store as ledger
from helmont.core.ledger.residues import REDACT
from helmont.core.records import Row, record_type
from helmont.core.rows import fetch

BESIDE = {"participant": frozenset({"number", "site", "country"}), "encounter": frozenset({"date", "number"})}
"""The fields that stand beside the values of every form of a participant or encounter."""


@dataclass
class Changes:
    """Keys of what was written. ``moved`` are participants and encounters whose forms now stand elsewhere.

    ``redefined``: another version of the study was published.
    """

    written: dict[str, set[str]] = field(
        default_factory=lambda: {"participant": set(), "encounter": set(), "form": set()}
    )
    moved: dict[str, set[str]] = field(default_factory=lambda: {"participant": set(), "encounter": set()})
    redefined: bool = False

    def absorb(self, change: Mapping[str, Any]) -> None:
        """Take in one change of an entry."""
        kind, _, key = change["record"].partition(":")
        self.redefined |= kind == "definition"
        if kind not in self.written:
            return
        self.written[kind].add(key)
        changed = change.get("set", {})
        if any(changed[name][0] is not None for name in BESIDE.get(kind, frozenset()) & changed.keys()):
            self.moved[kind].add(key)

    def form_rows(self) -> list[Row]:
        """The forms that were written, and those of what moved, as they are now."""
        kind = record_type("form")
        found = {row["key"]: row for row in fetch(kind, "key", sorted(self.written["form"]))}
        for record, column in (("participant", kind.columns["participant"]), ("encounter", "container")):
            if keys := sorted(self.moved[record]):
                found.update((row["key"], row) for row in fetch(kind, column, keys))
        return list(found.values())


def read_changes(study: str, start: int, stop: int) -> Changes | None:
    """What entries ``start`` to ``stop`` (not included) change; None when something was redacted."""
    changes = Changes()
    for entry in ledger.read_entries(study, start, stop):
        if entry.action == REDACT or not entry.body:
            return None
        for change in entry.content.get("changes", ()):
            changes.absorb(change)
    return changes
