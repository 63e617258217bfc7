"""The mixed model for repeated measures (MMRM), fitted by restricted maximum likelihood.

Degrees of freedom and standard errors of linear combinations of its coefficients by Satterthwaite (1941, as Fai and Cornelius
1996 extend it to several) or by Kenward and Roger (Biometrics 1997;53:983), with the observed information of the covariance's
parameters. Without the second derivatives of the covariance (``kenward-roger-linear``) the latter is SAS's
DDFM=KR(FIRSTORDER); for the unstructured covariance, which is linear in its parameters, both are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Literal, get_args

import numpy as np

from helmont.analysis.arrays import Floats, NotComputable, codes, floats
from helmont.analysis.covariance import STRUCTURES
from helmont.analysis.design import Data, Design, independent, refuse_inestimable
from helmont.analysis.distributions import f_tail
from helmont.analysis.estimates import Estimate, Test, estimate_of
from helmont.analysis.repeated import Pattern, RestrictedLikelihood, patterns

Method = Literal["satterthwaite", "kenward-roger", "kenward-roger-linear"]
ROUNDS = 200
NEAR = 1e-3
CLOSE = 1e-10  # both of the decrease that one more step promises, in units of the log-likelihood


@dataclass(frozen=True)
class Measures:
    """Whose value each row is, and at which visit; ``visits`` in their order."""

    subject: Sequence[object]
    visit: Sequence[object]
    visits: tuple[object, ...]


class MixedModel:
    """A response (n) explained by a design, with correlated errors within a participant."""

    def __init__(
        self,
        design: Design,
        data: Data,
        response: object,
        measures: Measures,
        structure: str = "us",
        method: Method = "kenward-roger",
    ) -> None:
        if method not in get_args(Method):
            raise ValueError(f"{method!r} is none of {', '.join(get_args(Method))}")
        self.design, self.data, self.method = design, data, method
        self.structure = STRUCTURES[structure]
        self.matrix = design.matrix(data)
        y = floats(response, "the response")
        self._chosen = independent(self.matrix)
        x = self.matrix[:, self._chosen]
        people = list(dict.fromkeys(measures.subject))
        subject = codes(measures.subject, people, "the participants")
        visit = codes(measures.visit, measures.visits, "the visits")
        if unseen := [str(each) for each in measures.visits if each not in set(measures.visit)]:
            raise NotComputable(f"nobody has a value at visit {', '.join(unseen)}")
        self.observations, self.participants = len(y), len(people)
        if self.observations <= x.shape[1]:
            raise NotComputable(f"{len(y)} observations do not determine {x.shape[1]} coefficients and a covariance")
        visits = len(measures.visits)
        likelihood = self._fit(patterns(x, y, subject, visit), self._start(x, y, visits), visits)
        self.covariance, self.parameters = likelihood.covariance, likelihood.parameters
        self.minus_twice_log_likelihood = likelihood.value
        self.coefficients = np.full(self.matrix.shape[1], np.nan)
        self.coefficients[self._chosen] = likelihood.coefficients
        self._unadjusted = likelihood.fixed_covariance
        self._middles = likelihood.middles()
        self._spread: Floats = np.linalg.inv(likelihood.hessian() / 2)
        self._adjusted = self._unadjusted if method == "satterthwaite" else self._adjust(likelihood)

    @property
    def akaike(self) -> float:
        """Akaike's criterion; its penalty counts the parameters of the covariance, as SAS does under REML."""
        return self.minus_twice_log_likelihood + 2 * len(self.parameters)

    @property
    def bayes(self) -> float:
        """Schwarz's criterion, with the number of participants."""
        return self.minus_twice_log_likelihood + log(self.participants) * len(self.parameters)

    def combine(self, weights: Floats, level: float = 0.95) -> Estimate:
        """The linear combination of the coefficients; raises ``NotComputable`` when the data do not determine it."""
        refuse_inestimable(self.matrix, weights, self._chosen)
        chosen = weights[self._chosen]
        value = float(chosen @ self.coefficients[self._chosen])
        return estimate_of(value, float(chosen @ self._adjusted @ chosen), self._freedom(chosen), level)

    def test(self, weights: Floats) -> Test:
        """Whether all the combinations (rows of q x p) are zero."""
        chosen = np.atleast_2d(weights)[:, self._chosen]
        means = chosen @ self.coefficients[self._chosen]
        if self.method == "satterthwaite":
            return self._fai_cornelius(chosen, means)
        return self._kenward_roger(chosen, means)

    def _start(self, x: Floats, y: Floats, visits: int) -> Floats:
        rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return self.structure.start(float(rest @ rest) / (len(y) - x.shape[1]), visits)

    def _fit(self, found: list[Pattern], start: Floats, visits: int) -> RestrictedLikelihood:
        """Scoring: the expected information far from the maximum, the observed one near it; steps halved until they descend."""
        now = RestrictedLikelihood(found, self.structure, start, visits)
        for _ in range(ROUNDS):
            gradient, information = now.gradient(), now.expected()
            step = np.linalg.solve(information, gradient)
            if gradient @ step < NEAR:
                observed = now.hessian()
                if np.linalg.eigvalsh(observed)[0] > 0:
                    step = np.linalg.solve(observed, gradient)
            if gradient @ step < CLOSE:
                return now
            now = self._descend(found, now, step, visits)
        raise NotComputable(f"the {self.structure.name} covariance did not converge in {ROUNDS} steps")

    def _descend(
        self, found: list[Pattern], now: RestrictedLikelihood, step: Floats, visits: int
    ) -> RestrictedLikelihood:
        for halving in range(60):
            try:
                later = RestrictedLikelihood(found, self.structure, now.parameters - step / 2**halving, visits)
            except np.linalg.LinAlgError:
                continue
            if later.value <= now.value + 1e-12 * abs(now.value):
                return later
        raise NotComputable(
            f"the {self.structure.name} covariance does not fit the data: the likelihood has no maximum"
        )

    def _adjust(self, likelihood: RestrictedLikelihood) -> Floats:
        """Kenward and Roger's covariance of the fixed effects."""
        middles = self._middles
        inner = likelihood.outer() - middles[:, None] @ self._unadjusted @ middles[None]
        if self.method == "kenward-roger":
            inner = inner - likelihood.bends() / 4
        total = np.tensordot(self._spread, inner, axes=2)
        found: Floats = self._unadjusted + 2 * self._unadjusted @ total @ self._unadjusted
        return found

    def _gradient(self, row: Floats) -> Floats:
        """Derivatives of the variance of a combination by the covariance's parameters."""
        pulled = self._unadjusted @ row
        found: Floats = self._middles @ pulled @ pulled
        return found

    def _freedom(self, row: Floats) -> float:
        slope = self._gradient(row)
        spread = float(slope @ self._spread @ slope)
        return 2 * float(row @ self._unadjusted @ row) ** 2 / spread if spread > 0 else float("inf")

    def _fai_cornelius(self, rows: Floats, means: Floats) -> Test:
        values, vectors = np.linalg.eigh(rows @ self._unadjusted @ rows.T)
        kept = values > values[-1] * 1e-10
        turned = vectors[:, kept].T
        ratios = (turned @ means) ** 2 / values[kept]
        freedoms = np.array([self._freedom(row) for row in turned @ rows])
        size = int(kept.sum())
        statistic = float(ratios.sum()) / size
        if size == 1:
            freedom = float(freedoms[0])
        else:
            above = freedoms[freedoms > 2]
            expected = float((above / (above - 2)).sum())
            freedom = 2 * expected / (expected - size) if expected > size else 2.0
        return Test(statistic, size, f_tail(statistic, size, freedom), freedom)

    def _kenward_roger(self, rows: Floats, means: Floats) -> Test:
        size = rows.shape[0]
        theta = rows.T @ np.linalg.solve(rows @ self._unadjusted @ rows.T, rows)
        swept = theta @ self._unadjusted @ self._middles @ self._unadjusted
        traces = np.trace(swept, axis1=1, axis2=2)
        a1 = float(traces @ self._spread @ traces)
        a2 = float((self._spread * np.tensordot(swept, swept, axes=((1, 2), (2, 1)))).sum())
        b = (a1 + 6 * a2) / (2 * size)
        g = ((size + 1) * a1 - (size + 4) * a2) / ((size + 2) * a2)
        below = 3 * size + 2 * (1 - g)
        c1, c2, c3 = g / below, (size - g) / below, (size + 2 - g) / below
        mean = 1 / (1 - a2 / size)
        variance = 2 / size * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        ratio = variance / (2 * mean**2)
        freedom = 4 + (size + 2) / (size * ratio - 1)
        scale = freedom / (mean * (freedom - 2))
        quadratic = float(means @ np.linalg.solve(rows @ self._adjusted @ rows.T, means))
        statistic = scale * quadratic / size
        return Test(statistic, size, f_tail(statistic, size, freedom), freedom)
