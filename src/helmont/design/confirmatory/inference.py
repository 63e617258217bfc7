"""What a group sequential trial shows: at a look, whether it is worth going on; at its end, how large the effect is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.confirmatory.answers import Bounds, Looks
from helmont.design.confirmatory.laying import Laying
from helmont.design.confirmatory.quadrature import legendre
from helmont.design.confirmatory.recursion import Path, crossing
from helmont.design.confirmatory.rules import (
    GivenBounds,
    GivenSpending,
    ProportionalSpending,
    Shape,
    Symmetric,
)
from helmont.design.results import Result
from helmont.design.roots import root


@dataclass(frozen=True)
class ConditionalPower(Result):
    """The probabilities to cross each later bound first, given the trial so far; a row an effect, a column a look."""

    effects: Looks
    upper: tuple[Looks, ...]
    lower: tuple[Looks, ...]
    power: Looks
    """The probability to cross an upper bound at any later look, for each effect."""


@dataclass(frozen=True)
class Interval(Result):
    """An estimate between its confidence limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class FinalResult(Result):
    """After a trial has stopped, by stage-wise ordering: an earlier stop is stronger evidence than any at a later look."""

    p_value: float
    """One-sided."""
    estimate: float
    """Median-unbiased: as often above the effect as below it."""
    lower: float
    upper: float
    confidence: float
    """Of the two limits together."""


