"""Two-parameter logistic regression of toxicity on the logarithm of the dose, and integrals over its two parameters.

Neuenschwander, Branson & Gsponer (2008) Statistics in Medicine 27:2420, equations 1 and 2: ``logit p = log(alpha) + beta log(d /
d*)`` with a bivariate normal prior of ``log(alpha)`` and ``log(beta)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, log_expit, logit

from helmont.design.dose_finding.isotonic import Floats, Ints

_REACH = 6.0
"""Standard deviations of the prior to either side of its mean."""
_TOGETHER = 256
"""States whose densities are in memory at once: with fewer, the threads of a busy machine wait for each other."""


@dataclass(frozen=True)
class Surface:
    """A grid over both parameters: rows of ``log(beta)``, in each a fine grid of ``log(alpha)``, summed by the trapezoidal
    rule."""

    log_doses: tuple[float, ...]
    """Logarithms of the doses over the reference dose."""
    mean: tuple[float, float]
    deviation: tuple[float, float]
    correlation: float
    limits: tuple[float, ...]
    """Toxicities of which the probability to be above is wanted."""

    @cached_property
    def _axes(self) -> tuple[Floats, Floats]:
        steps = (0.1, 0.2)
        ends = [(m - _REACH * s, m + _REACH * s) for m, s in zip(self.mean, self.deviation, strict=True)]
        sizes = [
            int(np.ceil((high - low) / min(step, (high - low) / 60))) + 1
            for (low, high), step in zip(ends, steps, strict=True)
        ]
        first, second = (np.linspace(low, high, size) for (low, high), size in zip(ends, sizes, strict=True))
        return first, second

    @cached_property
    def _terms(self) -> Floats:
        """Over the grid, what a toxicity at each dose, a patient at each dose, and the prior add to the log density."""
        a, b = self._axes
        u, v = (a[None, :] - self.mean[0]) / self.deviation[0], (b[:, None] - self.mean[1]) / self.deviation[1]
        rho = self.correlation
        prior = -(u**2 - 2 * rho * u * v + v**2) / (2 * (1 - rho**2))
        return np.concatenate([self._logits, log_expit(-self._logits), prior.reshape(1, -1)])

    @cached_property
    def _logits(self) -> Floats:
        """Of the toxicity of each dose."""
        a, b = self._axes
        linear = a[None, None, :] + np.array(self.log_doses)[:, None, None] * np.exp(b)[None, :, None]
        return np.asarray(linear.reshape(len(self.log_doses), -1))

    @cached_property
    def _exceeding(self) -> Floats:
        """A column for each dose and limit."""
        doses = range(len(self.log_doses))
        return np.stack([self._above(dose, limit).ravel() for dose in doses for limit in self.limits], axis=1)

    @cached_property
    def _moments(self) -> Floats:
        """Columns: toxicity of each dose, its square, both parameters."""
        p = expit(self._logits)
        a, b = self._axes
        grid = (each.ravel() for each in np.broadcast_arrays(a[None, :], b[:, None]))
        return np.stack([*p, *p**2, *grid], axis=1)

    def _above(self, dose: int, limit: float) -> Floats:
        """Weights of the nodes for the probability that the toxicity is above a limit, in each row of ``log(beta)``.

        From ``x``, where the toxicity is the limit, the density is integrated by the cubic through the four nodes around it to
        the next node, and from there by the trapezoidal rule with the correction of its end (Euler-Maclaurin): of fourth order.
        """
        a, b = self._axes
        step = a[1] - a[0]
        x = (float(logit(limit)) - self.log_doses[dose] * np.exp(b) - a[0]) / step
        cell = np.clip(np.floor(x), 1, len(a) - 3).astype(np.int64)
        weights = (np.arange(len(a))[None, :] > cell[:, None]).astype(float)
        rows = np.arange(len(b))
        weights[rows, cell + 1] -= 0.5
        weights[rows, cell + 2] += 1 / 24
        weights[rows, cell] -= 1 / 24
        t = np.clip(x - cell, 0.0, 1.0)
        for place, antiderivative in enumerate(_CUBICS, start=-1):
            weights[rows, cell + place] += antiderivative(1.0) - antiderivative(t)
        weights[x <= 1] = 1.0
        weights[x >= len(a) - 2] = 0.0
        return np.asarray(weights)

    def above(self, n: Ints, dlt: Ints) -> Floats:
        """Posterior probabilities that the toxicity is above the limits: rows of states, doses, limits.

        ``n`` and ``dlt``: rows of patients and toxicities by dose.
        """
        return self._averages(n, dlt, self._exceeding).reshape(len(n), len(self.log_doses), -1)

    def moments(self, n: Ints, dlt: Ints) -> Floats:
        """Posterior means for rows of states: the toxicity of each dose, its square, ``log(alpha)``, ``log(beta)``."""
        return self._averages(n, dlt, self._moments)

    def _averages(self, n: Ints, dlt: Ints, wanted: Floats) -> Floats:
        counts = np.concatenate([dlt, n, np.ones((len(n), 1))], axis=1)
        found = np.empty((len(n), wanted.shape[1]))
        space = np.empty((min(len(n), _TOGETHER), len(wanted)))
        for start in range(0, len(n), _TOGETHER):
            part = counts[start : start + _TOGETHER]
            density = np.matmul(part, self._terms, out=space[: len(part)])
            density -= density.max(axis=1, keepdims=True)
            np.exp(density, out=density)
            found[start : start + _TOGETHER] = density @ wanted / density.sum(axis=1, keepdims=True)
        return found


def _cubic(place: int) -> np.polynomial.Polynomial:
    """The integral of the Lagrange polynomial of the nodes -1, 0, 1, 2 that is 1 at ``place``."""
    others = [node for node in (-1, 0, 1, 2) if node != place]
    basis = np.polynomial.Polynomial.fromroots(others)
    return (basis / basis(place)).integ()


_CUBICS = tuple(_cubic(place) for place in (-1, 0, 1, 2))
