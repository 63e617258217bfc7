"""The versions of a reference range, as the ledger tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helmont.core.ledger.models import Entry
from helmont.edc.queries.audit import body_of


@dataclass(frozen=True)
class RangeVersion:
    """One version: the fields as they were then, who wrote them, when and why, and the entry that says so."""

    version: int
    sequence: int
    time: str
    by: str
    reason: str
    fields: dict[str, Any]
    changed: frozenset[str]


def versions_of(key: str) -> list[RangeVersion]:
    """Every version of a range, newest first."""
    record = f"reference_range:{key}"
    fields: dict[str, Any] = {}
    found = []
    for entry in Entry.objects.filter(log=key.split("/", 1)[0], record=record).order_by("sequence"):
        body = body_of(entry)
        for change in body.get("changes", ()):
            if change["record"] == record:
                new = {path: pair[1] for path, pair in change["set"].items()}
                fields = {**fields, **new}
                found.append(
                    RangeVersion(
                        int(fields.get("version") or 1),
                        entry.sequence,
                        entry.time,
                        entry.actor,
                        body.get("reason", ""),
                        fields,
                        frozenset(new),
                    )
                )
    return found[::-1]
