"""A trial of two arms whose control arm borrows from history, and how it behaves: exactly for responses, by quadrature for
means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, gammaln, ndtr

from helmont.design import checking
from helmont.design.borrowing.mixtures import Floats
from helmont.design.borrowing.predictive import MapBinary, MapNormal
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.nodes import legendre
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class BorrowingCharacteristics(Result):
    """Tuples have an element a true parameter of the control arm."""

    control: tuple[float, ...]
    effect: float
    """Treatment less control."""
    success: tuple[float, ...]
    """The probability of success: with no effect the error of the first kind, else the power."""
    bias: tuple[float, ...]
    """Of the posterior mean of the control arm."""
    error: tuple[float, ...]
    """Its root mean squared error."""

    def frame(self) -> pl.DataFrame:
        """A row a true parameter."""
        import polars as pl

        return pl.DataFrame({name: list(getattr(self, name)) for name in ("control", "success", "bias", "error")})


@design
@dataclass(frozen=True)
class BorrowingTrial(Declared):
    """Success is a posterior probability above ``probability`` that the treatment is better than control by more than ``margin``.

    The treatment arm has a uniform prior of its rate, or an even one of its mean.
    """

    prior: MapBinary | MapNormal
    control: int
    treatment: int
    """Patients of the arms."""
    probability: float = 0.975
    margin: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.prior, (MapBinary, MapNormal)):
            raise DesignError("prior", self.prior, "a MapBinary or a MapNormal")
        checking.count("control", self.control, 1)
        checking.count("treatment", self.treatment, 1)
        checking.probability("probability", self.probability)
        checking.between("margin", self.margin, -1e6, 1e6)

    @cached_property
    def successes(self) -> Floats:
        """For binary responses: 1 where responses in control (rows) and treatment (columns) are a success."""
        if not isinstance(self.prior, MapBinary):
            raise DesignError("prior", self.prior.kind, "binary, for a table of responses")
        nodes, weights = legendre(200)
        t = np.pi * (nodes + 1) / 4
        rate, measure = np.sin(t) ** 2, np.sin(2 * t) * np.pi / 4 * weights
        r = np.arange(self.treatment + 1)[:, None]
        at = np.clip(rate + self.margin, 0.0, 1.0)
        above = 1 - betainc(r + 1, self.treatment - r + 1, at)
        rows = [self.prior.prior.posterior(x, self.control).density(rate) * measure for x in range(self.control + 1)]
        return np.asarray(np.array(rows) @ above.T > self.probability, dtype=np.float64)

    def characteristics(self, control: tuple[float, ...], effect: float = 0.0) -> BorrowingCharacteristics:
        """At true parameters of the control arm, with the treatment better by ``effect``."""
        if isinstance(self.prior, MapBinary):
            truths = checking.probabilities("control", control)
            for p in truths:
                checking.probability("control + effect", p + effect, closed=True)
            found = [self._binary(p, effect) for p in truths]
        else:
            truths = tuple(checking.number("control", each) for each in control)
            found = [self._normal(self.prior, each, effect) for each in truths]
        success, bias, error = (tuple(float(each[place]) for each in found) for place in range(3))
        return BorrowingCharacteristics(truths, effect, success, bias, error)

    def _binary(self, p: float, effect: float) -> tuple[float, float, float]:
        assert isinstance(self.prior, MapBinary)
        here, there = _binomial(self.control, p), _binomial(self.treatment, p + effect)
        means = np.array([self.prior.prior.posterior(x, self.control).mean for x in range(self.control + 1)])
        return (
            float(here @ self.successes @ there),
            float(here @ means - p),
            float(np.sqrt(here @ (means - p) ** 2)),
        )

    def _normal(self, prior: MapNormal, truth: float, effect: float) -> tuple[float, float, float]:
        error = prior.deviation / np.sqrt([self.control, self.treatment])
        nodes, weights = legendre(200)
        y = truth + 7 * error[0] * nodes
        mass = np.exp(-0.5 * (7 * nodes) ** 2) * 7 * weights / np.sqrt(2 * np.pi)
        after = [prior.prior.posterior(float(each), self.control) for each in y]
        w, m, s = (np.array([getattr(each, name) for each in after]) for name in ("weights", "means", "deviations"))
        low, high = y - 60 * error.sum() - abs(self.margin), y + 60 * error.sum() + abs(self.margin)
        low, high = np.minimum(low, m.min(axis=1) - 20 * s.max()), np.maximum(high, m.max(axis=1) + 20 * s.max())
        for _ in range(70):  # the treatment mean from which there is success
            middle = (low + high) / 2
            z = (middle[:, None] - m - self.margin) / np.sqrt(s**2 + error[1] ** 2)
            enough = (w * ndtr(z)).sum(axis=1) > self.probability
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        means = (w * m).sum(axis=1)
        success = mass @ ndtr((truth + effect - high) / error[1])
        return float(success), float(mass @ means - truth), float(np.sqrt(mass @ (means - truth) ** 2))


def _binomial(n: int, p: float) -> Floats:
    r = np.arange(n + 1)
    if p in (0.0, 1.0):
        return np.asarray(r == n * p, dtype=np.float64)
    choose = gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1)
    return np.asarray(np.exp(choose + r * np.log(p) + (n - r) * np.log1p(-p)))
