"""One participant's samples of one time, reduced to what endpoints are computed from.

``partition`` is the heavy step. It depends on nothing but its arguments, which pass between processes as its result does, so
that a pool of processes or a cluster can map it over participants and days. What it gives is small: readings, intervals
between beats and epochs instead of samples. ``joined`` puts the times of a participant together again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from helmont.signals.channels import Kind
from helmont.signals.endpoints.movement import Movement
from helmont.signals.errors import SignalError
from helmont.signals.glucose.readings import Readings, readings_of
from helmont.signals.heart.beats import Beats
from helmont.signals.heart.intervals import Intervals, intervals_of, intervals_of_beats
from helmont.signals.heart.rates import rates_of
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Values

if TYPE_CHECKING:
    from helmont.signals.epochs import Calibration
    from helmont.signals.motion.gait import Gait

MARGIN = 30 * SECOND
"""Give ``partition`` so much more on either side where it is there, so that no beat or interval is lost at its ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Heart:
    """Beats that were found (None for a device that gives intervals only) and the intervals between them."""

    intervals: Intervals
    beats: Nanoseconds | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Values of shape (samples, axes), in the kind's own unit, at increasing or equal times."""

    times: Nanoseconds
    values: Values


Part: TypeAlias = Readings | Heart | Plain | Movement


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """What was found from ``start`` until before ``end``, by the name of the channel; ``kinds`` says what the channels are."""

    start: int
    end: int
    kinds: Mapping[str, Kind]
    parts: Mapping[str, Part]

    def of(self, kinds: Iterable[Kind], channel: str | None = None) -> tuple[str, Part] | None:
        """The first channel of the first kind that there is, or the named one if it is of one of the kinds."""
        for kind in kinds:
            for name, its in self.kinds.items():
                if its is kind and name in self.parts and channel in (None, name):
                    return name, self.parts[name]
        return None


def partition(
    signals: Mapping[str, Signal],
    start: int,
    end: int,
    calibrations: Mapping[str, Calibration] | None = None,
    placements: Sequence[str] = ("wrist",),
) -> Partial:
    """The parts of all channels for the time from ``start`` until before ``end``.

    The signals may reach beyond it, ``MARGIN`` on either side at best. ``calibrations`` are those of channels of
    acceleration, by name; the temperature beside one is that of the first channel of temperature; steps are sought for each of
    the ``placements`` (wrist, waist), bouts of walking for the lower_back. Raises ``SignalError`` for a channel
    that cannot be read, such as an electrocardiogram of 10 samples a second.
    """
    if not start < end:
        raise SignalError("time", f"from {start} to {end}", "rising")
    near = {name: signal.between(start - MARGIN, end + MARGIN) for name, signal in signals.items()}
    parts = {name: _part(signal, start, end) for name, signal in near.items()}
    warmth = next((one for one in signals.values() if one.channel.kind is Kind.TEMPERATURE), None)
    for name, signal in near.items():
        if signal.channel.kind is Kind.ACCELERATION:
            parts[name] = _movement(signal, start, end, (calibrations or {}).get(name), warmth, placements)
    kinds = {name: signal.channel.kind for name, signal in signals.items()}
    return Partial(start, end, kinds, {name: part for name, part in parts.items() if part is not None})


def _part(signal: Signal, start: int, end: int) -> Part | None:
    """What one channel has from ``start`` until before ``end``; None for kinds that no endpoint is computed from."""
    kind = signal.channel.kind
    if kind is Kind.GLUCOSE:
        return readings_of(signal).between(start, end)
    if kind is Kind.ECG:
        from helmont.signals.heart.ecg import ecg_beats  # it brings a compiler along

        return _heart(ecg_beats(signal), start, end)
    if kind is Kind.PPG:
        from helmont.signals.heart.ppg import ppg_beats

        return _heart(ppg_beats(signal), start, end)
    if kind is Kind.INTERBEAT_INTERVAL:
        return Heart(intervals_of(signal).between(start, end))
    if kind is Kind.HEART_RATE:
        times, rates = rates_of(signal)
        return _within(times, rates[:, None], start, end)
    if kind in (Kind.STEPS, Kind.TEMPERATURE, Kind.WEIGHT, Kind.BLOOD_PRESSURE):
        times, values = signal.whole()
        unit = signal.channel.quantity
        return _within(times, values * unit.factor + unit.shift, start, end)
    return None


