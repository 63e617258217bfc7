"""The arithmetic of BOIN12 on arrays: which doses are admissible, and how desirable each is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from helmont.design.dose_finding.isotonic import Flags, Floats, Ints

EQUAL = 1e-9


@dataclass(frozen=True)
class Outcomes:
    """Patients, toxicities, responses and patients with both; arrays of one shape."""

    n: Ints
    dlt: Ints
    responses: Ints
    both: Ints

    def utility(self, utilities: tuple[float, float, float, float]) -> Floats:
        """Patients in units of the best outcome: the quasi-binomial events of Lin et al. 2020, equation 2."""
        good, nothing, mixed, bad = utilities
        total = (
            good * (self.responses - self.both)
            + nothing * (self.n - self.dlt - self.responses + self.both)
            + mixed * self.both
            + bad * (self.dlt - self.both)
        )
        return np.asarray(total / 100.0, dtype=np.float64)


@dataclass(frozen=True)
class Scale:
    """The limits and utilities of a design."""

    toxicity: float
    efficacy: float
    utilities: tuple[float, float, float, float]
    cutoff_toxicity: float
    cutoff_efficacy: float

    @property
    def benchmark(self) -> float:
        """Half way between the highest utility that is not wanted and 100 (Lin et al. 2020, "utility benchmark")."""
        good, nothing, mixed, bad = self.utilities
        toxic, active = self.toxicity, self.efficacy
        unwanted = (1 - toxic) * (active * good + (1 - active) * nothing) + toxic * (
            active * mixed + (1 - active) * bad
        )
        return (unwanted + 100.0) / 2

    def desirability(self, seen: Outcomes) -> Floats:
        """Pr(mean utility > benchmark | data), uniform prior."""
        if abs(self.utilities[1] + self.utilities[2] - 100) > EQUAL:
            return self.desirability_now(seen)
        return _desirable(self, _up_to(seen.n))[seen.n, seen.dlt, seen.responses]

    def desirability_now(self, seen: Outcomes) -> Floats:
        """The same, without a table."""
        events = seen.utility(self.utilities)
        return np.asarray(special.betaincc(1 + events, 1 + seen.n - events, self.benchmark / 100), dtype=np.float64)

    def too_toxic(self, seen: Outcomes) -> Flags:
        return np.asarray(
            _above(self.toxicity, _up_to(seen.n))[seen.n, seen.dlt] >= self.cutoff_toxicity, dtype=np.bool_
        )

    def futile(self, seen: Outcomes) -> Flags:
        below = 1.0 - _above(self.efficacy, _up_to(seen.n))[seen.n, seen.responses]
        return np.asarray(below >= self.cutoff_efficacy, dtype=np.bool_)

    def admissible(self, seen: Outcomes) -> Flags:
        """By dose (the last axis): neither futile, nor too toxic, nor above a dose that is too toxic."""
        return np.asarray(~self.futile(seen) & ~np.logical_or.accumulate(self.too_toxic(seen), axis=-1), dtype=np.bool_)


def _up_to(n: Ints) -> int:
    """Tables grow in steps, so that few are made."""
    return (int(n.max(initial=0)) // 16 + 1) * 16


@lru_cache(maxsize=32)
def _above(limit: float, most: int) -> Floats:
    """Pr(rate > limit | n, events), by n and events."""
    n, events = np.mgrid[: most + 1, : most + 1]
    return np.asarray(special.betaincc(1 + events, 1 + np.maximum(n - events, 0), limit), dtype=np.float64)


@lru_cache(maxsize=8)
def _desirable(scale: Scale, most: int) -> Floats:
    """By patients, toxicities and responses, where it makes no difference who had both."""
    n, dlt, responses = np.mgrid[: most + 1, : most + 1, : most + 1]
    possible = (dlt <= n) & (responses <= n)
    found = np.full(n.shape, np.nan)
    found[possible] = scale.desirability_now(
        Outcomes(n[possible], dlt[possible], responses[possible], np.zeros(int(possible.sum()), dtype=np.int64))
    )
    return found


def ranks(values: Floats) -> Floats:
    """From 1; equal values share the mean of theirs."""
    _, place, times = np.unique(np.round(values, 12), return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return np.asarray((last - (times - 1) / 2)[place], dtype=np.float64)


@dataclass(frozen=True)
class Steps:
    """Where the next cohort goes, for many trials at once; doses from 0, -1 for nowhere."""

    scale: Scale
    lambdas: tuple[float, float]
    enough: int
    explore_at: int

    def next(self, seen: Outcomes, current: Ints) -> Ints:
        """Arrays are trials x doses; ``current`` has a dose a trial."""
        trials, doses = seen.n.shape
        each = np.arange(trials)
        n, rate = seen.n[each, current], seen.dlt[each, current] / np.maximum(seen.n[each, current], 1)
        able = self.scale.admissible(seen)
        place = np.arange(doses) - current[:, None]
        high, low = rate >= self.lambdas[1], rate <= self.lambdas[0]
        ceiling = np.where(high, -1, np.where(~low & (n >= self.enough), 0, 1))
        among = able & (place >= -1) & (place <= ceiling[:, None])
        wanted = np.where(among, np.round(self.scale.desirability(seen), 12), -1.0)
        best = doses - 1 - wanted[:, ::-1].argmax(axis=1)  # of equally desirable doses the highest
        found = np.where(among.any(axis=1), best, -1)
        above = np.minimum(current + 1, doses - 1)
        untried = (
            (n >= self.explore_at) & ~high & (current + 1 < doses) & (seen.n[each, above] == 0) & able[each, above]
        )
        found = np.where(untried, above, found)
        lower = able & (place < 0)
        fallback = np.where(
            lower.any(axis=1), doses - 1 - lower[:, ::-1].argmax(axis=1), np.where(able[each, current], current, -1)
        )
        return np.asarray(np.where(found >= 0, found, fallback), dtype=np.int64)
