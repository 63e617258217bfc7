"""What was recorded: stretches of samples as the device counted them, and what turns counts into values.

Counts stay whole numbers: they pack well, and a better calibration can be applied later. A calibrated value is
``count * scale + offset`` of its axis, in the unit of the channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError

SECOND = 1_000_000_000
MICROSECOND = 1_000
ROUNDING = 1000
"""Times are rounded, each piece's again: nanoseconds by which a stretch may begin before the one before it ends."""

Counts = NDArray[np.int16] | NDArray[np.int32]
Nanoseconds = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Samples in a row: ``counts`` of shape (samples, axes).

    Sample ``i`` was taken ``i * step`` nanoseconds after ``start``; or, when the device gave each its own time, at
    ``times[i]`` (not decreasing; then ``start`` is the first and ``step`` is 0).
    """

    start: int
    step: float
    counts: Counts
    times: Nanoseconds | None = None

    @classmethod
    def at(cls, times: Nanoseconds, counts: Counts) -> Stretch:
        """Samples with a time each."""
        return cls(int(times[0]) if len(times) else 0, 0.0, counts, times)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def end(self) -> int:
        """The moment after the last sample: when the next would have come; for samples with times, just after the last."""
        if self.times is not None:
            return int(self.times[-1]) + 1 if len(self.times) else self.start
        return self.start + round(len(self.counts) * self.step)

    @property
    def last(self) -> int:
        """The moment of the last sample; of none, the start."""
        if self.times is not None:
            return int(self.times[-1]) if len(self.times) else self.start
        return self.start + round(max(len(self.counts) - 1, 0) * self.step)

    def moments(self) -> Nanoseconds:
        """The time of every sample."""
        if self.times is not None:
            return self.times
        moments: Nanoseconds = self.start + np.rint(np.arange(len(self.counts)) * self.step).astype(np.int64)
        return moments

    def between(self, start: int, end: int) -> Stretch:
        """The samples from ``start`` until before ``end``; the counts are a view."""
        if self.times is not None:
            first, last = np.searchsorted(self.times, [start, end], side="left")
            return Stretch.at(self.times[first:last], self.counts[first:last])
        moments = _first_at(self, start), _first_at(self, end)
        return Stretch(self.start + round(moments[0] * self.step), self.step, self.counts[moments[0] : moments[1]])


def _first_at(stretch: Stretch, moment: int) -> int:
    """The number of the first sample at or after ``moment``."""
    guess = int(np.ceil((moment - stretch.start) / stretch.step))
    guess = min(max(guess, 0), len(stretch.counts))
    while guess > 0 and stretch.start + round((guess - 1) * stretch.step) >= moment:
        guess -= 1
    while guess < len(stretch.counts) and stretch.start + round(guess * stretch.step) < moment:
        guess += 1
    return guess


@dataclass(frozen=True, eq=False)
class Signal:
    """One channel's stretches in the order of time, none overlapping the next; ``scale`` and ``offset`` per axis.

    Raises ``SignalError`` for stretches out of order, or counts of another number of axes.
    """

    channel: Channel
    stretches: tuple[Stretch, ...]
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        axes = len(self.channel.axes)
        object.__setattr__(self, "scale", self.scale or (self.channel.resolution,) * axes)
        object.__setattr__(self, "offset", self.offset or (0.0,) * axes)
        if not len(self.scale) == len(self.offset) == axes:
            raise SignalError(
                self.channel.name, f"{len(self.scale)} scales, {len(self.offset)} offsets", f"{axes} of each"
            )
        for stretch in self.stretches:
            if stretch.counts.ndim != 2 or stretch.counts.shape[1] != axes:
                raise SignalError(self.channel.name, f"counts of shape {stretch.counts.shape}", f"(samples, {axes})")
        for before, after in pairwise(self.stretches):
            if after.start < before.end - ROUNDING:
                raise SignalError(
                    self.channel.name, f"a stretch from {after.start} before {before.end}", "in order of time"
                )

    def __len__(self) -> int:
        return sum(len(stretch) for stretch in self.stretches)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first moment and the one after the last; (0, 0) when nothing was recorded."""
        return (self.stretches[0].start, self.stretches[-1].end) if self.stretches else (0, 0)

    def values(self, stretch: Stretch) -> Values:
        """The samples of one stretch in the unit of the channel, of shape (samples, axes)."""
        values: Values = stretch.counts * np.asarray(self.scale) + np.asarray(self.offset)
        return values

    def whole(self) -> tuple[Nanoseconds, Values]:
        """The time and the values of every sample; for channels of few samples."""
        if not self.stretches:
            return np.empty(0, np.int64), np.empty((0, len(self.channel.axes)))
        moments = np.concatenate([stretch.moments() for stretch in self.stretches])
        return moments, np.concatenate([self.values(stretch) for stretch in self.stretches])

    def between(self, start: int, end: int) -> Signal:
        """The samples from ``start`` until before ``end``; the counts are views."""
        parts = (
            stretch.between(start, end) for stretch in self.stretches if stretch.start < end and stretch.end > start
        )
        return Signal(self.channel, tuple(part for part in parts if len(part)), self.scale, self.offset)

    def gaps(self, longer_than: int) -> Iterator[tuple[int, int]]:
        """Where nothing was recorded for longer than so many nanoseconds, between the first sample and the last."""
        for before, after in pairwise(self.stretches):
            if after.start - before.end > longer_than:
                yield before.end, after.start


@dataclass(frozen=True, slots=True)
class Finding:
    """What had to be mended or left out on reading: ``place`` in the file, and what was done."""

    place: str
    message: str


@dataclass(frozen=True, eq=False)
class Recording:
    """What one file, or one period of a device, holds. ``device`` has what the file says of it (maker, model, serial,
    firmware); the serial identifies a person's device and is left out of whatever is shown.
    """

    signals: Mapping[str, Signal]
    device: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def of(self, kind: Kind) -> Signal | None:
        """The first channel of a kind, if there is one."""
        return next((signal for signal in self.signals.values() if signal.channel.kind is kind), None)
