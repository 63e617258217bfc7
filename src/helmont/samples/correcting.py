"""What is put right on reading, while what was received stays as it came: a device's clock, and who wore it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from helmont.signals.errors import SignalError
from helmont.signals.recording import Nanoseconds, Stretch

Span = tuple[int, int]
"""From a moment until before another, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a device's clock said at moments whose true time is known: pairs (device, true), in nanoseconds.

    Between two pairs the clock is taken to run evenly, and before the first and after the last as between the nearest two; a
    single pair shifts everything. Raises ``SignalError`` for pairs that do not increase, or a clock more than a tenth off.
    """

    pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.pairs:
            raise SignalError("clock", "no pair", "at least one pair of device time and true time")
        for (device, true), (next_device, next_true) in pairwise(self.pairs):
            if not (device < next_device and true < next_true):
                raise SignalError("clock", [next_device, next_true], f"both times after {[device, true]}")
            if not 0.9 < (next_true - true) / (next_device - device) < 1.1:
                raise SignalError("clock", [next_device, next_true], "a clock that runs within a tenth of true time")

    def true(self, device: int) -> int:
        """The true time at which the device's clock said ``device``."""
        return _along([pair[0] for pair in self.pairs], [pair[1] for pair in self.pairs], device)

    def device(self, true: int) -> int:
        """What the device's clock said at a true time."""
        return _along([pair[1] for pair in self.pairs], [pair[0] for pair in self.pairs], true)

    def corrected(self, stretch: Stretch) -> Iterator[Stretch]:
        """The stretch at its true times, in two parts where the clock's pace changes within it."""
        edges = [
            stretch.start,
            *(d for d, _ in self.pairs[1:-1] if stretch.start < d <= stretch.last),
            stretch.last + 1,
        ]
        for begin, upto in pairwise(edges):
            if len(part := stretch.between(begin, upto)):
                yield self._shifted(part)

    def _shifted(self, part: Stretch) -> Stretch:
        """A stretch that lies between two pairs."""
        start = self.true(part.start)
        if part.times is None:
            steps = max(len(part) - 1, 1)
            return Stretch(start, (self.true(part.start + round(steps * part.step)) - start) / steps, part.counts)
        first, last = part.start, part.last
        pace = (self.true(last) - start) / (last - first) if last > first else 1.0
        times: Nanoseconds = start + np.rint((part.times - first) * pace).astype(np.int64)
        return Stretch.at(times, part.counts)


def _along(known: Sequence[int], wanted: Sequence[int], moment: int) -> int:
    """Where ``moment`` of the one time is in the other; in whole numbers, as floats do not hold nanoseconds since 1970."""
    if len(known) == 1:
        return wanted[0] + moment - known[0]
    at = min(max(bisect_right(known, moment) - 1, 0), len(known) - 2)
    return wanted[at] + (moment - known[at]) * (wanted[at + 1] - wanted[at]) // (known[at + 1] - known[at])


@dataclass(frozen=True, slots=True)
class Worn:
    """From ``start`` until before ``end`` (true time) the device was worn by ``wearer``; by nobody: None."""

    start: int
    end: int
    wearer: str | None


def spans_of(wearer: str, assigned: Worn, corrections: Sequence[Worn] = ()) -> tuple[Span, ...]:
    """When ``wearer`` wore the device of an assignment; of two corrections of the same time the later one in the list holds."""
    edges = sorted(
        {assigned.start, assigned.end}
        | {edge for each in corrections for edge in (each.start, each.end) if assigned.start < edge < assigned.end}
    )
    found: list[Span] = []
    for begin, upto in pairwise(edges):
        holding = [each.wearer for each in (assigned, *corrections) if each.start <= begin and upto <= each.end]
        if holding[-1] == wearer:
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], upto)
            else:
                found.append((begin, upto))
    return tuple(found)


def common(one: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """What lies in spans of both, each in the order of time."""
    shared = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted(span for span in shared if span[0] < span[1]))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that meet or overlap as one, in the order of time."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Sequence[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """What of the spans is in none of the others, in the order of time."""
    left = list(spans)
    for start, end in taken:
        parts = ((a, min(b, start)) for a, b in left), ((max(a, end), b) for a, b in left)
        left = [span for part in parts for span in part if span[0] < span[1]]
    return tuple(sorted(left))
