"""What means, rates and counts share: their size and power follow from those of a trial without interim looks."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from scipy.special import ndtri

from helmont.design.checking import positive, probability
from helmont.design.confirmatory.answers import Characteristics, SampleSize
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.declared import Declared


@dataclass(frozen=True)
class Endpoint(Declared):
    """A comparison of two groups (or of one with a standard); sizes count both together and are not rounded."""

    @property
    @abstractmethod
    def treatment_share(self) -> float:
        """The share of the participants who are on treatment."""

    @abstractmethod
    def fixed_size(self, alpha: float, beta: float) -> float:
        """The size without interim looks, with one-sided error ``alpha`` and power 1 - ``beta``."""

    @abstractmethod
    def fixed_power(self, size: float, alpha: float) -> float:
        """The power of ``size`` without interim looks."""

    @abstractmethod
    def critical_effect(self, z: float, size: float) -> float:
        """The least observed effect that reaches ``z`` with ``size`` participants."""

    def sample_size(self, design: GroupSequential) -> SampleSize:
        """The size that gives ``design`` its power: that without looks times its inflation.

        Jennison & Turnbull 2000, section 2.3.
        """
        fixed, upper = self.fixed_size(design.alpha, design.beta), design.bounds().upper
        known = design.exact((0.0, 0.5, 1.0)).expected
        size = SampleSize.of(fixed, design.inflation, design.information, known, self.treatment_share)
        return size.with_effects([self.critical_effect(z, n) for z, n in zip(upper, size.looks, strict=True)])

    def power(self, design: GroupSequential, size: float) -> Characteristics:
        """What ``design`` does with ``size`` participants at most if the alternative is true.

        The drift is the one that gives a trial without looks the power that this endpoint has.
        """
        fixed = self.fixed_power(positive("size", size), design.alpha)
        drift = float(ndtri(fixed) - ndtri(design.alpha))
        return design.exact(drift / design.drift)


def errors(alpha: float, beta: float) -> tuple[float, float]:
    """z(1 - alpha) and z(1 - beta)."""
    return -float(ndtri(probability("alpha", alpha))), -float(ndtri(probability("beta", beta)))
