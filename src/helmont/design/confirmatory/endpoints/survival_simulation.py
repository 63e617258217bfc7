"""Simulated survival trials: participants one by one, log-rank tests at numbers of events."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from helmont.design.checking import DesignError, count, increasing
from helmont.design.confirmatory.endpoints.follow_up import Entry, Hazard
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.recursion import Floats
from helmont.design.parallel import Progress, Sums, summed
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]
_AT_ONCE = 2_000
_TICKS = 2**29
"""Ticks that the longest time has: 30 of 32 bits, the others for event and group. Whole numbers sort fastest."""


@dataclass(frozen=True)
class SurvivalSimulation(Result):
    """Shares and means over simulated trials, a value a look."""

    trials: int
    upper: Looks
    """Crossed the upper bound first at each look."""
    lower: Looks
    power: float
    times: Looks
    """Of each look, the mean of those who reached it (as ``participants`` and ``events``); nan if none did."""
    times_sd: Looks
    participants: Looks
    """Who has entered by each look."""
    events: Looks
    expected_events: float
    expected_participants: float
    expected_duration: float
    expected_sd: Looks
    """Standard deviations of events, participants and duration of a trial."""

    @property
    def standard_error(self) -> float:
        """Of the power."""
        return sqrt(self.power * (1 - self.power) / self.trials)

    def frame(self) -> pl.DataFrame:
        """A row a look."""
        import polars as pl

        names = ("upper", "lower", "times", "participants", "events")
        looks = {"look": list(range(1, len(self.upper) + 1))}
        return pl.DataFrame(looks | {name: list(getattr(self, name)) for name in names})


def simulate_survival(
    design: GroupSequential,
    survival: Survival,
    participants: int,
    events: tuple[int, ...],
    trials: int,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = 1,
) -> SurvivalSimulation:
    """Trials of ``design`` with looks at numbers of ``events``; ``participants`` enter evenly over each piece of the entry.

    Groups alternate in their ratio. A trial whose events never suffice is looked at when all is seen. Random numbers are
    PCG64's. ``progress`` is told the trials done and the trials in all; ``processes`` None takes every processor if that is
    sooner, to the same result.
    """
    count("participants", participants, 2)
    count("trials", trials, 1)
    if len(events) != design.looks:
        raise DesignError("events", events, f"{design.looks} numbers, one a look")
    increasing("events", (0, *events))
    if events[-1] > participants:
        raise DesignError("events", events, f"at most {participants}, the number of participants")
    bounds = design.bounds()
    upper, lower = np.array(bounds.upper), np.array(bounds.lower or (-inf,) * design.looks)
    part = _Part(survival, participants, events, upper, lower)
    return _shares(summed(part, trials, count("seed", seed), progress, processes, _AT_ONCE))


@dataclass(frozen=True)
class _Part:
    """Simulates a part of the trials; can be sent to another process."""

    survival: Survival
    participants: int
    events: tuple[int, ...]
    upper: Floats
    lower: Floats

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> _Tally:
        survival, random = self.survival, np.random.default_rng(seed)
        control, treatment = survival.hazards()
        enters = entry_times(Entry(survival.entry, survival.entry_ends), self.participants)
        share = survival.ratio / (1 + survival.ratio)
        order = np.arange(1, self.participants + 1)
        treated = np.floor(order * share + 1e-9) > np.floor((order - 1) * share + 1e-9)
        due = np.empty((trials, self.participants))
        due[:, treated] = _times(treatment, random.standard_exponential((trials, int(treated.sum()))))
        due[:, ~treated] = _times(control, random.standard_exponential((trials, int((~treated).sum()))))
        lost = _lost(random, trials, treated, control.dropout, treatment.dropout)
        z, times, entered, seen = _looked_at(due, lost, enters, treated, self.events)
        side = -1.0 if survival.hazard_ratio / survival.null_ratio <= 1 else 1.0
        return _tallied(side * z, times, entered, seen, self.upper, self.lower)


def entry_times(entry: Entry, participants: int) -> Floats:
    """When each of so many participants enters, the last at the end of the entry."""
    pieces = entry.pieces()
    cumulated = np.cumsum([0.0, *(rate * (end - begin) for rate, begin, end in pieces)])
    times = [0.0, *(end for _, _, end in pieces)]
    found: Floats = np.interp(np.arange(1, participants + 1) / participants * cumulated[-1], cumulated, times)
    return found


def _times(hazard: Hazard, exponential: Floats) -> Floats:
    """Times of events from standard exponential numbers, by the inverse of the cumulated hazard."""
    if not hazard.changes:
        return exponential / hazard.rates[0] if hazard.rates[0] else np.full_like(exponential, inf)
    knots = np.array((0.0, *hazard.changes))
    cumulated = np.concatenate([[0.0], np.cumsum(np.diff(knots) * hazard.rates[:-1])])
    last = hazard.rates[-1]
    beyond = knots[-1] + (exponential - cumulated[-1]) / last if last else np.full_like(exponential, inf)
    return np.where(exponential >= cumulated[-1], beyond, np.interp(exponential, cumulated, knots))


def _lost(
    random: np.random.Generator, trials: int, treated: NDArray[np.bool_], control: float, treatment: float
) -> Floats | None:
    if control == treatment == 0:
        return None
    with np.errstate(divide="ignore"):
        rates = np.where(treated, treatment, control)
        lost: Floats = random.standard_exponential((trials, treated.size)) / rates
    return lost


def _looked_at(
    due: Floats, lost: Floats | None, enters: Floats, treated: NDArray[np.bool_], events: tuple[int, ...]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Log-rank statistics, times, participants and events at every look, each of shape (trials, looks)."""
    happens = due + enters
    if lost is not None:
        happens = np.where(due <= lost, happens, inf)
    places = [each - 1 for each in events]
    times = np.partition(happens, places, axis=1)[:, places]
    stay = due if lost is None else np.minimum(due, lost)
    # A trial without enough events is looked at when everything has been seen.
    end = (stay + enters).max(axis=1, where=np.isfinite(stay + enters), initial=0.0)
    times = np.where(np.isfinite(times), times, end[:, None])
    z, entered, seen = (np.empty(times.shape) for _ in range(3))
    flag = treated.astype(np.uint32)
    for look in range(times.shape[1]):
        at = times[:, look, None]
        followed = np.minimum(stay, at - enters)
        event = happens <= at
        scale = _TICKS / max(float(followed.max()), 1e-12)
        present = followed > 0
        ticks = np.where(present, followed * scale, 0.0).astype(np.uint32)
        keys = (ticks << np.uint32(2)) | (event.view(np.uint8).astype(np.uint32) << np.uint32(1)) | flag
        keys = np.where(present, keys, np.uint32(0xFFFFFFFF))
        keys.sort(axis=1)
        z[:, look], entered[:, look], seen[:, look] = _log_rank(keys, present.sum(1), event.sum(1))
    return z, times, entered, seen


