"""Responses of a single arm, counted exactly at every look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from helmont.design.checking import DesignError, count, increasing, probability
from helmont.design.confirmatory.recursion import Floats
from helmont.design.declared import Declared, design
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]


@dataclass(frozen=True)
class BinomialCharacteristics(Result):
    """Exact probabilities to stop at each look (a column) for each rate (a row)."""

    rates: Looks
    lower: tuple[Looks, ...]
    upper: tuple[Looks, ...]
    expected: Looks
    """Participants on average."""

    def frame(self) -> pl.DataFrame:
        """A row for each rate and look."""
        import polars as pl

        rows = [
            {"rate": rate, "look": look, "lower": below, "upper": above}
            for rate, down, up in zip(self.rates, self.lower, self.upper, strict=True)
            for look, (below, above) in enumerate(zip(down, up, strict=True), start=1)
        ]
        return pl.DataFrame(rows)


@design
@dataclass(frozen=True)
class BinomialGroupSequential(Declared):
    """Stops with ``n`` participants for futility with at most ``lower`` responses, for efficacy with at least ``upper``.

    A bound that cannot be reached (-1, or n + 1) never stops.
    """

    n: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]

    def __post_init__(self) -> None:
        for name in ("n", "lower", "upper"):
            values = tuple(getattr(self, name))
            if len(values) != len(tuple(self.n)) or not values:
                raise DesignError(name, values, f"{len(tuple(self.n))} numbers, one a look")
            least = {"n": 1, "lower": -1, "upper": 0}[name]
            known = tuple(count(f"{name}[{look}]", each, least) for look, each in enumerate(values, start=1))
            object.__setattr__(self, name, known)
        increasing("n", self.n)
        for look, (low, high) in enumerate(zip(self.lower, self.upper, strict=True), start=1):
            if low >= high:
                raise DesignError(f"lower[{look}]", low, f"below the upper bound, {high}")

    def exact(self, rates: float | Sequence[float]) -> BinomialCharacteristics:
        """By recursion over the looks (Schultz et al 1973, Biometrics 29:293-300)."""
        known = tuple(
            probability("rates", each, closed=True) for each in ([rates] if isinstance(rates, (int, float)) else rates)
        )
        found = [self._stops(rate) for rate in known]
        expected = []
        for down, up in found:
            stops = np.add(down, up)[:-1]
            expected.append(float(stops @ np.array(self.n[:-1]) + (1 - stops.sum()) * self.n[-1]))
        return BinomialCharacteristics(
            known, tuple(down for down, _ in found), tuple(up for _, up in found), tuple(expected)
        )

    def _stops(self, rate: float) -> tuple[Looks, Looks]:
        going, before, down, up = np.ones(1), 0, [], []
        for n, low, high in zip(self.n, self.lower, self.upper, strict=True):
            going = np.convolve(going, binomial(n - before, rate))
            responses = np.arange(n + 1)
            down.append(float(going[responses <= low].sum()))
            up.append(float(going[responses >= high].sum()))
            going, before = np.where((responses > low) & (responses < high), going, 0.0), n
        return tuple(down), tuple(up)


def binomial(n: int, rate: float) -> Floats:
    """The probabilities of 0 to n responses."""
    k = np.arange(n + 1)
    found: Floats = np.exp(
        gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, rate) + xlog1py(n - k, -rate)
    )
    return found


@dataclass(frozen=True)
class SimonPlan(Result):
    """The trial is futile with at most ``r1`` of ``n1`` responses, and with at most ``r`` of ``n``."""

    r1: int
    n1: int
    r: int
    n: int
    alpha: float
    power: float
    expected_null: float
    stops_null: float
    """The probability to stop at the first stage under the null rate."""


@design
@dataclass(frozen=True)
class SimonTwoStage(Declared):
    """A single arm in two stages that stops early for futility only (Simon 1989, Control Clin Trials 10:1-10).

    ``null``: a response rate of no interest, ``alternative``: one of interest. ``criterion``: ``"optimal"`` has the
    smallest expected size under the null rate, ``"minimax"`` the smallest size (of those the smallest expected). At most
    ``largest`` participants are tried.
    """

    null: float
    alternative: float
    alpha: float = 0.05
    beta: float = 0.2
    criterion: Literal["optimal", "minimax"] = "optimal"
    largest: int = 100

    def __post_init__(self) -> None:
        for name in ("null", "alternative", "alpha", "beta"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))
        if self.alternative <= self.null:
            raise DesignError("alternative", self.alternative, f"above null, {self.null:g}")
        if self.criterion not in ("optimal", "minimax"):
            raise DesignError("criterion", self.criterion, "'optimal' or 'minimax'")
        count("largest", self.largest, 2, 300)

    @cached_property
    def _plan(self) -> SimonPlan:
        mass = [(binomial(n, self.null), binomial(n, self.alternative)) for n in range(self.largest + 1)]
        best: SimonPlan | None = None
        for n in range(2, self.largest + 1):
            if best and self.criterion == "minimax":
                break
            for n1 in range(1, n):
                if best and self.criterion == "optimal" and n1 >= best.expected_null:
                    break
                found = self._least(n1, n, mass[n1], mass[n - n1])
                if found and (best is None or found.expected_null < best.expected_null):
                    best = found
        if best is None:
            raise DesignError("largest", self.largest, "more: no such trial has the errors that are asked for")
        return best

    def _least(self, n1: int, n: int, first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> SimonPlan | None:
        """Of the plans with these sizes and errors, the one with the smallest expected size."""
        passed = [_passed(one, two, n) for one, two in zip(first, second, strict=True)]
        errors, powers = passed
        fits = (errors <= self.alpha) & (powers >= 1 - self.beta)
        if not fits.any():
            return None
        r1, r = (int(each) for each in np.argwhere(fits)[-1])  # the largest r1 stops most often
        stops = float(first[0][: r1 + 1].sum())
        r = int(np.flatnonzero(fits[r1])[0])
        expected = n1 + (1 - stops) * (n - n1)
        return SimonPlan(r1, n1, r, n, float(errors[r1, r]), float(powers[r1, r]), expected, stops)

    def plan(self) -> SimonPlan:
        """The plan, by complete search."""
        return self._plan

    def stages(self) -> BinomialGroupSequential:
        """The same as a design with exact characteristics; success is more than ``r`` responses."""
        at = self._plan
        return BinomialGroupSequential((at.n1, at.n), (at.r1, at.r), (at.n1 + 1, at.r + 1))


def _passed(first: Floats, second: Floats, n: int) -> Floats:
    """The probability of more than r1 responses at the first stage and more than r in the end, of shape (n1, n)."""
    n1 = first.size - 1
    beyond = np.concatenate([second[::-1].cumsum()[::-1], [0.0]])  # beyond[k]: at least k of the second stage
    responses, r = np.arange(n1 + 1)[:, None], np.arange(n)
    needed = np.clip(r + 1 - responses, 0, second.size)
    joint = first[:, None] * beyond[needed]
    found: Floats = joint[::-1].cumsum(0)[::-1][1:]
    return found
