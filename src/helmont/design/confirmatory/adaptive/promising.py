"""More participants where the interim result is promising, with the usual test at the end.

Mehta & Pocock 2011, Stat Med 30:3267-3284.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.declared import Declared, design
from helmont.design.results import Result
from helmont.design.roots import root

Zone = Literal["unfavourable", "promising", "favourable"]


@dataclass(frozen=True)
class PromisingStep(Result):
    """What follows from an interim result."""

    zone: Zone
    conditional_power: float
    """With the planned size, if the observed effect is true."""
    n: float
    """The size that is now aimed at."""
    conditional_power_then: float
    """With that size and the usual test, which asks for a little more than the critical value that the size follows from."""
    reason: str


@dataclass(frozen=True)
class PromisingSimulation(Result):
    """Simulated trials: shares, and means of the size."""

    trials: int
    power: float
    zones: dict[str, float]
    """The share of trials in each zone."""
    power_in_zone: dict[str, float]
    expected_n: float
    expected_n_promising: float

    @property
    def standard_error(self) -> float:
        """Of the power."""
        return sqrt(self.power * (1 - self.power) / self.trials)


@design
@dataclass(frozen=True)
class PromisingZone(Declared):
    """``n_interim`` of the planned ``n`` are seen at the interim analysis; the size may be raised to ``n_max``.

    ``inf``: without limit.

    Where the conditional power for the observed effect is at least ``least`` and below ``power``, the size is raised to
    reach ``power``. ``least`` is by default the smallest with which the usual test, level ``alpha`` (one-sided), keeps
    its error whatever the size then is (the paper's CP_min, table I).
    """

    n_interim: float
    n: float
    n_max: float
    alpha: float = 0.025
    power: float = 0.8
    least: float | None = None

    def __post_init__(self) -> None:
        for name in ("n_interim", "n"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        if self.n_interim >= self.n:
            raise DesignError("n_interim", self.n_interim, f"below n, {self.n:g}")
        if not self.n_max >= self.n:
            raise DesignError("n_max", self.n_max, f"at least n, {self.n:g}")
        object.__setattr__(self, "n_max", float(self.n_max))
        object.__setattr__(self, "alpha", probability("alpha", self.alpha))
        object.__setattr__(self, "power", probability("power", self.power))
        if self.least is not None:
            object.__setattr__(self, "least", probability("least", self.least))
            if self.least >= self.power:
                raise DesignError("least", self.least, f"below power, {self.power:g}")

    @property
    def critical(self) -> float:
        """What Z has to reach at the end."""
        return float(-ndtri(self.alpha))

    def _missing(self, z: float) -> float:
        """What the planned second stage on its own has to reach (before equation 3 of the paper)."""
        return (self.critical * sqrt(self.n) - z * sqrt(self.n_interim)) / sqrt(self.n - self.n_interim)

    def conditional_power(self, z: float, n: float | None = None) -> float:
        """With a final size ``n`` (by default the planned), if the effect observed so far is true (equation 3)."""
        size = self.n if n is None else n
        later = sqrt(size - self.n_interim)
        missing = (self.critical * sqrt(size) - z * sqrt(self.n_interim)) / later
        return float(ndtr(z * later / sqrt(self.n_interim) - missing))

    def n_for_power(self, z: float) -> float:
        """The size without limit with which the conditional power is ``power`` (equation 5); ``inf`` where none has it.

        The critical value of the planned second stage is kept, so that the error is held (Gao, Ware & Mehta 2008,
        equation 6).
        """
        shift = self._missing(z) - float(ndtri(1 - self.power))
        return inf if z <= 0 else self.n_interim * (1 + max(shift, 0.0) ** 2 / z**2)

    def raised(self, z: float) -> float:
        """``n_for_power``, at most ``n_max``."""
        return min(self.n_for_power(z), self.n_max)

    def adjusted_critical(self, z: float, n: float) -> float:
        """What Z would have to reach with a final size ``n`` that keeps the planned conditional error: b(z, n) of the paper."""
        planned = sqrt((n - self.n_interim) / (self.n - self.n_interim))
        return (planned * (self.critical * sqrt(self.n) - z * sqrt(self.n_interim)) + z * sqrt(self.n_interim)) / sqrt(
            n
        )

    def z_of(self, conditional_power: float) -> float:
        """The interim statistic with this conditional power."""
        return root(lambda z: self.conditional_power(z) - conditional_power, -9.0, 9.0)

    @cached_property
    def cp_min(self) -> float:
        """The least conditional power from which on to ``power`` the usual test may be used after the size was raised."""

        def excess(conditional_power: float) -> float:
            z = self.z_of(conditional_power)
            n = self.raised(z)
            return -1.0 if n <= self.n else self.adjusted_critical(z, min(n, 1e12 * self.n)) - self.critical

        steps = np.linspace(self.power - 1e-6, 1e-3, 400)
        for above, below in pairwise(steps):
            if excess(float(below)) > 0:
                return root(excess, float(below), float(above), 1e-10)
        return float(steps[-1])

    def next(self, z: float) -> PromisingStep:
        """What the interim statistic asks for."""
        found = self.conditional_power(number("z", z))
        least = self.cp_min if self.least is None else self.least
        if found < least:
            return PromisingStep(
                "unfavourable", found, self.n, found, f"conditional power {found:.3f} is below {least:.3f}"
            )
        if found >= self.power:
            return PromisingStep(
                "favourable", found, self.n, found, f"conditional power {found:.3f} is at least {self.power:.3f}"
            )
        n = max(self.raised(z), self.n)
        reason = f"conditional power {found:.3f} is between {least:.3f} and {self.power:.3f}"
        return PromisingStep("promising", found, n, self.conditional_power(z, n), reason)

    def simulate(self, truth: float, trials: int, seed: int, *, rng: Literal["pcg64"] = "pcg64") -> PromisingSimulation:
        """Trials in which Z at the planned size has mean ``truth``."""
        count("trials", trials, 1)
        random = np.random.Generator(np.random.PCG64(seed))
        theta = truth / sqrt(self.n)
        z = theta * sqrt(self.n_interim) + random.standard_normal(trials)
        least = self.cp_min if self.least is None else self.least
        low, high = self.z_of(least), self.z_of(self.power)
        zone = np.searchsorted([low, high], z, side="right")
        missing = (self.critical * sqrt(self.n) - z * sqrt(self.n_interim)) / sqrt(self.n - self.n_interim)
        shift = np.maximum(missing - ndtri(1 - self.power), 0.0)
        raised = np.minimum(self.n_interim * (1 + (shift / np.where(z > 0, z, 1e-9)) ** 2), self.n_max)
        n = np.where(zone == 1, np.maximum(raised, self.n), self.n)
        later = theta * (n - self.n_interim) + np.sqrt(n - self.n_interim) * random.standard_normal(trials)
        success = (z * sqrt(self.n_interim) + later) / np.sqrt(n) >= self.critical
        names = ("unfavourable", "promising", "favourable")
        inside = {name: zone == place for place, name in enumerate(names)}
        return PromisingSimulation(
            trials,
            float(success.mean()),
            {name: float(each.mean()) for name, each in inside.items()},
            {name: float(success[each].mean()) if each.any() else float("nan") for name, each in inside.items()},
            float(n.mean()),
            float(n[zone == 1].mean()) if (zone == 1).any() else float("nan"),
        )
