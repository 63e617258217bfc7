"""The matrix of a linear model's fixed effects, and the means that it predicts.

A factor's first level is its reference: the other levels have a column each (treatment coding). Least-squares means do not depend
on that choice; coefficients do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helmont.analysis.arrays import Floats, NotComputable, codes, floats

Data = Mapping[str, Sequence[object] | Floats]
Term = tuple[str, ...]
"""Names of factors and covariates whose product it is: ("ARM",), ("ARM", "VISIT")."""
Weights = Literal["equal", "observed"]


@dataclass(frozen=True)
class Design:
    """Fixed effects: an intercept, then the terms in order.

    ``factors`` gives each factor's levels; a name of a term that is no factor is a covariate.
    """

    factors: Mapping[str, tuple[str, ...]]
    terms: tuple[Term, ...]

    @property
    def covariates(self) -> tuple[str, ...]:
        names = dict.fromkeys(name for term in self.terms for name in term)
        return tuple(name for name in names if name not in self.factors)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns: ``intercept``, ``ARM=High``, ``ARM=High:VISIT=24``, ``VISIT=24:BASE``; the first varies fastest."""
        parts = {name: [f"{name}={level}" for level in levels[1:]] for name, levels in self.factors.items()}
        columns = [product(*(parts.get(name, [name]) for name in reversed(term))) for term in self.terms]
        return ("intercept", *(":".join(reversed(column)) for term in columns for column in term))

    def matrix(self, data: Data) -> Floats:
        """The rows of ``data`` as n x p. Raises ``NotComputable`` for a level that is not declared, or a missing number."""
        parts: dict[str, Floats] = {name: floats(data[name], name)[:, None] for name in self.covariates}
        for name, levels in self.factors.items():
            parts[name] = np.eye(len(levels))[codes(list(data[name]), levels, name)][:, 1:]
        size = len(next(iter(parts.values())))
        columns: list[Floats] = [np.ones((size, 1))]
        for term in self.terms:
            block = parts[term[0]]
            for name in term[1:]:
                block = (parts[name][:, :, None] * block[:, None, :]).reshape(size, -1)
            columns.append(block)
        return np.hstack(columns)

    def mean_weights(self, data: Data, at: Mapping[str, str | float], weights: Weights = "equal") -> Floats:
        """Weights (p) of the coefficients that give the least-squares mean at the levels and values of ``at``.

        Covariates not named there are at their mean in ``data``. Factors not named there are averaged over: each combination of
        their levels the same (``equal``), or as often as the combination is in the data (``observed``, SAS's OM).
        """
        free = [name for name in self.factors if name not in at]
        grid = list(product(*(self.factors[name] for name in free)))
        row: dict[str, list[object]] = {name: [at[name]] * len(grid) for name in self.factors if name in at}
        row |= {name: [point[place] for point in grid] for place, name in enumerate(free)}
        row |= {name: [at.get(name, float(np.mean(floats(data[name], name))))] * len(grid) for name in self.covariates}
        found: Floats = self._share(data, free, grid, weights) @ self.matrix(row)
        return found

    def _share(self, data: Data, free: list[str], grid: list[tuple[str, ...]], weights: Weights) -> Floats:
        if weights == "equal" or not free:
            return np.full(len(grid), 1 / len(grid))
        observed = list(zip(*(map(str, data[name]) for name in free), strict=True))
        share: Floats = np.array([observed.count(point) for point in grid], dtype=np.float64)
        return share / float(share.sum())


def independent(matrix: Floats) -> NDArray[np.bool_]:
    """Which columns (p, True or False) do not follow from the columns before them; the others' coefficients are not estimated."""
    kept: list[int] = []
    basis = np.empty((matrix.shape[0], 0))
    for column in range(matrix.shape[1]):
        vector = matrix[:, column]
        rest = vector - basis @ (basis.T @ vector)
        rest -= basis @ (basis.T @ rest)  # once more: the first pass leaves rounding behind
        length = np.linalg.norm(rest)
        if length > 1e-9 * max(1.0, float(np.linalg.norm(vector))):
            kept.append(column)
            basis = np.column_stack([basis, rest / length])
    chosen = np.zeros(matrix.shape[1], dtype=bool)
    chosen[kept] = True
    return chosen


def refuse_inestimable(matrix: Floats, weights: Floats, chosen: NDArray[np.bool_]) -> None:
    """Raise ``NotComputable`` when the combination is not determined by the data, because levels never met."""
    if chosen.all():
        return
    solution, *_ = np.linalg.lstsq(matrix.T, weights, rcond=None)
    if not np.allclose(matrix.T @ solution, weights, atol=1e-8):
        raise NotComputable("the mean is not estimable: a combination of levels that it needs was never observed")
