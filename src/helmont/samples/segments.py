"""One segment of the log: a file of records to which only is appended, and once it is full, an index of them at its end.

::

    header      magic, number of the segment, salt of its checksums, checksum
    record …    see ``records``
    index       one entry a record (``ENTRY``), in the order of stream and time
    trailer     magic, number of entries, where the index begins, its checksum, checksum

A segment without a sound trailer is read from its beginning. Whatever lies after the last sound record is a tail that was torn
while it was written: it is put into a file of its own beside the segment and cut off. Damage between sound records is
left where it is and reported.
"""

from __future__ import annotations

import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.samples.records import MAGIC, SIZE, Header, Record, parse
from helmont.signals.errors import SignalError

HEADER = struct.Struct("<8sIQI")
HEADER_MAGIC = b"HMSEG01\n"
TRAILER = struct.Struct("<8sQQII")
TRAILER_MAGIC = b"HMEND01\n"
ENTRY = np.dtype(
    [
        ("stream", "<i8"),
        ("batch", "<i8"),
        ("first", "<i8"),
        ("last", "<i8"),
        ("offset", "<u8"),
        ("length", "<u4"),
        ("rows", "<u4"),
    ]
)
CHUNK = 1 << 20

Index = NDArray[Any]
"""Entries of the type ``ENTRY``."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment that are no record: a torn tail, which was moved to ``kept``, or a place amid sound records."""

    segment: int
    offset: int
    length: int
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A segment as it was found: the salt, whether it has its index, the entries, where records end, what is damaged."""

    number: int
    salt: int
    sealed: bool
    index: Index
    end: int
    damage: tuple[Damage, ...] = ()


def segment_path(folder: Path, number: int) -> Path:
    """The file of a segment."""
    return folder / f"{number:06}.seg"


def numbers(folder: Path) -> list[int]:
    """The segments of a folder, the oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.seg") if path.stem.isdecimal())


