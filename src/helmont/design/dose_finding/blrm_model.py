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
    def _tables(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Log odds and log of no toxicity by dose; the log prior; what is averaged, a column each: all over the grid."""
        a, b = self._axes
        linear = a[None, None, :] + np.array(self.log_doses)[:, None, None] * np.exp(b)[None, :, None]
        u, v = (a[None, :] - self.mean[0]) / self.deviation[0], (b[:, None] - self.mean[1]) / self.deviation[1]
        rho = self.correlation
        prior = -(u**2 - 2 * rho * u * v + v**2) / (2 * (1 - rho**2))
        doses = len(self.log_doses)
        above = [self._above(dose, limit) for dose in range(doses) for limit in self.limits]
        p = expit(linear).reshape(doses, -1)
        ones = np.ones(p.shape[1])
        grid = np.broadcast_arrays(a[None, :], b[:, None])
        wanted = [ones, *p, *(p**2), *(each.ravel() for each in above), *(each.ravel() for each in grid)]
        return linear.reshape(doses, -1), log_expit(-linear).reshape(doses, -1), prior.ravel(), np.stack(wanted, axis=1)

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

    def averages(self, n: Ints, dlt: Ints) -> Floats:
        """Posterior means of what ``_tables`` want, for rows of patients and toxicities by dose."""
        odds, well, prior, wanted = self._tables
        found = []
        for start in range(0, len(n), 256):  # keeps the memory small
            part = slice(start, start + 256)
            logarithm = dlt[part] @ odds + n[part] @ well + prior
            density = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
            sums = density @ wanted
            found.append(sums / sums[:, :1])
        return np.concatenate(found)


def _cubic(place: int) -> np.polynomial.Polynomial:
    """The integral of the Lagrange polynomial of the nodes -1, 0, 1, 2 that is 1 at ``place``."""
    others = [node for node in (-1, 0, 1, 2) if node != place]
    basis = np.polynomial.Polynomial.fromroots(others)
    return (basis / basis(place)).integ()


_CUBICS = tuple(_cubic(place) for place in (-1, 0, 1, 2))
