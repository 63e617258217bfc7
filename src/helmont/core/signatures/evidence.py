"""What a ceremony establishes, and the exact bytes that are signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helmont.core.errors import Fault, Invalid
from helmont.core.ledger.tlog.canonical import dumps
from helmont.core.records import Row, record_type, record_types


@dataclass(frozen=True)
class Statement:
    """What the signer is shown and signs: themselves, the meaning, and the hash of every record. ``time`` is UTC."""

    person: str
    name: str
    meaning: str
    statement: str
    signed: Mapping[str, str]
    time: str
    nonce: str

    @property
    def challenge(self) -> bytes:
        """SHA-256 of the statement's canonical JSON; a passkey signs over it."""
        return hashlib.sha256(dumps({**vars(self), "signed": dict(self.signed)})).digest()


@dataclass(frozen=True)
class Evidence(Statement):
    """A statement whose signer has proved who they are. Made by ``ceremony.complete`` and by nothing else.

    ``method`` is ``passkey``, ``password`` or ``password+totp``; ``proof`` what an outsider can check (passkeys only).
    """

    method: str = ""
    proof: dict[str, str] = field(default_factory=dict)


def content_of(name: str, row: Row) -> bytes:
    """What of a record is signed: canonical JSON of its type, key, revision and every audited value."""
    values = record_type(name).paths(row)
    return dumps({"type": name, "key": row["key"], "revision": row["revision"], "values": values})


def hash_of(name: str, row: Row) -> str:
    return hashlib.sha256(content_of(name, row)).hexdigest()


def split(record: str) -> tuple[str, str]:
    """``form:STUDY/…`` as type and key. Raises ``Invalid`` for anything else."""
    name, _, key = record.partition(":")
    if name not in record_types() or not key:
        raise Invalid([Fault("records", f"{record!r} is not a record", "type:key, such as form:STUDY/…")])
    return name, key


def log_of(records: Sequence[str]) -> str:
    """The one log that all the records belong to. Raises ``Invalid`` for none, or for records of several studies."""
    logs = {split(record)[1].split("/", 1)[0] for record in records}
    if len(logs) != 1:
        raise Invalid([Fault("records", f"{len(logs)} studies in one signature", "at least one record, of one study")])
    return logs.pop()
