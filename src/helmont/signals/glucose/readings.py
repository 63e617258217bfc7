"""Glucose readings as the sensor gave them, how much of a time they cover, and the same on an even grid.

Rules. Readings with the same time: the last one stands. The step is the channel's nominal rate; without one it is the median time
between readings, to the nearest minute. A reading covers the time until the next, at most one step, so that readings that
come a little early or late, or that a sensor repeats, are counted rightly. On the grid a value is interpolated linearly between
the readings on both sides, unless these are more than 45 minutes apart: then it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helmont.signals.channels import UNITS, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Values

MINUTE = 60 * SECOND
LONGEST_GAP = 45 * MINUTE
"""Readings farther apart are not interpolated (Broll and others 2021, PLOS ONE 16:e0248560)."""
USUAL_STEP = 5 * MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """``values`` of shape (readings,) in ``unit`` (``mg/dL`` or ``mmol/L``) at ``times``, increasing; ``step`` in nanoseconds."""

    times: Nanoseconds
    values: Values
    unit: str
    step: int

    def __post_init__(self) -> None:
        if self.unit not in UNITS[Kind.GLUCOSE]:
            raise SignalError("unit", repr(self.unit), " or ".join(UNITS[Kind.GLUCOSE]))
        if self.step <= 0:
            raise SignalError("step", self.step, "above 0 nanoseconds")
        if self.times.shape != self.values.shape or self.times.ndim != 1:
            raise SignalError(
                "times", f"{self.times.shape} beside values {self.values.shape}", "a time for every value"
            )
        if np.any(np.diff(self.times) <= 0):
            raise SignalError("times", "a time that is not after the one before", "increasing times")

    def __len__(self) -> int:
        return len(self.times)

    def between(self, start: int, end: int) -> Readings:
        """The readings from ``start`` until before ``end``."""
        first, last = np.searchsorted(self.times, [start, end], side="left")
        return Readings(self.times[first:last], self.values[first:last], self.unit, self.step)

    def covered(self, start: int, end: int) -> int:
        """How many of the nanoseconds from ``start`` until ``end`` the readings within them cover."""
        inside = self.between(start, end).times
        until = np.minimum(inside + self.step, np.append(inside[1:], end))
        return int((until - inside).sum())

    def in_unit(self, unit: str) -> Values:
        """The values in another unit of glucose."""
        if unit == self.unit:
            return self.values
        units = UNITS[Kind.GLUCOSE]
        if unit not in units:
            raise SignalError("unit", repr(unit), " or ".join(units))
        values: Values = self.values * (units[self.unit].factor / units[unit].factor)
        return values


def readings_of(signal: Signal) -> Readings:
    """The readings of a glucose channel, in its unit. Raises ``SignalError`` for a channel of another kind."""
    if signal.channel.kind is not Kind.GLUCOSE:
        raise SignalError(signal.channel.name, f"a channel of {signal.channel.kind}", "a channel of glucose")
    times, values = signal.whole()
    last = np.append(times[1:] > times[:-1], True)[: len(times)]
    times = times[last]
    rate = signal.channel.rate
    step = round(SECOND / rate) if rate is not None else step_between(times)
    return Readings(times, values[last, 0], signal.channel.unit, step)


def step_between(times: Nanoseconds) -> int:
    """The median time between readings to the nearest minute, in nanoseconds; five minutes for fewer than two readings."""
    if len(times) < 2:
        return USUAL_STEP
    return max(round(float(np.median(np.diff(times))) / MINUTE), 1) * MINUTE


def grid(readings: Readings, step: int, longest_gap: int = LONGEST_GAP) -> tuple[Nanoseconds, Values]:
    """The readings at whole multiples of ``step`` since 1970, from the first reading to the last; NaN in gaps.

    The moments do not depend on where the readings begin, so that the grid of a day is a part of the grid of its week.
    """
    if not len(readings):
        return np.empty(0, np.int64), np.empty(0)
    times = readings.times
    moments = np.arange(-(-int(times[0]) // step), int(times[-1]) // step + 1, dtype=np.int64) * step
    after = np.searchsorted(times, moments, side="left")
    before = np.maximum(after - (times[after] > moments), 0)
    width = times[after] - times[before]
    weight = (moments - times[before]) / np.maximum(width, 1)
    values = readings.values[before] + weight * (readings.values[after] - readings.values[before])
    return moments, np.where(width > longest_gap, np.nan, values)
