"""A batch comes in, over whatever way: who sends it, whether it fits, kept durably, recorded, and only then acknowledged.

secret -> the assignment it was given for -> decode -> check against channel, period and the clock on the wall
-> the segment log (on disk) -> one ledger entry -> the answer
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection

from helmont.core.actions import Job, Outcome
from helmont.core.errors import Conflict, Fault, Invalid, NotFound, Refused
from helmont.core.permissions import Actor, service
from helmont.core.writer import after_commit, submit, submit_async
from helmont.participants.models import Participant
from helmont.sensors import keeping
from helmont.sensors.actions.batches import RecordBatch, batch_key
from helmont.sensors.models import DeviceAssignment
from helmont.sensors.secrets import digest_of
from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import MICROSECOND, SECOND
from helmont.signals.wire.batch import Batch
from helmont.signals.wire.decoding import decode
from helmont.signals.wire.moments import moment, written
from helmont.studies.queries import compiled
from helmont.study.sensing import channels_of

if TYPE_CHECKING:
    from helmont.samples.records import Record

AHEAD = 600 * SECOND
"""How far a device's clock may run ahead of ours."""
KEPT_FOR = 30.0  # seconds for which another process's change of an assignment may go unseen, at most


class Unknown(Refused):
    """The secret is nobody's, or no good any more."""

    code, status = "not_signed_in", 401


@dataclass(frozen=True)
class Sender:
    """One device with one participant, and the channels that the study takes from it."""

    assignment: str
    participant: str
    starts: int
    ends: int
    channels: dict[str, Channel]

    @cached_property
    def actor(self) -> Actor:
        study, _devices, label, number = self.assignment.split("/")
        return service(f"device:{label}.{number}", "device", study)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came over the wire: ``body`` in ``content_type``, compressed as ``encoding`` says; ``topic`` for Avro."""

    channel: str
    batch: str
    content_type: str
    encoding: str
    body: bytes
    topic: str = ""


class _Senders:
    """Senders by the digest of their secret. Emptied when this process changes anything about devices."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Sender]] = {}
        self._version = 0

    def get(self, digest: str) -> Sender | None:
        found = self._known.get(digest)
        return found[1] if found and time.monotonic() - found[0] < KEPT_FOR else None

    def load(self, digest: str) -> Sender:
        version = self._version
        row = DeviceAssignment.objects.filter(digest=digest).first()
        if row is None:
            raise Unknown("This device's secret is not known, or was taken back.")
        sender = _sender(row)
        with self._lock:
            if version == self._version:
                self._known[digest] = (time.monotonic(), sender)
        return sender

    def clear(self) -> None:
        with self._lock:
            self._version += 1
            self._known = {}


_senders = _Senders()


@after_commit
def _forget(outcomes: Sequence[Outcome]) -> None:
    if any(o.action.startswith(("sensors.", "study", "amend")) and o.action != RecordBatch.name for o in outcomes):
        _senders.clear()


def forget_senders() -> None:
    """Drop every sender that is known (for tests, and after a restore)."""
    _senders.clear()


def _sender(row: DeviceAssignment) -> Sender:
    version = Participant.objects.filter(key=row.participant).values_list("definition", flat=True).first()
    if version is None:
        raise NotFound(f"participant:{row.participant}")
    channels = channels_of(compiled(row.study, version).study)
    ends = moment(row.ends, "ends") if row.ends else 1 << 62
    return Sender(row.key, row.participant, moment(row.starts, "starts"), ends, channels)


async def sender_of(secret: str) -> Sender:
    """Whoever sends with this secret. Raises ``Unknown``."""
    digest = digest_of(secret)
    known = _senders.get(digest)
    return known if known is not None else await asyncio.to_thread(_senders.load, digest)


def find_sender(secret: str) -> Sender:
    """As ``sender_of``, for a caller who waits."""
    return _senders.load(digest_of(secret))


