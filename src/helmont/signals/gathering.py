"""From the stretches of a signal of acceleration to rows of epochs, a bounded number of samples at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.folding import COLUMNS, EPOCH, folded, marks, part
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Signal, Stretch, Values

BATCH = 1 << 20
"""So many samples, or one epoch, are folded at once."""

NEAR = 10
"""Nanoseconds by which rounding may move the start of a stretch that goes on where another ends."""

Warmth = Callable[[Nanoseconds], Values]
"""The temperature (degrees Celsius, NaN where unknown) of epochs, given their beginnings."""

Affine = Callable[[Values], tuple[Values, Values]]
"""Of epochs' temperatures the gain, of shape (axes,), and the shift, of shape (1 or epochs, axes), that turn counts into g."""

Piece = tuple[int, Stretch]
"""An epoch's number, and samples of it."""


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Stretches that go on where the one before ends, such as blocks of a minute, put together up to ``BATCH`` samples."""
    row: list[Stretch] = []
    size = 0
    for each in stretches:
        last = row[0] if row else each
        goes_on = last.times is None and each.times is None and each.step == last.step
        if row and not (goes_on and size < BATCH and abs(each.start - last.start - round(size * last.step)) <= NEAR):
            yield _one(row)
            row, size = [], 0
        row.append(each)
        size += len(each)
    if row:
        yield _one(row)


def _one(row: Sequence[Stretch]) -> Stretch:
    """Stretches in a row as one."""
    if len(row) == 1:
        return row[0]
    counts: Any = np.concatenate([each.counts for each in row])
    return Stretch(row[0].start, row[0].step, counts)


@dataclass
class Gathering:
    """Folds stretches added in order of time; epochs at the ends of stretches are put together before they are folded.

    ``known`` are the numbers of epochs that have samples elsewhere.
    """

    signal: Signal
    warmth: Warmth
    affine: Affine
    known: Collection[int] = ()
    numbers: list[Nanoseconds] = field(default_factory=list)
    samples: list[NDArray[np.int64]] = field(default_factory=list)
    temperature: list[Values] = field(default_factory=list)
    rows: list[Values] = field(default_factory=list)
    loose: list[Stretch] = field(default_factory=list)
    _waiting: list[Piece] = field(default_factory=list)
    _size: int = 0

    def __post_init__(self) -> None:
        self._beside = set(self.known)

    def add(self, stretch: Stretch) -> None:
        """Samples in a row, at least one, none before those added before."""
        first, bounds = marks(stretch)
        last = len(bounds) - 2
        if self._size > BATCH:
            self._flush(first)
        for each in sorted({0, last}):
            piece = part(stretch, int(bounds[each]), int(bounds[each + 1]))
            self._waiting.append((first + each, piece))
            self._size += len(piece)
            self._beside.update((first + each, first + (1 if last and not each else max(each - 1, 0))))
        if last > 1:
            filled = np.flatnonzero(np.diff(bounds[1:-1])) + 1
            self._fold(stretch.counts, first + filled, np.append(bounds[filled], bounds[-2]))

    def table(self) -> tuple[Nanoseconds, NDArray[np.int32], Values, Values]:
        """Of every epoch, in order: its number, how many samples, its temperature and its row."""
        self._flush(None)
        if not self.rows:
            return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0), np.empty((0, COLUMNS))
        numbers = np.concatenate(self.numbers)
        order = np.argsort(numbers, kind="stable")
        samples = np.concatenate(self.samples)[order].astype(np.int32)
        return numbers[order], samples, np.concatenate(self.temperature)[order], np.concatenate(self.rows)[order]

    def _flush(self, until: int | None) -> None:
        """Fold what waits of epochs before ``until``: no more samples of them are going to be added."""
        ready = [each for each in self._waiting if until is None or each[0] < until]
        self._waiting = self._waiting[len(ready) :]
        self._size = sum(len(piece) for _, piece in self._waiting)
        if not ready:
            return
        numbers, sizes = [], []
        for number, pieces in groupby(ready, key=lambda each: each[0]):
            parts = [piece for _, piece in pieces]
            numbers.append(number)
            sizes.append(sum(len(piece) for piece in parts))
            if not self._closed(number, parts):
                self.loose += [Stretch(each.start, each.step, each.counts.copy(), each.times) for each in parts]
        counts: Any = np.concatenate([piece.counts for _, piece in ready])
        self._fold(counts, np.array(numbers), np.concatenate([[0], np.cumsum(sizes)]))

    def _closed(self, number: int, parts: Sequence[Stretch]) -> bool:
        """Whether no sample of an epoch can be missing: there is no room for one, and the epochs before and after have some."""
        rate = self.signal.channel.rate
        if not {number - 1, number + 1} <= self._beside:
            return False
        ends = [(number * EPOCH, number * EPOCH)]
        for each in parts:
            ends.append((each.start, each.end - 1 if each.times is not None else each.end - round(each.step)))
        ends.append(((number + 1) * EPOCH, 0))
        step = max(each.step for each in parts) or (SECOND / rate if rate else 0.0)
        return all(after[0] - before[1] < 1.5 * step for before, after in pairwise(ends))

    def _fold(self, counts: Counts, numbers: Nanoseconds, bounds: Nanoseconds) -> None:
        """Fold epochs whose samples follow each other in ``counts``."""
        first = 0
        while first < len(numbers):
            last = max(int(np.searchsorted(bounds, bounds[first] + BATCH, side="right")) - 1, first + 1)
            temperature = self.warmth(numbers[first:last] * EPOCH)
            gain, shift = self.affine(temperature)
            inner = bounds[first : last + 1]
            piece = np.ascontiguousarray(counts[inner[0] : inner[-1]])
            self.rows.append(folded(piece, inner - inner[0], gain, shift))
            self.numbers.append(numbers[first:last])
            self.samples.append(np.diff(inner))
            self.temperature.append(temperature)
            first = last
