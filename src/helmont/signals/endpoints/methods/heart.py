"""Methods on heart beats. Wear is the time that the intervals kept last together, or that a rate stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helmont.signals.channels import Kind
from helmont.signals.endpoints.methods.method import Measured, Method, NoSettings
from helmont.signals.endpoints.partition import Heart, Plain
from helmont.signals.errors import SignalError
from helmont.signals.heart import (
    ArtefactRule,
    Kept,
    covered,
    kept,
    lowest_rate,
    mean_heart_rate,
    mean_rate,
    pnn50,
    resting_heart_rate,
    rmssd,
    sdnn,
)
from helmont.signals.heart.correcting import corrected
from helmont.signals.heart.rates import standing

INTERVALS = (Kind.INTERBEAT_INTERVAL, Kind.ECG, Kind.PPG)
RATES = ("/min", "{beats}/min")


@dataclass(frozen=True, slots=True)
class IntervalSettings:
    """Which intervals are kept: see ``ArtefactRule``; a ``difference`` of 0 leaves that rule out.

    With ``correction`` ``lipponen_tarvainen`` beats are corrected first, and the share ``removed`` is that of artefacts.
    """

    shortest: float = 300.0
    longest: float = 2000.0
    difference: float = 0.2
    correction: str = "none"

    def __post_init__(self) -> None:
        if self.correction not in ("none", "lipponen_tarvainen"):
            raise SignalError("correction", repr(self.correction), "none, lipponen_tarvainen")
        if self.difference < 0:
            raise SignalError("difference", self.difference, "0 or more")
        self.rule()

    def rule(self) -> ArtefactRule:
        """The rule itself."""
        return ArtefactRule(self.shortest, self.longest, self.difference or None)


@dataclass(frozen=True, slots=True)
class RestingSettings(IntervalSettings):
    """How many ``minutes`` the lowest heart rate is of, and which share of them must have data."""

    minutes: int = 5
    least: float = 0.7

    def __post_init__(self) -> None:
        super(RestingSettings, self).__post_init__()
        if self.minutes < 1:
            raise SignalError("minutes", self.minutes, "1 or more")
        if not 0 < self.least <= 1:
            raise SignalError("least", self.least, "above 0, at most 1")


@dataclass(frozen=True, slots=True)
class _OfIntervals:
    value: Callable[[Kept], float]

    def __call__(self, part: Heart, start: int, end: int, settings: IntervalSettings, _unit: str) -> Measured:
        intervals = part.intervals.between(start, end)
        if settings.correction == "none":
            found = kept(intervals, settings.rule())
            removed = found.removed
        else:
            better = corrected(intervals)
            found, removed = kept(better.intervals, settings.rule()), better.share
        details = {"intervals": float(len(found.lengths)), "removed": removed}
        return Measured(self.value(found), covered(found), details)


def _mean_heart_rate(part: Heart | Plain, start: int, end: int, settings: IntervalSettings, unit: str) -> Measured:
    if isinstance(part, Heart):
        return _OfIntervals(mean_heart_rate)(part, start, end, settings, unit)
    inside = (part.times >= start) & (part.times < end)
    times, rates = part.times[inside], part.values[inside, 0]
    return Measured(mean_rate(times, rates, end), int(standing(times, end).sum()), {"readings": float(len(times))})


def _resting_heart_rate(part: Heart | Plain, start: int, end: int, settings: RestingSettings, unit: str) -> Measured:
    if isinstance(part, Heart):
        lowest = _OfIntervals(lambda found: resting_heart_rate(found, settings.minutes, settings.least))
        return lowest(part, start, end, settings, unit)
    inside = (part.times >= start) & (part.times < end)
    times, rates = part.times[inside], part.values[inside, 0]
    value = lowest_rate(times, rates, end, settings.minutes, settings.least)
    return Measured(value, int(standing(times, end).sum()), {"readings": float(len(times))})


def _beats(part: Heart, start: int, end: int, _settings: NoSettings, _unit: str) -> Measured:
    """The number of beats; wear is the time between them, without interruptions and without intervals above two seconds."""
    rule = ArtefactRule(shortest=1.0, longest=2000.0, difference=None)
    lasting = covered(kept(part.intervals.between(start, end), rule))
    if part.beats is None:
        return Measured(float("nan"), lasting)
    number = int(((part.beats >= start) & (part.beats < end)).sum())
    return Measured(float(number) if number else float("nan"), lasting)


HEART = (
    Method("heart_rate_mean", (*INTERVALS, Kind.HEART_RATE), RATES, _mean_heart_rate, IntervalSettings),
    Method("heart_rate_resting", (*INTERVALS, Kind.HEART_RATE), RATES, _resting_heart_rate, RestingSettings),
    Method("heart_rmssd", INTERVALS, ("ms",), _OfIntervals(rmssd), IntervalSettings),
    Method("heart_sdnn", INTERVALS, ("ms",), _OfIntervals(sdnn), IntervalSettings),
    Method("heart_pnn50", INTERVALS, ("%",), _OfIntervals(pnn50), IntervalSettings),
    Method("heart_beats", (Kind.ECG, Kind.PPG), ("{beats}",), _beats),
)
