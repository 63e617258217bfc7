"""Group sequential designs: bounds, error and power, size, and what the trial shows at its looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf, isclose
from typing import Literal, Protocol, TypeVar, overload

import numpy as np

from helmont.design.checking import DesignError, count, increasing, number, positive, probability
from helmont.design.confirmatory import inference
from helmont.design.confirmatory.answers import Bounds, Characteristics, SampleSize
from helmont.design.confirmatory.laying import Laying, Looks, fixed_drift, lower_error
from helmont.design.confirmatory.recursion import crossing
from helmont.design.confirmatory.rules import (
    GivenBounds,
    GivenSpending,
    PampallonaTsiatis,
    Rule,
    Shape,
    Spending,
    Symmetric,
    rule,
)
from helmont.design.confirmatory.simulation import PATHS, Paths
from helmont.design.declared import Declared, design
from helmont.design.parallel import Progress, summed

S = TypeVar("S", covariant=True)


class Sized(Protocol[S]):
    """What a trial measures, with its planned alternative: it knows the size of a trial of a given design."""

    def sample_size(self, design: GroupSequential) -> S: ...


@design
@dataclass(frozen=True)
class GroupSequential(inference.Monitored, Declared):
    """A trial with looks at fractions of its maximal information, at which it may stop (Jennison & Turnbull 2000).

    ``information``: fractions of the maximal information that rise to 1, or the number of looks, then equally far apart.
    ``alpha``: the error of the upper bound, one-sided. ``beta``: 1 - power. ``upper``: a rule of ``rules``, its name, or
    bounds of Z. ``lower``: none, ``"symmetric"`` (two-sided, alpha on each side), spending, bounds of Z or
    ``PampallonaTsiatis``; it is ``binding`` if the upper bound may reckon with it. ``lower_under``: a spending lower
    bound spends beta under the planned ``"alternative"``, or (``"null"``) under no effect so much that it meets the upper
    bound at the last look.

    The six kinds of Anderson's software: no lower bound (1), symmetric (2), beta spending, binding (3) or not (4),
    spending under no effect, binding (5) or not (6).

    Effects are multiples of the planned alternative: 0 is no effect, 1 the alternative. Errors: ``DesignError``.
    """

    information: tuple[float, ...]
    alpha: float
    beta: float
    upper: Rule
    lower: Rule | None = None
    binding: bool = False
    lower_under: Literal["alternative", "null"] = "alternative"

    def __init__(
        self,
        information: Sequence[float] | int,
        alpha: float,
        beta: float,
        upper: Rule | str | Sequence[float],
        lower: Rule | str | Sequence[float] | None = None,
        binding: bool = False,
        lower_under: Literal["alternative", "null"] = "alternative",
    ) -> None:
        settings: dict[str, object] = {
            "information": _fractions(information),
            "alpha": probability("alpha", alpha),
            "beta": probability("beta", beta),
            "upper": rule("upper", upper),
            "lower": None if lower is None else rule("lower", lower),
            "binding": bool(binding),
            "lower_under": lower_under,
        }
        for name, value in settings.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        looks = len(self.information)
        if self.alpha + self.beta >= 1:
            raise DesignError("beta", self.beta, "less than 1 - alpha")
        if not isinstance(self.upper, (Spending, Shape, GivenBounds)):
            raise DesignError("upper", self.upper, "spending, a shape, or bounds of Z")
        if isinstance(self.upper, GivenBounds) and len(self.upper.values) != looks:
            raise DesignError("upper", self.upper.values, f"{looks} bounds, one a look")
        if not isinstance(self.lower, (Spending, Symmetric, GivenBounds, PampallonaTsiatis, type(None))):
            raise DesignError("lower", self.lower, "spending, Symmetric, PampallonaTsiatis, or bounds of Z")
        if isinstance(self.lower, GivenBounds) and len(self.lower.values) not in (looks - 1, looks):
            raise DesignError("lower", self.lower.values, f"{looks - 1} bounds, one for every look but the last")
        if isinstance(self.lower, PampallonaTsiatis) and not isinstance(self.upper, Shape):
            raise DesignError("lower", self.lower, "beside an upper bound of a shape")
        if self.lower_under not in ("alternative", "null"):
            raise DesignError("lower_under", self.lower_under, "'alternative' or 'null'")

    @property
    def looks(self) -> int:
        """How often the trial is looked at."""
        return len(self.information)

    @cached_property
    def _laying(self) -> Laying:
        times = self.information
        settings = (self.alpha, self.beta, self.upper, self.lower, self.binding, self.lower_under)
        laying = Laying(times, times, times, True, *settings)
        if isinstance(self.lower, Spending) and self.lower_under == "null":
            return Laying(times, times, times, True, *settings, lower_error(laying))
        return laying

    @cached_property
    def drift(self) -> float:
        """The mean of Z at the maximal information under the planned alternative."""
        return self._laying.drift()

    @property
    def inflation(self) -> float:
        """The maximal information as a multiple of that of a trial without interim looks."""
        return (self.drift / fixed_drift(self.alpha, self.beta)) ** 2

    @cached_property
    def _planned(self) -> Bounds:
        return self._answer(self._laying, *self._laying.solved(self.drift))

    def bounds(
        self,
        information: Sequence[float] | None = None,
        *,
        spending_time: Sequence[float] | None = None,
        final: bool | None = None,
    ) -> Bounds:
        """The bounds as planned, or at the looks that were in fact taken.

        ``information``: what each look has had, as fractions of the planned maximum; it may exceed 1 (over-running).
        Error is then spent by the ``spending_time`` of each look (by default the information, at most 1), all of it at a
        ``final`` look (by default the one that reaches 1; say so where a trial ends below it: under-running). A design
        whose bounds have a shape or are given spends what it would have spent at its planned looks, in straight lines
        between them, so that its error holds whatever the information (Lan & DeMets 1983; 1989, Biometrics 45:1017-1020;
        Jennison & Turnbull 2000, section 7.4).
        """
        if information is None:
            return self._planned
        times, spending, ends = _actual(information, spending_time, final)
        upper = self.upper
        if not isinstance(upper, Spending):
            upper = GivenSpending((*self._planned.spent[:-1], self.alpha))
        lower = self.lower
        if isinstance(lower, PampallonaTsiatis):
            lower = GivenBounds(
                tuple(lower.bound(self.drift, self._planned.upper[-1], time) for time in times[: len(times) - ends])
            )
        elif isinstance(lower, GivenBounds):
            known = lower.values[: self.looks - 1]
            lower = GivenBounds(tuple((*known, *(known[-1:] * len(times)))[: len(times) - ends]))
        laying = Laying(
            times,
            spending,
            self.information,
            ends,
            self.alpha,
            self.beta,
            upper,
            lower,
            self.binding,
            self.lower_under,
            self._laying.lower_null,
        )
        return self._answer(laying, *laying.bounds(self.drift))

    def _answer(self, laying: Laying, upper: Looks, lower: Looks) -> Bounds:
        spent = np.cumsum(laying.error(upper, lower))
        futile = crossing(laying.times, lower, upper, self.drift if self.lower_under == "alternative" else 0.0)[1]
        return Bounds(
            information=laying.times,
            upper=upper,
            lower=None if self.lower is None else lower,
            spent=tuple(float(each) for each in spent),
            lower_spent=None if self.lower is None else tuple(float(each) for each in np.cumsum(futile)),
            final=laying.final,
            drift=self.drift,
            inflation=self.inflation,
            stops_below=laying.counts,
        )

    def exact(self, truth: float | Sequence[float] = (0.0, 1.0), *, bounds: Bounds | None = None) -> Characteristics:
        """Error, power and expected information for each effect in ``truth``, lower bounds obeyed."""
        at = bounds or self._planned
        effects = tuple(number("truth", each) for each in ([truth] if isinstance(truth, (int, float)) else truth))
        lower = at.lower or (-inf,) * len(at.upper)
        found = [crossing(at.information, lower, at.upper, effect * self.drift) for effect in effects]
        return Characteristics.of(effects, at.information, self.inflation, found)

    def simulate(
        self,
        truth: float,
        trials: int,
        seed: int,
        *,
        bounds: Bounds | None = None,
        rng: Literal["pcg64"] = "pcg64",
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> Characteristics:
        """As ``exact`` for one effect, from ``trials`` simulated paths of Z; ``standard_error`` is that of the power.

        ``progress`` is told the trials done and the trials in all; ``processes`` None takes every processor if that is sooner.
        """
        at = bounds or self._planned
        count("trials", trials, 1)
        paths = Paths(at.information, number("truth", truth) * self.drift, at.upper, at.lower)
        up, down = summed(paths, trials, count("seed", seed), progress, processes, PATHS) / trials
        return Characteristics.of((truth,), at.information, self.inflation, [(up, down)], trials)

    @overload
    def sample_size(self, of: float = 1.0) -> SampleSize: ...

    @overload
    def sample_size(self, of: Sized[S]) -> S: ...

    def sample_size(self, of: Sized[S] | float = 1.0) -> S | SampleSize:
        """The size for an endpoint (``Means``, ``Rates``, ``Survival``, ``Counts``), or from the size without looks.

        Left out, sizes are multiples of the size without looks.
        """
        if isinstance(of, (int, float)):
            known = self.exact((0.0, 0.5, 1.0)).expected
            return SampleSize.of(positive("of", of), self.inflation, self.information, known)
        return of.sample_size(self)


def _fractions(information: Sequence[float] | int) -> Looks:
    if isinstance(information, (int, np.integer)):
        looks = count("information", information, 1, 100)
        return tuple(float(look / looks) for look in range(1, looks + 1))
    if isinstance(information, float):
        raise DesignError("information", information, "a number of looks, or fractions of the maximal information")
    times = tuple(positive(f"information[{look}]", each) for look, each in enumerate(information, start=1))
    _apart(times)
    if not times or not isclose(times[-1], 1.0, abs_tol=1e-9):
        raise DesignError("information", times, "fractions of the maximal information, of which the last is 1")
    return (*times[:-1], 1.0)


def _actual(
    information: Sequence[float], spending_time: Sequence[float] | None, final: bool | None
) -> tuple[Looks, Looks, bool]:
    times = tuple(positive(f"information[{look}]", each) for look, each in enumerate(information, start=1))
    _apart(times)
    if not times:
        raise DesignError("information", times, "the information of one or more looks")
    spending = tuple(min(1.0, each) for each in times) if spending_time is None else tuple(map(float, spending_time))
    if len(spending) != len(times):
        raise DesignError("spending_time", spending, f"{len(times)} times, one a look")
    for look, time in enumerate(spending, start=1):
        probability(f"spending_time[{look}]", time, closed=True)
    if any(after < before for before, after in pairwise(spending)):
        raise DesignError("spending_time", spending, "times that do not fall")
    ends = spending[-1] >= 1 if final is None else bool(final)
    return times, (*spending[:-1], 1.0) if ends else spending, ends


def _apart(times: Looks) -> None:
    """Rising, and far enough apart for the integration."""
    increasing("information", times)
    for look, (before, now) in enumerate(pairwise(times), start=2):
        if now - before < 1e-4:
            raise DesignError(f"information[{look}]", now, f"at least 0.0001 above {before:g}, the one before it")