def sync(descriptor: int) -> None:
    """Return when the file's content is on the disk."""
    getattr(os, "fdatasync", os.fsync)(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when the names in the folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(folder: Path, number: int) -> int:
    """A new segment, on the disk; gives its salt. What a crash left of one before it had a header is replaced."""
    salt = secrets.randbits(32)
    fields = HEADER.pack(HEADER_MAGIC, number, salt, 0)[:-4]
    beginning = segment_path(folder, number).with_suffix(".new")
    with beginning.open("wb") as file:
        file.write(fields + struct.pack("<I", zlib.crc32(fields)))
        file.flush()
        sync(file.fileno())
    beginning.rename(segment_path(folder, number))
    sync_folder(folder)
    return salt


def salt_of(descriptor: int, number: int, place: str) -> int:
    """The salt in the header of a segment. Raises ``SignalError`` for a file that is none."""
    data = os.pread(descriptor, HEADER.size, 0)
    if len(data) == HEADER.size:
        magic, written, salt, checksum = HEADER.unpack(data)
        if magic == HEADER_MAGIC and written == number and zlib.crc32(data[:-4]) == checksum:
            return int(salt)
    raise SignalError(place, "no header of a segment", f"segment {number}")


def trailer(descriptor: int, size: int) -> tuple[int, int] | None:
    """The number of entries and where they begin, when the segment has a sound trailer."""
    data = os.pread(descriptor, TRAILER.size, max(size - TRAILER.size, 0))
    if len(data) != TRAILER.size:
        return None
    magic, count, begins, _, checksum = TRAILER.unpack(data)
    sound = magic == TRAILER_MAGIC and zlib.crc32(data[:-4]) == checksum
    whole = sound and begins + count * ENTRY.itemsize + TRAILER.size == size
    return (int(count), int(begins)) if whole else None


def footer(entries: Index, begins: int) -> bytes:
    """The index and the trailer of a segment whose records end at ``begins``."""
    data = np.sort(entries, order=["stream", "first", "offset"]).tobytes()
    fields = TRAILER.pack(TRAILER_MAGIC, len(entries), begins, zlib.crc32(data), 0)[:-4]
    return data + fields + struct.pack("<I", zlib.crc32(fields))


def sealed_index(descriptor: int, size: int) -> tuple[Index, int] | None:
    """The index of a sealed segment and where it begins; None when there is none that is sound."""
    if (found := trailer(descriptor, size)) is None:
        return None
    count, begins = found
    data = os.pread(descriptor, count * ENTRY.itemsize, begins)
    checksum = TRAILER.unpack(os.pread(descriptor, TRAILER.size, size - TRAILER.size))[3]
    return (np.frombuffer(data, ENTRY), begins) if zlib.crc32(data) == checksum else None


class Entries:
    """The entries of a segment that is being written, in the order they were."""

    def __init__(self, index: Index | None = None) -> None:
        self._room = np.empty(1024, ENTRY) if index is None else index.copy()
        self._count = 0 if index is None else len(index)

    def __len__(self) -> int:
        return self._count

    def add(self, of: Header | Record, offset: int) -> None:
        """The entry of a record at ``offset``."""
        if self._count == len(self._room):
            self._room = np.concatenate([self._room, np.empty(max(self._count, 1024), ENTRY)])
        self._room[self._count] = (of.stream, of.batch, of.first, of.last, offset, of.size, of.rows)
        self._count += 1

    def all(self) -> Index:
        """A view of those there are."""
        return self._room[: self._count]


def scan(descriptor: int, size: int, salt: int) -> Iterator[tuple[int, Header]]:
    """Every sound record with its place, in their order; after bytes that are none the next sound record is looked for."""
    offset: int | None = HEADER.size
    while offset is not None and offset + SIZE <= size:
        found = _sound(descriptor, offset, size, salt)
        if found is None:
            offset = _next(descriptor, offset + 1, size, salt)
        else:
            yield offset, found
            offset += found.size


def _sound(descriptor: int, offset: int, size: int, salt: int) -> Header | None:
    """The header at ``offset`` when it and the blocks after it are as they were written."""
    found = parse(os.pread(descriptor, SIZE, offset), salt)
    if found is None or offset + found.size > size:
        return None
    checksum, at = salt, offset + SIZE
    while at < offset + found.size:
        part = os.pread(descriptor, min(CHUNK, offset + found.size - at), at)
        if not part:
            return None
        checksum = zlib.crc32(part, checksum)
        at += len(part)
    return found if checksum == found.checksum else None


def _next(descriptor: int, offset: int, size: int, salt: int) -> int | None:
    """Where the next sound record begins."""
    while offset + SIZE <= size:
        data = os.pread(descriptor, CHUNK, offset)
        at = data.find(MAGIC)
        while at >= 0:
            if _sound(descriptor, offset + at, size, salt) is not None:
                return offset + at
            at = data.find(MAGIC, at + 1)
        offset += max(len(data) - len(MAGIC) + 1, 1)
    return None


def open_segment(folder: Path, number: int, *, mend: bool = True) -> Opened:
    """What a segment holds. With ``mend`` a torn tail is cut off, and kept aside; the file is not changed otherwise.

    A file without the header of a segment is damaged from its beginning, and nothing is appended to it.
    """
    path = segment_path(folder, number)
    descriptor = os.open(path, os.O_RDWR if mend else os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        try:
            salt = salt_of(descriptor, number, path.name)
        except SignalError:
            return Opened(number, 0, True, np.empty(0, ENTRY), 0, (Damage(number, 0, size, None),))
        if (found := sealed_index(descriptor, size)) is not None:
            return Opened(number, salt, True, found[0], found[1])
        index, damage, end = Entries(), [], HEADER.size
        for offset, header in scan(descriptor, size, salt):
            if offset > end:
                damage.append(Damage(number, end, offset - end, None))
            index.add(header, offset)
            end = offset + header.size
        if mend and end < size:
            damage.append(_cut(descriptor, path, number, end, size))
        if mend:
            sync(descriptor)
        return Opened(number, salt, False, index.all(), end, tuple(damage))
    finally:
        os.close(descriptor)


def _cut(descriptor: int, path: Path, number: int, end: int, size: int) -> Damage:
    """Put what lies after the last sound record into a file of its own, then cut it off."""
    kept = path.with_name(f"{path.stem}-{end}.torn")
    with kept.open("wb") as file:
        at = end
        while part := os.pread(descriptor, min(CHUNK, size - at), at):
            file.write(part)
            at += len(part)
        file.flush()
        sync(file.fileno())
    sync_folder(path.parent)
    os.ftruncate(descriptor, end)
    return Damage(number, end, size - end, kept)
