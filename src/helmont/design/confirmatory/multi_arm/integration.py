"""Several arms that share a control: given the control's sums at the stages, the arms are independent.

The probability that no arm crosses its upper bound is therefore an integral, over the control's sums, of a product over
the arms (Magirr, Jaki & Whitehead 2012, Biometrika 99:494-501, equation 3 and its power analogue, equation 4). The
control's increments are taken at Gauss-Hermite nodes; given them, every arm is followed from stage to stage by recursive
integration of the sub-density of its sum between its bounds, so that the inner probabilities, which grow with the number
of stages elsewhere, cost one matrix product a stage.

Sums are of observations with variance 1, so that an arm with n observations and mean delta has a sum with mean n delta
and variance n. The statistic of an arm against control is Z = (mean - mean of control) / sqrt(1/n + 1/n0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from scipy.special import ndtr

from helmont.design.confirmatory.quadrature import hermite, legendre
from helmont.design.confirmatory.recursion import Floats

_REACH = 8.0
_PRECISE, _COARSE = 20, 14
"""Nodes for each increment of the control: for errors (1e-8) and for power (1e-5); fewer from stage 4 on."""
_TAIL = 24
"""Nodes for the sum of the arm for which the trial stops."""


@dataclass(frozen=True)
class Arm:
    """Cumulated ``sizes`` at the stages, and the ``mean`` of its observations (that of control is 0)."""

    sizes: tuple[float, ...]
    mean: float = 0.0


class Control:
    """The sums of the control at nodes: ``sums[j]`` of shape (m,) * (j + 1), one axis an increment."""

    def __init__(self, sizes: Sequence[float], nodes: int = _PRECISE) -> None:
        self.sizes = tuple(sizes)
        nodes = nodes if len(sizes) <= 3 else min(nodes, 14) if len(sizes) == 4 else 8
        points, weights = hermite(nodes)
        self.weights = weights
        self.sums: list[Floats] = []
        for before, now in zip((0.0, *self.sizes), self.sizes, strict=False):
            step = sqrt(now - before) * points
            self.sums.append(step if not self.sums else self.sums[-1][..., None] + step)

    def mean(self, values: Floats) -> float:
        """The expectation of a function of the sums, of shape (m,) * stages."""
        for _ in range(values.ndim):
            values = values @ self.weights
        return float(values)

    def sum_at(self, stage: int, arm: Arm, z: float) -> Floats:
        """The sum of an arm whose statistic at a stage (from 0) is ``z``, for every sum of the control."""
        n, n0 = arm.sizes[stage], self.sizes[stage]
        return n * (self.sums[stage] / n0 + z * sqrt(1 / n + 1 / n0))


class Followed:
    """One arm from stage to stage, for every path of the control."""

    def __init__(self, control: Control, arm: Arm, lower: Sequence[float], upper: Sequence[float]) -> None:
        self.control, self.arm, self.lower, self.upper = control, arm, tuple(lower), tuple(upper)
        self.stage = 0
        self.futile: Floats = np.zeros(())
        """The probability to have crossed the lower bound at an earlier stage."""
        self._sums, self._mass = np.zeros(1), np.ones(1)

    def _moved(self) -> tuple[Floats, float]:
        """Means and standard deviation of the next sum, given the earlier; an axis is added for the control's next increment."""
        sizes = (0.0, *self.arm.sizes)
        added = sizes[self.stage + 1] - sizes[self.stage]
        return (self._sums + self.arm.mean * added)[..., None, :], sqrt(added)

    def below(self, sums: Floats) -> Floats:
        """The probability to go on until the next stage and be below ``sums`` there.

        They have an axis for each increment of the control; further axes after those are kept.
        """
        means, sd = self._moved()
        extra = sums.ndim - self.stage - 1
        for _ in range(extra):
            means = means[..., None, :]
        mass = self._mass.reshape(*self._mass.shape[:-1], 1, *(1,) * extra, self._mass.shape[-1])
        found: Floats = (mass * ndtr((sums[..., None] - means) / sd)).sum(-1)
        return found

    def density(self, sums: Floats) -> Floats:
        """The density at ``sums`` of shape (m,) * (stage + 1) + (q,) of the next sum, having gone on until then."""
        means, sd = self._moved()
        away = (sums[..., None] - means[..., None, :]) / sd
        found: Floats = np.einsum("...pq,...q->...p", np.exp(-0.5 * away**2), self._mass[..., None, :])
        return found / (sd * sqrt(2 * np.pi))

    def next(self) -> None:
        """Pass a stage: those below the lower bound are out, those between the bounds go on."""
        low = self.control.sum_at(self.stage, self.arm, self.lower[self.stage])
        high = self.control.sum_at(self.stage, self.arm, self.upper[self.stage])
        self.futile = self.futile[..., None] + self.below(low)
        size = self.arm.sizes[self.stage]
        middle, width = size * self.arm.mean, _REACH * sqrt(size)
        low, high = np.clip(low, middle - width, middle + width), np.clip(high, middle - width, middle + width)
        room = np.maximum(high - low, 0.0)
        sizes = (0.0, *self.arm.sizes)
        narrow = sqrt(min(after - before for before, after in pairwise(sizes[self.stage : self.stage + 3])))
        nodes, weights = legendre(max(10, int(4 + 2.2 * room.max() / narrow)))
        half = room[..., None] / 2
        sums = low[..., None] + half * (1 + nodes)
        mass = self.density(sums) * half * weights
        self._sums, self._mass, self.stage = sums, mass, self.stage + 1

    def finish(self) -> Floats:
        """The probability never to cross the upper bound, of shape (m,) * stages."""
        while self.stage < len(self.upper) - 1:
            self.next()
        last = self.control.sum_at(self.stage, self.arm, self.upper[-1])
        found: Floats = self.futile[..., None] + self.below(last)
        return found


