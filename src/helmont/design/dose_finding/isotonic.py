"""Selection of the maximum tolerated dose by isotonic regression, for many trials at once.

Toxicity rises with dose, so observed rates that fall are pooled (pool adjacent violators; Barlow, Bartholomew, Bremner & Brunk
1972). The pooled rate is written here as max over s <= j of min over e >= j of the weighted mean of doses s to e, which has the
same value for every trial without a loop over trials.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PRIOR = 0.05
"""Observed rates are means of a beta(0.05, 0.05) prior's posterior, so that 0 of 3 and 0 of 6 differ (Yuan et al. 2016)."""
TIE = 1e-10
"""Rates are raised by this per dose: of equal rates below the target the highest dose is nearest, above it the lowest."""


def pooled(values: Sequence[Floats], weights: Sequence[Floats]) -> list[Floats]:
    """Isotonic rates per dose; arrays over trials, one a dose. A dose of weight 0 takes no part, its own result means nothing."""
    doses = len(values)
    found = [np.full_like(values[0], -np.inf) for _ in range(doses)]
    with np.errstate(invalid="ignore", divide="ignore"):
        for first in range(doses):
            sums, total = np.zeros_like(values[0]), np.zeros_like(values[0])
            means = []
            for last in range(first, doses):
                sums = sums + weights[last] * values[last]
                total = total + weights[last]
                means.append(sums / total)
            least = means[-1]
            for last in range(doses - 1, first - 1, -1):
                least = np.fmin(least, means[last - first])
                np.fmax(found[last], least, out=found[last])
    return found


def rate(n: Ints, dlt: Ints) -> Floats:
    """Posterior mean of the toxicity rate."""
    return np.asarray((dlt + PRIOR) / (n + 2 * PRIOR), dtype=np.float64)


def weight(n: Ints, dlt: Ints) -> Floats:
    """Reciprocal of the posterior variance; 0 for a dose that treated nobody."""
    size = n + 2 * PRIOR
    found = size**2 * (size + 1) / ((dlt + PRIOR) * (n - dlt + PRIOR))
    return np.where(n > 0, found, 0.0)


def nearest(
    rates: Sequence[Floats],
    weights: Sequence[Floats],
    eliminated: Sequence[Flags],
    target: float,
    bound: float | None = None,
) -> NDArray[np.int8]:
    """The dose (from 1) whose isotonic rate is nearest to the target, 0 for none; arrays over trials, one a dose.

    A dose above an eliminated one is eliminated. With ``bound`` only doses whose isotonic rate is below it are selected.
    """
    gone = np.zeros(rates[0].shape, dtype=np.bool_)
    taking = []
    for weights_here, eliminated_here in zip(weights, eliminated, strict=True):
        gone = gone | eliminated_here
        taking.append(np.where(gone, 0.0, weights_here))
    best = np.full(rates[0].shape, np.inf)
    chosen = np.zeros(rates[0].shape, dtype=np.int8)
    for dose, (found, weights_here) in enumerate(zip(pooled(rates, taking), taking, strict=True), start=1):
        raised = found + dose * TIE
        away = np.abs(raised - target)
        able = (weights_here > 0) & (away < best)
        if bound is not None:
            able &= raised < bound
        best[able], chosen[able] = away[able], dose
    return chosen


def overdose_probability(n: Ints, dlt: Ints, target: float, prior: float = 1.0) -> Floats:
    """Pr(toxicity rate > target | data) with a beta(prior, prior) prior."""
    return np.asarray(special.betaincc(dlt + prior, n - dlt + prior, target), dtype=np.float64)