def _movement(
    signal: Signal,
    start: int,
    end: int,
    calibration: Calibration | None,
    warmth: Signal | None,
    placements: Sequence[str],
) -> Movement:
    """Epochs and steps from ``start`` until before ``end``; no steps where samples are too far apart for them."""
    from helmont.signals.epochs import UNCALIBRATED, epochs  # it brings a compiler along
    from helmont.signals.motion.steps import THRESHOLDS, steps

    used = calibration or UNCALIBRATED
    found: dict[str, Nanoseconds] = {}
    for placement in (each for each in placements if each in THRESHOLDS):
        try:
            times = steps(signal, placement, used)
        except SignalError:
            break
        found[placement] = times[slice(*np.searchsorted(times, [start, end]))]
    walked = _gait(signal, start, end, used) if "lower_back" in placements else None
    return Movement(epochs(signal.between(start, end), used, warmth), found, walked)


def _gait(signal: Signal, start: int, end: int, calibration: Calibration) -> Gait | None:
    from helmont.signals.motion.gait import gait

    try:
        return gait(signal, calibration).between(start, end)
    except SignalError:
        return None


def _heart(beats: Beats, start: int, end: int) -> Heart:
    return Heart(intervals_of_beats(beats).between(start, end), beats.between(start, end).times)


def _within(times: Nanoseconds, values: Values, start: int, end: int) -> Plain:
    first, last = np.searchsorted(times, [start, end], side="left")
    return Plain(times[first:last], values[first:last])


def joined(partials: Iterable[Partial]) -> Partial:
    """The parts of several times as one. Raises ``SignalError`` when there are none, or when two overlap."""
    ordered = sorted(partials, key=lambda partial: partial.start)
    if not ordered:
        raise SignalError("partitions", "none", "at least one")
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise SignalError("partitions", f"one from {after.start} before {before.end}", "none that overlap")
    kinds = {name: kind for partial in ordered for name, kind in partial.kinds.items()}
    names = dict.fromkeys(name for partial in ordered for name in partial.parts)
    parts = {name: _joined([partial.parts[name] for partial in ordered if name in partial.parts]) for name in names}
    return Partial(ordered[0].start, ordered[-1].end, kinds, parts)


def _joined(parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    readings = [part for part in parts if isinstance(part, Readings)]
    hearts = [part for part in parts if isinstance(part, Heart)]
    plains = [part for part in parts if isinstance(part, Plain)]
    moving = [part for part in parts if isinstance(part, Movement)]
    if len(readings) == len(parts):
        return _joined_readings(readings)
    if len(hearts) == len(parts):
        return _joined_hearts(hearts)
    if len(plains) == len(parts):
        return Plain(np.concatenate([one.times for one in plains]), np.concatenate([one.values for one in plains]))
    if len(moving) == len(parts):
        from helmont.signals.epochs import alike, merge, together

        placements = [name for name in moving[0].steps if all(name in one.steps for one in moving)]
        walked = {name: np.concatenate([one.steps[name] for one in moving]) for name in placements}
        tables = [one.epochs for one in moving]
        return Movement(merge(tables) if alike(tables) else together(tables), walked, _walks(moving))
    raise SignalError("partitions", "a channel that changes its kind", "one kind throughout")


def _walks(parts: Sequence[Movement]) -> Gait | None:
    """The walking of all parts in which it was sought."""
    found = [one.gait for one in parts if one.gait is not None]
    if not found:
        return None
    from helmont.signals.motion.gait import together

    return together(found)


def _joined_readings(parts: list[Readings]) -> Readings:
    units = {part.unit for part in parts}
    if len(units) > 1:
        raise SignalError("partitions", f"glucose in {' and '.join(sorted(units))}", "one unit throughout")
    step = sorted(part.step for part in parts if len(part)) or [parts[0].step]
    times, values = np.concatenate([part.times for part in parts]), np.concatenate([part.values for part in parts])
    return Readings(times, values, parts[0].unit, step[(len(step) - 1) // 2])


def _joined_hearts(parts: list[Heart]) -> Heart:
    each = [part.intervals for part in parts]
    intervals = Intervals(
        np.concatenate([one.ends for one in each]),
        np.concatenate([one.milliseconds for one in each]),
        np.concatenate([one.follows for one in each]),
    )
    found = [part.beats for part in parts if part.beats is not None]
    return Heart(intervals, np.concatenate(found) if found else None)
