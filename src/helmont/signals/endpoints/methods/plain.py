"""Methods on single measurements: their mean, and the sum of counted steps. They have no wear."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.signals.channels import AXES, UNITS, Kind
from helmont.signals.endpoints.methods.method import Measured, Method, NoSettings
from helmont.signals.endpoints.partition import Plain
from helmont.signals.errors import SignalError

MEASURED = (Kind.WEIGHT, Kind.TEMPERATURE, Kind.BLOOD_PRESSURE)


@dataclass(frozen=True, slots=True)
class AxisSettings:
    """Which column of a measurement is meant: ``systolic`` or ``diastolic`` of blood pressure, otherwise ``value``."""

    axis: str = "value"

    def __post_init__(self) -> None:
        known = ("value", *AXES[Kind.BLOOD_PRESSURE])
        if self.axis not in known:
            raise SignalError("axis", repr(self.axis), ", ".join(known))


def _mean(part: Plain, start: int, end: int, settings: AxisSettings, unit: str) -> Measured:
    inside = (part.times >= start) & (part.times < end)
    axes = AXES[Kind.BLOOD_PRESSURE] if part.values.shape[1] == 2 else ("value",)
    if settings.axis not in axes:
        raise SignalError("axis", settings.axis, ", ".join(axes))
    values = part.values[inside, axes.index(settings.axis)]
    if not len(values):
        return Measured(float("nan"), None)
    quantity = next(units[unit] for kind, units in UNITS.items() if kind in MEASURED and unit in units)
    return Measured((float(values.mean()) - quantity.shift) / quantity.factor, None, {"readings": float(len(values))})


def _sum(part: Plain, start: int, end: int, _settings: NoSettings, _unit: str) -> Measured:
    inside = (part.times >= start) & (part.times < end)
    return Measured(float(part.values[inside, 0].sum()) if inside.any() else float("nan"), None)


PLAIN = (
    Method("measured_mean", MEASURED, tuple(unit for kind in MEASURED for unit in UNITS[kind]), _mean, AxisSettings),
    Method("steps_counted", (Kind.STEPS,), ("{steps}",), _sum),
)
