"""Beats that are ectopic, misplaced, missed or extra, and what the intervals would be without: Lipponen and Tarvainen.

Lipponen JA, Tarvainen MP 2019, A robust algorithm for heart rate variability time series artefact correction using novel beat
classification, Journal of Medical Engineering & Technology 43:173-181. An interval's difference from the one before, and
from the median of the eleven around it, are each divided by a threshold that follows the quartile deviation of the 91
around; where the two and the differences of its neighbours then lie says what kind of artefact it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from helmont.signals.heart.intervals import MILLISECOND, Intervals
from helmont.signals.recording import Values

ALPHA, C1, C2 = 5.2, 0.13, 0.17
AROUND, MEDIAN = 91, 11


class Artefact(IntEnum):
    """What an interval is."""

    NONE = 0
    ECTOPIC = 1
    MISSED = 2
    EXTRA = 3
    MISPLACED = 4


def artefacts(lengths: Values) -> NDArray[np.int8]:
    """What each interval of one run, in milliseconds and in order, is: an ``Artefact``; of fewer than three nothing is said.

    Missed: a beat was not found within the interval. Extra: the interval ends with a beat that is none. Misplaced: the interval
    is too long or too short since its end was found at the wrong time.
    """
    kinds = np.zeros(len(lengths), np.int8)
    if len(lengths) < 3:
        return kinds
    changes = np.diff(lengths, prepend=lengths[0])
    changes[0] = changes[1:].mean()
    change = _scaled(changes, ALPHA * _deviation(np.abs(changes)))
    usual = _rolling(lengths, MEDIAN, 50.0)
    from_usual = lengths - usual
    from_usual[from_usual < 0] *= 2
    limits = ALPHA * _deviation(np.abs(from_usual))
    distance = _scaled(from_usual, limits)
    before_or_after, two_after = _neighbours(change)
    last = len(lengths) - 2
    number = 0
    while number < last:
        here = change[number]
        rises = here > 1 and before_or_after[number] < -C1 * here - C2
        falls = here < -1 and before_or_after[number] > -C1 * here + C2
        if rises or falls:
            kinds[number] = Artefact.ECTOPIC
        elif abs(here) > 1 or abs(distance[number]) > 3:
            candidates = [number]
            if abs(change[number + 1]) < abs(change[number + 2]):
                candidates.append(number + 1)
            for other in candidates:
                kind = _long_or_short(lengths, usual, limits, other, change[other], two_after[other], distance[other])
                if kind is not Artefact.NONE:
                    kinds[other] = kind
                    number = max(number, other)
        number += 1
    return kinds


def _long_or_short(
    lengths: Values, usual: Values, limits: Values, number: int, change: float, after: float, distance: float
) -> Artefact:
    """What an interval is that differs much but is not ectopic."""
    long, short = change > 1 and after < -1, change < -1 and after > 1
    if not (long or short or abs(distance) > 3):
        return Artefact.NONE
    if (
        short
        and number + 1 < len(lengths)
        and abs(lengths[number] + lengths[number + 1] - usual[number]) < limits[number]
    ):
        return Artefact.EXTRA
    if long and abs(lengths[number] / 2 - usual[number]) < limits[number]:
        return Artefact.MISSED
    return Artefact.MISPLACED


def _neighbours(change: Values) -> tuple[Values, Values]:
    """Of each change the neighbours that matter: the higher of both at a rise, the lower at a fall; and the two after it."""
    padded = np.concatenate([[0.0], change, [0.0, 0.0]])
    before, after, later = padded[:-3], padded[2:-1], padded[3:]
    beside = np.where(change > 0, np.maximum(before, after), np.where(change < 0, np.minimum(before, after), 0.0))
    following = np.where(change >= 0, np.minimum(after, later), np.maximum(after, later))
    return beside, following


def _scaled(values: Values, limits: Values) -> Values:
    scaled: Values = np.divide(values, limits, out=np.zeros(len(values)), where=limits > 0)
    return scaled


def _deviation(values: Values) -> Values:
    """Half the distance between the quartiles of the 91 values around each, of those there are."""
    return (_rolling(values, AROUND, 75.0) - _rolling(values, AROUND, 25.0)) / 2


def _rolling(values: Values, width: int, percentile: float) -> Values:
    """A percentile of each value and its neighbours, ``width`` in all, fewer at the ends."""
    reach = width // 2
    padded = np.concatenate([np.full(reach, np.nan), values, np.full(reach, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    found = np.empty(len(values))
    inner = slice(reach, max(len(values) - reach, reach))
    if len(values) > 2 * reach:
        found[inner] = np.percentile(windows[inner], percentile, axis=1)
    edges = [number for number in range(len(values)) if number < reach or number >= len(values) - reach]
    for number in edges:
        found[number] = np.nanpercentile(windows[number], percentile)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Intervals after correction, and how many of each kind of artefact there were among how many intervals."""

    intervals: Intervals
    found: dict[Artefact, int]
    of: int

    @property
    def share(self) -> float:
        """The percentage of the intervals that were artefacts; NaN of none."""
        return 100 * sum(self.found.values()) / self.of if self.of else float("nan")


def corrected(intervals: Intervals) -> Corrected:
    """The intervals as they would be without artefacts, run by run.

    Where a beat is ectopic or misplaced it is put in the middle between its neighbours, where one was missed one is added
    in the middle of the interval, and where one is extra it is taken away.
    """
    found: dict[Artefact, int] = {kind: 0 for kind in Artefact if kind is not Artefact.NONE}
    parts = [Intervals.none()]
    starts = np.flatnonzero(~intervals.follows)
    for first, last in zip(starts, [*starts[1:], len(intervals)], strict=False):
        lengths = intervals.milliseconds[first:last]
        kinds = artefacts(lengths)
        for kind in found:
            found[kind] += int(np.count_nonzero(kinds == kind))
        begin = int(intervals.ends[first]) - round(lengths[0] * MILLISECOND)
        beats = begin + np.concatenate([[0.0], np.cumsum(lengths)]) * MILLISECOND
        beats = _without(beats, kinds)
        new = np.diff(beats) / MILLISECOND
        parts.append(Intervals(np.rint(beats[1:]).astype(np.int64), new, np.arange(len(new)) > 0))
    ends = np.concatenate([part.ends for part in parts])
    whole = np.concatenate([part.milliseconds for part in parts])
    return Corrected(Intervals(ends, whole, np.concatenate([part.follows for part in parts])), found, len(intervals))


def _without(beats: Values, kinds: NDArray[np.int8]) -> Values:
    """The beats of one run, corrected; artefact ``i`` is of the interval that ends with beat ``i + 1``."""
    kinds = np.concatenate([[Artefact.NONE], kinds])
    missed = np.flatnonzero(kinds == Artefact.MISSED)
    times = np.concatenate([beats[kinds != Artefact.EXTRA], (beats[missed - 1] + beats[missed]) / 2])
    kinds = np.concatenate([kinds[kinds != Artefact.EXTRA], np.zeros(len(missed), kinds.dtype)])
    order = np.argsort(times)
    times, kinds = times[order], kinds[order]
    wrong = np.flatnonzero((kinds == Artefact.ECTOPIC) | (kinds == Artefact.MISPLACED))
    for number in wrong[(wrong > 0) & (wrong < len(times) - 1)]:
        times[number] = (times[number - 1] + times[number + 1]) / 2
    together: Values = times
    return together
