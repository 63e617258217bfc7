"""Mean, spread and risk of glucose readings. Each gives NaN when there are too few readings for it."""

from __future__ import annotations

import numpy as np

from helmont.signals.glucose.readings import Readings
from helmont.signals.recording import Values

_NONE = float("nan")


def mean(readings: Readings, unit: str) -> float:
    """The arithmetic mean of the readings, in ``unit``."""
    return float(readings.in_unit(unit).mean()) if len(readings) else _NONE


def standard_deviation(readings: Readings, unit: str) -> float:
    """The standard deviation with n - 1 below, in ``unit``; of at least two readings."""
    return float(readings.in_unit(unit).std(ddof=1)) if len(readings) > 1 else _NONE


def coefficient_of_variation(readings: Readings) -> float:
    """The standard deviation as a percentage of the mean."""
    return 100 * standard_deviation(readings, "mg/dL") / mean(readings, "mg/dL")


def glucose_management_indicator(readings: Readings) -> float:
    """The laboratory HbA1c that the mean would go with, in per cent: 3.31 + 0.02392 times the mean in mg/dL.

    Bergenstal RM and others 2018, Diabetes Care 41:2275-2280. It was derived from 10 to 14 days of readings.
    """
    return 3.31 + 0.02392 * mean(readings, "mg/dL")


def low_blood_glucose_index(readings: Readings) -> float:
    """The mean risk of low values, from 0 (Kovatchev BP and others 2006, Diabetes Care 29:2433-2438)."""
    risk = _risk(readings)
    return float(np.where(risk < 0, 10 * risk**2, 0.0).mean()) if len(readings) else _NONE


def high_blood_glucose_index(readings: Readings) -> float:
    """The mean risk of high values, from 0 to 100 within 20 to 600 mg/dL (Kovatchev and others 2006)."""
    risk = _risk(readings)
    return float(np.where(risk > 0, 10 * risk**2, 0.0).mean()) if len(readings) else _NONE


def _risk(readings: Readings) -> Values:
    """The symmetrised scale: 0 at 112.5 mg/dL, falling below and rising above; its square times 10 is the risk."""
    values = np.maximum(readings.in_unit("mg/dL"), 1.0)  # the logarithm of less is negative, and has no such power
    risk: Values = 1.509 * (np.log(values) ** 1.084 - 5.381)
    return risk
