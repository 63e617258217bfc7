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

    A third segment names a part of an object: ``messages/002/text``, of a query. The path ``@reason`` stands for the
    reasons that people gave for changing the record. With ``keep_current`` the value that the record holds now stays, in
    the record and in the entries: for a text that was corrected first.
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
        place = self._place()
        row = tx.require(kind, key)
        current = place.value(row)
        eraser = Eraser(self.record, self.path, current if self.keep_current else None)
        residue: list[dict[str, Any]] = [
            {"sequence": entry.sequence, "body": cleaned}
            for entry in find_entries(self.log, self.record)
            if (cleaned := eraser.clean(entry.content)) is not None
        ]
        if not residue:
            raise NotFound(f"{self.record} {self.path}")
        if current not in (None, "") and not self.keep_current:
            fields = place.emptied(row)
            if break_signatures(tx, self.record, actor) and "signed" in row:
                fields["signed"] = "broken"  # what was signed is no longer what is there
            tx.put(kind, key, **fields)
            tx.conceal(self.record, place.audited)
        sequences: list[int] = [part["sequence"] for part in residue]
        tx.subject = self.record
        tx.extra |= {"redacts": sequences, "path": self.path, "residue": residue}
        tx.defer(partial(blank, self.log, sequences, tx.sequence))
        return sequences

    def _place(self) -> Place:
        name = self.record.partition(":")[0]
        kind = record_type(name)
        place = Place.of(self.path)
        if self.path == REASONS:
            return place
        if place.field not in kind.columns or bool(place.member) != (place.field in kind.maps):
            accepted = "field, field/key of a map, field/key/part of an object, @reason"
            raise Invalid([Fault("path", f"{name} has no value at {self.path!r}", accepted)])
        if not place.member and not isinstance(kind.defaults[place.field], str):
            raise Invalid([Fault("path", f"{self.path} does not hold text", "a text or a value of a map")])
        return place


@dataclass(frozen=True)
class Place:
    """Where a value stands in a record: a field, the member of a map field, the part of a member that is an object."""

    field: str
    member: str = ""
    part: str = ""

    @classmethod
    def of(cls, path: str) -> Place:
        return cls(*path.split("/", 2))

    @property
    def audited(self) -> str:
        """The path under which an entry states changes of it."""
        return f"{self.field}/{self.member}" if self.member else self.field

    def value(self, row: Mapping[str, Any]) -> Any:
        """What the record holds there; None for nothing, and for the path ``@reason``."""
        value = row[self.field].get(self.member) if self.member else row.get(self.field)
        return (value.get(self.part) if isinstance(value, dict) else None) if self.part else value

    def emptied(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The field of the record as it is once the value is gone."""
        if not self.member:
            return {self.field: REDACTED_TEXT}
        return {self.field: {**row[self.field], self.member: self.without(row[self.field][self.member], None)}}

    def without(self, value: Any, keep: Any) -> Any:
        """What an entry states of the audited path, without the value, unless that is nothing or ``keep``."""
        if self.part:
            held = value.get(self.part) if isinstance(value, dict) else None
            return value if held in (None, "", keep) else {**value, self.part: REDACTED_TEXT}
        if value is None or value == keep:
            return value
        return REDACTED_VALUE if self.member else REDACTED_TEXT


@dataclass(frozen=True)
class Eraser:
    """Takes the values of one path of one record out of entries; ``keep`` is a value that may stay."""

    record: str
    path: str
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
        place = Place.of(self.path)
        if change["record"] != self.record or place.audited not in change["set"]:
            return change
        pair = [place.without(value, self.keep) for value in change["set"][place.audited]]
        return {**change, "set": {**change["set"], place.audited: pair}}


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
