"""Endpoints of the ledger: signed checkpoints, entries, and proofs that anybody can check.

An entry that says something under a privilege the reader lacks goes out masked, and its proof with the leaf hash alone:
the tree can be followed, the value not.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.forms import EntryOut
from helmont.api.keys import Sequence
from helmont.api.schemas import answers
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.ledger import checkpoints, export, store
from helmont.core.ledger.models import Entry
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.permissions import SYSTEM, Actor, Scope
from helmont.edc.queries.audit import AuditEntry, Mask, readable
from helmont.participants.queries import participant_for

router = Router(tags=["ledger"])
LogName = Annotated[
    str,
    Field(description="The study's id, or system.", pattern=r"^[^/\s\x00-\x1f\x7f]{1,64}$", examples=["CDISCPILOT01"]),
]


class CheckpointOut(Schema):
    log: str
    size: int
    note: str = Field(description="The signed note (C2SP tlog-checkpoint).")
    key: str = Field(description="The log's public key. Keep it from when the trial began; do not take it from here.")


class LedgerEntryOut(EntryOut):
    leaf: str = Field(description="The leaf hash, in hex.")
    body: str | None = Field(description="The exact bytes of the leaf, as text; null when masked or redacted.")
    masked: bool = Field(description="Something in it is under a privilege that you lack.")


class ProofOut(Schema):
    """What ``verifier.py --proof`` reads; for an entry whose body you may not see, its leaf hash instead."""

    checkpoint: str
    key: str
    sequence: int
    leaf: str
    body: str | None
    inclusion: list[str] = Field(description="Hashes from the leaf to the root, in hex (RFC 9162).")


class ConsistencyOut(Schema):
    log: str = Field(description="The log's name in its checkpoints.")
    old: int
    new: int
    old_root: str
    new_root: str
    consistency: list[str] = Field(description="Hashes, in hex (RFC 9162).")


def _require_log(actor: Actor, log: str) -> int:
    """The size of a log that is this person's to know of; raises ``NotFound``."""
    permission = "person.view" if log == SYSTEM else "study.view"
    size = store.log_size(log) if actor.places(permission, log, today_of(actor)) else 0
    if not size:
        raise NotFound(log)
    return size


def _read(actor: Actor, log: str, sequence: int) -> tuple[Entry, AuditEntry, bool]:
    """An entry, what of it the person may see, and whether that is all of it; raises ``NotFound``."""
    _require_log(actor, log)
    entry: Entry | None = Entry.objects.filter(log=log, sequence=sequence).first()
    if entry is None:
        raise NotFound(f"{log} entry {sequence}")
    today = today_of(actor)
    mask: Mask | None = None
    if entry.participant:
        number = entry.participant.split("/", 1)[1]
        mask = Mask(actor, participant_for(actor, log, number, today, "audit.view"), today)
    elif not actor.may("person.view" if log == SYSTEM else "audit.view", Scope(log), today):
        raise NotFound(f"{log} entry {sequence}")
    shown = readable(entry, mask)
    whole = len(shown.changes) == len(readable(entry).changes)
    if entry.action == "ledger.redact" and actor.hidden(Scope(log), today):
        # It restates the entries that it blanked, whatever they were about.
        whole = False
    return entry, shown, whole


@router.get("/{log}/checkpoint", response=answers(CheckpointOut), url_name="checkpoint")
def read_checkpoint(request: HttpRequest, log: LogName) -> Any:
    """The newest signed statement of the log's size and root. Keep a copy: it fixes everything before it."""
    _require_log(actor_of(request), log)
    note = checkpoints.latest_checkpoint(log) or checkpoints.make_checkpoint(log)
    size = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n").size
    return {"log": log, "size": size, "note": note, "key": checkpoints.verifier_key(log)}


@router.get("/{log}/entries/{sequence}", response=answers(LedgerEntryOut), url_name="entry")
def read_entry(request: HttpRequest, log: LogName, sequence: Sequence) -> Any:
    """One entry. ``body`` hashes to ``leaf``: SHA-256 of 0x00 and its bytes."""
    entry, shown, whole = _read(actor_of(request), log, sequence)
    body = entry.body if whole and entry.body else None
    return {**vars(shown), "leaf": bytes(entry.leaf).hex(), "body": body, "masked": not whole}


@router.get("/{log}/entries/{sequence}/proof", response=answers(ProofOut), url_name="proof")
def read_proof(request: HttpRequest, log: LogName, sequence: Sequence) -> Any:
    """The proof that an entry is in the log, under a checkpoint that covers it."""
    entry, _shown, whole = _read(actor_of(request), log, sequence)
    note = checkpoints.make_checkpoint(log)
    size = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n").size
    return {
        "checkpoint": note,
        "key": checkpoints.verifier_key(log),
        "sequence": sequence,
        "leaf": bytes(entry.leaf).hex(),
        "body": entry.body if whole and entry.body else None,
        "inclusion": [value.hex() for value in store.prove_inclusion(log, sequence, size)],
    }


@router.get("/{log}/consistency", response=answers(ConsistencyOut), url_name="consistency")
def read_consistency(
    request: HttpRequest,
    log: LogName,
    old: Annotated[int, Field(description="Size of the checkpoint you kept.", ge=0, le=2**53)],
    new: Annotated[int, Field(description="Size of a later one; now when not given.", ge=0, le=2**53)] | None = None,
) -> Any:
    """The proof that the log of ``new`` entries begins with that of ``old`` entries: nothing before was changed."""
    size = _require_log(actor_of(request), log)
    if not old <= (size if new is None else new) <= size:
        raise Invalid([Fault("old", "this is not a size the log has had", f"0 to {size}, old not above new")])
    return export.consistency(log, old, new)
