"""Reading signatures: what stands under a record, and whether it still is what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helmont.core.records import record_type
from helmont.core.roles import ROLES
from helmont.core.rows import fetch
from helmont.core.signatures.meanings import MEANINGS
from helmont.core.signatures.models import Signature, SignedRecord


@dataclass(frozen=True)
class Standing:
    """A signature as a page shows it beside one record: name, time and meaning (21 CFR 11.50(b))."""

    key: str
    record: str
    person: str
    name: str
    role: Any
    title: Any
    statement: str
    method: str
    time: str
    valid: bool
    broken_by: str
    broken_at: int | None


def signatures_of(record: str) -> list[Standing]:
    """Every signature that was ever put under ``record``, newest first; ``broken_at`` is the sequence that broke it."""
    return signatures_under([record]).get(record, [])


def signatures_under(records: list[str]) -> dict[str, list[Standing]]:
    """Signatures by record, newest first, for a page that shows many records: two reads whatever their number."""
    rows = fetch(record_type("signed_record"), "record", records)
    signatures = Signature.objects.in_bulk({row["signature"] for row in rows})
    found: dict[str, list[Standing]] = {}
    for row in sorted(rows, key=lambda row: _number(row["signature"]), reverse=True):
        signature = signatures[row["signature"]]
        meaning = MEANINGS.get(signature.meaning)
        found.setdefault(row["record"], []).append(
            Standing(
                key=signature.key,
                record=row["record"],
                person=signature.person,
                name=signature.name,
                role=ROLES[signature.role].title if signature.role in ROLES else signature.role,
                title=meaning.title if meaning else signature.meaning,
                statement=signature.statement,
                method=signature.method,
                time=signature.time,
                valid=row["valid"],
                broken_by=row["broken_by"],
                broken_at=None if row["valid"] else row["revision"],
            )
        )
    return found


def records_under(signature: str) -> list[SignedRecord]:
    """The records of one signature."""
    return list(SignedRecord.objects.filter(signature=signature).order_by("record"))


def _number(signature: str) -> int:
    return int(signature.rsplit("/", 1)[1])
