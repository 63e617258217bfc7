"""Fisher's combination of the stages' p-values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, lgamma, log, prod
from typing import Literal

import numpy as np

from helmont.design.checking import DesignError, count, probability
from helmont.design.confirmatory.quadrature import legendre
from helmont.design.confirmatory.recursion import Floats
from helmont.design.declared import Declared, design
from helmont.design.results import Result
from helmont.design.roots import root

Looks = tuple[float, ...]


@dataclass(frozen=True)
class FisherBounds(Result):
    """A hypothesis is rejected at a stage at which the product of the p-values is at most its ``critical`` value."""

    critical: Looks
    spent: Looks
    """The error, cumulated over the stages."""
    levels: Looks
    """The probability of such a product if no stage stopped the trial."""


@design
@dataclass(frozen=True)
class FisherCombination(Declared):
    """Rejects at a stage if the product of the p-values so far is small (Bauer & Köhne 1994, Biometrics 50:1029-1041).

    ``futility``: the trial stops without rejection at an earlier stage whose own p-value is above this, one a stage but
    the last (1: never), which the critical values reckon with. ``method``: ``"equal"`` gives the product the same level
    at all stages (Wassmer 1999, Biom J 41:279-293), ``"full"`` (two stages) gives the last the whole alpha and the first
    what is then left.
    """

    stages: int
    alpha: float = 0.025
    futility: tuple[float, ...] | float = 1.0
    method: Literal["equal", "full"] = "equal"

    def __post_init__(self) -> None:
        count("stages", self.stages, 1, 5)
        object.__setattr__(self, "alpha", probability("alpha", self.alpha))
        given = (
            (self.futility,) * (self.stages - 1) if isinstance(self.futility, (int, float)) else tuple(self.futility)
        )
        if len(given) != self.stages - 1:
            raise DesignError("futility", given, f"{self.stages - 1} p-values, one for every stage but the last")
        for stage, p in enumerate(given, start=1):
            if not self.alpha < probability(f"futility[{stage}]", p, closed=True):
                raise DesignError(f"futility[{stage}]", p, f"above alpha, {self.alpha:g}")
        object.__setattr__(self, "futility", tuple(float(each) for each in given))
        if self.method not in ("equal", "full") or (self.method == "full" and self.stages != 2):
            raise DesignError("method", self.method, "'equal', or 'full' with two stages")

    @property
    def _limits(self) -> Looks:
        assert isinstance(self.futility, tuple)
        return (*self.futility, 1.0)

    def _spent(self, critical: Sequence[float]) -> Looks:
        """What each stage rejects under no effect."""
        found = [critical[0]]
        nodes, weights = legendre(32)
        log_product, mass = np.zeros(1), np.ones(1)
        for stage in range(1, self.stages):
            # p of the stage before, on a logarithmic scale, between the product that rejects and the limit of futility
            low = np.minimum(log(critical[stage - 1]) - log_product, log(self._limits[stage - 1]))
            half = (log(self._limits[stage - 1]) - low) / 2
            log_p = low[:, None] + half[:, None] * (1 + nodes)
            mass = (mass[:, None] * half[:, None] * weights * np.exp(log_p)).ravel()
            log_product = (log_product[:, None] + log_p).ravel()
            within: Floats = np.minimum(1.0, critical[stage] / np.exp(log_product))
            found.append(float(mass @ within))
        return tuple(found)

    @cached_property
    def _critical(self) -> Looks:
        if self.stages == 1:
            return (self.alpha,)
        if self.method == "full":
            last = _product(2, self.alpha)
            limit = self._limits[0]
            if limit == 1:
                return (last, last)
            return (root(lambda p: p + last * log(limit / p) - self.alpha, 1e-12, last, 1e-16), last)

        def error(level: float) -> float:
            return sum(self._spent([_product(stage, level) for stage in range(1, self.stages + 1)])) - self.alpha

        level = root(error, self.alpha / self.stages / 10, self.alpha, 1e-15)
        return tuple(_product(stage, level) for stage in range(1, self.stages + 1))

    def bounds(self) -> FisherBounds:
        """The critical values of the product."""
        return FisherBounds(
            self._critical,
            tuple(float(each) for each in np.cumsum(self._spent(self._critical))),
            tuple(_below(stage, c) for stage, c in enumerate(self._critical, start=1)),
        )

    def rejected(self, p_values: Sequence[float]) -> bool:
        """Whether the product of the p-values so far is at most its critical value, where no earlier stage stopped the trial."""
        return prod(p_values) <= self._critical[self._stage(p_values) - 1]

    def _stage(self, p_values: Sequence[float]) -> int:
        for stage, p in enumerate(p_values, start=1):
            probability(f"p_values[{stage}]", p, closed=True)
        return count("p_values", len(p_values), 1, self.stages)

    def conditional_error(self, p_values: Sequence[float]) -> float:
        """The probability to reject at the next stage under no effect: the level at which its p-value will be judged."""
        if self._stage(p_values) == self.stages:
            raise DesignError("p_values", tuple(p_values), f"those of fewer than {self.stages} stages")
        return min(1.0, self._critical[len(p_values)] / prod(p_values))

    def repeated_p_value(self, p_values: Sequence[float]) -> float:
        """The least alpha with which the trial would be rejected at this stage."""
        stage, product = self._stage(p_values), prod(p_values)
        highest = min([0.999, *(p for p in self._limits if p < 1)]) * (1 - 1e-9)

        def excess(alpha: float) -> float:
            return log(replace(self, alpha=alpha)._critical[stage - 1] / product)

        if product <= 0:
            return 0.0
        return root(excess, 1e-9, highest, 1e-13) if excess(highest) > 0 else 1.0

    def repeated_interval(
        self, p_values: Callable[[float], Sequence[float]], low: float, high: float
    ) -> tuple[float, float]:
        """The effects that are not rejected at this stage, at confidence 1 - 2 alpha over all stages.

        ``p_values(null)``: of the stages so far, for the one-sided null hypothesis that the effect is at most ``null``,
        rising in it; ``low`` and ``high``: effects that are surely outside.
        """
        critical = self._critical[self._stage(p_values((low + high) / 2)) - 1]
        return (
            root(lambda null: prod(p_values(null)) - critical, low, high, 1e-10),
            root(lambda null: prod(1 - p for p in p_values(null)) - critical, low, high, 1e-10),
        )

    def final_p_value(self, p_values: Sequence[float]) -> float:
        """Of a trial that stopped at this stage, by stage-wise ordering: rejected earlier, or now with so small a product."""
        stage, product = self._stage(p_values), prod(p_values)
        critical = (*self._critical[: stage - 1], product)
        limits = self._limits[: stage - 1]
        shorter = replace(self, stages=stage, futility=limits, method="equal")
        return sum(shorter._spent(critical))


def _below(stages: int, product: float) -> float:
    """The probability that so many uniform p-values have at most this product."""
    return product * sum(exp(k * log(-log(product)) - lgamma(k + 1)) if k else 1.0 for k in range(stages))


def _product(stages: int, level: float) -> float:
    """The product that so many uniform p-values do not exceed with probability ``level``."""
    if stages == 1:
        return level
    return exp(root(lambda x: log(_below(stages, exp(x)) / level), log(level) - 40, log(level), 1e-14))
