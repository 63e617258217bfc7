"""Times to an event, some of them censored: Kaplan-Meier, quantiles, log-rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from helmont.analysis.arrays import Floats, Ints, NotComputable, codes, floats
from helmont.analysis.distributions import chi_square_tail, normal_quantile
from helmont.analysis.estimates import Test

Limits = Literal["loglog", "log", "linear"]


@dataclass(frozen=True)
class Curve:
    """The estimated survival function: a step at each time at which somebody had the event or was censored.

    ``error`` is Greenwood's standard error (1926). Limits are by the log-log transformation (SAS's default since 9.2), the
    logarithm, or linear (SAS 9.1), cut at 0 and 1.
    """

    time: Floats
    at_risk: Ints
    events: Ints
    survival: Floats
    error: Floats
    lower: Floats
    upper: Floats

    def at(self, time: float) -> tuple[int, float, float, float, float]:
        """Number still at risk at ``time``, and survival with its error and limits."""
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        later = np.searchsorted(self.time, time, side="left")
        risk = int(self.at_risk[later]) if later < len(self.time) else 0
        if place < 0:
            return risk, 1.0, 0.0, 1.0, 1.0
        lower, upper = float(self.lower[place]), float(self.upper[place])
        return risk, float(self.survival[place]), float(self.error[place]), lower, upper

    def quantile(self, probability: float) -> tuple[float | None, float | None, float | None]:
        """The time by which ``probability`` of the people have had the event, with limits; None where it is not reached.

        Where the function is exactly flat at that height, halfway to its next step, as SAS and R do. The limits are the times at
        which those of the function cross it (Brookmeyer and Crowley 1982).
        """
        found = [self._crossing(each, 1 - probability) for each in (self.survival, self.lower, self.upper)]
        return found[0], found[1], found[2]

    def _crossing(self, heights: Floats, height: float) -> float | None:
        below = np.flatnonzero(heights <= height + 1e-12)
        if not len(below):
            return None
        first = below[0]
        time = float(self.time[first])
        deeper = np.flatnonzero(heights < height - 1e-12)
        if abs(heights[first] - height) <= 1e-12:
            return (time + float(self.time[deeper[0]])) / 2 if len(deeper) else time
        return time


def kaplan_meier(time: object, event: object, limits: Limits = "loglog", level: float = 0.95) -> Curve:
    """The product-limit estimate (Kaplan and Meier 1958). ``event`` is 1 where it happened, 0 where the time is censored."""
    times, happened = floats(time, "the times"), floats(event, "the events")
    if not len(times):
        raise NotComputable("there is nobody in the group")
    steps, place = np.unique(times, return_inverse=True)
    events = np.bincount(place, weights=happened).astype(np.int64)
    leaving = np.bincount(place)
    at_risk = len(times) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.cumsum(np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0))
        relative = np.sqrt(hazard)
        error = np.where(survival > 0, survival * relative, 0.0)
        z = normal_quantile((1 + level) / 2)
        lower, upper = _limits(survival, relative, z, limits)
    flat = survival >= 1
    lower, upper = np.where(flat, 1.0, lower), np.where(flat, 1.0, upper)
    return Curve(steps, at_risk, events, survival, error, lower, upper)


def _limits(survival: Floats, relative: Floats, z: float, kind: Limits) -> tuple[Floats, Floats]:
    if kind == "linear":
        lower, upper = survival * (1 - z * relative), survival * (1 + z * relative)
    elif kind == "log":
        lower, upper = survival * np.exp(-z * relative), survival * np.exp(z * relative)
    else:
        height = np.log(survival)
        lower = np.exp(height * np.exp(-z * relative / height))
        upper = np.exp(height * np.exp(z * relative / height))
    gone = survival <= 0
    return np.where(gone, np.nan, np.clip(lower, 0, 1)), np.where(gone, np.nan, np.clip(upper, 0, 1))


@dataclass(frozen=True, slots=True)
class LogRank:
    """The test, with each group's observed and expected events."""

    test: Test
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def log_rank(time: object, event: object, groups: Sequence[object], levels: Sequence[object]) -> LogRank:
    """Whether survival differs between the groups (Mantel 1966; Peto and Peto 1972)."""
    times, happened = floats(time, "the times"), floats(event, "the events")
    members = np.eye(len(levels))[codes(groups, levels, "the groups")]
    observed, expected = happened @ members, np.zeros(len(levels))
    variance = np.zeros((len(levels), len(levels)))
    for moment in np.unique(times[happened > 0]):
        at_risk = members[times >= moment].sum(axis=0)
        size, deaths = at_risk.sum(), happened[times == moment].sum()
        share = at_risk / size
        expected += deaths * share
        if size > 1:
            spread = deaths * (size - deaths) / (size - 1)
            variance += spread * (np.diag(share) - np.outer(share, share))
    difference = (observed - expected)[:-1]
    rank = int(np.linalg.matrix_rank(variance, hermitian=True))
    if not rank:
        raise NotComputable("there is one group, or no event while more than one was at risk")
    statistic = float(difference @ np.linalg.pinv(variance[:-1, :-1], hermitian=True) @ difference)
    test = Test(statistic, rank, chi_square_tail(statistic, rank))
    return LogRank(test, tuple(map(float, observed)), tuple(map(float, expected)))
