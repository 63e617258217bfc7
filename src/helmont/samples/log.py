"""The log of samples: what is appended to it is on the disk before anybody is told so.

One thread writes. It takes whatever waits, appends it to the segment, has the disk confirm all of it once (group commit), and
then tells everybody who waited. Nothing that was told is ever touched again: when the disk is full or fails, the segment is cut
back to where it was confirmed last, and those who waited hear why.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from helmont.samples.errors import Broken, Busy, Full, Locked
from helmont.samples.reading import Reader, Recent
from helmont.samples.records import Location, Record
from helmont.samples.segments import (
    ENTRY,
    Damage,
    Entries,
    Index,
    create,
    footer,
    numbers,
    open_segment,
    sealed_index,
    segment_path,
    sync,
    sync_folder,
)

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
GROUP = 1 << 25
BUFFERS = 512
SEAL: Sequence[Record] = []
INDEXES = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: of a segment before the next is begun, of what may wait to be written, and left free on the disk for others;
    and the records of a segment, which bounds its index.
    """

    segment: int = 1 << 28
    waiting: int = 1 << 26
    reserve: int = 1 << 28
    records: int = 1 << 18


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Held:
    """What the log's own index says of a record."""

    stream: int
    batch: int
    first: int
    last: int
    rows: int
    location: Location


Appended = Future[list[Location]]


