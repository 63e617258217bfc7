"""What a stream may be put together from: acknowledged batches, and the pieces of samples that they hold, not yet unpacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from helmont.samples.records import Location, Record
from helmont.signals.packing import Head, heads, unpack
from helmont.signals.recording import Counts, Stretch


class Entry(NamedTuple):
    """A batch that was acknowledged: the how-manieth of its stream or of all streams, the moments of its first and its last
    sample (nanoseconds), and where it was put.
    """

    number: int
    first: int
    last: int
    location: Location


Load = Callable[[Counts | None], Stretch]
"""Gives the samples of a piece; their counts in the array given, of shape (rows, axes), where there is one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a batch as its head describes it: ``number`` of the batch, ``order`` within it; ``step`` 0 when every
    sample has a time of its own; ``width`` the bytes of a count.
    """

    number: int
    order: int
    first: int
    last: int
    rows: int
    axes: int
    step: float
    width: int
    load: Load

    @property
    def half(self) -> int:
        """Nanoseconds before and after a sample that it stands for; 0 when it has a time of its own."""
        return int(self.step / 2)

    @property
    def dtype(self) -> np.dtype[np.int16] | np.dtype[np.int32]:
        """Of the counts."""
        return np.dtype(np.int16) if self.width == np.dtype(np.int16).itemsize else np.dtype(np.int32)


class Source(Protocol):
    """Where batches can be read from."""

    def pieces(self, entries: Sequence[Entry], start: int, end: int) -> Iterable[Piece]:
        """The pieces of these batches with samples from ``start`` until before ``end``, and perhaps some others."""


class FromLog:
    """Batches in a log: ``read`` of a ``SegmentLog`` or a ``Reader``."""

    def __init__(self, read: Callable[[Location], Record]) -> None:
        self._read = read

    def pieces(self, entries: Sequence[Entry], start: int, end: int) -> Iterator[Piece]:
        """Raises ``SignalError`` for a damaged batch."""
        for entry in entries:
            blocks = self._read(entry.location).blocks
            for order, head in enumerate(heads(blocks)):
                if head.rows and head.first < end and head.last >= start:
                    yield _piece(entry.number, order, head, blocks)


def _piece(number: int, order: int, head: Head, blocks: bytes) -> Piece:
    return Piece(
        *(number, order, head.first, head.last, head.rows, head.axes),
        step=0.0 if head.timed else head.step,
        width=head.width,
        load=partial(unpack, blocks, head),
    )
