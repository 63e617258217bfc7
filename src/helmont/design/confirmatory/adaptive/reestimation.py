"""The size of the second stage by the conditional power after the first, with weights that are fixed in advance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.declared import Declared, design
from helmont.design.results import Result

Reals = NDArray[np.float64]
Decision = Literal["stop for efficacy", "stop for futility", "go on as planned", "change the size"]


@dataclass(frozen=True)
class ReestimationStep(Result):
    """What follows from an interim result."""

    decision: Decision
    n: float
    """The size at the end, participants who entered before the interim analysis was done included."""
    critical: float
    """What the statistic of the second stage on its own has to reach."""
    conditional_power: float
    """With the planned size, for the assumed or observed effect."""
    effect: float
    """That effect, as a multiple of the planned alternative."""


@dataclass(frozen=True)
class ReestimationSimulation(Result):
    """Simulated trials: shares and means."""

    trials: int
    power: float
    rejected: tuple[float, float]
    """At the interim analysis, and at the end."""
    futility: float
    second_stage: float
    """The mean size of the second stage of the trials that have one."""
    second_stage_sd: float
    conditional_power: float
    """The mean of what is then reached, for the effect observed, of those trials."""
    conditional_power_sd: float
    expected_n: float
    expected_n_sd: float

    @property
    def standard_error(self) -> float:
        """Of the power."""
        return sqrt(self.power * (1 - self.power) / self.trials)


@design
@dataclass(frozen=True)
class Reestimation(Declared):
    """A trial of ``planned`` participants with two looks whose second stage is set anew after the first.

    Where the conditional power lies in ``zone``, the second stage gets the size with which it is ``power``, so that the
    trial has from ``least`` (by default the planned) to ``most`` participants. The stages keep the weights of ``test``
    (Cui, Hung & Wang 1999; Lehmacher & Wassmer 1999), so that its error is held; with ``statistic="sufficient"``
    every participant counts alike, which holds the error only where sizes are raised from a conditional power of one
    half on (Chen, DeMets & Lan 2004, Stat Med 23:1023-1038). ``effect``: the effect that is assumed, a multiple of
    the planned alternative; None takes the one that is observed. ``overrun``: participants who enter before the
    interim analysis is done.
    """

    test: InverseNormal
    planned: float
    most: float
    power: float = 0.9
    zone: tuple[float, float] = (0.0, 1.0)
    least: float | None = None
    overrun: float = 0.0
    effect: float | None = None
    statistic: Literal["weighted", "sufficient"] = "weighted"

    def __post_init__(self) -> None:
        if not isinstance(self.test, InverseNormal) or self.test.looks != 2:
            raise DesignError("test", self.test, "an InverseNormal with two looks")
        object.__setattr__(self, "planned", positive("planned", self.planned))
        object.__setattr__(self, "power", probability("power", self.power))
        low, high = (probability("zone", each, closed=True) for each in self.zone)
        if low >= high:
            raise DesignError("zone", self.zone, "two probabilities that rise")
        object.__setattr__(self, "zone", (low, high))
        least = self.planned if self.least is None else positive("least", self.least)
        if not self.first < least:
            raise DesignError("least", least, f"above the {self.first:g} of the first stage")
        if not self.most >= least:
            raise DesignError("most", self.most, f"at least {least:g}")
        object.__setattr__(self, "least", least)
        object.__setattr__(self, "most", positive("most", self.most))
        if self.overrun < 0:
            raise DesignError("overrun", self.overrun, "0 or above")
        if self.statistic not in ("weighted", "sufficient"):
            raise DesignError("statistic", self.statistic, "'weighted' or 'sufficient'")
        if self.effect is not None:
            object.__setattr__(self, "effect", number("effect", self.effect))

    @property
    def first(self) -> float:
        """The size of the first stage."""
        return self.planned * self.test.information[0]

    @property
    def _unit(self) -> float:
        """The planned alternative for one participant: Z of n participants has mean unit sqrt(n)."""
        return self.test.drift / sqrt(self.planned)

    def critical(self, z: float, n: float | None = None) -> float:
        """What the statistic of the second stage on its own has to reach, with a final size ``n`` (by default the planned)."""
        return float(self._critical(np.array([number("z", z)]), np.array([self.planned if n is None else n]))[0])

    def _critical(self, z: Reals, n: Reals) -> Reals:
        bound = self.test.bounds().upper[1]
        if self.statistic == "weighted":
            first, second = self.test.weights
            return np.asarray((bound - first * z) / second)
        return np.asarray((bound * np.sqrt(n) - z * sqrt(self.first)) / np.sqrt(n - self.first))

    def conditional_power(self, z: float, n: float | None = None) -> float:
        """With a final size ``n`` (by default the planned), for the assumed or observed effect."""
        later = (self.planned if n is None else n) - self.first
        return float(ndtr(self._effect(z) * self._unit * sqrt(later) - self.critical(z, n)))

    def _effect(self, z: float) -> float:
        return z / sqrt(self.first) / self._unit if self.effect is None else self.effect

    def next(self, z: float) -> ReestimationStep:
        """What the interim statistic asks for."""
        bounds, effect = self.test.bounds(), self._effect(number("z", z))
        reached, stopped = self.conditional_power(z), self.first + self.overrun
        lower = -inf if bounds.lower is None else bounds.lower[0]
        if z >= bounds.upper[0] or z < lower:
            decision: Decision = "stop for efficacy" if z >= bounds.upper[0] else "stop for futility"
            return ReestimationStep(decision, stopped, self.critical(z), reached, effect)
        if not self.zone[0] <= reached <= self.zone[1]:
            planned = max(self.planned, stopped)
            return ReestimationStep("go on as planned", planned, self.critical(z, planned), reached, effect)
        n = max(float(self._sizes(np.array([z]))[0]), stopped)
        return ReestimationStep("change the size", n, self.critical(z, n), reached, effect)

    def _sizes(self, z: Reals) -> Reals:
        """The size at the end with which the conditional power is reached, within its limits."""
        theta = z / sqrt(self.first) if self.effect is None else np.full_like(z, self.effect * self._unit)
        assert self.least is not None
        n = np.full_like(z, self.planned)
        for _ in range(
            1 if self.statistic == "weighted" else 50
        ):  # the sufficient statistic's bound depends on the size
            missing = np.maximum(self._critical(z, n) - ndtri(1 - self.power), 0.0)
            with np.errstate(divide="ignore", over="ignore"):
                later = np.where(theta > 0, (missing / np.where(theta > 0, theta, 1.0)) ** 2, inf)
            n = np.clip(self.first + later, self.least, self.most)
        return n

    def simulate(
        self, truth: float, trials: int, seed: int, *, rng: Literal["pcg64"] = "pcg64"
    ) -> ReestimationSimulation:
        """Trials with an effect of ``truth`` times the planned alternative."""
        count("trials", trials, 1)
        random = np.random.Generator(np.random.PCG64(seed))
        bounds, theta = self.test.bounds(), truth * self._unit
        z = theta * sqrt(self.first) + random.standard_normal(trials)
        efficacy = z >= bounds.upper[0]
        futile = np.zeros(trials, dtype=bool) if bounds.lower is None else z < bounds.lower[0]
        on = ~(efficacy | futile)
        observed = z / sqrt(self.first) if self.effect is None else np.full_like(z, self.effect * self._unit)
        planned = ndtr(observed * sqrt(self.planned - self.first) - self._critical(z, np.full_like(z, self.planned)))
        inside = (planned >= self.zone[0]) & (planned <= self.zone[1])
        stopped = self.first + self.overrun
        n = np.maximum(np.where(inside, self._sizes(z), self.planned), stopped)
        later, critical = n - self.first, self._critical(z, n)
        late = theta * np.sqrt(later) + random.standard_normal(trials)
        success = on & (late >= critical)
        total = np.where(on, n, stopped)
        reached = ndtr(z / sqrt(self.first) * np.sqrt(later) - critical)[on]
        second_stage = later[on]
        return ReestimationSimulation(
            trials,
            float((efficacy | success).mean()),
            (float(efficacy.mean()), float(success.mean())),
            float(futile.mean()),
            *(_mean_and_sd(second_stage)),
            *(_mean_and_sd(reached)),
            *(_mean_and_sd(total)),
        )


def _mean_and_sd(values: Reals) -> tuple[float, float]:
    return (float(values.mean()), float(values.std())) if values.size else (float("nan"), float("nan"))
