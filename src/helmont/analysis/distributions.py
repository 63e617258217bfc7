"""Tails and quantiles of the distributions that tests refer to.

By ``scipy.special``, as ``scipy.stats`` has them: that module brings every distribution there is along, which takes longer
than setting all tables of a report.
"""

from __future__ import annotations

from math import inf, isinf

from scipy import special


def normal_quantile(p: float) -> float:
    """The value below which the share ``p`` of a standard normal distribution lies."""
    return float(special.ndtri(p))


def t_quantile(p: float, df: float) -> float:
    """Of Student's t; the normal distribution's for infinite degrees of freedom."""
    return normal_quantile(p) if isinf(df) else float(special.stdtrit(df, p))


def t_tail(statistic: float, df: float) -> float:
    """The probability of a larger t."""
    return float(special.ndtr(-statistic) if isinf(df) else special.stdtr(df, -statistic))


def chi_square_tail(statistic: float, df: float) -> float:
    """The probability of a larger chi-square; rounding may have left one a hair below zero."""
    return float(special.chdtrc(df, _not_negative(statistic)))


def f_tail(statistic: float, df1: float, df2: float) -> float:
    """The probability of a larger F."""
    statistic = _not_negative(statistic)
    if statistic == inf:
        return 0.0
    return chi_square_tail(statistic * df1, df1) if isinf(df2) else float(special.fdtrc(df1, df2, statistic))


def _not_negative(statistic: float) -> float:
    return 0.0 if statistic < 0 else statistic
