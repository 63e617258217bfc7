"""Blocks of samples, each with the time of its first sample, become stretches.

A device samples by a clock of its own, some per cent fast or slow and changing with the temperature, and writes the time
beside each block. Between the times of two blocks samples are spread evenly. Blocks that follow each other within
``WITHIN`` are one stretch as long as a straight line passes every block's time within ``FAITHFUL`` (at least two samples):
a week is then hundreds of stretches, not half a million. The lines run through times that the device wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helmont.signals.compiled import compiled
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Stretch

WITHIN = 0.05  # of the length of a block, and two samples: the next block may be so late and still follow on
FAITHFUL = 10_000_000  # nanoseconds, or two samples where these are longer
EARLIEST = 946_684_800 * SECOND  # 2000-01-01: a device that says less does not know the time

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks in the order of the file: the time of the first sample, how many samples, and whether nothing was lost
    between it and the block before. All of shape (blocks,); ``rate`` in samples a second."""

    starts: Nanoseconds
    samples: Integers
    joins: NDArray[np.bool_]
    rate: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples in a row, evenly spaced: from the ``first`` sample of the file, ``samples`` of them."""

    start: int
    step: float
    first: int
    samples: int


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Pieces in the order of time; the blocks they are of, in that order, with their times; and what had to be done."""

    pieces: tuple[Piece, ...]
    blocks: Integers
    starts: Nanoseconds
    mended: int = 0
    timeless: int = 0
    overlapping: int = 0

    def shifted(self, by: int) -> Timeline:
        """All of it, so many nanoseconds later."""
        pieces = tuple(replace(piece, start=piece.start + by) for piece in self.pieces)
        return replace(self, pieces=pieces, starts=self.starts + by)

    def stretches(self, counts: Counts) -> tuple[Stretch, ...]:
        """The stretches of ``counts``: all samples of the file, in its order, of shape (samples, axes)."""
        return tuple(
            Stretch(piece.start, piece.step, counts[piece.first : piece.first + piece.samples]) for piece in self.pieces
        )

    def messages(self) -> list[str]:
        """What had to be done, in sentences."""
        said = (
            (
                self.mended,
                "blocks had a time that jumped away and came back; they have the time between their neighbours",
            ),
            (self.timeless, "blocks were left out because they have no time"),
            (self.overlapping, "blocks were left out because their times go back over others"),
        )
        return [f"{number} {text}" for number, text in said if number]


def lay(blocks: Blocks, earliest: int = EARLIEST) -> Timeline:
    """The timeline of blocks, each of at least one sample. Of runs that overlap, the one that begins earlier is whole.

    A block whose time is before ``earliest`` has none.
    """
    if not len(blocks.starts):
        return Timeline((), np.empty(0, np.int64), np.empty(0, np.int64))
    starts = blocks.starts.copy()
    lengths = np.rint(blocks.samples * (SECOND / blocks.rate)).astype(np.int64)
    runs, mended = _runs(starts, lengths, blocks)
    known = [(first, last) for first, last in runs if starts[first] >= earliest]
    timeless = sum(last - first for first, last in runs) - sum(last - first for first, last in known)
    known, overlapping = _disjoint(known, starts, lengths, blocks.rate)
    firsts = np.concatenate([[0], np.cumsum(blocks.samples)])
    pieces: list[Piece] = []
    for place, run in enumerate(known):
        limit = int(starts[known[place + 1][0]]) if place + 1 < len(known) else None
        pieces += _pieces(run, starts, firsts, blocks.rate, limit)
    kept = np.concatenate([np.arange(*run) for run in known]) if known else np.empty(0, np.int64)
    return Timeline(tuple(pieces), kept, starts[kept], mended, timeless, overlapping)


def _slack(lengths: Integers, rate: float) -> Integers:
    slack: Integers = np.rint(WITHIN * lengths + 2 * SECOND / rate).astype(np.int64)
    return slack