class Monitored:
    """What a design answers while its trial goes on; effects are multiples of the planned alternative."""

    alpha: float

    @property
    @abstractmethod
    def drift(self) -> float: ...

    @abstractmethod
    def bounds(self) -> Bounds: ...

    @property
    @abstractmethod
    def _laying(self) -> Laying: ...

    def _at(self, look: int, bounds: Bounds | None) -> tuple[int, Bounds]:
        at = bounds or self.bounds()
        return count("look", look, 1, len(at.upper)), at

    def conditional_power(
        self, look: int, z: float, effect: float | Sequence[float] | None = None, *, bounds: Bounds | None = None
    ) -> ConditionalPower:
        """The power that is left at a look (from 1) at which the statistic is ``z``.

        Jennison & Turnbull 2000, chapter 10. ``effect``: one or several; None asks for the one observed, none, and the
        planned one. ``bounds``: those of the looks as taken and still planned, if they differ from the design's.
        """
        look, at = self._at(look, bounds)
        start = at.information[look - 1]
        if effect is None:
            effects: Looks = (number("z", z) / sqrt(start) / self.drift, 0.0, 1.0)
        else:
            effects = tuple(number("effect", each) for each in np.ravel(effect))
        lower = at.lower or (-inf,) * len(at.upper)
        rest = (at.information[look:], lower[look:], at.upper[look:])
        found = [crossing(*rest, each * self.drift, z * sqrt(start), start) for each in effects]
        return ConditionalPower(
            effects,
            tuple(tuple(map(float, above)) for above, _ in found),
            tuple(tuple(map(float, below)) for _, below in found),
            tuple(float(above.sum()) for above, _ in found),
        )

    def predictive_power(
        self,
        look: int,
        z: float,
        prior: tuple[Sequence[float], Sequence[float]] | None = None,
        *,
        bounds: Bounds | None = None,
    ) -> float:
        """Conditional power, averaged over what is believed of the effect after the look.

        Spiegelhalter, Freedman & Blackburn 1986, Control Clin Trials 7:8-17. ``prior``: effects and their weights; None
        takes every effect as equally likely before the trial, so that it is normal around the observed one with variance
        1 / information.
        """
        look, at = self._at(look, bounds)
        root_information = sqrt(at.information[look - 1]) * self.drift
        if prior is None:
            nodes, weights = legendre(96)
            effects = (number("z", z) + 8.0 * nodes) / root_information
        else:
            effects, weights = np.asarray(prior[0], dtype=float), np.asarray(prior[1], dtype=float)
            if effects.shape != weights.shape or not effects.size or (weights < 0).any() or weights.sum() <= 0:
                raise DesignError("prior", prior, "as many weights, none below 0, as effects")
        posterior = weights * np.exp(-0.5 * (z - effects * root_information) ** 2)
        power = self.conditional_power(look, z, tuple(float(each) for each in effects), bounds=at).power
        return float(posterior @ np.array(power) / posterior.sum())

    def conditional_error(self, look: int, z: float, *, bounds: Bounds | None = None) -> float:
        """The probability to reject later under no effect, given the trial so far.

        Müller & Schäfer 2001, Biometrics 57:886-891.
        """
        look, at = self._at(look, bounds)
        start = at.information[look - 1]
        lower = at.lower if at.stops_below and at.lower else (-inf,) * len(at.upper)
        return float(
            crossing(at.information[look:], lower[look:], at.upper[look:], 0.0, z * sqrt(start), start)[0].sum()
        )

    def repeated_intervals(
        self,
        z: Sequence[float],
        standard_errors: Sequence[float] | None = None,
        *,
        bounds: Bounds | None = None,
    ) -> tuple[Interval, ...]:
        """Intervals that hold together at all looks, with confidence 1 - 2 alpha.

        Jennison & Turnbull 1989, J R Stat Soc B 51:305-361.

        ``standard_errors`` of the estimates at the looks put them on their own scale; without them they are multiples of
        the planned effect.
        """
        _, at = self._at(len(z), bounds)
        if standard_errors is None:
            standard_errors = [1 / (sqrt(time) * self.drift) for time in at.information[: len(z)]]
        return tuple(
            Interval(each * error, (each - high) * error, (each + high) * error)
            for each, high, error in zip(z, at.upper, standard_errors, strict=False)
        )

    def repeated_p_values(self, z: Sequence[float], *, bounds: Bounds | None = None) -> Looks:
        """At each look the least alpha with which its bound would have been reached.

        Jennison & Turnbull 2000, section 9.5.
        """
        _, at = self._at(len(z), bounds)
        return tuple(self._least_alpha(at, look, each) for look, each in enumerate(z))

    def sequential_p_value(self, z: Sequence[float], *, bounds: Bounds | None = None) -> float:
        """The least alpha with which the trial would have been rejected by now.

        Liu & Anderson 2008, J Am Stat Assoc 103:1621-1630.
        """
        return min(self.repeated_p_values(z, bounds=bounds))

    def _least_alpha(self, at: Bounds, look: int, z: float) -> float:
        """Lower bounds that the error reckons with stay where they are; what no function of alpha spends grows in proportion."""
        laying = self._laying
        planned = at.information == laying.times
        lower = laying.lower
        if not isinstance(lower, Symmetric):
            lower = GivenBounds(at.lower) if at.stops_below and at.lower is not None else None
        upper = laying.upper
        if isinstance(upper, (GivenSpending, GivenBounds)) or (isinstance(upper, Shape) and not planned):
            upper = ProportionalSpending(tuple(each / self.alpha for each in at.spent))
        spending = laying.spending
        if not planned:
            spending = tuple(min(1.0, each) for each in at.information)
            spending = (*spending[:-1], 1.0) if at.final else spending
        least, most = 1e-12, 0.4999 if isinstance(lower, Symmetric) else 0.9999

        def excess(alpha: float) -> float:
            trial = replace(
                laying,
                times=at.information,
                spending=spending,
                final=at.final,
                alpha=alpha,
                upper=upper,
                lower=lower,
            )
            return z - trial.solved(self.drift)[0][look]

        if excess(least) >= 0:
            return least
        return root(excess, least, most, 1e-12) if excess(most) >= 0 else 1.0

    def final_result(
        self,
        look: int,
        z: float,
        standard_error: float | None = None,
        *,
        confidence: float | None = None,
        bounds: Bounds | None = None,
    ) -> FinalResult:
        """The p-value, median-unbiased estimate and limits of a trial that stopped at a look (from 1) with ``z``.

        By stage-wise ordering (Fairbanks & Madsen 1982, Biometrika 69:69-74; Tsiatis, Rosner & Mehta 1984, Biometrics
        40:797-803). ``standard_error`` of the estimate at that look puts it on its own scale; without it it is a multiple
        of the planned effect. ``confidence``: by default 1 - 2 alpha.
        """
        look, at = self._at(look, bounds)
        level = probability("confidence", 1 - 2 * self.alpha if confidence is None else confidence)
        times = at.information[:look]
        lower = at.lower if at.stops_below and at.lower else (-inf,) * len(at.upper)
        tail = stagewise(times, lower, at.upper, number("z", z))
        per_theta = sqrt(times[-1])
        scale = per_theta * positive("standard_error", standard_error) if standard_error else 1 / self.drift

        def effect(p: float) -> float:
            reach = 12 / min(times[0], 1.0) ** 0.5
            return scale * root(lambda theta: tail(theta) - p, z / per_theta - reach, z / per_theta + reach)

        return FinalResult(tail(0.0), effect(0.5), effect((1 - level) / 2), effect((1 + level) / 2), level)


def stagewise(times: Looks, lower: Sequence[float], upper: Sequence[float], z: float) -> Callable[[float], float]:
    """The probability of evidence at least as strong as ``z`` at the last of ``times``, as a function of the drift.

    To cross an upper bound at an earlier look, or to be above ``z`` at this one.
    """

    def tail(theta: float) -> float:
        path = Path(times, theta)
        total = 0.0
        for low, high in zip(lower, upper[: len(times) - 1], strict=False):
            total += path.above(high)
            path.go_on(low, high)
        return total + path.above(z)

    return tail
