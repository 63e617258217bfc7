"""Signals of simulated devices: a day of each channel made up once from a seed, which every participant goes through shifted.

Making a day costs a second or two; cutting a batch out of it costs as much as copying it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Signal, Stretch
from helmont.signals.synthetic_day import DAY, HOUR, synthetic_days
from helmont.signals.synthetic_motion import Sensor, synthetic_recording
from helmont.signals.synthetic_vitals import (
    synthetic_ecg,
    synthetic_glucose,
    synthetic_intervals,
    synthetic_ppg,
    synthetic_rates,
)
from helmont.signals.wire.batch import narrow

NOON = 12 * HOUR
ORIGIN = 19_723 * DAY + NOON  # 2024-01-01: the made-up day begins here, and is moved to where it is sent
SAMPLED = {Kind.ACCELERATION: 50.0, Kind.TEMPERATURE: 0.25, Kind.HEART_RATE: 0.2, Kind.ECG: 250.0, Kind.PPG: 64.0}
"""Samples a second where neither the channel nor the caller says."""
BY_TIME = (Kind.INTERBEAT_INTERVAL, Kind.GLUCOSE, Kind.STEPS, Kind.BATTERY)
"""Kinds whose samples come with a time each, at least where the channel has no rate."""
KINDS = (*SAMPLED, *BY_TIME)
"""What can be made up."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """One channel over ``period`` nanoseconds, repeated for ever.

    Counts are of shape (samples, axes); sample ``i`` is at ``round(i * step)``, or at ``times[i]`` (then ``step`` is 0).
    """

    channel: Channel
    period: int
    step: float
    counts: Counts
    times: Nanoseconds | None = None

    def cut(self, start: int, end: int) -> tuple[int, Nanoseconds | None, Counts]:
        """The samples from ``start`` until before ``end``, nanoseconds from the pattern's beginning on.

        Returns the moment of the first one, their times (None: at equal steps), and their counts, of which there may be none.
        """
        if self.times is None:
            numbers = np.arange(-(-start // self.step), -(-end // self.step), dtype=np.int64)
            first = round(float(numbers[0]) * self.step) if len(numbers) else start
            return first, None, self.counts.take(numbers, axis=0, mode="wrap")
        found: list[Nanoseconds] = []
        places: list[NDArray[np.int64]] = []
        for turn in range(start // self.period, (end - 1) // self.period + 1):
            begin = turn * self.period
            first, last = np.searchsorted(self.times, [start - begin, end - begin])
            found.append(self.times[first:last] + begin)
            places.append(np.arange(first, last))
        times: Nanoseconds = np.concatenate(found)
        return (int(times[0]) if len(times) else start), times, self.counts[np.concatenate(places)]


def pattern(seed: int, channel: Channel, hours: float, rate: float | None = None) -> Pattern:
    """A day of a channel, or less where only ``hours`` are needed; ``rate`` is taken where the channel has none of its own.

    Raises ``SignalError`` for a kind that is not made up here.
    """
    if channel.kind not in KINDS:
        raise SignalError(channel.name, f"{channel.kind} is not simulated", ", ".join(KINDS))
    hours = float(min(max(np.ceil(hours), 1), 24))
    if channel.kind in (Kind.ECG, Kind.PPG):
        hours = 1.0  # a day of them takes long to make, and one hour is like another
    rate = channel.rate or rate or SAMPLED.get(channel.kind)
    period = int(hours) * HOUR
    made = _made(seed, channel, period, rate)
    counts = _counts(channel, made)
    if channel.kind in BY_TIME:
        times = np.concatenate([stretch.moments() for stretch in made.stretches]) - ORIGIN
        if channel.rate is None:
            return Pattern(channel, period, 0.0, counts, times)
        step = SECOND / channel.rate  # sampled anew, each sample being the last reading before it
        at = np.searchsorted(times, np.rint(np.arange(0, period, step)), side="right") - 1
        return Pattern(channel, period, step, counts[np.maximum(at, 0)])
    assert rate is not None  # every kind of SAMPLED has one
    return Pattern(channel, period, SECOND / rate, counts[: int(period * rate / SECOND)])


def _made(seed: int, channel: Channel, period: int, rate: float | None) -> Signal:
    """What is made up, in a unit and a resolution of its own."""
    seconds, kind = period / SECOND, channel.kind
    if kind is Kind.ACCELERATION:
        assert rate is not None  # said by SAMPLED
        factor = channel.quantity.factor
        reach = min(16.0, abs(channel.range[0]) * factor, abs(channel.range[1]) * factor)
        sensor = Sensor(rate=rate, resolution=channel.resolution * factor, reach=reach)
        return synthetic_recording(seed, ORIGIN, ORIGIN + period, sensor).signals["acceleration"]
    if kind is Kind.HEART_RATE:
        return synthetic_rates(seed, ORIGIN, seconds, every=1 / rate if rate else 5.0)
    if kind is Kind.INTERBEAT_INTERVAL:
        return synthetic_intervals(seed, ORIGIN, seconds).signal
    if kind is Kind.ECG:
        return synthetic_ecg(seed, ORIGIN, seconds, sampled=rate or SAMPLED[kind]).signal
    if kind is Kind.PPG:
        return synthetic_ppg(seed, ORIGIN, seconds, sampled=rate or SAMPLED[kind]).signal
    if kind is Kind.GLUCOSE:
        return synthetic_glucose(seed, ORIGIN, period / DAY)
    return _slow(seed, kind, period, rate)


def _slow(seed: int, kind: Kind, period: int, rate: float | None) -> Signal:
    """The warmth of the skin, the steps of each minute, and each ten minutes a battery that lasts a week."""
    if kind is Kind.TEMPERATURE:
        step = SECOND / (rate or SAMPLED[kind])
        random = np.random.default_rng((seed, 6))
        moments = np.arange(round(period / step)) * step / HOUR
        values = 33 + 0.8 * np.sin(2 * np.pi * moments / 24) + random.normal(0, 0.05, len(moments))
        degrees = np.rint(values * 100).astype(np.int16)[:, None]
        return Signal(Channel("made_up", kind, "Cel", resolution=0.01), (Stretch(ORIGIN, step, degrees),))
    minute = 60 * SECOND
    if kind is Kind.STEPS:
        phases = synthetic_days(seed, ORIGIN, ORIGIN + period)
        times = ORIGIN + np.arange(0, period, minute, dtype=np.int64)
        taken = np.zeros(len(times))
        for phase in phases:
            taken[(phase.start - ORIGIN) // minute : -(-(phase.end - ORIGIN) // minute)] = phase.cadence
        whole = np.rint(taken).astype(np.int16)[:, None]
        return Signal(Channel("made_up", kind, "{steps}"), (Stretch.at(times, whole),))
    times = ORIGIN + np.arange(0, period, 10 * minute, dtype=np.int64)
    left = np.rint(100 - 100 * (times - ORIGIN) / (7 * DAY)).astype(np.int16)[:, None]
    return Signal(Channel("made_up", kind, "%"), (Stretch.at(times, left),))


def _counts(channel: Channel, made: Signal) -> Counts:
    """The counts of what was made up, in the unit and the resolution of the channel, within its range."""
    counts = np.concatenate([stretch.counts for stretch in made.stretches])
    if channel.kind is Kind.ACCELERATION:
        return np.ascontiguousarray(counts)  # made in these already
    ours, theirs = channel.quantity, made.channel.quantity
    values = counts * made.channel.resolution * theirs.factor + theirs.shift
    wanted = np.clip((values - ours.shift) / ours.factor, *channel.range) / channel.resolution
    return narrow(np.rint(wanted), channel.name)
