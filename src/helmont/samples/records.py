"""One record of the log: a batch of one stream, as a header with checksums and the packed blocks after it.

Numbers are little-endian. Checksums begin with a number of the segment's own, so that bytes which only look like a record (a
piece of another segment in a reused disk block, or something sent by a device) are never taken for one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from helmont.signals.errors import SignalError
from helmont.signals.packing import heads, pack_all, unpack
from helmont.signals.recording import Stretch

MAGIC = b"HMR1"
HEADER = struct.Struct("<4sIqqqqIB3xI")
CHECK = struct.Struct("<I")
SIZE = HEADER.size + CHECK.size
LARGEST = 1 << 26
"""Bytes of one record's blocks."""

BLOCKS = 1


class Location(NamedTuple):
    """Where a record lies: the number of its segment, the byte it begins at, and its bytes, header and all."""

    segment: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Record:
    """A batch of samples of one stream.

    ``stream`` and ``batch`` are numbers of 63 bits that the caller gives; ``first`` and ``last`` the moments (nanoseconds) of
    the first and the last sample, ``rows`` how many there are, and ``blocks`` the packed blocks, in the order they came.
    """

    stream: int
    batch: int
    first: int
    last: int
    rows: int
    blocks: bytes

    def __post_init__(self) -> None:
        """Raises ``SignalError`` for numbers that no record has room for, or too many bytes."""
        for name in ("stream", "batch", "first", "last"):
            if not -(1 << 63) <= getattr(self, name) < 1 << 63:
                raise SignalError(name, getattr(self, name), "a number of 64 bits with its sign")
        if not 0 < self.rows < 1 << 32:
            raise SignalError("rows", self.rows, f"from 1 to {(1 << 32) - 1}")
        if len(self.blocks) > LARGEST:
            raise SignalError("batch", f"{len(self.blocks)} packed bytes", f"at most {LARGEST}")

    @classmethod
    def of(cls, stream: int, batch: int, stretches: Iterable[Stretch], seconds: float = 60.0) -> Record:
        """The record of these stretches, packed in blocks of about so many seconds.

        Raises ``SignalError`` where there is no sample, or one that no block can hold.
        """
        parts = [stretch for stretch in stretches if len(stretch)]
        blocks = pack_all(parts, seconds)
        spans = [(stretch.start, stretch.last, len(stretch)) for stretch in parts]
        return cls._checked(stream, batch, spans, blocks)

    @classmethod
    def packed(cls, stream: int, batch: int, blocks: bytes) -> Record:
        """The record of blocks that are packed already; their heads are read."""
        spans = [(head.first, head.last, head.rows) for head in heads(blocks) if head.rows]
        return cls._checked(stream, batch, spans, blocks)

    @classmethod
    def _checked(cls, stream: int, batch: int, spans: list[tuple[int, int, int]], blocks: bytes) -> Record:
        if not spans:
            raise SignalError("batch", "no sample", "at least one sample")
        first, last, rows = min(spans)[0], max(span[1] for span in spans), sum(span[2] for span in spans)
        return cls(stream, batch, first, last, rows, blocks)

    def stretches(self) -> list[Stretch]:
        """The samples, unpacked. Raises ``SignalError`` for a damaged block."""
        return [unpack(self.blocks, head) for head in heads(self.blocks)]

    @property
    def size(self) -> int:
        """The bytes it takes in a segment."""
        return SIZE + len(self.blocks)

    def header(self, salt: int) -> bytes:
        """What stands before the blocks in a segment whose checksums begin with ``salt``."""
        fields = HEADER.pack(
            *(MAGIC, len(self.blocks), self.stream, self.batch, self.first, self.last, self.rows, BLOCKS),
            zlib.crc32(self.blocks, salt),
        )
        return fields + CHECK.pack(zlib.crc32(fields, salt))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a record, found sound: all but the blocks, which follow in so many bytes with that checksum."""

    stream: int
    batch: int
    first: int
    last: int
    rows: int
    length: int
    checksum: int

    @property
    def size(self) -> int:
        """The bytes of the whole record."""
        return SIZE + self.length


def parse(data: bytes | memoryview, salt: int) -> Header | None:
    """The header that ``data`` begins with; None where there is none whose checksum is right."""
    if len(data) < SIZE or bytes(data[:4]) != MAGIC:
        return None
    _, length, stream, batch, first, last, rows, codec, checksum = HEADER.unpack_from(data)
    if zlib.crc32(data[: HEADER.size], salt) != CHECK.unpack_from(data, HEADER.size)[0]:
        return None
    return Header(stream, batch, first, last, rows, length, checksum) if length <= LARGEST and codec == BLOCKS else None


def read(data: bytes, salt: int, place: str = "record") -> Record:
    """The record that ``data`` is. Raises ``SignalError`` when it is not one, or not as it was written."""
    found = parse(data, salt)
    if found is None or found.size != len(data):
        raise SignalError(place, "no record, or a damaged header", "a record as it was written")
    blocks = data[SIZE:]
    if zlib.crc32(blocks, salt) != found.checksum:
        raise SignalError(place, "samples whose checksum differs", "a record as it was written")
    return Record(found.stream, found.batch, found.first, found.last, found.rows, blocks)
