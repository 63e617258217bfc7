"""Methods on acceleration, from epochs in which the device was worn. Wear is the time of those epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING, Any

from helmont.signals.channels import Kind
from helmont.signals.endpoints.methods.method import Measured, Method
from helmont.signals.endpoints.movement import NON_WEAR, Movement
from helmont.signals.endpoints.settings import ItemOf
from helmont.signals.errors import SignalError
from helmont.signals.motion.cutpoints import CUT_POINTS
from helmont.signals.recording import SECOND

if TYPE_CHECKING:
    from helmont.signals.epochs import Epochs

MINUTE = 60 * SECOND
LEVELS = ("sedentary", "light", "moderate", "vigorous", "below_moderate", "mvpa")
NIGHT = ("sleep", "waso", "efficiency", "awakenings", "period")
MEASURES = ("number", "minutes", "longest", "mean")


@dataclass(frozen=True, slots=True)
class WearSettings:
    """``nonwear`` is the algorithm that says when the device was not worn."""

    nonwear: str = "van_hees"

    def __post_init__(self) -> None:
        _one_of("nonwear", self.nonwear, NON_WEAR)


@dataclass(frozen=True, slots=True)
class LevelSettings(WearSettings):
    """``cuts`` names cut points, which hold for a device, a place of the body and an age; ``level`` an intensity."""

    cuts: str = "hildebrand-adult-wrist-actigraph"
    level: str = "mvpa"

    def __post_init__(self) -> None:
        super(LevelSettings, self).__post_init__()
        _one_of("cuts", self.cuts, tuple(CUT_POINTS))
        _one_of("level", self.level, LEVELS)


@dataclass(frozen=True, slots=True)
class BoutSettings(LevelSettings):
    """``minutes`` a bout lasts at least, the ``share`` of it of the level, the longest ``pause`` in minutes, the ``measure``."""

    minutes: float = 10.0
    share: float = 0.8
    pause: float = 1.0
    measure: str = "minutes"

    def __post_init__(self) -> None:
        super(BoutSettings, self).__post_init__()
        _one_of("level", self.level, ("sedentary", "mvpa"))
        _one_of("measure", self.measure, MEASURES)
        if self.level == "sedentary" and CUT_POINTS[self.cuts].light is None:
            raise SignalError("cuts", self.cuts, "cut points that say where light activity begins")
        if not (self.minutes > 0 and 0 < self.share <= 1 and self.pause >= 0):
            raise SignalError("minutes", f"{self.minutes}, {self.share}, {self.pause}", "above 0, a share, 0 or more")


@dataclass(frozen=True, slots=True)
class HoursSettings(WearSettings):
    """How many ``hours`` the ``most`` or the ``least`` active are."""

    hours: float = 10.0
    which: str = "most"

    def __post_init__(self) -> None:
        super(HoursSettings, self).__post_init__()
        _one_of("which", self.which, ("most", "least"))
        if not 0 < self.hours <= 24:
            raise SignalError("hours", self.hours, "above 0, at most 24")


@dataclass(frozen=True, slots=True)
class NightSettings(WearSettings):
    """Which number of the night is meant, with ``period`` for the minutes from falling asleep to waking up."""

    measure: str = "sleep"

    def __post_init__(self) -> None:
        super(NightSettings, self).__post_init__()
        _one_of("measure", self.measure, NIGHT)


@dataclass(frozen=True, slots=True)
class StepSettings(WearSettings):
    """``placement`` is where the device was worn."""

    placement: str = "wrist"

    def __post_init__(self) -> None:
        super(StepSettings, self).__post_init__()
        _one_of("placement", self.placement, ("wrist", "waist"))


@dataclass(frozen=True, slots=True)
class GaitSettings(WearSettings):
    """Bouts of at least so many ``seconds`` count; ``factor`` multiplies what the pendulum gives."""

    seconds: float = 10.0
    factor: float = 1.25

    def __post_init__(self) -> None:
        super(GaitSettings, self).__post_init__()
        if not (self.seconds > 0 and self.factor > 0):
            raise SignalError("seconds", f"{self.seconds}, factor {self.factor}", "above 0")


@dataclass(frozen=True, slots=True)
class SpeedSettings(GaitSettings):
    """``leg_length`` (metres), or ``height`` (metres), of which a leg is a share: a number, or the participant's own."""

    leg_length: float | ItemOf | None = field(default=None, metadata={"unit": "m"})
    height: float | ItemOf | None = field(default=None, metadata={"unit": "m"})

    def __post_init__(self) -> None:
        super(SpeedSettings, self).__post_init__()
        for name, least, most in (("leg_length", 0.3, 1.5), ("height", 0.6, 2.8)):
            value = getattr(self, name)
            if isinstance(value, float) and not least <= value <= most:
                raise SignalError(name, value, f"{least} to {most} metres")

    def leg(self) -> float:
        """Metres. Raises ``SignalError`` where nothing tells it."""
        from helmont.signals.motion.gait import LEG

        if isinstance(self.leg_length, float):
            return self.leg_length
        if isinstance(self.height, float):
            return LEG * self.height
        raise SignalError("leg_length", "none", "the length of a leg, or a height")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SignalError(name, repr(value), ", ".join(known))