def _log_rank(
    keys: NDArray[np.uint32], entered: NDArray[np.int64], events: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """The log-rank statistic of every row of sorted keys (time, event, group); who has not entered stands last."""
    here = np.arange(keys.shape[1]) < entered[:, None]
    group = ((keys & np.uint32(1)) > 0) & here
    event = ((keys & np.uint32(2)) > 0) & here
    before = np.cumsum(group, axis=1, dtype=np.int32)
    on_treatment = before[:, -1:] - before + group
    at_risk = np.maximum(entered[:, None] - np.arange(keys.shape[1]), 1)
    share = on_treatment / at_risk
    expected = np.einsum("ij,ij->i", share, event)
    variance = expected - np.einsum("ij,ij,ij->i", share, share, event)
    observed = (group & event).sum(1)
    z: Floats = (observed - expected) / np.sqrt(np.maximum(variance, 1e-12))
    return z, entered, events


@dataclass(frozen=True)
class _Tally(Sums):
    """Sums over trials; a column a look, unless it is said."""

    trials: int
    crossed: Floats
    """First the upper bound, first the lower one."""
    reached: Floats
    seen: Floats
    """Times, participants and events of those that reached the look; the last row: the squares of the times."""
    ended: Floats
    """Events, participants and duration of whole trials, and their squares below."""


def _tallied(z: Floats, times: Floats, entered: Floats, seen: Floats, upper: Floats, lower: Floats) -> _Tally:
    trials, looks = z.shape
    above, below = z >= upper, z < lower
    crossed = above | below
    first = np.where(crossed.any(1), crossed.argmax(1), looks - 1)
    rows = np.arange(trials)
    ends = np.stack([each[rows, first] for each in (seen, entered, times)])
    reached = np.arange(looks) <= first[:, None]
    return _Tally(
        trials=trials,
        crossed=np.stack([np.bincount(first[side[rows, first]], minlength=looks) for side in (above, below)]),
        reached=reached.sum(0),
        seen=np.stack([(each * reached).sum(0) for each in (times, entered, seen, times**2)]),
        ended=np.stack([ends.sum(1), (ends**2).sum(1)]),
    )


def _shares(tally: _Tally) -> SurvivalSimulation:
    upper, lower = (tally.crossed / tally.trials).tolist()
    with np.errstate(invalid="ignore"):
        times, participants, events, squares = tally.seen / tally.reached
    ended, ended_squares = tally.ended / tally.trials
    return SurvivalSimulation(
        trials=tally.trials,
        upper=tuple(upper),
        lower=tuple(lower),
        power=sum(upper),
        times=tuple(times.tolist()),
        times_sd=tuple(np.sqrt(np.maximum(squares - times**2, 0.0)).tolist()),
        participants=tuple(participants.tolist()),
        events=tuple(events.tolist()),
        expected_events=float(ended[0]),
        expected_participants=float(ended[1]),
        expected_duration=float(ended[2]),
        expected_sd=tuple(np.sqrt(np.maximum(ended_squares - ended**2, 0.0)).tolist()),
    )
