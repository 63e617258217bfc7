"""Rates of two groups, their score tests and intervals.

Under a null hypothesis of a difference or ratio the variance is that of the restricted maximum likelihood estimates of
Farrington & Manning (1990, Stat Med 9:1447-1454); intervals are those of Miettinen & Nurminen (1985, Stat Med 4:213-226).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, copysign, cos, inf, pi, sqrt
from typing import Literal

from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.confirmatory.endpoints.endpoint import Endpoint, errors
from helmont.design.declared import design
from helmont.design.roots import root

Measure = Literal["difference", "ratio"]


@design
@dataclass(frozen=True)
class Rates(Endpoint):
    """Rates ``treatment`` and ``control``; their difference or ratio is ``null`` under the null hypothesis.

    A ratio is treatment against control. ``null``: by default 0 for a difference, 1 for a ratio. ``ratio``: participants
    on treatment for each on control. The size is that of Farrington & Manning (1990), equation 4, their method 3.
    """

    treatment: float
    control: float
    null: float | None = None
    measure: Measure = "difference"
    ratio: float = 1.0

    def __post_init__(self) -> None:
        for name in ("treatment", "control"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))
        object.__setattr__(self, "ratio", positive("ratio", self.ratio))
        if self.measure not in ("difference", "ratio"):
            raise DesignError("measure", self.measure, "'difference' or 'ratio'")
        null = (0.0 if self.measure == "difference" else 1.0) if self.null is None else number("null", self.null)
        if self.measure == "difference" and not -1 < null < 1:
            raise DesignError("null", null, "a difference between -1 and 1")
        if self.measure == "ratio" and null <= 0:
            raise DesignError("null", null, "a ratio above 0")
        object.__setattr__(self, "null", null)

    @property
    def treatment_share(self) -> float:
        return self.ratio / (1 + self.ratio)

    @property
    def _null(self) -> float:
        assert self.null is not None
        return self.null

    @property
    def _weight(self) -> float:
        """What the control rate counts in the contrast treatment - weight * control."""
        return self._null if self.measure == "ratio" else 1.0

    def _contrast(self) -> float:
        null = 0.0 if self.measure == "ratio" else self._null
        found = self.treatment - self._weight * self.control - null
        if found == 0:
            raise DesignError("treatment", self.treatment, "another rate than under the null hypothesis")
        return found

    def _deviation(self, treatment: float, control: float) -> float:
        share = self.treatment_share
        return sqrt(treatment * (1 - treatment) / share + self._weight**2 * control * (1 - control) / (1 - share))

    def _deviations(self) -> tuple[float, float]:
        """Of the contrast for one participant, under the null hypothesis and under the alternative."""
        null = restricted(self.treatment, self.control, self._null, self.measure, 1 / self.ratio)
        return self._deviation(*null), self._deviation(self.treatment, self.control)

    def fixed_size(self, alpha: float, beta: float) -> float:
        (z_alpha, z_beta), (null, other) = errors(alpha, beta), self._deviations()
        return ((z_alpha * null + z_beta * other) / self._contrast()) ** 2

    def fixed_power(self, size: float, alpha: float) -> float:
        null, other = self._deviations()
        contrast = self.treatment - self._weight * self.control - (0.0 if self.measure == "ratio" else self._null)
        return float(ndtr((abs(contrast) * sqrt(size) + ndtri(alpha) * null) / other))

    def statistic(self, size: float) -> tuple[float, float]:
        """Mean and standard deviation of the score statistic of ``size`` participants, as a stage of its own.

        The deviation is not 1, as the statistic divides by the standard error under the null hypothesis.
        """
        null, other = self._deviations()
        contrast = self.treatment - self._weight * self.control - (0.0 if self.measure == "ratio" else self._null)
        return contrast * sqrt(positive("size", size)) / null, other / null

    def critical_effect(self, z: float, size: float) -> float:
        """The difference or ratio whose score statistic is ``z``, with the planned control rate; nan if no rate has it."""
        side = copysign(
            1.0, self.treatment - self._weight * self.control - (0.0 if self.measure == "ratio" else self._null)
        )
        groups = size * self.treatment_share, size * (1 - self.treatment_share)

        def excess(rate: float) -> float:
            return side * score(rate, self.control, *groups, self._null, self.measure) - z

        same = self._null * self.control if self.measure == "ratio" else self._null + self.control
        try:
            rate = root(excess, same, 1 - 1e-12 if side > 0 else 1e-12)
        except ValueError:
            return float("nan")
        return rate / self.control if self.measure == "ratio" else rate - self.control


@design
@dataclass(frozen=True)
class OneRate(Endpoint):
    """The ``rate`` of a single group against the standard ``null``, by normal approximation (Fleiss et al 2003, section 2.6)."""

    rate: float
    null: float

    def __post_init__(self) -> None:
        for name in ("rate", "null"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))

    @property
    def treatment_share(self) -> float:
        return 1.0

    def fixed_size(self, alpha: float, beta: float) -> float:
        if self.rate == self.null:
            raise DesignError("rate", self.rate, f"other than {self.null:g}, that of the null hypothesis")
        z_alpha, z_beta = errors(alpha, beta)
        return ((z_alpha * _sd(self.null) + z_beta * _sd(self.rate)) / (self.rate - self.null)) ** 2

    def fixed_power(self, size: float, alpha: float) -> float:
        shift = abs(self.rate - self.null) * sqrt(size)
        return float(ndtr((shift + ndtri(alpha) * _sd(self.null)) / _sd(self.rate)))

    def critical_effect(self, z: float, size: float) -> float:
        return self.null + copysign(z * _sd(self.null) / sqrt(size), self.rate - self.null)


def _sd(rate: float) -> float:
    return sqrt(rate * (1 - rate))


def restricted(treatment: float, control: float, null: float, measure: Measure, ratio: float) -> tuple[float, float]:
    """The rates that are likeliest among those whose difference or ratio is ``null``; ``ratio`` is control to treatment.

    Farrington & Manning (1990), appendix; ``treatment`` and ``control`` are the rates as observed or as planned.
    """
    if measure == "ratio":
        b = -(null * (1 + ratio * control) + ratio + treatment)
        c = null * (treatment + ratio * control)
        rate = (-b - sqrt(max(b * b - 4 * (1 + ratio) * c, 0.0))) / (2 * (1 + ratio))
        return min(max(rate, 0.0), 1.0), min(max(rate / null, 0.0), 1.0)
    a = 1 + ratio
    b = -(1 + ratio + treatment + ratio * control + null * (ratio + 2))
    c = null**2 + null * (2 * treatment + ratio + 1) + treatment + ratio * control
    d = -treatment * null * (1 + null)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = copysign(sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v)
    w = (pi + acos(min(1.0, max(-1.0, v / u**3)))) / 3 if u else 0.0
    rate = 2 * u * cos(w) - b / (3 * a)
    return min(max(rate, 0.0), 1.0), min(max(rate - null, 0.0), 1.0)


def score(
    treatment: float,
    control: float,
    n_treatment: float,
    n_control: float,
    null: float = 0.0,
    measure: Measure = "difference",
    adjusted: bool = False,
) -> float:
    """The score statistic of two observed rates.

    ``adjusted`` has the factor N / (N - 1) of Miettinen & Nurminen in its variance.
    """
    p, q = restricted(treatment, control, null, measure, n_control / n_treatment)
    weight, null = (null, 0.0) if measure == "ratio" else (1.0, null)
    variance = p * (1 - p) / n_treatment + weight**2 * q * (1 - q) / n_control
    if adjusted:
        variance *= (n_treatment + n_control) / (n_treatment + n_control - 1)
    away = treatment - weight * control - null
    return away / sqrt(variance) if variance > 0 else (0.0 if away == 0 else copysign(inf, away))


def score_statistic(
    events: tuple[int, int], participants: tuple[int, int], null: float | None = None, measure: Measure = "difference"
) -> float:
    """The Farrington-Manning statistic of events and participants on (treatment, control)."""
    rates, groups = _observed(events, participants)
    return score(*rates, *groups, (0.0 if measure == "difference" else 1.0) if null is None else null, measure)


def score_p_value(
    events: tuple[int, int], participants: tuple[int, int], null: float | None = None, measure: Measure = "difference"
) -> float:
    """The one-sided p-value of ``score_statistic``, for a difference or ratio of at most ``null``."""
    return float(ndtr(-score_statistic(events, participants, null, measure)))


def score_interval(
    events: tuple[int, int],
    participants: tuple[int, int],
    confidence: float = 0.95,
    measure: Measure = "difference",
    *,
    adjusted: bool = False,
) -> tuple[float, float]:
    """The nulls that a two-sided score test does not reject; ``adjusted`` by Miettinen & Nurminen, else Farrington & Manning."""
    rates, groups = _observed(events, participants)
    z = -float(ndtri((1 - probability("confidence", confidence)) / 2))

    def excess(null: float, side: float) -> float:
        return score(*rates, *groups, null, measure, adjusted) - side * z

    if measure == "difference":
        middle, low, high = rates[0] - rates[1], -1 + 1e-12, 1 - 1e-12
    else:
        if 0 in events:
            raise DesignError("events", events, "one or more in each group, for the interval of a ratio")
        middle, low, high = rates[0] / rates[1], 1e-9, 1e9
    lower = root(lambda null: excess(null, 1.0), low, middle) if excess(low, 1.0) > 0 else low
    upper = root(lambda null: excess(null, -1.0), middle, high) if excess(high, -1.0) < 0 else high
    return lower, upper


def _observed(events: tuple[int, int], participants: tuple[int, int]) -> tuple[tuple[float, float], tuple[int, int]]:
    groups = tuple(count(f"participants[{place}]", n, 1) for place, n in enumerate(participants, start=1))
    found = [
        count(f"events[{place}]", x, 0, n) for place, (x, n) in enumerate(zip(events, groups, strict=True), start=1)
    ]
    return (found[0] / groups[0], found[1] / groups[1]), (groups[0], groups[1])
