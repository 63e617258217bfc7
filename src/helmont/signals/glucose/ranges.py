"""The share of the readings in a range of glucose, and the ranges of the international consensus.

Source: Battelino T and others 2019, Clinical targets for continuous glucose monitoring data interpretation, Diabetes Care
42:1593-1603. It gives every limit in both units, each rounded for itself (180 mg/dL beside 10.0 mmol/L), so that a reading is
compared with the limit in the unit that the sensor shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import UNITS, Kind
from helmont.signals.errors import SignalError
from helmont.signals.glucose.readings import Readings
from helmont.signals.recording import Values

_AS_SHOWN = 1e-6
"""Counts times a resolution miss a limit by rounding only, and no sensor shows a millionth."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit in each unit that it is given in; in the other it is converted. At least one is given."""

    mg_dl: float | None = None
    mmol_l: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.mg_dl, self.mmol_l) if value is not None]
        if not given or not all(0 < value < np.inf for value in given):
            raise SignalError("limit", {"mg/dL": self.mg_dl, "mmol/L": self.mmol_l}, "numbers above 0, at least one")

    def in_unit(self, unit: str) -> float:
        """The limit in ``mg/dL`` or ``mmol/L``."""
        units = UNITS[Kind.GLUCOSE]
        if unit not in units:
            raise SignalError("unit", repr(unit), " or ".join(units))
        own, other = (self.mg_dl, self.mmol_l) if unit == "mg/dL" else (self.mmol_l, self.mg_dl)
        if own is not None:
            return own
        assert other is not None  # one of the two is given
        return other * (units["mmol/L" if unit == "mg/dL" else "mg/dL"].factor / units[unit].factor)


@dataclass(frozen=True, slots=True)
class Range:
    """The values ``at_least`` (or ``above``) one limit and ``at_most`` (or ``below``) another; one of them may be left out."""

    at_least: Bound | None = None
    above: Bound | None = None
    at_most: Bound | None = None
    below: Bound | None = None

    def __post_init__(self) -> None:
        if self.at_least and self.above:
            raise SignalError("range", "at least one limit and above another", "one lower limit")
        if self.at_most and self.below:
            raise SignalError("range", "at most one limit and below another", "one upper limit")
        lower, upper = self.at_least or self.above, self.at_most or self.below
        if not (lower or upper):
            raise SignalError("range", "no limit", "a lower limit, an upper limit, or both")
        for unit in UNITS[Kind.GLUCOSE]:
            if lower and upper and lower.in_unit(unit) >= upper.in_unit(unit):
                raise SignalError(
                    "range", f"{lower.in_unit(unit):g} to {upper.in_unit(unit):g} {unit}", "rising limits"
                )

    def holds(self, values: Values, unit: str) -> NDArray[np.bool_]:
        """Which of the values are in the range, with the limits of their unit."""
        inside = np.ones(values.shape, dtype=np.bool_)
        if self.at_least:
            inside &= values >= self.at_least.in_unit(unit) - _AS_SHOWN
        if self.above:
            inside &= values > self.above.in_unit(unit) + _AS_SHOWN
        if self.at_most:
            inside &= values <= self.at_most.in_unit(unit) + _AS_SHOWN
        if self.below:
            inside &= values < self.below.in_unit(unit) - _AS_SHOWN
        return inside


VERY_LOW, LOW, HIGH, VERY_HIGH = Bound(54, 3.0), Bound(70, 3.9), Bound(180, 10.0), Bound(250, 13.9)

CONSENSUS: Mapping[str, Range] = MappingProxyType(
    {
        "very_low": Range(below=VERY_LOW),
        "low": Range(at_least=VERY_LOW, below=LOW),
        "in_range": Range(at_least=LOW, at_most=HIGH),
        "high": Range(above=HIGH, at_most=VERY_HIGH),
        "very_high": Range(above=VERY_HIGH),
        "below_range": Range(below=LOW),
        "above_range": Range(above=HIGH),
        "in_pregnancy_range": Range(at_least=Bound(63, 3.5), at_most=Bound(140, 7.8)),
        "in_tight_range": Range(at_least=LOW, at_most=Bound(140, 7.8)),
    }
)
"""The five ranges that partition all values, the two sums, the target in pregnancy, and the tight range, which is not of the
consensus of 2019 but of Battelino T and others 2023, Lancet Diabetes & Endocrinology 11:42-57."""


def share(readings: Readings, wanted: Range) -> float:
    """The percentage of the readings in a range, 0 to 100; NaN without readings."""
    if not len(readings):
        return float("nan")
    return 100 * float(np.count_nonzero(wanted.holds(readings.values, readings.unit))) / len(readings)