def any_rejected(
    control: Sequence[float], arms: Sequence[Arm], lower: Sequence[float], upper: Sequence[float]
) -> float:
    """The probability that at least one arm crosses the upper bound."""
    shared = Control(control)
    product: Floats = np.ones(())
    for arm in dict.fromkeys(arms):
        product = product * Followed(shared, arm, lower, upper).finish() ** list(arms).count(arm)
    return 1 - shared.mean(product)


def first_is_best(
    control: Sequence[float], arms: Sequence[Arm], lower: Sequence[float], upper: Sequence[float]
) -> float:
    """The probability that the trial stops for the first arm: none crossed before, and none is above it when it does."""
    shared = Control(control, _COARSE)
    first, others = Followed(shared, arms[0], lower, upper), list(arms[1:])
    rest = {arm: Followed(shared, arm, lower, upper) for arm in others}
    nodes, weights = legendre(_TAIL)
    total = 0.0
    for stage, bound in enumerate(upper):
        low = shared.sum_at(stage, arms[0], bound)
        size = arms[0].sizes[stage]
        high = np.maximum(low, size * arms[0].mean + 6 * sqrt(size))
        half = (high - low)[..., None] / 2
        sums = low[..., None] + half * (1 + nodes)
        value = first.density(sums) * half * weights
        n, n0 = size, shared.sizes[stage]
        z = (sums / n - (shared.sums[stage] / n0)[..., None]) / sqrt(1 / n + 1 / n0)
        for arm, followed in rest.items():
            m, own = arm.sizes[stage], shared.sums[stage][..., None]
            same = m * (own / n0 + z * sqrt(1 / m + 1 / n0))
            lost = followed.futile[..., None, None] if stage else 0.0
            value = value * (lost + followed.below(same)) ** others.count(arm)
        total += shared.mean(value.sum(-1))
        if stage + 1 < len(upper):
            first.next()
            for followed in rest.values():
                followed.next()
    return total
