"""A batch of samples enters the record: one ledger entry, with its digest, its span and where it lies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction

BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,47}", re.ASCII)
"""What a sender names its batches by; a UUID, most often."""


def batch_key(assignment: str, channel: str, batch: str) -> str:
    """``STUDY/samples/<label>.<n>/<channel>/<batch>``. Raises ``Invalid`` for a name that no batch can have."""
    if not BATCH.fullmatch(batch):
        raise Invalid(
            [Fault("batch", f"{batch[:60]!r} is not the name of a batch", "letters, digits, . _ -, at most 48")]
        )
    study, _devices, label, number = assignment.split("/")
    return f"{study}/samples/{label}.{number}/{channel}/{batch}"


@dataclass(frozen=True)
class RecordBatch(Action):
    """Record a batch that lies in the segment log. Repeating it changes nothing; other samples under its name are a conflict."""

    name: ClassVar[str] = "sensors.record_batch"
    permission: ClassVar[str] = "samples.send"
    assignment: str
    participant: str
    channel: str
    batch: str
    samples: int
    first: int
    last: int
    digest: str
    place: str

    @property
    def log(self) -> str:
        return self.assignment.split("/", 1)[0]

    @property
    def key(self) -> str:
        return batch_key(self.assignment, self.channel, self.batch)

    def reads(self) -> Iterable[Read]:
        return (Get("sample_batch", self.key),)

    def scope(self, tx: Transaction) -> Scope:
        return Scope(self.log)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        key = self.key
        if earlier := tx.get("sample_batch", key):
            if earlier["digest"] != self.digest:
                raise Conflict(f"{self.batch}: other samples were received under this name")
            return {"batch": self.batch, "sequence": earlier["revision"], "repeated": True}
        tx.put(
            "sample_batch",
            key,
            study=self.log,
            assignment=self.assignment,
            participant=self.participant,
            channel=self.channel,
            samples=self.samples,
            first=self.first,
            last=self.last,
            digest=self.digest,
            place=self.place,
            received=tx.timestamp,
        )
        return {"batch": self.batch, "sequence": tx.sequence, "repeated": False}
