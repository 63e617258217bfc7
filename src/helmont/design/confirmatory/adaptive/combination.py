"""Stages combined by weights that are fixed in advance, so that everything else may be changed between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.confirmatory.answers import Looks
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.inference import Interval
from helmont.design.declared import design
from helmont.design.roots import root


@design
@dataclass(frozen=True, init=False)
class InverseNormal(GroupSequential):
    """A group sequential design whose stages, each with its own p-value, have the weights that were planned.

    Z at look k is the sum of w_i z(1 - p_i) over the square root of the sum of w_i^2, with w_i^2 the planned information
    of stage i (Lehmacher & Wassmer 1999, Biometrics 55:1286-1290, equation 1; Cui, Hung & Wang 1999, Biometrics
    55:853-857).
    """

    @property
    def weights(self) -> Looks:
        """Of the stages; their squares add up to 1."""
        steps = zip(self.information, (0.0, *self.information), strict=False)
        return tuple(sqrt(now - before) for now, before in steps)

    def combined(self, p_values: Sequence[float]) -> Looks:
        """The statistic at every look, from the one-sided p-values of the stages so far."""
        count("p_values", len(p_values), 1, self.looks)
        z = [-float(ndtri(probability(f"p_values[{stage}]", p))) for stage, p in enumerate(p_values, start=1)]
        weights = np.array(self.weights[: len(z)])
        found = np.cumsum(weights * z) / np.sqrt(np.cumsum(weights**2))
        return tuple(float(each) for each in found)

    def last_stage_power(self, p_values: Sequence[float], shift: float, deviation: float = 1.0) -> float:
        """The conditional power before the last stage if its own statistic is normal with mean ``shift`` and this deviation.

        Whatever the last stage will be: ``shift`` is the effect over its standard error in that stage.
        """
        if len(p_values) != self.looks - 1:
            raise DesignError("p_values", tuple(p_values), f"those of {self.looks - 1} stages")
        away = number("shift", shift) - self.critical_last(p_values)
        return float(ndtr(away / positive("deviation", deviation)))

    def critical_last(self, p_values: Sequence[float]) -> float:
        """What the statistic of the last stage on its own has to reach."""
        before = sqrt(self.information[-2]) * self.combined(p_values)[-1] if self.looks > 1 else 0.0
        return (self.bounds().upper[-1] - before) / self.weights[-1]

    def repeated_interval(self, p_values: Callable[[float], Sequence[float]], low: float, high: float) -> Interval:
        """The effects that are not rejected at this look, at confidence 1 - 2 alpha over all looks.

        ``p_values(null)``: those of the stages so far for the one-sided null hypothesis that the effect is at most
        ``null``, rising in it; ``low`` and ``high``: effects that are surely outside.
        """

        def statistic(null: float) -> float:
            return self._guarded(p_values(null))

        high_bound = self.bounds().upper[len(p_values((low + high) / 2)) - 1]
        return Interval(
            root(statistic, low, high, 1e-10),
            root(lambda null: statistic(null) - high_bound, low, high, 1e-10),
            root(lambda null: statistic(null) + high_bound, low, high, 1e-10),
        )

    def _guarded(self, p_values: Sequence[float]) -> float:
        """The last combined statistic, of p-values that may have become 0 or 1."""
        return self.combined([min(max(p, 1e-300), 1 - 1e-16) for p in p_values])[-1]
