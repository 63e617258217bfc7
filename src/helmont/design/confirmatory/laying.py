"""Bounds look by look, and the constants and the drift that give a design its errors.

The drift is the mean of Z at the maximal information under the planned alternative; a trial without interim looks has z(1
- alpha) + z(1 - beta). Upper bounds hold their error under no effect: with ``binding`` (or symmetric) lower bounds a
trial that crossed one is over, otherwise it counts as going on (Jennison & Turnbull 2000, sections 4.2, 7.2 and 7.3;
Anderson & Clark 2010, Stat Med 29:219-227).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from scipy.special import ndtri

from helmont.design.checking import DesignError
from helmont.design.confirmatory.recursion import Path, crossing
from helmont.design.confirmatory.rules import (
    GivenBounds,
    PampallonaTsiatis,
    Rule,
    Shape,
    Spending,
    Symmetric,
)
from helmont.design.roots import bracketed, root

Looks = tuple[float, ...]


@dataclass(frozen=True)
class Laying:
    """What the bounds of some looks follow from: information fractions (``times``), and when error is spent."""

    times: Looks
    spending: Looks
    planned: Looks
    final: bool
    """Whether the last of ``times`` is the last look of the trial, at which a lower bound meets the upper."""
    alpha: float
    beta: float
    upper: Rule
    lower: Rule | None
    binding: bool
    lower_under: str
    lower_null: float | None = None
    """What a lower bound under no effect spends, once it is known."""

    @property
    def counts(self) -> bool:
        """Whether the upper bound reckons with trials that stopped at the lower."""
        return self.binding or isinstance(self.lower, Symmetric)

    @property
    def by_drift(self) -> bool:
        """Whether the lower bound depends on the drift."""
        return isinstance(self.lower, PampallonaTsiatis) or (
            isinstance(self.lower, Spending) and self.lower_under == "alternative"
        )

    def bounds(self, drift: float, constant: float = 0.0) -> tuple[Looks, Looks]:
        """Upper and lower bounds for a drift, and for the constant of a shape."""
        null = Path(self.times, 0.0)
        other = Path(self.times, drift if self.lower_under == "alternative" else 0.0)
        total = self.beta if self.lower_under == "alternative" else self.lower_null or 1 - self.alpha
        error = self._increments(self.upper, self.alpha)
        futile = self._increments(self.lower, total)
        uppers, lowers = [], []
        for look, time in enumerate(self.times):
            last = self.final and look + 1 == len(self.times)
            high = self._upper(look, time, last, constant, error, null)
            low = self._lower(look, time, last, high, (drift, constant), futile, other)
            uppers.append(high)
            lowers.append(low)
            if look + 1 < len(self.times):
                null.go_on(low if self.counts else -inf, high)
                if isinstance(self.lower, Spending):
                    other.go_on(low, high)
        return tuple(uppers), tuple(lowers)

    def _increments(self, rule: Rule | None, total: float) -> list[float]:
        if not isinstance(rule, Spending):
            return []
        spent = rule.cumulative(total, self.spending, self.planned)
        return [now - before for now, before in zip(spent, (0.0, *spent), strict=False)]

    def _upper(self, look: int, time: float, last: bool, constant: float, error: list[float], null: Path) -> float:
        if isinstance(self.upper, Spending):
            return null.upper(error[look])
        if isinstance(self.upper, Shape):
            return self.upper.bound(constant, look, time, last)
        assert isinstance(self.upper, GivenBounds)
        return self.upper.values[look]

    def _lower(
        self,
        look: int,
        time: float,
        last: bool,
        high: float,
        settings: tuple[float, float],
        futile: list[float],
        other: Path,
    ) -> float:
        match self.lower:
            case None:
                return -inf
            case Symmetric():
                return -high
            case GivenBounds(values=values):
                return min(high, values[look]) if look < len(values) else high if last else -inf
            case PampallonaTsiatis() as meeting:
                drift, constant = settings
                assert isinstance(self.upper, Shape)
                end = self.upper.bound(constant, len(self.times) - 1, 1.0, True)
                return high if last else min(high, meeting.bound(drift, end, time))
            case _:
                return high if last else min(high, other.lower(futile[look]))

    def error(self, upper: Looks, lower: Looks) -> Looks:
        """The error of the upper bound at each look, as it is held."""
        above, _ = crossing(self.times, lower if self.counts else [-inf] * len(upper), upper, 0.0)
        return tuple(float(each) for each in above)

    def constant(self, drift: float) -> float:
        """The constant of a shape with which the whole error is alpha; 0 for other rules."""
        if not isinstance(self.upper, Shape):
            return 0.0
        try:
            return root(
                lambda constant: sum(self.error(*self.bounds(drift, constant))) - self.alpha,
                0.0 if isinstance(self.lower, Symmetric) else -9.0,
                20.0,
            )
        except ValueError:
            raise DesignError("upper", self.upper, f"such that something of alpha {self.alpha:g} is left") from None

    def solved(self, drift: float, constant: float | None = None) -> tuple[Looks, Looks]:
        """Upper and lower bounds for a drift, their constant found where it is not known already."""
        return self.bounds(drift, self.constant(drift) if constant is None else constant)

    def power(self, drift: float, bounds: tuple[Looks, Looks]) -> float:
        """The probability to cross the upper bound."""
        upper, lower = bounds
        return float(crossing(self.times, lower, upper, drift)[0].sum())

    def drift(self) -> float:
        """The drift with which the upper bound is crossed with probability 1 - beta."""
        fixed = fixed_drift(self.alpha, self.beta)
        known = None if self.by_drift and self.counts else self.constant(fixed)
        if not self.by_drift:
            bounds = self.solved(fixed, known)
            return bracketed(lambda drift: self.power(drift, bounds) - 1 + self.beta, 0.2 * fixed, 1.5 * fixed)
        return bracketed(
            lambda drift: self.power(drift, self.solved(drift, known)) - 1 + self.beta, 0.2 * fixed, 1.5 * fixed
        )


def fixed_drift(alpha: float, beta: float) -> float:
    """z(1 - alpha) + z(1 - beta)."""
    return float(-ndtri(alpha) - ndtri(beta))


def lower_error(laying: Laying) -> float:
    """What a lower bound under no effect spends so that it meets the upper at the last look.

    1 - alpha where it is binding; otherwise more, as fewer trials cross the upper bound than its error reckons with.
    """
    if laying.counts:
        return 1 - laying.alpha

    def excess(total: float) -> float:
        upper, lower = replace(laying, lower_null=total).solved(0.0)
        return total - 1 + float(crossing(laying.times, lower, upper, 0.0)[0].sum())

    low, high = 1 - laying.alpha, 1 - 1e-3 * laying.alpha
    return low if excess(low) >= 0 or excess(high) <= 0 else root(excess, low, high)
