"""Many platform trials side by side, period by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from helmont.design.platform.allocating import dealt, shares
from helmont.design.platform.analysis import Bools, analysed
from helmont.design.platform.posterior import Floats
from helmont.design.platform.regression import Cells
from helmont.design.platform.settings import BinaryEndpoint, NormalEndpoint, Trend

if TYPE_CHECKING:
    from helmont.design.platform.trial import PlatformTrial

WAITING, OPEN, FULL, SUCCESS, FUTILE, CAPPED, WITHDRAWN = range(7)
"""What an arm is; one that is full has its last patient and waits for outcomes."""


@dataclass(frozen=True)
class Outcome:
    """Of simulated trials: of shape (trials, arms), ``control``, ``patients`` and ``duration`` of shape (trials,)."""

    state: NDArray[np.int8]
    arm_patients: Floats
    concurrent: Floats
    other: Floats
    lasted: Floats
    effect: Floats
    control: Floats
    patients: Floats
    duration: Floats


def run(
    design: PlatformTrial,
    truth: tuple[float, ...],
    trend: Trend | None,
    deviation: float,
    trials: int,
    seed: np.random.SeedSequence,
) -> Outcome:
    """``truth`` is the control's rate or mean, then every arm's; ``deviation`` that of normal outcomes."""
    running = Running(design, truth, trend, deviation, trials, np.random.Generator(np.random.PCG64(seed)))
    while running.live.size:
        running.period()
    return running.outcome()


class Running:
    """The state of all trials. ``live`` are those that are not over; periods hold rows of these alone."""

    def __init__(
        self,
        design: PlatformTrial,
        truth: tuple[float, ...],
        trend: Trend | None,
        deviation: float,
        trials: int,
        random: np.random.Generator,
    ) -> None:
        self.design, self.trend, self.deviation, self.random = design, trend, deviation, random
        arms = len(design.arms)
        self.truth = np.array(truth)
        self.enters = np.array([each.enters for each in design.arms])
        self.leaves = np.array([np.inf if each.leaves is None else each.leaves for each in design.arms])
        self.caps = np.array([each.cap for each in design.arms], dtype=np.float64)
        self.order = np.argsort(self.enters, kind="stable")
        self.live = np.arange(trials)
        self.state = np.full((trials, arms), WAITING, dtype=np.int8)
        self.found = {name: np.zeros((trials, arms)) for name in ("patients", "concurrent", "other", "lasted")}
        self.effect = np.full((trials, arms), np.nan)
        self.ended, self.control, self.total = np.zeros((3, trials))
        # rows of live trials, a period in the middle
        self.now = np.zeros(trials)
        self.began = np.zeros((trials, arms))
        self.enrolled, self.known, self.sums, self.squares = np.zeros((4, trials, 0, arms + 1))
        self.start, self.end = np.zeros((2, trials, 0))
        self.knowledge = (np.full((trials, arms), 0.5), np.zeros((trials, arms)), np.ones((trials, arms)))

    def period(self) -> None:
        """Arms enter, patients are enrolled, outcomes become known, every arm is looked at."""
        self._enter()
        self._enrol()
        self._observe()
        self._look()

    def _enter(self) -> None:
        state = self.state[self.live]
        state[(state == WAITING) & (self.now[:, None] >= self.leaves)] = WITHDRAWN
        waiting = state == WAITING
        idle = ~(state == OPEN).any(axis=1) & waiting.any(axis=1)
        soonest = np.where(waiting, self.enters, np.inf).min(axis=1)
        self.now = np.where(idle, np.maximum(self.now, soonest), self.now)
        for arm in self.order:
            room = (state == OPEN).sum(axis=1) < self.design.open_at_once
            entering = waiting[:, arm] & (self.now >= self.enters[arm] - 1e-9) & room
            state[entering, arm] = OPEN
            self.began[entering, arm] = self.now[entering]
        self.state[self.live] = state

    def _enrol(self) -> None:
        design, opened = self.design, self.state[self.live] == OPEN
        better, mean, deviation = self.knowledge
        chances = shares(
            design.allocation,
            opened,
            ratio=design.ratio,
            tempering=design.tempering,
            limits=design.limits,
            better=better,
            mean=mean,
            deviation=deviation,
        )
        counts = dealt(self.random, chances, design.every, design.randomisation == "blocks")
        left = self.caps - self.enrolled[:, :, 1:].sum(axis=1)
        counts[:, 1:] = np.minimum(counts[:, 1:], left)
        self.enrolled = np.concatenate([self.enrolled, counts[:, None]], axis=1)
        for name in ("known", "sums", "squares"):
            setattr(self, name, np.concatenate([getattr(self, name), np.zeros_like(counts)[:, None]], axis=1))
        end = self.now + counts.sum(axis=1) / design.accrual
        self.start = np.concatenate([self.start, self.now[:, None]], axis=1)
        self.end = np.concatenate([self.end, end[:, None]], axis=1)
        self.now = np.where(opened.any(axis=1), end, end + design.delay)
        full = opened & (left <= counts[:, 1:])
        self.state[self.live] = np.where(full, FULL, self.state[self.live]).astype(np.int8)

    def _observe(self) -> None:
        """Outcomes are drawn when they become known: of every period those of its first patients first."""
        lasted = np.maximum(self.end - self.start, 1e-300)
        seen = np.clip((self.now[:, None] - self.design.delay - self.start) / lasted, 0.0, 1.0)
        seen = np.where(self.now[:, None] >= self.end + self.design.delay - 1e-9, 1.0, seen)
        target = np.floor(self.enrolled * seen[:, :, None] + 1e-9)
        for period in np.flatnonzero((target > self.known).any(axis=(0, 2))):
            fresh = target[:, period] - self.known[:, period]
            drift = np.zeros(len(fresh))
            if self.trend is not None:
                drift = self.trend.at((self.start[:, period] + self.end[:, period]) / 2)
            sums, squares = self._drawn(fresh, drift[:, None])
            self.known[:, period] += fresh
            self.sums[:, period] += sums
            self.squares[:, period] += squares

    def _drawn(self, n: Floats, drift: Floats) -> tuple[Floats, Floats]:
        if isinstance(self.design.endpoint, BinaryEndpoint):
            with np.errstate(divide="ignore"):
                p = expit(logit(self.truth) + drift) if self.trend is not None else self.truth + 0 * drift
            r = self.random.binomial(n.astype(np.int64), np.clip(p, 0.0, 1.0)).astype(np.float64)
            return r, r
        sums = n * (self.truth + drift) + self.deviation * np.sqrt(n) * self.random.standard_normal(n.shape)
        if not estimated(self.design.endpoint):
            return sums, np.zeros_like(sums)
        around = self.deviation**2 * 2 * self.random.standard_gamma(np.maximum(n - 1, 0) / 2)
        return sums, around + np.divide(sums**2, n, out=np.zeros_like(sums), where=n > 0)

    def _look(self) -> None:
        design, state = self.design, self.state[self.live]
        squares = self.squares if estimated(design.endpoint) else None
        here = (state == OPEN) | (state == FULL)
        known = analysed(design.analysis, Cells(self.known, self.sums, squares), self.enrolled, here)
        better = known.above(design.margin)
        least = better if design.futility_at == design.margin else known.above(design.futility_at)
        counted = self.known[:, :, 1:].sum(axis=1)
        enrolled = self.enrolled[:, :, 1:].sum(axis=1)
        after = decided(state, better, least, counted, enrolled, design)
        after = np.where(here & (after < SUCCESS) & (self.now[:, None] >= self.leaves - 1e-9), WITHDRAWN, after)
        newly = here & (after >= SUCCESS)
        if design.allocation == "thompson":
            self.knowledge = (better, *known.moments())
        else:
            self.knowledge = (better, better, better)
        if newly.any():
            self._note(newly, known.moments()[0], enrolled)
        self.state[self.live] = after.astype(np.int8)
        self._keep(np.asarray((after < SUCCESS).any(axis=1)))

    def _note(self, newly: Bools, effect: Floats, enrolled: Floats) -> None:
        """What is kept of arms that are decided at this look."""
        rows, arms = np.nonzero(newly)
        trials = self.live[rows]
        present = self.enrolled[:, :, 1:] > 0
        concurrent = np.matmul(self.enrolled[:, None, :, 0], present.astype(np.float64))[:, 0]
        control = self.enrolled[:, :, 0].sum(axis=1)
        self.found["patients"][trials, arms] = enrolled[rows, arms]
        self.found["concurrent"][trials, arms] = concurrent[rows, arms]
        self.found["other"][trials, arms] = control[rows] - concurrent[rows, arms]
        self.found["lasted"][trials, arms] = self.now[rows] - self.began[rows, arms]
        self.effect[trials, arms] = effect[rows, arms]

    def _keep(self, going: Bools) -> None:
        """Trials in which every arm is decided are over."""
        if going.all():
            return
        over = self.live[~going]
        self.ended[over] = self.now[~going]
        self.control[over] = self.enrolled[~going][:, :, 0].sum(axis=1)
        self.total[over] = self.enrolled[~going].sum(axis=(1, 2))
        self.live = self.live[going]
        for name in ("now", "began", "enrolled", "known", "sums", "squares", "start", "end"):
            setattr(self, name, getattr(self, name)[going])
        better, mean, deviation = self.knowledge
        self.knowledge = (better[going], mean[going], deviation[going])

    def outcome(self) -> Outcome:
        return Outcome(
            self.state,
            self.found["patients"],
            self.found["concurrent"],
            self.found["other"],
            self.found["lasted"],
            self.effect,
            self.control,
            self.total,
            self.ended,
        )


def estimated(endpoint: BinaryEndpoint | NormalEndpoint) -> bool:
    """Whether the deviation of outcomes is estimated."""
    return isinstance(endpoint, NormalEndpoint) and endpoint.deviation is None


def decided(
    state: NDArray[np.int8], better: Floats, least: Floats, known: Floats, enrolled: Floats, design: PlatformTrial
) -> NDArray[np.int8]:
    """What every arm is after a look, of shape (trials, arms): success before futility, futility before the cap."""
    here = (state == OPEN) | (state == FULL)
    enough = here & (known >= np.minimum(design.least, [each.cap for each in design.arms])) & (known > 0)
    success = enough & (better > design.success)
    futile = enough & ~success & (least < design.futility)
    capped = here & ~success & ~futile & (state == FULL) & (known >= enrolled)
    found = np.where(success, SUCCESS, np.where(futile, FUTILE, np.where(capped, CAPPED, state)))
    return np.asarray(found, dtype=np.int8)
