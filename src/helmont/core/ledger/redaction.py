"""Removing text that should never have been written, with a trace that it was.

A name typed into a free text stands in the entries that wrote, kept or removed it. Redaction blanks the bodies of
those entries; their leaf hashes stay, so the tree still verifies. Its own entry says which bodies went, why, and
restates what they said without the text, so that the fold of the ledger still equals the tables. Other places that
somebody copied the text to (another record, a backup, an export) have to be redacted or destroyed by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.db import DatabaseError, connection

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.ledger.residues import REDACT
from helmont.core.ledger.store import CHUNK, ENTRY_COLUMNS, StoredEntry, log_size, stored_entry
from helmont.core.permissions import Actor
from helmont.core.records import record_type
from helmont.core.signatures.actions import break_signatures
from helmont.core.transactions import Transaction

REDACTED_VALUE = {"redacted": True}
REDACTED_TEXT = "[redacted]"
REASONS = "@reason"


class CommitAlone(DatabaseError):
    """The action has to be the only one of its log in its transaction; the writer then carries the batch out singly."""


@dataclass(frozen=True)
class Redact(Action):
    """Redact what ``record`` (``form:STUDY/…``) ever held at ``path`` (``data/AETERM``).

    The path ``@reason`` stands for the reasons that people gave for changing the record. With ``keep_current`` the
    value that the record holds now stays, in the record and in the entries: for a text that was corrected first.
    """

    name: ClassVar[str] = REDACT
    permission: ClassVar[str] = "ledger.redact"
    record: str
    path: str
    reason: str
    keep_current: bool = False

    @property
    def log(self) -> str:
        return self.record.partition(":")[2].split("/", 1)[0]

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        if not self.reason.strip():
            raise Invalid([Fault("reason", "empty", "why this is necessary, without repeating the text")])
        if tx.sequence != log_size(self.log):
            raise CommitAlone(f"{self.record}: entries of this batch are not in the database yet")
        kind, _, key = self.record.partition(":")
        field, member = self._place()
        row = tx.require(kind, key)
        current = row[field].get(member) if member else row.get(field)  # the path @reason has no value
        eraser = Eraser(self.record, self.path, mark(member), current if self.keep_current else None)
        residue: list[dict[str, Any]] = [
            {"sequence": entry.sequence, "body": cleaned}
            for entry in find_entries(self.log, self.record)
            if (cleaned := eraser.clean(entry.content)) is not None
        ]
        if not residue:
            raise NotFound(f"{self.record} {self.path}")
        if current not in (None, "") and not self.keep_current:
            fields = {field: {**row[field], member: mark(member)} if member else mark(member)}
            if break_signatures(tx, self.record, actor) and "signed" in row:
                fields["signed"] = "broken"  # what was signed is no longer what is there
            tx.put(kind, key, **fields)
            tx.conceal(self.record, self.path)
        sequences: list[int] = [part["sequence"] for part in residue]
        tx.subject = self.record
        tx.extra |= {"redacts": sequences, "path": self.path, "residue": residue}
        tx.defer(partial(blank, self.log, sequences, tx.sequence))
        return sequences

    def _place(self) -> tuple[str, str]:
        """The field, and the member of a map field or nothing, that ``path`` names."""
        name = self.record.partition(":")[0]
        kind = record_type(name)
        field, _, member = self.path.partition("/")
        if self.path == REASONS:
            return field, member
        if field not in kind.columns or bool(member) != (field in kind.maps):
            raise Invalid(
                [Fault("path", f"{name} has no value at {self.path!r}", "field, field/key of a map, @reason")]
            )
        if not member and not isinstance(kind.defaults[field], str):
            raise Invalid([Fault("path", f"{self.path} does not hold text", "a text or a value of a map")])
        return field, member


def mark(member: str) -> Any:
    """What stands in the place of a redacted value: an object where objects can stand, otherwise text."""
    return REDACTED_VALUE if member else REDACTED_TEXT


@dataclass(frozen=True)
class Eraser:
    """Takes the values of one path of one record out of entries; ``keep`` is a value that may stay."""

    record: str
    path: str
    instead: Any
    keep: Any = None

    def clean(self, content: Mapping[str, Any]) -> dict[str, Any] | None:
        """The entry without the values; None when it holds none of them. Looks into what it restates of others too."""
        cleaned = dict(content)
        if self.path == REASONS:
            if content.get("record") == self.record and content.get("reason") not in (None, REDACTED_TEXT):
                cleaned["reason"] = REDACTED_TEXT
        else:
            cleaned["changes"] = [self._change(change) for change in content.get("changes", ())]
        if "residue" in content:
            cleaned["residue"] = [
                {**part, "body": self.clean(part["body"]) or part["body"]} for part in content["residue"]
            ]
        if cleaned == content:
            return None
        cleaned.pop("salt", None)  # with it the old value could be guessed and tried against the leaf
        return cleaned

    def _change(self, change: Mapping[str, Any]) -> Mapping[str, Any]:
        if change["record"] != self.record or self.path not in change["set"]:
            return change
        pair = [v if v is None or v == self.keep else self.instead for v in change["set"][self.path]]
        return {**change, "set": {**change["set"], self.path: pair}}


def find_entries(log: str, record: str) -> list[StoredEntry]:
    """Every entry of the log whose body mentions the record, in order."""
    contains = "strpos(body, %s)" if connection.vendor == "postgresql" else "instr(body, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM ledger_entry WHERE log = %s AND {contains} > 0 ORDER BY sequence",
            [log, f'"{record}"'],
        )
        return [stored_entry(row) for row in cursor.fetchall()]


def blank(log: str, sequences: list[int], redacted_by: int) -> None:
    """Name the entries in ``ledger_redaction``, which allows it, and empty their bodies."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")  # the freed bytes are overwritten in the file as well
        cursor.executemany(
            "INSERT INTO ledger_redaction (log, sequence, redacted_by) VALUES (%s, %s, %s)",
            [(log, sequence, redacted_by) for sequence in sequences],
        )
        for start in range(0, len(sequences), CHUNK):
            chunk = sequences[start : start + CHUNK]
            marks = ", ".join(["%s"] * len(chunk))
            cursor.execute(f"UPDATE ledger_entry SET body = '' WHERE log = %s AND sequence IN ({marks})", [log, *chunk])
