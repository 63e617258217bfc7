"""Structures of the covariance of repeated measures, each a smooth function of its parameters.

The parameters are variances, covariances and correlations, as SAS PROC MIXED reports them: Kenward and Roger's degrees of freedom
depend on that choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.analysis.arrays import Floats

Numbers = NDArray[Any]
STEP = (
    1e-100  # of a complex step: the first derivative is exact to rounding (Squire and Trapp, SIAM Review 1998;40:110)
)


@dataclass(frozen=True)
class Structure:
    """A structure over ``m`` visits: the ``covariance`` of its parameters, and where to ``start`` from a variance."""

    name: str
    covariance: Callable[[Numbers, int], Numbers]
    start: Callable[[float, int], Floats]

    def first(self, parameters: Floats, m: int) -> Floats:
        """Derivatives by each parameter: k x m x m."""
        return np.array([self._along(parameters, place, m) for place in range(len(parameters))])

    def second(self, parameters: Floats, m: int) -> Floats:
        """Second derivatives: k x k x m x m, by central differences of the exact first ones."""
        k = len(parameters)
        found = np.zeros((k, k, m, m))
        for place in range(k):
            step = 1e-5 * max(1.0, abs(float(parameters[place])))
            ahead, behind = parameters.copy(), parameters.copy()
            ahead[place] += step
            behind[place] -= step
            found[place] = (self.first(ahead, m) - self.first(behind, m)) / (2 * step)
        return (found + found.transpose(1, 0, 2, 3)) / 2

    def _along(self, parameters: Floats, place: int, m: int) -> Floats:
        moved = parameters.astype(np.complex128)
        moved[place] += 1j * STEP
        found: Floats = np.imag(self.covariance(moved, m)) / STEP
        return found


def _triangle(parameters: Numbers, m: int) -> Numbers:
    """The elements of the lower triangle, row by row."""
    lower = np.zeros((m, m), dtype=parameters.dtype)
    lower[np.tril_indices(m)] = parameters
    return lower + lower.T - np.diag(np.diag(lower))


def _lags(m: int) -> NDArray[np.int64]:
    return np.abs(np.subtract.outer(np.arange(m), np.arange(m)))


def _of_lags(
    name: str, place: Callable[[NDArray[np.int64]], NDArray[np.int64]], count: Callable[[int], int]
) -> Structure:
    """A variance, then covariances, each at a ``place`` that follows from how many visits lie between."""

    def covariance(parameters: Numbers, m: int) -> Numbers:
        found: Numbers = parameters[place(_lags(m))]
        return found

    return Structure(name, covariance, lambda variance, m: variance * np.array([1.0, *[0.1] * (count(m) - 1)]))


def _exchangeable(rho: Numbers, m: int) -> Numbers:
    return np.where(_lags(m) == 0, 1.0, rho[0])


def _autoregressive(rho: Numbers, m: int) -> Numbers:
    return np.where(_lags(m) == 0, 1.0, rho[0] ** np.maximum(_lags(m), 1))


def _banded(rho: Numbers, m: int) -> Numbers:
    return np.concatenate([[1.0], rho])[_lags(m)]


def _correlated(
    name: str,
    correlation: Callable[[Numbers, int], Numbers],
    correlations: Callable[[int], int],
    *,
    heterogeneous: bool,
) -> Structure:
    """Variances (one, or one for each visit), then correlations. One visit has none."""

    def covariance(parameters: Numbers, m: int) -> Numbers:
        variances = m if heterogeneous else 1
        deviations = np.sqrt(parameters[:variances]) * np.ones(m)
        return np.outer(deviations, deviations) * correlation(parameters[variances:], m)

    def start(variance: float, m: int) -> Floats:
        return np.array([variance] * (m if heterogeneous else 1) + [0.1] * correlations(m))

    return Structure(name, covariance, start)


STRUCTURES = {
    "us": Structure("unstructured", _triangle, lambda variance, m: (np.eye(m) * variance)[np.tril_indices(m)]),
    "cs": _of_lags("compound symmetry", lambda lags: np.minimum(lags, 1), lambda m: min(m, 2)),
    "csh": _correlated("heterogeneous compound symmetry", _exchangeable, lambda _m: 1, heterogeneous=True),
    "ar1": _correlated("first-order autoregressive", _autoregressive, lambda _m: 1, heterogeneous=False),
    "ar1h": _correlated("heterogeneous first-order autoregressive", _autoregressive, lambda _m: 1, heterogeneous=True),
    "toep": _of_lags("Toeplitz", lambda lags: lags, lambda m: m),
    "toeph": _correlated("heterogeneous Toeplitz", _banded, lambda m: m - 1, heterogeneous=True),
}