def _allowance(lengths: Integers, rate: float) -> Integers:
    """So much earlier than the end of the block before it a block may begin."""
    allowance: Integers = np.minimum(_slack(lengths, rate), lengths // 2)
    return allowance


def _runs(starts: Nanoseconds, lengths: Integers, blocks: Blocks) -> tuple[list[tuple[int, int]], int]:
    """The first block and the one after the last of every run; ``starts`` of blocks whose time only jumped are mended."""
    slack = _slack(lengths, blocks.rate)
    late = starts[1:] - (starts[:-1] + lengths[:-1])
    follows = (late <= slack[:-1]) & (late >= -_allowance(lengths, blocks.rate)[:-1]) & blocks.joins[1:]
    bounds = [0, *(np.flatnonzero(~follows) + 1).tolist(), len(starts)]
    runs: list[tuple[int, int]] = []
    mended = 0
    for run in pairwise(bounds):
        runs.append(run)
        if len(runs) < 3:
            continue
        (first, last), (jumped, back), (after, end) = runs[-3:]
        in_order = starts[last - 1] < starts[jumped] and starts[back - 1] < starts[after]
        if in_order or not blocks.joins[jumped] or not blocks.joins[after]:
            continue
        span = int(starts[after] - starts[last - 1])
        nominal = int(lengths[last - 1 : back].sum())
        if abs(span - nominal) <= WITHIN * nominal + 2 * SECOND / blocks.rate:
            shares = np.cumsum(lengths[last - 1 : back - 1]) * (span / nominal)
            starts[jumped:back] = starts[last - 1] + np.rint(shares).astype(np.int64)
            mended += back - jumped
            runs[-3:] = [(first, end)]
    return runs, mended


def _disjoint(
    runs: list[tuple[int, int]], starts: Nanoseconds, lengths: Integers, rate: float
) -> tuple[list[tuple[int, int]], int]:
    """The runs in the order of time, without the leading blocks of a run that lie in the time of the one before."""
    kept: list[tuple[int, int]] = []
    dropped, reached = 0, -(1 << 62)
    allowance = _allowance(lengths, rate)
    for first, last in sorted(runs, key=lambda run: int(starts[run[0]])):
        free = first + int(np.searchsorted(starts[first:last], reached, side="left"))
        dropped += free - first
        if free < last:
            kept.append((free, last))
            reached = int(starts[last - 1] + lengths[last - 1] - allowance[last - 1])
    return kept, dropped


def _pieces(run: tuple[int, int], starts: Nanoseconds, firsts: Integers, rate: float, limit: int | None) -> list[Piece]:
    """Straight lines through one run of blocks; the last ends before ``limit``, where the next run begins."""
    first, last = run
    pace = SECOND / rate
    if last - first > 1:
        pace = float(starts[last - 1] - starts[first]) / float(firsts[last - 1] - firsts[first])
    end = int(starts[last - 1]) + round(float(firsts[last] - firsts[last - 1]) * pace)
    times = np.append(starts[first:last], end if limit is None else min(end, limit))
    samples = firsts[first : last + 1]
    corners = _corners(times, samples, max(FAITHFUL, 2 * SECOND / rate))
    return [
        Piece(
            int(times[here]),
            float(times[there] - times[here]) / float(samples[there] - samples[here]),
            int(samples[here]),
            int(samples[there] - samples[here]),
        )
        for here, there in pairwise(corners.tolist())
    ]


@compiled
def _corners(times: Nanoseconds, samples: Integers, tolerance: float) -> Integers:
    """The points at which straight lines meet, so that every time lies within the tolerance of its line."""
    corners = np.empty(len(times), np.int64)
    corners[0] = 0
    number, anchor, point = 1, 0, 1
    low, high = -np.inf, np.inf
    while point < len(times):
        run = float(samples[point] - samples[anchor])
        rise = float(times[point] - times[anchor])
        if low <= rise / run <= high:
            low, high = max(low, (rise - tolerance) / run), min(high, (rise + tolerance) / run)
            point += 1
        else:
            anchor = point - 1
            corners[number] = anchor
            number += 1
            low, high = -np.inf, np.inf
    corners[number] = len(times) - 1
    return corners[: number + 1]
