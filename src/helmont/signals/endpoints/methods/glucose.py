"""Methods on glucose readings. Wear is the time that readings cover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helmont.signals.channels import Kind
from helmont.signals.endpoints.methods.method import Measured, Method
from helmont.signals.errors import SignalError
from helmont.signals.glucose import (
    CONSENSUS,
    Bound,
    Range,
    Readings,
    coefficient_of_variation,
    excursions,
    glucose_management_indicator,
    high_blood_glucose_index,
    low_blood_glucose_index,
    mean,
    share,
    standard_deviation,
)

CONCENTRATIONS = ("mg/dL", "mmol/L")
DIRECTIONS = ("average", "first", "ascending", "descending", "largest")


@dataclass(frozen=True, slots=True)
class RangeSettings:
    """``range`` names one of the consensus; otherwise the limits are given."""

    range: str | None = None
    at_least: Bound | None = None
    above: Bound | None = None
    at_most: Bound | None = None
    below: Bound | None = None

    def __post_init__(self) -> None:
        given = any(limit is not None for limit in (self.at_least, self.above, self.at_most, self.below))
        if self.range is not None and self.range not in CONSENSUS:
            raise SignalError("range", repr(self.range), ", ".join(CONSENSUS))
        if (self.range is not None) == given:
            raise SignalError("range", "a name and limits" if given else "neither name nor limits", "one of both")
        self.wanted()

    def wanted(self) -> Range:
        """The range itself."""
        if self.range is not None:
            return CONSENSUS[self.range]
        return Range(self.at_least, self.above, self.at_most, self.below)


@dataclass(frozen=True, slots=True)
class ExcursionSettings:
    """Lengths of the moving averages in moments of five minutes, and which amplitude is meant."""

    short: int = 5
    long: int = 32
    direction: str = "average"

    def __post_init__(self) -> None:
        if not 0 < self.short < self.long:
            raise SignalError("short", f"{self.short} with long {self.long}", "above 0 and below long")
        if self.direction not in DIRECTIONS:
            raise SignalError("direction", repr(self.direction), ", ".join(DIRECTIONS))


@dataclass(frozen=True, slots=True)
class _OfReadings:
    value: Callable[[Readings, Any, str], float]

    def __call__(self, part: Readings, start: int, end: int, settings: Any, unit: str) -> Measured:
        readings = part.between(start, end)
        covered = part.covered(start, end)
        return Measured(self.value(readings, settings, unit), covered, {"readings": float(len(readings))})


def _method(name: str, units: tuple[str, ...], value: Callable[[Readings, Any, str], float], **more: Any) -> Method:
    return Method(name, (Kind.GLUCOSE,), units, _OfReadings(value), **more)


GLUCOSE = (
    _method("glucose_mean", CONCENTRATIONS, lambda readings, _settings, unit: mean(readings, unit)),
    _method("glucose_sd", CONCENTRATIONS, lambda readings, _settings, unit: standard_deviation(readings, unit)),
    _method("glucose_cv", ("%",), lambda readings, _settings, _unit: coefficient_of_variation(readings)),
    _method("glucose_gmi", ("%",), lambda readings, _settings, _unit: glucose_management_indicator(readings)),
    _method("glucose_lbgi", ("1",), lambda readings, _settings, _unit: low_blood_glucose_index(readings)),
    _method("glucose_hbgi", ("1",), lambda readings, _settings, _unit: high_blood_glucose_index(readings)),
    _method(
        "glucose_share",
        ("%",),
        lambda readings, settings, _unit: share(readings, settings.wanted()),
        settings=RangeSettings,
    ),
    _method(
        "glucose_mage",
        CONCENTRATIONS,
        lambda readings, settings, unit: float(
            getattr(excursions(readings, unit, settings.short, settings.long), settings.direction)
        ),
        settings=ExcursionSettings,
    ),
)