@dataclass(frozen=True, slots=True)
class _OfWorn:
    """A method from a function of worn epochs, start, end and settings."""

    value: Callable[[Epochs, int, int, Any], float]

    def __call__(self, part: Movement, start: int, end: int, settings: WearSettings, _unit: str) -> Measured:
        from helmont.signals.motion import activity

        worn = part.worn(settings.nonwear)
        minutes = activity.recorded(worn, start, end)
        value = self.value(worn, start, end, settings) if minutes else float("nan")
        return Measured(value, round(minutes * MINUTE), {"recorded": activity.recorded(part.epochs, start, end)})


def _mean(metric: str) -> _OfWorn:
    return _OfWorn(_MeanOf(metric))


@dataclass(frozen=True, slots=True)
class _MeanOf:
    metric: str

    def __call__(self, worn: Epochs, start: int, end: int, _settings: WearSettings) -> float:
        from helmont.signals.motion import activity
        from helmont.signals.motion.cutpoints import Metric

        return activity.mean(worn, start, end, Metric(self.metric))


def _minutes(worn: Epochs, start: int, end: int, settings: LevelSettings) -> float:
    from helmont.signals.motion import activity

    return float(getattr(activity.minutes(worn, start, end, CUT_POINTS[settings.cuts]), settings.level))


def _bouts(worn: Epochs, start: int, end: int, settings: BoutSettings) -> float:
    from helmont.signals.motion import activity

    rule = activity.BoutRule(settings.minutes, settings.share, settings.pause)
    of = activity.mvpa_bouts if settings.level == "mvpa" else activity.sedentary_bouts
    found = of(worn, start, end, CUT_POINTS[settings.cuts], rule)
    return float("nan") if found is None else float(getattr(found, settings.measure))


def _hours(worn: Epochs, start: int, end: int, settings: HoursSettings) -> float:
    from helmont.signals.motion import activity

    of = activity.most_active if settings.which == "most" else activity.least_active
    return of(worn, start, end, settings.hours).enmo


def _gradient(worn: Epochs, start: int, end: int, _settings: WearSettings) -> float:
    from helmont.signals.motion import activity

    return activity.intensity_gradient(worn, start, end).slope


def _wear(part: Movement, start: int, end: int, settings: WearSettings, _unit: str) -> Measured:
    """Minutes of wear; what it takes is that anything was recorded."""
    from helmont.signals.motion import activity

    recorded = activity.recorded(part.epochs, start, end)
    worn = activity.recorded(part.worn(settings.nonwear), start, end)
    return Measured(worn if recorded else float("nan"), round(recorded * MINUTE))


