"""Simulated trials of interval designs with arrival times: all trials advance together, cohort by cohort."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, SupportsFloat, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helmont.design.checking import DesignError, count
from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated, tallied
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.simulation import Part, Simulated, Truth
from helmont.design.dose_finding.walk import Walk
from helmont.design.parallel import Progress, summed

Suspend: TypeAlias = Literal["always", "escalation", "observed"]


def held(
    suspend: Suspend, most_pending: float, n: Ints, pending: Ints, move: NDArray[np.int8], toxic: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether accrual waits, by the data at the current dose; ``toxic`` says that it is the lowest and would de-escalate."""
    if suspend == "observed":
        return np.asarray((pending > 0) & (((n - pending < 3) & (move > 0)) | toxic))
    many = pending > most_pending * n
    return np.asarray(many if suspend == "always" else many & (move > 0))


@dataclass(frozen=True)
class TimedCharacteristics(Characteristics):
    """Times are in the unit of the observation window."""

    duration: float = 0.0
    """Mean time from the first entry (of ``TiteCrm``: from when the first patient was awaited) to the last observation."""
    duration_deviation: float = 0.0
    """Its standard deviation over trials."""
    suspended: float = 0.0
    """Mean time for which accrual waits."""


@dataclass(frozen=True)
class TimedTally(Tally):
    """Sums over simulated trials with times."""

    duration: float
    duration_squared: float
    waited: float

    @classmethod
    def of(cls, tally: Tally, ended: Floats, waited: Floats) -> Self:
        """``ended`` is when each trial did, ``waited`` how long its accrual was suspended."""
        return cls(**tally.__dict__, duration=ended.sum(), duration_squared=(ended**2).sum(), waited=waited.sum())

    def characteristics(self, truth: Truth, seed: int) -> TimedCharacteristics:
        """Means over the trials."""
        mean = self.duration / self.trials
        squares = max(self.duration_squared - self.duration * mean, 0.0)
        return TimedCharacteristics(
            **simulated(truth, self, "pcg64", seed).__dict__,
            duration=float(mean),
            duration_deviation=float(np.sqrt(squares / max(self.trials - 1, 1))),
            suspended=float(self.waited / self.trials),
        )


