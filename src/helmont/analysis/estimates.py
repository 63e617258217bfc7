"""What an analysis says of a quantity: the estimate, how sure, and against zero."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Protocol

from helmont.analysis.arrays import Floats
from helmont.analysis.distributions import t_quantile, t_tail


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its standard error, confidence limits and two-sided test of zero by Student's t (``df`` may be inf)."""

    estimate: float
    error: float
    df: float
    lower: float
    upper: float
    statistic: float
    p: float


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a hypothesis: F when it has denominator degrees of freedom (``df2``), otherwise chi-square."""

    statistic: float
    df: float
    p: float
    df2: float | None = None


class Fitted(Protocol):
    """A fitted linear model, of which linear combinations of the coefficients are asked."""

    def combine(self, weights: Floats, level: float = 0.95) -> Estimate:
        """The linear combination of the coefficients with these ``weights`` (p)."""


def estimate_of(value: float, variance: float, df: float, level: float = 0.95) -> Estimate:
    """The estimate with its limits and test by Student's t with ``df`` degrees of freedom."""
    error = sqrt(variance)
    width = t_quantile((1 + level) / 2, df) * error if df > 0 else inf
    statistic = value / error if error else nan
    p = 2 * t_tail(abs(statistic), df)
    return Estimate(value, error, df, value - width, value + width, statistic, p)