class SegmentLog:
    """The log in ``folder``, for one process at a time.

    Raises ``Locked`` while another process has it open. ``damage`` says what a crash or the disk left that is no record.
    """

    def __init__(self, folder: Path, limits: Limits = LIMITS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.limits = folder, limits
        self._lock_file = _locked(folder)
        self._reader = Reader(folder)
        self._indexes = Recent[Index](INDEXES)
        self._waiting: deque[tuple[Sequence[Record], int, Appended]] = deque()
        self._descriptor, self._salt, self._end, self._number, self._entries = -1, 0, 0, 0, Entries()
        self._bytes, self._rate, self._broken, self._closing = 0, 50e6, "", False
        self._state = threading.Condition()
        try:
            self.damage = self._recover()
        except BaseException:
            self._lock_file.close()
            raise
        self._thread = threading.Thread(target=self._run, name="samples", daemon=True)
        self._thread.start()

    def append(self, records: Sequence[Record]) -> Appended:
        """Have the records written, together; the result comes when they are on the disk, one location each.

        From a coroutine: ``await asyncio.wrap_future(log.append(records))``. Raises ``Busy`` at once when too much waits
        already and ``Broken`` after a failure of the disk or ``close``; the result may raise ``Full`` or ``Broken``, and then
        none of the records is in the log.
        """
        done: Appended = Future()
        size = sum(record.size for record in records)
        with self._state:
            if self._bytes and self._bytes + size > self.limits.waiting:
                raise Busy(self._bytes, min(max(self._bytes / self._rate, 0.05), 30.0))
            self._ask(records, size, done)
        return done

    def _ask(self, records: Sequence[Record], size: int, done: Appended) -> None:
        """Have the writing thread do it; the caller holds the lock."""
        if self._broken or self._closing:
            raise Broken(self._broken or f"{self.folder}: closed")
        self._waiting.append((records, size, done))
        self._bytes += size
        self._state.notify_all()

    def read(self, location: Location) -> Record:
        """The record there. Raises ``SignalError`` when it is damaged, ``Dropped`` when its segment was dropped."""
        return self._reader.read(location)

    @property
    def waiting(self) -> int:
        """Bytes that wait to be written."""
        return self._bytes

    @property
    def sealed(self) -> tuple[int, ...]:
        """The segments to which nothing is appended any more, the oldest first."""
        return tuple(number for number in numbers(self.folder) if number != self._number)

    def held(self, segment: int) -> list[Held]:
        """Every record of a segment that is on the disk, acknowledged by whoever keeps the log or not."""
        return _held(segment, self._index(segment))

    def find(self, stream: int, start: int, end: int) -> list[Held]:
        """The records of a stream with samples from ``start`` until before ``end``, in the order they were appended."""
        found: list[Held] = []
        for segment in numbers(self.folder):
            index = self._index(segment)
            own = index[(index["stream"] == stream) & (index["first"] < end) & (index["last"] >= start)]
            found += _held(segment, own)
        return found

    def seal(self) -> tuple[int, ...]:
        """Begin the next segment, unless nothing is in this one; gives the segments that can be compacted, ``sealed``."""
        done: Appended = Future()
        with self._state:
            self._ask(SEAL, 0, done)
        done.result()
        return self.sealed

    def drop(self, segment: int) -> None:
        """Remove a sealed segment, whose records are kept elsewhere by now."""
        if segment == self._number:
            raise ValueError(f"segment {segment} is being written")
        segment_path(self.folder, segment).unlink(missing_ok=True)
        sync_folder(self.folder)
        self._indexes.forget(segment)
        self._reader.forget(segment)

    def close(self) -> None:
        """Write what waits, then let go of the folder."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._thread.join()
        self._reader.forget()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if not self._lock_file.closed:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)  # for a process that was forked meanwhile, too
            self._lock_file.close()

    def __enter__(self) -> SegmentLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _index(self, segment: int) -> Index:
        """The entries of a segment."""
        with self._state:
            if segment == self._number:
                return np.array(self._entries.all())
        if (kept := self._indexes.get(segment)) is not None:
            return kept
        try:
            descriptor = os.open(segment_path(self.folder, segment), os.O_RDONLY)
        except FileNotFoundError:
            return np.empty(0, ENTRY)
        try:
            found = sealed_index(descriptor, os.fstat(descriptor).st_size)
        finally:
            os.close(descriptor)
        return self._indexes.put(segment, found[0] if found else open_segment(self.folder, segment, mend=False).index)

    def _recover(self) -> tuple[Damage, ...]:
        """Open the last segment for writing, after what a crash left was put in order."""
        damage: list[Damage] = []
        there = numbers(self.folder)
        for number in there[:-1]:
            opened = open_segment(self.folder, number)
            damage += opened.damage
            if not opened.sealed:
                self._take(opened.number, opened.salt, opened.end, opened.index)
                self._finish()
        newest = open_segment(self.folder, there[-1]) if there else None
        if newest is not None:
            damage += newest.damage
        if newest is None or newest.sealed:
            number = there[-1] + 1 if there else 1
            self._take(number, create(self.folder, number), -1, None)
        else:
            self._take(newest.number, newest.salt, newest.end, newest.index)
        return tuple(damage)

    def _take(self, number: int, salt: int, end: int, index: Index | None) -> None:
        """Write to this segment from now on; ``end`` -1 for one that was made just now."""
        descriptor = os.open(segment_path(self.folder, number), os.O_WRONLY)
        self._descriptor, self._salt = descriptor, salt
        self._end = os.fstat(descriptor).st_size if end < 0 else end
        with self._state:
            self._number, self._entries = number, Entries(index)

    def _finish(self) -> None:
        """Seal the segment: write its index behind the records."""
        data = footer(self._entries.all(), self._end)
        self._durably([data], len(data))
        os.close(self._descriptor)
        self._descriptor = -1

    def _run(self) -> None:
        """The writing thread."""
        while True:
            with self._state:
                while not self._waiting and not self._closing:
                    self._state.wait()
                group, size = [], 0
                while self._waiting and size < GROUP:
                    group.append(self._waiting.popleft())
                    size += group[-1][1]
                if not group:
                    return
            started = time.perf_counter()
            self._commit([each for each in group if each[2].set_running_or_notify_cancel()])
            with self._state:
                self._bytes -= size
                self._rate = 0.8 * self._rate + 0.2 * (size / max(time.perf_counter() - started, 1e-6))

    def _commit(self, group: list[tuple[Sequence[Record], int, Appended]]) -> None:
        """Write a group, confirm it, tell everybody; or tell everybody why not."""
        try:
            located = self._write(group)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may be left waiting
            self._break(error)
            failure = Broken(self._broken) if self._broken else Full(self.folder, str(error))
            for _, _, done in group:
                done.set_exception(failure)
            return
        for (_, _, done), locations in zip(group, located, strict=True):
            done.set_result(locations)

    def _write(self, group: list[tuple[Sequence[Record], int, Appended]]) -> list[list[Location]]:
        """Append the records of a group and have the disk confirm them."""
        if self._broken:
            raise OSError(errno.EIO, self._broken)
        full = self._end >= self.limits.segment or len(self._entries) >= self.limits.records
        if full or self._descriptor < 0 or (len(self._entries) and any(records is SEAL for records, _, _ in group)):
            self._roll()
        size = sum(each.size for records, _, _ in group for each in records)
        disk = os.statvfs(self.folder)
        if size and disk.f_bavail * disk.f_frsize < size + self.limits.reserve:
            raise OSError(errno.ENOSPC, f"{disk.f_bavail * disk.f_frsize} bytes free, {self.limits.reserve} kept free")
        buffers: list[bytes] = []
        located: list[list[Location]] = []
        at = self._end
        for records, _, _ in group:
            located.append([])
            for record in records:
                buffers += (record.header(self._salt), record.blocks)
                located[-1].append(Location(self._number, at, record.size))
                at += record.size
        self._durably(buffers, size)
        with self._state:
            for (records, _, _), locations in zip(group, located, strict=True):
                for record, location in zip(records, locations, strict=True):
                    self._entries.add(record, location.offset)
        return located

    def _roll(self) -> None:
        """Seal this segment and begin the next."""
        if self._descriptor >= 0:
            self._finish()
        self._take(self._number + 1, create(self.folder, self._number + 1), -1, None)

    def _durably(self, buffers: list[bytes], size: int) -> None:
        """Write at the end and have the disk confirm it; what was not confirmed is cut off again."""
        try:
            at = self._end
            for begin in range(0, len(buffers), BUFFERS):
                at += _write_all(self._descriptor, buffers[begin : begin + BUFFERS], at)
            if size:
                sync(self._descriptor)
        except OSError as error:
            try:
                os.ftruncate(self._descriptor, self._end)
                sync(self._descriptor)
            except OSError as another:
                raise OSError(errno.EIO, f"{another}, after {error}") from None
            raise
        self._end = at

    def _break(self, error: Exception) -> None:
        """After anything but a lack of room, what the system says is on the disk can no longer be believed."""
        if not (isinstance(error, OSError) and error.errno in NO_ROOM):
            with self._state:
                self._broken = self._broken or f"{self.folder}: {error}"


def _write_all(descriptor: int, buffers: list[bytes], at: int) -> int:
    """Write all of it, in as many calls as the system needs; the bytes written."""
    total = sum(map(len, buffers))
    written = os.pwritev(descriptor, buffers, at)
    if written < total:
        rest = memoryview(b"".join(buffers))[written:]
        while rest:
            more = os.pwrite(descriptor, rest, at + written)
            written, rest = written + more, rest[more:]
    return total


def _held(segment: int, index: Index) -> list[Held]:
    """What entries say, in the order they were appended."""
    rows = np.sort(index, order="offset").tolist()
    return [Held(a, b, first, last, rows, Location(segment, at, size)) for a, b, first, last, at, size, rows in rows]


def _locked(folder: Path) -> BinaryIO:
    """The lock of a folder, for as long as it is open. Raises ``Locked``."""
    file = (folder / "lock").open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        process = file.read(20).decode(errors="replace").strip()
        file.close()
        raise Locked(folder, process) from None
    file.truncate(0)
    file.write(str(os.getpid()).encode())
    file.flush()
    return file
