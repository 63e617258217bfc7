"""Mean amplitude of glycaemic excursions (MAGE).

An excursion rises from a nadir to a peak and falls to the next nadir, or the reverse, both by more than one standard deviation of
the glucose values (Service FJ and others 1970, Diabetes 19:644-655). Peaks and nadirs are found where a short moving average
crosses a long one (Fernandes NJ and others 2022, Journal of Diabetes Science and Technology
16:576-577), on a grid of 5 minutes whatever the step of the sensor, since the averages are made for that:

1. the averages look back over 5 and 32 moments; before there are as many, they have their first value;
2. crossings, the first moment and the last bound intervals. In the first a peak is looked for when the short average is above the
   long one in it, otherwise a nadir; afterwards they alternate, each looked for from the one before to the end of its interval;
3. a half-excursion starts at the lowest (highest) turning point since the last one and ends at the highest (lowest), which later
   higher ones replace; it counts once a change by more than one standard deviation follows, or the trace ends;
4. gaps of more than 45 minutes are left out; gaps of more than 3 hours part the trace. Each part has its own standard deviation,
   and counts for its number of moments. Parts that are shorter than the long average are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.glucose.readings import MINUTE, USUAL_STEP, Readings, grid
from helmont.signals.recording import Values

PARTING_GAP = 180 * MINUTE
_NONE = float("nan")


@dataclass(frozen=True, slots=True)
class Excursions:
    """Mean amplitudes in ``unit``; NaN where no excursion is that large.

    ``ascending`` is known as MAGE+, ``descending`` as MAGE-; ``first`` is the one of the direction that comes first.
    """

    ascending: float
    descending: float
    first: float
    unit: str

    @property
    def average(self) -> float:
        """The mean of both (Baghurst PA 2011, Diabetes Technology & Therapeutics 13:296-302), or the only one."""
        return _mean(np.array([self.ascending, self.descending]))

    @property
    def largest(self) -> float:
        """The larger of both, or the only one."""
        both = [each for each in (self.ascending, self.descending) if each == each]
        return max(both, default=_NONE)


def excursions(readings: Readings, unit: str = "mg/dL", short: int = 5, long: int = 32) -> Excursions:
    """MAGE of readings in ``unit``; ``first`` is that of the direction which first exceeds one standard deviation (Service).

    Raises ``SignalError`` when ``short`` and ``long``, numbers of moments, are not whole, positive and in this order.
    """
    if not 0 < short < long:
        raise SignalError("moving averages", f"{short} and {long} moments", "above 0, the shorter one first")
    moments, values = grid(readings, USUAL_STEP)
    there = np.isfinite(values)
    moments, values = moments[there], values[there]
    parts = np.split(values, np.flatnonzero(np.diff(moments) > PARTING_GAP) + 1)
    found = [(*_of_part(part, short, long), len(part)) for part in parts if len(part) >= long]
    factor = _factor(readings, unit)
    ascending, descending, first = (factor * _weighted(found, column) for column in range(3))
    return Excursions(ascending, descending, first, unit)


def _factor(readings: Readings, unit: str) -> float:
    one = Readings(np.zeros(1, np.int64), np.ones(1), readings.unit, readings.step)
    return float(one.in_unit(unit)[0])


def _weighted(found: list[tuple[float, float, float, int]], column: int) -> float:
    """The mean over parts that have one, by their number of moments."""
    known = [(part[column], part[3]) for part in found if part[column] == part[column]]
    moments = sum(weight for _value, weight in known)
    return sum(value * weight for value, weight in known) / moments if known else _NONE


def _of_part(values: Values, short: int, long: int) -> tuple[float, float, float]:
    """Mean ascending and descending amplitude of one part, and that of the direction which comes first."""
    spread = float(values.std(ddof=1))
    heights = values[turning_points(values, short, long)]
    ascending, descending = _mean(half_excursions(heights, spread)), _mean(half_excursions(-heights, spread))
    rising = _first_is_rising(heights, spread)
    return ascending, descending, _NONE if rising is None else ascending if rising else descending


def _mean(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else _NONE


def turning_points(values: Values, short: int = 5, long: int = 32) -> NDArray[np.int64]:
    """The numbers of the values that are peaks and nadirs in turn; ``values`` at least ``long`` and none missing."""
    difference = _looking_back(values, short) - _looking_back(values, long)
    difference[np.abs(difference) <= 1e-9 * np.abs(values).max(initial=0)] = 0  # the same but for rounding
    apart = np.flatnonzero(difference)
    signs = np.sign(difference[apart])
    crossings = [0, *apart[1:][signs[1:] != signs[:-1]], len(values) - 1]
    peak = bool(difference[: max(crossings[1], 1)].sum() > 0)
    found: list[int] = []
    for end in crossings[1:]:
        start = found[-1] + 1 if found else 0
        if start > end:
            continue
        piece = values[start : end + 1]
        found.append(start + int(piece.argmax() if peak else piece.argmin()))
        peak = not peak
    return np.array(found, dtype=np.int64)


def _looking_back(values: Values, width: int) -> Values:
    """The mean of each value and those before it, ``width`` in all; at first that of the first ``width``."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means = (sums[width:] - sums[:-width]) / width
    return np.concatenate([np.full(width - 1, means[0]), means])


def half_excursions(heights: Values, spread: float) -> Values:
    """The amplitudes of the rises by more than ``spread`` among turning points; for the falls give ``-heights``."""
    found: list[float] = []
    low = high = float("inf")
    rising = False
    for height in heights:
        if not rising:
            low = min(low, height)
            if height - low > spread:
                rising, high = True, height
        elif height >= high:
            high = height
        elif high - height > spread:
            found.append(high - low)
            rising, low = False, height
    if rising:
        found.append(high - low)
    return np.array(found)


def _first_is_rising(heights: Values, spread: float) -> bool | None:
    """Whether the first change by more than ``spread`` is a rise; None when there is none."""
    for number, height in enumerate(heights[1:], start=1):
        changes = height - heights[:number]
        largest = changes[np.abs(changes).argmax()]
        if abs(largest) > spread:
            return bool(largest > 0)
    return None
