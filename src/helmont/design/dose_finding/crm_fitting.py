"""One posterior distribution or likelihood of the parameter of toxicity, to full accuracy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import SupportsIndex

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.dose_finding.crm_model import Counts, Curve, Reals
from helmont.design.dose_finding.crm_results import CrmFit
from helmont.design.nodes import legendre

_LIMIT = 10.0
"""The parameter of greatest likelihood is looked for within this distance of 0."""


def each_patient(
    levels: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], weights: Sequence[float] | None, doses: int
) -> tuple[Counts, Counts, Reals]:
    """Dose (from 1), toxicity (0 or 1) and weight of each patient, checked."""
    if len(dlt) != len(levels):
        raise DesignError("dlt", tuple(dlt), f"{len(levels)} outcomes, one a patient")
    at = [checking.count(f"levels[{i}]", each, 1, doses) for i, each in enumerate(levels, 1)]
    known = [int(each) if isinstance(each, (bool, np.bool_)) else each for each in dlt]
    toxic = [checking.count(f"dlt[{i}]", each, 0, 1) for i, each in enumerate(known, 1)]
    share = np.ones(len(at))
    if weights is not None:
        if len(weights) != len(at):
            raise DesignError("weights", tuple(weights), f"{len(at)} weights, one a patient")
        share = np.array(
            [checking.probability(f"weights[{i}]", each, closed=True) for i, each in enumerate(weights, 1)]
        )
    return np.array(at, dtype=np.int64), np.array(toxic, dtype=np.int64), share


def log_likelihood(curve: Curve, levels: Counts, dlt: Counts, weights: Reals) -> Callable[[Reals], Reals]:
    """Of the parameter, up to a constant: ``p`` for a toxicity, ``1 - w p`` for none (Cheung & Chappell 2000, equation 2)."""
    doses = levels - 1

    def at(b: Reals) -> Reals:
        log_p, log_q = curve.logs(b)
        toxic, well = log_p[:, doses], log_q[:, doses]
        partial = np.log1p(-np.minimum(weights, 1 - 1e-16) * np.exp(toxic))
        each = np.where(dlt > 0, toxic, np.where(weights == 1, well, partial))
        return np.asarray(np.maximum(each, -1e6).sum(axis=1))

    return at


def nearest(toxicity: Reals, target: float) -> Counts:
    """The dose, from 1, nearest to the target in each row; differences of rounding do not decide between two."""
    away = np.abs(toxicity - target)
    return np.asarray(np.argmax(away <= away.min(axis=-1, keepdims=True) + 1e-12, axis=-1) + 1)


def _described(curve: Curve, target: float, confidence: float, b: float, variance: float, above: Reals) -> CrmFit:
    reach = float(ndtri((1 + confidence) / 2)) * variance**0.5
    at, low, high = curve.toxicity(np.array([b, b + reach, b - reach]))
    return CrmFit(
        int(nearest(at, target)),
        b,
        variance,
        *(tuple(float(p) for p in each) for each in (at, low, high, above)),
    )


def bayes(curve: Curve, target: float, scale: float, confidence: float, logarithm: Callable[[Reals], Reals]) -> CrmFit:
    """The posterior mean of the parameter, and the model at it."""

    def density(b: Reals) -> Reals:
        return np.asarray(logarithm(b) - 0.5 * (b / scale) ** 2)

    low, high = -8 * scale, 8 * scale
    for _ in range(3):  # closes in on where the posterior is
        grid = np.linspace(low, high, 401)
        found = density(grid)
        there = np.flatnonzero(found > found.max() - 45)
        low, high = grid[max(there[0] - 1, 0)], grid[min(there[-1] + 1, 400)]
    grid = np.linspace(low, high, 401)
    found = density(grid)
    top = found.max()
    weight = np.exp(found - top)
    total = weight.sum()
    mean = float(weight @ grid / total)
    variance = float(weight @ (grid - mean) ** 2 / total)

    nodes, weights = legendre(120)

    def below(b: float) -> float:
        if not low < b < high:
            return float(b >= high)
        half = (b - low) / 2
        part = half * (weights @ np.exp(density(low + half * (nodes + 1)) - top))
        return float(part / (total * (grid[1] - grid[0])))

    cuts = [curve.parameter(dose, target) for dose in range(1, len(curve.skeleton) + 1)]
    return _described(curve, target, confidence, mean, variance, np.array([min(below(cut), 1.0) for cut in cuts]))


def likeliest(
    curve: Curve, target: float, confidence: float, logarithm: Callable[[Reals], Reals], moment: bool = False
) -> CrmFit:
    """The parameter of greatest likelihood, with the observed information or (``moment``) the spread of the likelihood."""
    low, high = -_LIMIT, _LIMIT
    for _ in range(9):
        grid = np.linspace(low, high, 201)
        best = grid[int(np.argmax(logarithm(grid)))]
        step = (grid[1] - grid[0]) * 2
        low, high = max(best - step, -_LIMIT), min(best + step, _LIMIT)
    if abs(best) > _LIMIT - 1e-6:
        raise DesignError("dlt", "without a maximum of the likelihood", "some toxicities, and some patients without")
    step = 1e-4
    before, at, after = logarithm(np.array([best - step, best, best + step]))
    variance = float(step**2 / max(2 * at - before - after, 1e-12))
    if moment:
        grid = np.linspace(-_LIMIT, _LIMIT, 4001)
        weight = np.exp(logarithm(grid) - at)
        spread = float(weight @ grid**2 / weight.sum() - best**2)
        variance = spread if spread > 0 else variance
    cuts = np.array([curve.parameter(dose, target) for dose in range(1, len(curve.skeleton) + 1)])
    return _described(curve, target, confidence, float(best), variance, ndtr((cuts - best) / variance**0.5))