async def receive(sender: Sender, sent: Sent, via: str) -> dict[str, Any]:
    """Keep a batch and record it; the answer means that it is durable.

    Raises ``Refused``: ``Invalid`` for what does not fit, ``Conflict`` for other samples under a name that is taken,
    ``keeping.Full`` and ``keeping.Unavailable`` when it cannot be kept now. Then nothing was changed.
    """
    came = await asyncio.to_thread(_take, sender, sent)
    if came.earlier is not None:
        return came.said(sent.batch, came.earlier, repeated=True)
    # Whoever waits may go away, but what is on its way is settled: no segment is dropped under it.
    return await asyncio.shield(_settled(came, sender, sent, via))


async def _settled(came: _Came, sender: Sender, sent: Sent, via: str) -> dict[str, Any]:
    with keeping.under_way():
        place = await keeping.keep(came.record)
        outcome = await submit_async(came.job(sender, sent, place, via))
    return came.said(**outcome.result)


def receive_now(sender: Sender, sent: Sent, via: str) -> dict[str, Any]:
    """As ``receive``, for a caller who waits (a command)."""
    came = _take(sender, sent)
    if came.earlier is not None:
        return came.said(sent.batch, came.earlier, repeated=True)
    with keeping.under_way():
        job = came.job(sender, sent, keeping.keep_now(came.record), via)
        return came.said(**submit(job).result().result)


@dataclass(frozen=True, slots=True)
class _Came:
    """A batch that fits: its samples, the record of the log, and the ledger entry of the same batch if it came before."""

    batch: Batch
    record: Record
    earlier: int | None

    def job(self, sender: Sender, sent: Sent, place: str, via: str) -> Job:
        action = RecordBatch(
            sender.assignment,
            sender.participant,
            self.batch.channel.name,
            sent.batch,
            self.batch.rows,
            self.batch.first // MICROSECOND,
            -(-self.batch.last // MICROSECOND),
            self.batch.digest,
            place,
        )
        return Job(action, sender.actor, {"channel": via})

    def said(self, batch: str, sequence: int, repeated: bool) -> dict[str, Any]:
        """The answer to the sender."""
        return {
            "batch": batch,
            "sequence": sequence,
            "repeated": repeated,
            "samples": self.batch.rows,
            "first": written(self.batch.first),
            "last": written(self.batch.last),
            "sha256": self.batch.digest,
        }


def _take(sender: Sender, sent: Sent) -> _Came:
    channel = sender.channels.get(sent.channel)
    if channel is None:
        names = ", ".join(sender.channels) or "this study takes samples of no device"
        raise Invalid([Fault("channel", f"{sent.channel[:60]!r} is not a channel of this study", names)])
    key = batch_key(sender.assignment, channel.name, sent.batch)
    batch = _read(sender, channel, sent)
    earlier = _earlier(key)
    if earlier is not None and earlier[1] != batch.digest:
        raise Conflict(f"{sent.batch}: other samples were received under this name")
    record = keeping.record_of(key, f"{sender.assignment}#{channel.name}", batch)
    return _Came(batch, record, None if earlier is None else int(earlier[0]))


def _earlier(key: str) -> tuple[int, str] | None:
    """The ledger entry and the digest of the batch of this key, when it came before."""
    with connection.cursor() as cursor:  # the model's own way takes as long as all the rest of a small batch
        cursor.execute("SELECT revision, digest FROM sensors_batch WHERE key = %s", [key])
        found: tuple[int, str] | None = cursor.fetchone()
    return found


def _read(sender: Sender, channel: Channel, sent: Sent) -> Batch:
    try:
        batch = decode(channel, sent.content_type, sent.encoding, sent.body, sent.topic)
        _check_period(sender, batch)
    except SignalError as fault:
        raise Invalid([Fault(fault.place, str(fault.found), fault.accepted)]) from None
    return batch


def _check_period(sender: Sender, batch: Batch) -> None:
    now = int(datetime.now(UTC).timestamp() * SECOND)
    if batch.last > now + AHEAD:
        raise SignalError("time", f"{written(batch.last)}, in the future", f"until {written(now)}")
    if batch.first < sender.starts or batch.last >= sender.ends:
        until = "" if sender.ends == 1 << 62 else f" until {written(sender.ends)}"
        found = f"{written(batch.first)} to {written(batch.last)}"
        raise SignalError("time", found, f"from {written(sender.starts)}{until}, while the participant has the device")
