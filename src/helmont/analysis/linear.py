"""Ordinary least squares: analysis of variance and covariance.

Least-squares means and their differences as SAS PROC GLM gives them (LSMEANS / OM PDIFF CL); tests of terms are type III for
the main effects of models without interactions, which is what the analyses of covariance here are.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from helmont.analysis.arrays import Floats, NotComputable, floats
from helmont.analysis.design import Data, Design, independent, refuse_inestimable
from helmont.analysis.distributions import f_tail
from helmont.analysis.estimates import Estimate, Test, estimate_of


class LinearModel:
    """A response (n) explained by a design, by least squares. Columns that follow from earlier ones have no coefficient."""

    def __init__(self, design: Design, data: Data, response: object) -> None:
        self.design, self.data = design, data
        self.matrix = design.matrix(data)
        y = floats(response, "the response")
        self._chosen = independent(self.matrix)
        x = self.matrix[:, self._chosen]
        self.df = len(y) - x.shape[1]
        if self.df <= 0:
            raise NotComputable(f"{len(y)} observations do not determine {x.shape[1]} coefficients and a variance")
        solution = np.linalg.solve(x.T @ x, x.T @ y)
        self.coefficients = np.full(self.matrix.shape[1], np.nan)
        self.coefficients[self._chosen] = solution
        self.residuals: Floats = y - x @ solution
        self.variance = float(self.residuals @ self.residuals) / self.df
        self._inverse = np.linalg.inv(x.T @ x)

    @property
    def root_mean_square_error(self) -> float:
        return sqrt(self.variance)

    def combine(self, weights: Floats, level: float = 0.95) -> Estimate:
        """The linear combination of the coefficients; raises ``NotComputable`` when the data do not determine it."""
        refuse_inestimable(self.matrix, weights, self._chosen)
        chosen = weights[self._chosen]
        value = float(chosen @ self.coefficients[self._chosen])
        return estimate_of(value, self.variance * float(chosen @ self._inverse @ chosen), self.df, level)

    def test(self, term: tuple[str, ...]) -> Test:
        """Whether the term explains anything beside all others: F of the coefficients that it brings."""
        others = Design(self.design.factors, tuple(each for each in self.design.terms if each != term))
        names = set(others.names)
        picked = [place for place, name in enumerate(np.array(self.design.names)[self._chosen]) if name not in names]
        if not picked:
            raise NotComputable(f"{':'.join(term)} has no coefficient of its own in this model")
        beta = self.coefficients[self._chosen][picked]
        block = self._inverse[np.ix_(picked, picked)]
        statistic = float(beta @ np.linalg.solve(block, beta)) / len(picked) / self.variance
        return Test(statistic, len(picked), f_tail(statistic, len(picked), self.df), self.df)
