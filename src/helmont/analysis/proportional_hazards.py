"""Cox's regression of times to an event (Cox 1972): hazard ratios, with strata and three ways to treat ties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from helmont.analysis.arrays import Floats, NotComputable, codes, floats
from helmont.analysis.distributions import chi_square_tail
from helmont.analysis.estimates import Estimate, Test, estimate_of

Ties = Literal["efron", "breslow", "exact"]
ROUNDS = 50
# Least information on a column in standard deviations: one event brings up to one.
LEAST, UNBOUNDED = 1e-9, 1e-6
ALIKE = "a column is the same for all who were at risk at any event, or follows from the other columns"
ONE_SIDED = "the hazard ratio is 0 or infinite: all events are on one side"


class ProportionalHazards:
    """The partial likelihood's maximum for the columns of ``matrix`` (n x p, without an intercept).

    Ties by Efron (1977), by Breslow (1974, SAS's default) or exactly as of discrete times (Cox 1972; SAS's TIES=DISCRETE).
    """

    def __init__(
        self, matrix: Floats, time: object, event: object, strata: Sequence[object] | None = None, ties: Ties = "efron"
    ) -> None:
        x, times, happened = floats(matrix, "the design"), floats(time, "the times"), floats(event, "the events")
        if not happened.any():
            raise NotComputable("nobody had the event")
        layers = (
            codes(strata, list(dict.fromkeys(strata)), "the strata") if strata is not None else np.zeros(len(x), int)
        )
        x = x - x.mean(axis=0)  # the partial likelihood does not change, its exponentials stay small
        self._moments = [
            (x[here & (times >= moment)], x[here & (times == moment) & (happened > 0)])
            for here in (layers == layer for layer in np.unique(layers))
            for moment in np.unique(times[here & (happened > 0)])
        ]
        self._ties = ties
        beta = np.zeros(x.shape[1])
        self.null_log_likelihood, score, information = self._at(beta)
        spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
        scale = np.outer(spread, spread)
        if np.linalg.eigvalsh(information / scale)[0] < LEAST:
            raise NotComputable(ALIKE)
        self.score_test = self._chi_square(float(score @ np.linalg.solve(information, score)), len(beta))
        value = self.null_log_likelihood
        for _ in range(ROUNDS):
            step = np.linalg.solve(information, score)
            for halving in range(30):
                later = self._at(beta + step / 2**halving)
                if later[0] >= value - 1e-12 * abs(value):
                    break
            beta = beta + step / 2**halving
            value, score, information = later
            if np.linalg.eigvalsh(information / scale)[0] < UNBOUNDED:
                raise NotComputable(ONE_SIDED)
            if float(score @ np.linalg.solve(information, score)) < 1e-14:
                break
        else:
            raise NotComputable(ONE_SIDED)
        self.coefficients, self.log_likelihood = beta, value
        self.covariance: Floats = np.linalg.inv(information)
        ratio = 2 * (value - self.null_log_likelihood)
        self.likelihood_ratio_test = self._chi_square(ratio, len(beta))

    def combine(self, weights: Floats, level: float = 0.95) -> Estimate:
        """A linear combination of the log hazard ratios; its test is Wald's, by the normal distribution."""
        return estimate_of(
            float(weights @ self.coefficients), float(weights @ self.covariance @ weights), float("inf"), level
        )

    @staticmethod
    def _chi_square(statistic: float, df: int) -> Test:
        return Test(statistic, df, chi_square_tail(statistic, df))

    def _at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Log-likelihood, score and information."""
        value, score, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
        for at_risk, failing in self._moments:
            value += float((failing @ beta).sum())
            score += failing.sum(axis=0)
            if self._ties == "exact" and len(failing) > 1:
                parts = [_chosen(at_risk, len(failing), beta)]
            else:
                parts = self._shared(at_risk, failing, beta)
            for size, first, second in parts:
                mean = first / size
                value -= float(np.log(size))
                score -= mean
                information += second / size - np.outer(mean, mean)
        return value, score, information

    def _shared(self, at_risk: Floats, failing: Floats, beta: Floats) -> list[tuple[float, Floats, Floats]]:
        """Sums of exp(xb), x exp(xb), xx' exp(xb) over those at risk, once for each event; Efron leaves part of them out."""
        whole, part = _sums(at_risk, beta), _sums(failing, beta)
        count = len(failing)
        shares = [place / count if self._ties == "efron" else 0.0 for place in range(count)]
        return [
            (whole[0] - share * part[0], whole[1] - share * part[1], whole[2] - share * part[2]) for share in shares
        ]


def _sums(x: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
    weight = np.exp(x @ beta)
    return float(weight.sum()), weight @ x, (x * weight[:, None]).T @ x


def _chosen(x: Floats, count: int, beta: Floats) -> tuple[float, Floats, Floats]:
    """The sum over every choice of ``count`` of those at risk of exp(sum of xb), with its first and second derivatives.

    Built up person by person (Gail, Lubin and Rubinstein, Biometrika 1981;68:703).
    """
    p = len(beta)
    value, first, second = np.zeros(count + 1), np.zeros((count + 1, p)), np.zeros((count + 1, p, p))
    value[0] = 1.0
    for row in x:
        weight = float(np.exp(row @ beta))
        cross = row[:, None] * first[:-1, None, :]
        grown = second[:-1] + cross + cross.transpose(0, 2, 1) + np.outer(row, row) * value[:-1, None, None]
        second[1:] += weight * grown
        first[1:] += weight * (first[:-1] + row * value[:-1, None])
        value[1:] += weight * value[:-1]
    return float(value[count]), first[count], second[count]
