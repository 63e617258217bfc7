"""Samples of acceleration folded into rows of epochs, straight from the device's counts: one pass, no copy as floats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from helmont.signals.compiled import compiled
from helmont.signals.recording import ROUNDING, SECOND, Nanoseconds, Stretch

EPOCH = 5 * SECOND
COLUMNS = 16
"""Of a row: mean, standard deviation, least and most of each axis (g); ENMO, ENMOa, MAD (mg); angle of the z-axis (degrees)."""


def marks(stretch: Stretch) -> tuple[int, Nanoseconds]:
    """The number of the epoch in which a stretch begins, and where in it each epoch begins, with the end at the end.

    Epoch ``k`` begins ``k * EPOCH`` nanoseconds after 1970, and has the samples from ``ROUNDING`` before. An epoch without a
    sample begins where the next one does.
    """
    first = (stretch.start + ROUNDING) // EPOCH
    if stretch.times is not None:
        last = (int(stretch.times[-1]) + ROUNDING) // EPOCH
        begins = np.arange(first + 1, last + 1, dtype=np.int64) * EPOCH - ROUNDING
        inner = np.searchsorted(stretch.times, begins, side="left")
        return first, np.concatenate([[0], inner, [len(stretch)]])
    length = len(stretch)
    last = (stretch.start + round((length - 1) * stretch.step) + ROUNDING) // EPOCH
    after = np.arange(first + 1, last + 1, dtype=np.int64) * EPOCH - ROUNDING - stretch.start
    inner = np.ceil(after / stretch.step).astype(np.int64)
    inner -= np.rint((inner - 1) * stretch.step).astype(np.int64) >= after
    inner += np.rint(inner * stretch.step).astype(np.int64) < after
    return first, np.concatenate([[0], inner, [length]])


def part(stretch: Stretch, first: int, last: int) -> Stretch:
    """Samples ``first`` until before ``last``; the counts are a view."""
    if stretch.times is not None:
        return Stretch.at(stretch.times[first:last], stretch.counts[first:last])
    start = stretch.start + round(first * stretch.step)
    return replace(stretch, start=start, counts=stretch.counts[first:last])


def whole(stretch: Stretch, longest: float) -> Iterator[Stretch]:
    """A stretch whose samples have times of their own, cut where none came for longer than so many nanoseconds."""
    if stretch.times is None:
        yield stretch
        return
    cuts = np.flatnonzero(np.diff(stretch.times) > longest) + 1
    for first, last in zip([0, *cuts.tolist()], [*cuts.tolist(), len(stretch)], strict=True):
        yield part(stretch, first, last)


@compiled
def _median(counts: Any, ends: tuple[int, int], axis: int, low: int, high: int, bins: Any) -> float:
    """The median count of an axis whose counts lie from ``low`` to ``high``: bins ever narrower around it, so it is exact."""
    first, last = ends
    rank, upper = (last - first - 1) // 2, (last - first) // 2
    while True:
        shift = 0
        while ((high - low) >> shift) > 255:
            shift += 1
        for each in range(((high - low) >> shift) + 1):
            bins[each] = 0
        for i in range(first, last):
            value = int(counts[i, axis])
            if low <= value <= high:
                bins[(value - low) >> shift] += 1
        each = 0
        while rank >= bins[each]:
            rank -= bins[each]
            upper -= bins[each]
            each += 1
        low += each << shift
        high = low + (1 << shift) - 1
        if upper >= bins[each]:
            return _gap(counts, ends, axis, high)
        if shift == 0:
            return low / 1.0


@compiled
def _gap(counts: Any, ends: tuple[int, int], axis: int, edge: int) -> float:
    """The middle between the highest count up to ``edge`` and the lowest one above."""
    below, above = -(1 << 62), 1 << 62
    for i in range(ends[0], ends[1]):
        value = int(counts[i, axis])
        if value <= edge:
            below = max(below, value)
        else:
            above = min(above, value)
    return (below + above) / 2.0


@compiled
def _axis(counts: Any, ends: tuple[int, int], axis: int, bins: Any) -> tuple[float, float, int, int, float]:
    """Mean, sample standard deviation, least, most and median of an axis, in counts."""
    first, last = ends
    samples = last - first
    origin = int(counts[first, axis])
    low = high = origin
    total = 0
    squares = 0.0
    for i in range(first, last):
        value = int(counts[i, axis])
        low = min(low, value)
        high = max(high, value)
        away = value - origin
        total += away
        squares += float(away) * float(away)
    variance = max(squares - total * (total / samples), 0.0) / (samples - 1)
    return origin + total / samples, math.sqrt(variance), low, high, _median(counts, ends, axis, low, high, bins)


@compiled
def _norms(counts: Any, ends: tuple[int, int], gain: Any, shift: Any, norms: Any) -> tuple[float, float, float]:
    """ENMO, ENMOa and MAD in mg; ``norms`` is written over."""
    first, last = ends
    total = above = away = 0.0
    for i in range(first, last):
        x = gain[0] * counts[i, 0] + shift[0]
        y = gain[1] * counts[i, 1] + shift[1]
        z = gain[2] * counts[i, 2] + shift[2]
        norm = math.sqrt(x * x + y * y + z * z)
        norms[i - first] = norm
        total += norm
        above += max(norm - 1.0, 0.0)
    samples = last - first
    middle = total / samples
    for i in range(samples):
        away += abs(norms[i] - middle)
    enmo = above / samples
    return 1000.0 * enmo, 1000.0 * max(2.0 * enmo - (middle - 1.0), 0.0), 1000.0 * away / samples


@compiled
def folded(counts: Any, bounds: Any, gain: Any, shift: Any) -> Any:
    """Rows of epochs, of shape (epochs, ``COLUMNS``).

    Epoch ``k`` has the samples ``bounds[k]`` until before ``bounds[k + 1]``, at least one, of counts of shape (samples, 3). A
    count is ``gain[axis] * count + shift[k or 0, axis]`` g. The angle is that of the z-axis to the horizontal, from the medians
    of the axes (van Hees et al. 2015, PLoS ONE 10:e0142533, whose rolling median of 5 seconds is taken once an epoch).
    """
    epochs = len(bounds) - 1
    rows = np.empty((epochs, COLUMNS))
    longest = 0
    for k in range(epochs):
        longest = max(longest, bounds[k + 1] - bounds[k])
    norms = np.empty(longest)
    bins = np.empty(256, np.int64)
    medians = np.empty(3)
    for k in range(epochs):
        ends = (bounds[k], bounds[k + 1])
        offsets = shift[min(k, len(shift) - 1)]
        for axis in range(3):
            mean, deviation, low, high, median = _axis(counts, ends, axis, bins)
            least = gain[axis] * low + offsets[axis]
            most = gain[axis] * high + offsets[axis]
            rows[k, axis] = gain[axis] * mean + offsets[axis]
            rows[k, 3 + axis] = abs(gain[axis]) * deviation
            rows[k, 6 + axis] = min(least, most)
            rows[k, 9 + axis] = max(least, most)
            medians[axis] = gain[axis] * median + offsets[axis]
        rows[k, 12], rows[k, 13], rows[k, 14] = _norms(counts, ends, gain, offsets, norms)
        level = math.sqrt(medians[0] ** 2 + medians[1] ** 2)
        rows[k, 15] = math.degrees(math.atan2(medians[2], level))
    return rows