class SimulatedInTime(Simulated):
    """A design of which patients and toxicities come at times."""

    part: ClassVar[int] = 5_000

    @abstractmethod
    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> TimedTally: ...

    def simulate(
        self,
        truth: Sequence[SupportsFloat],
        trials: int = 10_000,
        seed: int = 6,
        rng: Literal["pcg64", "R"] = "pcg64",
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> TimedCharacteristics:
        """As other designs are simulated, with how long trials last; no simulation in R with times is replayed."""
        if rng != "pcg64":
            raise DesignError("rng", rng, "'pcg64': no simulation in R is replayed for this design")
        rates, trials = self._truth(truth), count("trials", trials, 1)
        tally = summed(Part(self.run, rates), trials, count("seed", seed), progress, processes, self.part)
        return tally.characteristics(rates, seed)


@dataclass(frozen=True)
class Entries:
    """When patients enter and when their toxicities come."""

    window: float
    rate: float
    accrual: Literal["exponential", "uniform"]
    onset: Literal["uniform", "weibull"]
    late: float
    most_pending: float
    suspend: Suspend
    resume: Literal["at once", "next patient"]

    def gaps(self, random: np.random.Generator, shape: tuple[int, int]) -> Floats:
        """Intervals between patients."""
        mean = self.window / self.rate
        return random.exponential(mean, shape) if self.accrual == "exponential" else random.random(shape) * 2 * mean

    def onsets(self, uniform: Floats, p: Floats) -> Floats:
        """When the toxicity comes, infinite where none comes within the window; ``p`` is its probability.

        The Weibull distribution has ``p`` at the window and ``(1 - late) p`` at half of it.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.onset == "uniform":
                share = uniform / p
            else:
                p = np.minimum(p, 1 - 1e-12)
                whole = -np.log1p(-p)
                shape = np.log2(whole / -np.log1p(-(1 - self.late) * p))
                share = (-np.log1p(-uniform) / whole) ** (1 / shape)
        return np.where(uniform < p, share * self.window, np.inf)


Moves = Callable[[Ints, Ints, Ints, Floats], NDArray[np.int8]]


@dataclass(frozen=True)
class Seen:
    """What is known at the current dose of each trial at a moment."""

    n: Ints
    dlt: Ints
    pending: Ints
    followup: Floats
    """Of the pending patients together, in windows."""
    change: Floats
    """When the next pending patient is no longer pending; infinite where nobody is."""


class Trials:
    """Trials that advance together; arrays are trials x patients in the order of entry, or have a value a trial."""

    def __init__(self, walk: Walk, moves: Moves, entries: Entries, trials: int, random: np.random.Generator) -> None:
        self.walk, self.moves, self.entries, self.random = walk, moves, entries, random
        shape = (trials, walk.patients)
        self.dose = np.full(shape, -1)
        self.entry, self.onset = np.full(shape, np.inf), np.full(shape, np.inf)
        self.current, self.highest = np.full(trials, walk.start), np.full(trials, walk.doses - 1)
        self.now, self.waited = np.zeros(trials), np.zeros(trials)
        self.too_toxic = np.zeros(trials, dtype=bool)

    def seen(self, here: Ints, first: int) -> Seen:
        """Of the first patients of the trials ``here``."""
        mine = self.dose[here, :first] == self.current[here, None]
        passed = self.now[here, None] - self.entry[here, :first]
        left = np.minimum(self.onset[here, :first], self.entries.window) - passed
        toxic = mine & (self.onset[here, :first] <= passed)
        waiting = mine & (left > 0)
        return Seen(
            mine.sum(axis=1),
            toxic.sum(axis=1),
            waiting.sum(axis=1),
            np.where(waiting, passed, 0.0).sum(axis=1) / self.entries.window,
            self.now[here] + np.where(waiting, left, np.inf).min(axis=1),
        )

    def move(self, seen: Seen) -> NDArray[np.int8]:
        """Up, stay or down."""
        known = self.walk.move[seen.n, seen.dlt]
        some = np.flatnonzero(seen.pending > 0)
        known[some] = self.moves(seen.n[some], seen.dlt[some], seen.pending[some], seen.followup[some])
        return known

    def eliminated_from(self, here: Ints, first: int) -> Ints:
        """The lowest dose (from 0) that is eliminated by what is known now at every dose; above all doses where none is."""
        dose, onset = self.dose[here, :first], self.onset[here, :first]
        toxic = onset <= self.now[here, None] - self.entry[here, :first]
        found = np.full(len(here), self.walk.doses)
        for each in reversed(range(self.walk.doses)):
            mine = dose == each
            n, dlt = mine.sum(axis=1), (mine & toxic).sum(axis=1)
            found = np.where(self.walk.eliminated[n, dlt], each, found)
        return found

    def wait(self, here: Ints, first: int) -> None:
        """Accrual waits, in the trials ``here``, until few enough are pending at the current dose, or it is eliminated."""
        before = self.now[here].copy()
        every = here
        while len(here):
            seen = self.seen(here, first)
            toxic = (self.walk.move[seen.n, seen.dlt] < 0) & (self.current[here] == 0)
            rule = self.entries.suspend, self.entries.most_pending
            waits = held(*rule, seen.n, seen.pending, self.move(seen), toxic)
            waits[waits] = self.eliminated_from(here[waits], first) > self.current[here[waits]]
            here = here[waits]
            if self.entries.resume == "next patient":
                self.now[here] += self.entries.gaps(self.random, (len(here), 1))[:, 0]
            else:
                self.now[here] = np.nextafter(seen.change[waits], np.inf)
        self.waited[every] += self.now[every] - before

    def advance(self, here: Ints, first: int) -> NDArray[np.bool_]:
        """Choose the next dose of the trials ``here``; whether each of them ends."""
        walk, seen = self.walk, self.seen(here, first)
        move, gone = self.move(seen), self.eliminated_from(here, first)
        current = self.current[here]
        lowest = (gone == 0) | ((current == 0) & walk.unsafe[seen.n, seen.dlt])
        self.too_toxic[here] = lowest
        highest = self.highest[here] = np.minimum(self.highest[here], gone - 1)
        self.current[here] = np.clip(np.where(current > highest, highest, current + move), 0, np.maximum(highest, 0))
        enough = np.zeros(len(here), dtype=bool)
        if walk.stop_at is not None:
            enough = (seen.n >= walk.stop_at) & (walk.stop_any | (move == 0))
        return np.asarray(lowest | enough)


def run_timed(
    walk: Walk, moves: Moves, entries: Entries, truth: Truth, trials: int, random: np.random.Generator
) -> TimedTally:
    """The dose is chosen when the first patient of a cohort could enter, or when accrual goes on again.

    The trial ends with the last observation, and its dose is selected from complete data.
    """
    p, size = np.array(truth), walk.cohort_size
    gaps, uniform = entries.gaps(random, (trials, walk.patients)), random.random((trials, walk.patients))
    gaps[:, 0] = 0.0  # time runs from the first entry
    of = Trials(walk, moves, entries, trials, random)
    here = np.arange(trials)
    for first in range(0, walk.patients, size):
        of.now[here] += gaps[here, first]
        if first:
            of.wait(here, first)
            here = here[~of.advance(here, first)]
        for patient in range(first, first + size):
            if patient > first:
                of.now[here] += gaps[here, patient]
            of.dose[here, patient], of.entry[here, patient] = of.current[here], of.now[here]
            of.onset[here, patient] = entries.onsets(uniform[here, patient], p[of.current[here]])
    at = [of.dose == each for each in range(walk.doses)]
    n = np.stack([each.sum(axis=1) for each in at], axis=1)
    dlt = np.stack([(each & np.isfinite(of.onset)).sum(axis=1) for each in at], axis=1)
    selected = np.where(of.too_toxic, 0, walk.select(n, dlt).astype(np.int64))
    ended = np.where(of.too_toxic, of.now, np.where(of.dose >= 0, of.entry, -np.inf).max(axis=1) + entries.window)
    return TimedTally.of(tallied(truth, walk.target, walk.patients, n, dlt, selected), ended, of.waited)
