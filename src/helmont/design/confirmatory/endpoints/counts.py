"""Counts of recurrent events, as negative binomial rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, exp, log, sqrt

from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, positive
from helmont.design.confirmatory.endpoints.endpoint import Endpoint, errors
from helmont.design.declared import design


@design
@dataclass(frozen=True)
class Counts(Endpoint):
    """Events a time unit on ``treatment`` and ``control``; each participant is followed for ``exposure``.

    The variance of a count with mean m is m + dispersion m^2 (``dispersion`` 0: Poisson). The logarithm of
    the rate ratio is tested, with its variance under the alternative (Friede & Schmidli 2010, Methods Inf Med 49:618-624,
    equation 5). ``null``: the ratio under the null hypothesis.
    """

    treatment: float
    control: float
    dispersion: float = 0.0
    exposure: float = 1.0
    null: float = 1.0
    ratio: float = 1.0

    def __post_init__(self) -> None:
        for name in ("treatment", "control", "exposure", "null", "ratio"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        if not 0 <= self.dispersion < 1e6:
            raise DesignError("dispersion", self.dispersion, "0 or above")
        object.__setattr__(self, "dispersion", float(self.dispersion))

    @property
    def treatment_share(self) -> float:
        return self.ratio / (1 + self.ratio)

    def _effect(self) -> float:
        return log(self.treatment / self.control / self.null)

    def _variance(self) -> float:
        share = self.treatment_share
        each = (1 / (self.exposure * rate) + self.dispersion for rate in (self.treatment, self.control))
        treatment, control = each
        return treatment / share + control / (1 - share)

    def fixed_size(self, alpha: float, beta: float) -> float:
        if self._effect() == 0:
            raise DesignError("treatment", self.treatment, "another rate than under the null hypothesis")
        return (sum(errors(alpha, beta)) / self._effect()) ** 2 * self._variance()

    def fixed_power(self, size: float, alpha: float) -> float:
        return float(ndtr(abs(self._effect()) * sqrt(size / self._variance()) + ndtri(alpha)))

    def critical_effect(self, z: float, size: float) -> float:
        return self.null * exp(copysign(z * sqrt(self._variance() / size), self._effect()))
