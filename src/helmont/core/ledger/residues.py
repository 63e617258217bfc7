"""What redacted entries still say: their bodies without the redacted text, as the redacting entry restates them.

A redacting entry (action ``ledger.redact``) holds ``redacts``, the sequences it blanked, and ``residue``, for each of
them its body with the redacted values replaced. An entry that restated others can itself be redacted later; the later
residue then holds the earlier one, so the newest statement always wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.db import connection

from helmont.core.ledger.store import StoredEntry, read_entry

REDACT = "ledger.redact"


@dataclass
class Residues:
    """``bodies``: what is left of each blanked entry; ``by``: the entry that redacted it. Both by sequence."""

    bodies: dict[int, dict[str, Any]] = field(default_factory=dict)
    by: dict[int, int] = field(default_factory=dict)

    def absorb(self, content: Mapping[str, Any]) -> None:
        """Take in what an entry restates, if it is a redaction."""
        if content.get("action") != REDACT:
            return
        for sequence in content.get("redacts", ()):
            self.by[sequence] = content["sequence"]
        for part in content.get("residue", ()):
            self.bodies[part["sequence"]] = part["body"]
            self.absorb(part["body"])


def read_residues(log: str) -> Residues:
    """Everything that the redactions of a log restate. Costs nothing for a log without redactions."""
    residues = Residues()
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT redacted_by FROM ledger_redaction WHERE log = %s ORDER BY redacted_by", [log])
        redactions = [row[0] for row in cursor.fetchall()]
    for sequence in redactions:
        entry = read_entry(log, sequence)
        if entry is not None and entry.body:
            residues.absorb(entry.content)
    return residues


def readable(log: str, entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
    """The entries, with what is left of a redacted body in its place."""
    residues: Residues | None = None
    for entry in entries:
        if not entry.body:
            residues = residues or read_residues(log)
            entry = replace(entry, body=orjson.dumps(residues.bodies.get(entry.sequence, {})).decode())
        yield entry