def _nonwear(part: Movement, start: int, end: int, settings: WearSettings, unit: str) -> Measured:
    """Minutes that were recorded without wear."""
    worn = _wear(part, start, end, settings, unit)
    recorded = worn.wear or 0
    return Measured((recorded - round(worn.value * MINUTE)) / MINUTE if recorded else float("nan"), worn.wear)


def _night(part: Movement, start: int, end: int, settings: NightSettings, _unit: str) -> Measured:
    """A number of the main sleep; NaN where there is none."""
    from helmont.signals.motion import activity

    wear = round(activity.recorded(part.worn(settings.nonwear), start, end) * MINUTE)
    night = part.night(settings.nonwear, start, end) if wear else None
    if night is None:
        return Measured(float("nan"), wear)
    if settings.measure == "period":
        return Measured((night.wake - night.onset) / MINUTE, wear)
    return Measured(float(getattr(night, settings.measure)), wear)


def _steps(part: Movement, start: int, end: int, settings: StepSettings, _unit: str) -> Measured:
    """The number of steps. Raises ``SignalError`` where they were not sought for the placement, or could not be."""
    from helmont.signals.motion import activity

    if settings.placement not in part.steps:
        raise SignalError("placement", settings.placement, ", ".join(part.steps) or "an acceleration of 10 Hz or more")
    wear = round(activity.recorded(part.worn(settings.nonwear), start, end) * MINUTE)
    times = part.steps[settings.placement]
    return Measured(float(((times >= start) & (times < end)).sum()) if wear else float("nan"), wear)


@dataclass(frozen=True, slots=True)
class _OfWalking:
    """A method from the bouts of walking: the median of one of their numbers."""

    number: str

    def __call__(self, part: Movement, start: int, end: int, settings: GaitSettings, _unit: str) -> Measured:
        """Raises ``SignalError`` where walking was not sought, or speed is wanted and no length of a leg is known."""
        from helmont.signals.motion import activity, gait

        if part.gait is None:
            raise SignalError("placement", ", ".join(part.steps) or "none", "a device at the lower back, 20 Hz or more")
        leg = settings.leg() if isinstance(settings, SpeedSettings) else 1.0  # nothing but the speed depends on it
        found = gait.bouts(part.gait.between(start, end), leg, seconds=settings.seconds, factor=settings.factor)
        wear = round(activity.recorded(part.worn(settings.nonwear), start, end) * MINUTE)
        values = [value for each in found if isfinite(value := float(getattr(each, self.number)))]
        details = {
            "bouts": float(len(found)),
            "steps": float(sum(each.steps for each in found)),
            "minutes": sum(each.seconds for each in found) / 60,
        }
        return Measured(median(values) if values else float("nan"), wear, details)


def _method(name: str, unit: str, compute: Callable[..., Measured], settings: type[Any] = WearSettings) -> Method:
    return Method(name, (Kind.ACCELERATION,), (unit,), compute, settings)


MOVEMENT = (
    _method("movement_enmo", "m[g]", _mean("enmo")),
    _method("movement_mad", "m[g]", _mean("mad")),
    _method("movement_minutes", "min", _OfWorn(_minutes), LevelSettings),
    Method("movement_bouts", (Kind.ACCELERATION,), ("1", "min"), _OfWorn(_bouts), BoutSettings),
    _method("movement_hours", "m[g]", _OfWorn(_hours), HoursSettings),
    _method("movement_gradient", "1", _OfWorn(_gradient)),
    Method("movement_night", (Kind.ACCELERATION,), ("min", "%", "1"), _night, NightSettings),
    _method("movement_steps", "{steps}", _steps, StepSettings),
    _method("gait_speed", "m/s", _OfWalking("speed"), SpeedSettings),
    _method("gait_cadence", "{steps}/min", _OfWalking("cadence"), GaitSettings),
    _method("gait_stride_time", "s", _OfWalking("stride"), GaitSettings),
    _method("movement_wear", "min", _wear),
    _method("movement_nonwear", "min", _nonwear),
)
