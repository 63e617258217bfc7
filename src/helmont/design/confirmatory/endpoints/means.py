"""Means of two groups."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, sqrt
from typing import Literal

from scipy.special import nctdtr, ndtr, ndtri, stdtr, stdtrit

from helmont.design.checking import DesignError, number, positive
from helmont.design.confirmatory.endpoints.endpoint import Endpoint, errors
from helmont.design.declared import design
from helmont.design.roots import bracketed


@design
@dataclass(frozen=True)
class Means(Endpoint):
    """A ``difference`` of means (treatment - control) with standard deviation ``sd`` in both groups, against ``null``.

    ``test``: ``"t"`` gives the power by the non-central t distribution with size - 2 degrees of freedom, ``"normal"``
    takes ``sd`` as known (Julious 2004, Stat Med 23:1921-1986, sections 3.1 and 3.4). ``ratio``: participants on
    treatment for each on control.
    """

    difference: float
    sd: float = 1.0
    null: float = 0.0
    ratio: float = 1.0
    test: Literal["t", "normal"] = "t"

    def __post_init__(self) -> None:
        for name in ("difference", "null"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        for name in ("sd", "ratio"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        if self.test not in ("t", "normal"):
            raise DesignError("test", self.test, "'t' or 'normal'")

    @property
    def treatment_share(self) -> float:
        return self.ratio / (1 + self.ratio)

    def _error(self, size: float) -> float:
        return self.sd / sqrt(size * self.treatment_share * (1 - self.treatment_share))

    def fixed_power(self, size: float, alpha: float) -> float:
        shift = abs(self.difference - self.null) / self._error(size)
        if self.test == "normal":
            return float(ndtr(shift + ndtri(alpha)))
        df = size - 2
        if df <= 0:
            raise DesignError("size", size, "above 2")
        return float(1 - nctdtr(df, shift, stdtrit(df, 1 - alpha)))

    def fixed_size(self, alpha: float, beta: float) -> float:
        if self.difference == self.null:
            raise DesignError("difference", self.difference, f"other than {self.null:g}, that of the null hypothesis")
        known = (sum(errors(alpha, beta)) * self._error(1.0) / (self.difference - self.null)) ** 2
        if self.test == "normal":
            return known
        return bracketed(lambda size: self.fixed_power(size, alpha) - 1 + beta, 2.0 + 1e-3, known + 4, 1e-10)

    def critical_effect(self, z: float, size: float) -> float:
        reached = z if self.test == "normal" else float(-stdtrit(size - 2, float(ndtr(-z))))
        return self.null + copysign(reached * self._error(size), self.difference - self.null)


def means_p_value(
    n: tuple[float, float], mean: tuple[float, float], sd: tuple[float, float], null: float = 0.0
) -> float:
    """The one-sided p-value of the t test with common variance for a difference of at most ``null``.

    ``n``, ``mean`` and ``sd`` are those of (treatment, control). Raises ``DesignError`` for fewer than three
    participants.
    """
    df = n[0] + n[1] - 2
    if df <= 0:
        raise DesignError("n", n, "three or more participants")
    variance = ((n[0] - 1) * sd[0] ** 2 + (n[1] - 1) * sd[1] ** 2) / df
    return float(stdtr(df, (null - mean[0] + mean[1]) / sqrt(variance * (1 / n[0] + 1 / n[1]))))
