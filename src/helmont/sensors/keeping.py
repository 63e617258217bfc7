"""Where samples are kept: one segment log under ``HELMONT_HOME/samples``, opened when the first batch comes.

One process writes it. What is in the log and in no batch of the database was never acknowledged (the server fell between
the two) and is nobody's.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from helmont.core.errors import Refused
from helmont.samples import errors
from helmont.signals.recording import MICROSECOND
from helmont.signals.wire.batch import Batch

if TYPE_CHECKING:  # packing is compiled: only a process that keeps or reads samples loads what that takes
    from helmont.samples.archive import Archive
    from helmont.samples.log import SegmentLog
    from helmont.samples.parquet import Stream
    from helmont.samples.pieces import Entry, Source
    from helmont.samples.reading import Reader
    from helmont.samples.records import Location, Record
    from helmont.samples.stores import Store
    from helmont.signals.channels import Channel
    from helmont.signals.recording import Stretch

FULL_FOR = 60
"""Seconds after which a sender tries again when the disk was full."""


class Unavailable(Refused):
    """The samples cannot be kept now; nothing was acknowledged. Come back after ``retry_after`` seconds."""

    code, status = "unavailable", 503

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)


class Full(Unavailable):
    """There is no room on the disk. What was acknowledged is safe."""

    code, status = "full", 507


def folder() -> Path:
    """Where the segments lie."""
    return Path(settings.HOME, "samples")


def record_of(key: str, stream: str, batch: Batch) -> Record:
    """The batch ``key`` as the log keeps it, packed; ``stream`` is the assignment and its channel."""
    from helmont.samples.records import Record

    return Record.of(number_of(stream), number_of(key), batch.stretches)


def warm() -> None:
    """Load what reading and packing take, so that the first batch need not wait for it."""
    import numpy as np

    import helmont.signals.wire.columnar  # noqa: F401 - loaded only where batches come
    from helmont.samples.records import Record
    from helmont.signals.recording import Stretch

    counts = np.zeros((2, 3), np.int16)
    list(Record.of(0, 0, [Stretch(0, 1.0, counts)]).stretches())


async def keep(record: Record) -> str:
    """Append the record; returns where it lies once that is on the disk. Raises ``Unavailable``, ``Full``."""
    with _refusals():
        [place] = await asyncio.wrap_future(_log.opened().append([record]))
    return ":".join(map(str, place))


def keep_now(record: Record) -> str:
    """As ``keep``, for a caller who waits (a command)."""
    with _refusals():
        [place] = _log.opened().append([record]).result()
    return ":".join(map(str, place))


class UnderWay:
    """Batches between the log and the ledger: kept perhaps, and not yet recorded. What they lie in must not be dropped."""

    def __init__(self) -> None:
        self._tickets = set[int]()
        self._given = count()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        ticket = next(self._given)
        self._tickets.add(ticket)
        try:
            yield
        finally:
            self._tickets.discard(ticket)

    def settled(self, within: float) -> bool:
        """Whether everything that is under way now has ended, waiting for it so many seconds at most."""
        before, patience = self._tickets.copy(), time.monotonic() + within
        while before & self._tickets.copy():
            if time.monotonic() > patience:
                return False
            time.sleep(0.02)
        return True


under_way = UnderWay()


@contextmanager
def _refusals() -> Iterator[None]:
    """What the log says in the words of a refusal."""
    try:
        yield
    except errors.Busy as busy:
        raise Unavailable("Too much is waiting to be written.", ceil(busy.retry_after)) from None
    except errors.Full:
        raise Full("There is no room for samples on this machine.", FULL_FOR) from None
    except errors.Locked:
        raise Unavailable("Another process takes the samples of this installation.", FULL_FOR) from None
    except errors.LogError:
        _log.close()  # it is opened anew, which finds out what is on the disk
        raise Unavailable("The disk did not confirm; the batch can come again.", 5) from None


def read(place: str) -> Record:
    """What lies there. Raises ``SignalError`` for a record that is not as it was written."""
    return _log.read(location_of(place))


def stream_of(assignment: str, participant: str, channel: Channel) -> Stream:
    """What the log and the archive know a channel of an assignment by; ``participant`` is the assignment's.

    In the archive's paths a participant goes by the study's number. A batch's number there is the ``revision`` of its row.
    """
    from helmont.samples.parquet import Stream

    study, _, number = participant.partition("/")
    return Stream(number_of(f"{assignment}#{channel.name}"), study, number, channel)


def source(stream: Stream) -> Source:
    """The stream's batches wherever they are, in the log or compacted; as entries take ``entry_of`` of their rows."""
    from helmont.samples.archive import FromBoth

    return FromBoth(_log.read, _archive.opened(), stream)


def entry_of(revision: int, first: int, last: int, place: str) -> Entry:
    """A row of ``SampleBatch`` as sources take it, in nanoseconds."""
    from helmont.samples.pieces import Entry

    return Entry(revision, first * MICROSECOND, last * MICROSECOND, location_of(place))


def stretches_of(stream: Stream, entry: Entry) -> list[Stretch]:
    """The samples of one batch, wherever it is. Raises ``SignalError`` for one that is not as it was written."""
    return [piece.load(None) for piece in source(stream).pieces([entry], entry.first, entry.last + 1)]


def location_of(place: str) -> Location:
    """Where a batch was put, as the log says it."""
    from helmont.samples.records import Location

    segment, offset, length = map(int, place.split(":"))
    return Location(segment, offset, length)


def store() -> Store:
    """Where samples are put once they are compacted. Raises ``SignalError`` for a setting that is no place."""
    return _archive.opened().store


def number_of(name: str) -> int:
    """A name as a number of the log: 63 bits of its digest."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big") >> 1


class Log:
    """The log of this process: written only where samples come in, read anywhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: SegmentLog | None = None
        self._reader: Reader | None = None

    def opened(self) -> SegmentLog:
        """The log to write to. Raises ``Locked`` when another process has it."""
        from helmont.samples.log import SegmentLog

        with self._lock:
            if self._log is None:
                folder().mkdir(parents=True, exist_ok=True)
                self._log, self._reader = SegmentLog(folder()), None
            return self._log

    @property
    def own(self) -> SegmentLog | None:
        """The log when it is this process that writes it; None before its first batch."""
        return self._log

    def read(self, location: Location) -> Record:
        from helmont.samples.reading import Reader

        with self._lock:
            reader = self._log or self._reader
            if reader is None:
                reader = self._reader = Reader(folder())
        return reader.read(location)

    def start(self) -> None:
        """Nothing: the log is opened by the first batch."""

    def close(self) -> None:
        with self._lock:
            log, self._log, self._reader = self._log, None, None
        if log is not None:
            log.close()

    stop = close


class Compacted:
    """The archive as this process knows it. What it does not know of yet is still read from the log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[str, Archive] | None = None

    def opened(self) -> Archive:
        """The archive where the settings say. Raises ``SignalError`` when that is no place."""
        from helmont.samples.archive import Archive
        from helmont.samples.stores import store_at

        address = settings.HELMONT_SAMPLES_STORE
        with self._lock:
            if self._known is None or self._known[0] != address:
                self._known = address, Archive(store_at(address))
            return self._known[1]


_log, _archive = Log(), Compacted()


def of_this_process() -> Log:
    return _log
