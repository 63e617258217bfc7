"""The one-parameter model of toxicity of the continual reassessment method, and integrals over its parameter.

O'Quigley, Pepe & Fisher (1990) Biometrics 46:33; Cheung (2011) Dose Finding by the Continual Reassessment Method, chapter 3.
With the skeleton ``a_j`` and the parameter ``b``, of which the prior is normal with mean 0, the probability of toxicity of dose
``j`` is

* ``power``: ``a_j ** exp(b)``;
* ``logistic``: ``expit(c + exp(b) * x_j)`` with the fixed intercept ``c`` and ``x_j = logit(a_j) - c``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

Model: TypeAlias = Literal["power", "logistic"]
Reals: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

_REACH = 6.5
"""Integrals go this many standard deviations of the prior to either side."""


@dataclass(frozen=True)
class Curve:
    """Probabilities of toxicity as functions of the parameter."""

    skeleton: tuple[float, ...]
    model: Model
    intercept: float

    @cached_property
    def scaled(self) -> Reals:
        """The doses as the model has them: the skeleton, or ``x_j``."""
        skeleton = np.array(self.skeleton)
        return skeleton if self.model == "power" else logit(skeleton) - self.intercept

    def logs(self, b: Reals) -> tuple[Reals, Reals]:
        """Logarithms of the probabilities of toxicity and of none, an axis for the doses after those of ``b``."""
        slope = np.exp(b)[..., None]
        if self.model == "power":
            log_p = slope * np.log(self.scaled)
            return log_p, np.log(-np.expm1(np.minimum(log_p, -1e-300)))
        linear = self.intercept + slope * self.scaled
        return log_expit(linear), log_expit(-linear)

    def toxicity(self, b: Reals) -> Reals:
        """Probabilities of toxicity, an axis for the doses after those of ``b``."""
        slope = np.exp(b)[..., None]
        if self.model == "power":
            return np.asarray(self.scaled**slope)
        return np.asarray(expit(self.intercept + slope * self.scaled))

    def slope(self, b: Reals) -> Reals:
        """Derivatives of the probabilities of toxicity with respect to the parameter."""
        p, slope = self.toxicity(b), np.exp(b)[..., None]
        if self.model == "power":
            return np.asarray(p * slope * np.log(self.scaled))
        return np.asarray(p * (1 - p) * slope * self.scaled)

    def parameter(self, dose: int, toxicity: float) -> float:
        """The parameter at which a dose (from 1) has a probability of toxicity; not a number where none gives it."""
        if self.model == "power":
            ratio = np.log(toxicity) / np.log(self.scaled[dose - 1])
        else:
            ratio = (logit(toxicity) - self.intercept) / self.scaled[dose - 1]
        return float(np.log(ratio)) if ratio > 0 else float("nan")


@dataclass(frozen=True)
class Quadrature:
    """Posterior means over the parameter of many trials at once: counts of patients by dose times tables of logarithms.

    The integrand is a smooth density that vanishes at both ends, so the trapezoidal rule converges faster than any power of its
    step; a step of the least standard deviation that ``patients`` can leave gives about eight digits (Trefethen & Weideman 2014,
    SIAM Review 56:385). ``cut`` divides the range for a probability of tail, and Gauss-Legendre nodes then fill both sides.
    """

    curve: Curve
    scale: float
    patients: int
    cut: float | None = None

    @cached_property
    def _nodes(self) -> tuple[Reals, Reals]:
        reach = _REACH * self.scale
        over = np.linspace(-reach, reach, 201)
        p = self.curve.toxicity(over)
        information = float((self.curve.slope(over) ** 2 / np.maximum(p * (1 - p), 1e-12)).max())
        least = (information * self.patients + self.scale**-2) ** -0.5
        nodes = int(np.ceil(2 * reach / least)) + 1
        if self.cut is None or not -reach < self.cut < reach:
            return np.linspace(-reach, reach, nodes), np.ones(nodes)
        at, weights = np.polynomial.legendre.leggauss(nodes)
        sides = [((high - low) / 2, (high + low) / 2) for low, high in ((-reach, self.cut), (self.cut, reach))]
        return (
            np.concatenate([middle + half * at for half, middle in sides]),
            np.concatenate([half * weights for half, _ in sides]),
        )

    @cached_property
    def _tables(self) -> tuple[Reals, Reals, Reals, Reals]:
        nodes, weights = self._nodes
        toxic, well = self.curve.logs(nodes)
        prior = np.log(weights) - 0.5 * (nodes / self.scale) ** 2
        below = np.ones_like(nodes) if self.cut is None else (nodes < self.cut).astype(float)
        return (
            np.ascontiguousarray((toxic - well).T),
            np.ascontiguousarray(well.T),
            prior,
            np.stack([nodes, below], axis=1),
        )

    def means(self, n: Counts, dlt: Counts) -> tuple[Reals, Reals]:
        """Posterior means of the parameter and posterior probabilities below ``cut``, for rows of counts by dose."""
        odds, well, prior, wanted = self._tables
        return self._averaged(dlt @ odds + n @ well + prior, wanted)

    def weighted_means(self, levels: Counts, dlt: Counts, weights: Reals) -> tuple[Reals, Reals]:
        """The same for rows of patients, each with a dose (from 1; 0 is nobody), an outcome and a weight."""
        doses, (odds, well, prior, wanted) = len(self.curve.skeleton), self._tables
        known = (levels > 0) & ((dlt > 0) | (weights == 1))
        each = [levels == dose for dose in range(1, doses + 1)]
        n, toxic = (np.stack([(at & which).sum(axis=1) for at in each], axis=1) for which in (known, dlt > 0))
        total = toxic @ odds + n @ well + prior
        toxicity = np.exp(odds + well)
        for patient in range(levels.shape[1]):
            rows = np.flatnonzero((levels[:, patient] > 0) & ~known[:, patient])
            total[rows] += np.log1p(-weights[rows, patient, None] * toxicity[levels[rows, patient] - 1])
        return self._averaged(total, wanted)

    @staticmethod
    def _averaged(logarithm: Reals, wanted: Reals) -> tuple[Reals, Reals]:
        density = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
        found = (density @ wanted) / density.sum(axis=1, keepdims=True)
        return found[:, 0], found[:, 1]
