"""Descriptive statistics, and numbers as SAS prints them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, inf, nan, sqrt

import numpy as np

from helmont.analysis.arrays import Floats, NotComputable, floats
from helmont.analysis.distributions import f_tail
from helmont.analysis.estimates import Test


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the values of a group; ``sd`` is not a number for fewer than two, everything but ``n`` for none."""

    n: int
    mean: float
    sd: float
    median: float
    lower_quartile: float
    upper_quartile: float
    minimum: float
    maximum: float

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.sd / sqrt(self.n) if self.n else nan


def summary(values: object) -> Summary:
    """The descriptive statistics of ``values`` (any number of them)."""
    array = np.sort(floats(values))
    if not len(array):
        return Summary(0, nan, nan, nan, nan, nan, nan, nan)
    deviation = float(array.std(ddof=1)) if len(array) > 1 else nan
    lower, median, upper = (quantile(array, each) for each in (0.25, 0.5, 0.75))
    return Summary(len(array), float(array.mean()), deviation, median, lower, upper, float(array[0]), float(array[-1]))


def quantile(ordered: Floats, probability: float) -> float:
    """SAS's definition 5 (PCTLDEF=5): the empirical distribution function, averaged where it is flat."""
    place = len(ordered) * probability
    index = ceil(round(place, 9))
    if abs(place - index) < 1e-9 and 0 < index < len(ordered):
        return float(ordered[index - 1] + ordered[index]) / 2
    return float(ordered[max(index, 1) - 1])


def analysis_of_variance(groups: list[Floats]) -> Test:
    """One-way analysis of variance (Fisher 1925)."""
    filled = [each for each in (floats(group) for group in groups) if len(each)]
    df2 = sum(len(each) for each in filled) - len(filled)
    if len(filled) < 2 or df2 <= 0:
        raise NotComputable(
            "an analysis of variance compares at least two groups, one of them with more than one value"
        )
    df1, grand = len(filled) - 1, np.concatenate(filled).mean()
    between = sum(len(each) * (each.mean() - grand) ** 2 for each in filled) / df1
    within = sum(float(((each - each.mean()) ** 2).sum()) for each in filled) / df2
    statistic = float(between / within) if within else inf if between else nan
    return Test(statistic, df1, f_tail(statistic, df1, df2), df2)


def kruskal_wallis(groups: list[Floats]) -> Test:
    """Kruskal and Wallis's test by ranks (1952), corrected for ties."""
    filled = [each for each in (floats(group) for group in groups) if len(each)]
    if len(filled) < 2 or len(set(np.concatenate(filled))) < 2:
        raise NotComputable("the test compares at least two groups with at least two different values")
    from scipy.stats import kruskal  # slow to load, and rarely asked for

    found = kruskal(*filled)
    return Test(float(found.statistic), len(filled) - 1, float(found.pvalue))


def rounded(value: float, decimals: int) -> Decimal:
    """Half away from zero, as SAS's ROUND and formats do: the binary noise of 0.285 (0.28499…) is first taken away.

    SAS treats a number as the decimal that it shows within its precision; 12 significant digits are taken for that here.
    """
    shown = Decimal(f"{value:.11e}")
    found = shown.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return found or abs(found)  # no -0.0


def shown(value: float, decimals: int) -> str:
    """The number as it is printed; nothing for what is not a number."""
    return "" if np.isnan(value) else f"{rounded(value, decimals):f}"
