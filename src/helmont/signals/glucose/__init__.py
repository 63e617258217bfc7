"""Continuous glucose: readings and their grid, time in ranges, risk, variability and excursions."""

from __future__ import annotations

from helmont.signals.glucose.excursions import Excursions, excursions
from helmont.signals.glucose.ranges import CONSENSUS, Bound, Range, share
from helmont.signals.glucose.readings import Readings, grid, readings_of
from helmont.signals.glucose.variability import (
    coefficient_of_variation,
    glucose_management_indicator,
    high_blood_glucose_index,
    low_blood_glucose_index,
    mean,
    standard_deviation,
)

__all__ = [
    "CONSENSUS",
    "Bound",
    "Excursions",
    "Range",
    "Readings",
    "coefficient_of_variation",
    "excursions",
    "glucose_management_indicator",
    "grid",
    "high_blood_glucose_index",
    "low_blood_glucose_index",
    "mean",
    "readings_of",
    "share",
    "standard_deviation",
]
