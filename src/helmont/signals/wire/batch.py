"""A batch as it was sent: samples of one channel, their times brought into stretches, and the digest that names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import UNITS, Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Stretch

MOST_ROWS = 8_000_000
"""Samples of one batch: a day at 92 Hz."""
INT16, INT32 = np.iinfo(np.int16), np.iinfo(np.int32)
EARLIEST = 946_684_800 * SECOND  # 2000-01-01
LATEST = 4_102_444_800 * SECOND  # 2100-01-01


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples of one channel, in the order of time; ``stretches`` do not overlap."""

    channel: Channel
    stretches: tuple[Stretch, ...]

    @property
    def rows(self) -> int:
        return sum(len(stretch) for stretch in self.stretches)

    @property
    def first(self) -> int:
        """The time of the first sample."""
        return self.stretches[0].start

    @property
    def last(self) -> int:
        """The time of the last sample."""
        ending = self.stretches[-1]
        return ending.end - 1 if ending.times is not None else ending.start + round((len(ending) - 1) * ending.step)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of channel, times and counts: the same for the same samples, however they were sent or are kept."""
        found = sha256(f"helmont samples 1\n{self.channel.name}\n".encode())
        for stretch in self.stretches:
            rows, axes = stretch.counts.shape
            found.update(f"{stretch.start} {stretch.step!r} {rows} {axes} {stretch.counts.dtype.str}\n".encode())
            if stretch.times is not None:
                found.update(np.ascontiguousarray(stretch.times, "<i8").data)
            found.update(np.ascontiguousarray(stretch.counts, stretch.counts.dtype.newbyteorder("<")).data)
        return found.hexdigest()


def at_times(channel: Channel, times: NDArray[np.int64], counts: Counts, unit: int) -> Batch:
    """Samples with a time each, sent in whole ``unit`` nanoseconds, in any order.

    A row of samples at equal steps (to the unit in which times are sent) becomes a stretch with a step; where the nominal
    rate is interrupted, another one begins. A channel without a rate keeps its times.
    """
    check_rows("time", len(times))
    if len(times) > 1 and (np.diff(times) < 0).any():
        order = np.argsort(times, kind="stable")
        times, counts = times[order], counts[order]
    check_times(int(times[0]), int(times[-1]))
    if channel.rate is None:
        return Batch(channel, (Stretch.at(times, counts),))
    return Batch(channel, tuple(_stretches(times, counts, SECOND / channel.rate, unit)))


def at_rate(channel: Channel, start: int, rate: float | None, counts: Counts) -> Batch:
    """Samples at a constant rate from ``start``; the channel's own when ``rate`` is None."""
    check_rows("values", len(counts))
    rate = channel.rate if rate is None else rate
    if rate is None:
        raise SignalError("rate", "missing", f"samples a second, or a time for each sample: {channel.name} has no rate")
    if not 0 < rate <= 1e5:
        raise SignalError("rate", rate, "above 0 and at most 100000 samples a second")
    if channel.rate is not None and not 0.8 <= rate / channel.rate <= 1.25:
        raise SignalError("rate", rate, f"about {channel.rate:g}, the rate of {channel.name}")
    step = SECOND / rate
    check_times(start, start + round((len(counts) - 1) * step))
    return Batch(channel, (Stretch(start, step, counts),))


def as_counts(channel: Channel, values: NDArray[np.float64], unit: str, place: str) -> Counts:
    """Values of shape (samples, axes) in ``unit`` as counts of the channel.

    Raises ``SignalError`` for a unit that is none of the kind, and for the first value that is no number or beyond the
    channel's range (a wrong unit, most often).
    """
    units = UNITS[channel.kind]
    if unit and unit not in units:
        raise SignalError("unit", repr(unit), f"{', '.join(units)} for {channel.kind}")
    if unit and unit != channel.unit:
        theirs, ours = units[unit], channel.quantity
        values = (values * theirs.factor + theirs.shift - ours.shift) / ours.factor
    low, high = channel.range
    slack = channel.resolution / 2
    wrong = ~((values >= low - slack) & (values <= high + slack))
    if wrong.any():
        row, axis = (int(each) for each in np.argwhere(wrong)[0])
        raise SignalError(
            f"{place}[{row}].{channel.axes[axis]}", values[row, axis], f"from {low:g} to {high:g} {channel.unit}"
        )
    return narrow(np.rint(values / channel.resolution), place)


def check_counts(channel: Channel, counts: Counts, place: str) -> Counts:
    """Counts as they were sent, once their values lie in the range of the channel."""
    low, high = channel.range
    least, most = low / channel.resolution - 0.5, high / channel.resolution + 0.5
    if len(counts) and (counts.min() < least or counts.max() > most):
        row, axis = (int(each) for each in np.argwhere((counts < least) | (counts > most))[0])
        found = f"{counts[row, axis]} counts, {counts[row, axis] * channel.resolution:g} {channel.unit}"
        raise SignalError(f"{place}[{row}].{channel.axes[axis]}", found, f"from {low:g} to {high:g} {channel.unit}")
    return narrow(counts, place)


def narrow(counts: NDArray[np.number], place: str) -> Counts:
    """Whole numbers in the narrowest type that holds them, int16 or int32."""
    if counts.dtype in (np.int16, np.int8, np.uint8):
        return counts.astype(np.int16, copy=False)
    least, most = (counts.min(), counts.max()) if counts.size else (0, 0)
    if least >= INT16.min and most <= INT16.max:
        return counts.astype(np.int16)
    if least >= INT32.min and most <= INT32.max:
        return counts.astype(np.int32)
    raise SignalError(place, most if most > INT32.max else least, f"counts from {INT32.min} to {INT32.max}")


def check_rows(place: str, rows: int) -> None:
    if not 1 <= rows <= MOST_ROWS:
        raise SignalError(place, f"{rows} samples", f"1 to {MOST_ROWS} samples in a batch")


def check_times(first: int, last: int) -> None:
    for moment in (first, last):
        if not EARLIEST <= moment < LATEST:
            raise SignalError("time", f"{moment} ns", "a moment from 2000 to 2099, in UTC")


def _stretches(times: Nanoseconds, counts: Counts, nominal: float, unit: int) -> Iterable[Stretch]:
    """Cut where a step differs from the nominal one by more than a quarter; what remains is regular or keeps its times."""
    steps = np.diff(times)
    breaks = np.flatnonzero(np.abs(steps - nominal) > max(nominal / 4, unit)) + 1
    edges = [0, *breaks.tolist(), len(times)]
    if len(edges) > 2 and len(breaks) > len(times) / 10:  # not at its rate at all
        yield Stretch.at(times, counts)
        return
    for first, last in pairwise(edges):
        yield _regular(times[first:last], counts[first:last], nominal, unit)


def _regular(times: Nanoseconds, counts: Counts, nominal: float, unit: int) -> Stretch:
    if len(times) == 1:
        return Stretch(int(times[0]), nominal, counts)
    start, span = int(times[0]), int(times[-1] - times[0])
    step = nominal if abs((len(times) - 1) * nominal - span) <= unit else span / (len(times) - 1)
    away = np.abs(times - start - np.rint(np.arange(len(times)) * step).astype(np.int64))
    return Stretch(start, step, counts) if away.max() <= unit else Stretch.at(times, counts)
