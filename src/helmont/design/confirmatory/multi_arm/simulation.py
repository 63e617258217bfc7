"""Simulated multi-arm multi-stage trials, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helmont.design.confirmatory.multi_arm.answers import Looks, MamsSimulation
from helmont.design.confirmatory.multi_arm.integration import Arm
from helmont.design.confirmatory.recursion import Floats
from helmont.design.parallel import Sums

AT_ONCE = 25_000


@dataclass(frozen=True)
class Tally(Sums):
    """Sums over trials: rows are arms, or groups (control first), columns stages; cumulated over the stages."""

    trials: int
    rejected: Floats
    futile: Floats
    best: Floats
    wholes: Floats
    """Trials with any arm rejected, all rejected, any futile, all futile."""
    either: Floats
    reached: Floats
    """Participants of each group, and their squares below."""


@dataclass(frozen=True)
class Part:
    """Simulates a part of the trials; can be sent to another process.

    Every trial stops at the stage at which an arm crosses its upper bound; all arms that do so then are rejected.
    """

    sizes: Floats
    """Cumulated, a row a group, the control first."""
    means: Floats
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @classmethod
    def of(cls, control: Sequence[float], arms: Sequence[Arm], lower: Sequence[float], upper: Sequence[float]) -> Part:
        """Effects and sizes as the design has them."""
        sizes = np.array([control, *(arm.sizes for arm in arms)], dtype=float)
        return cls(sizes, np.array([0.0, *(arm.mean for arm in arms)]), tuple(lower), tuple(upper))

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> Tally:
        z, sizes = self._statistics(trials, np.random.default_rng(seed)), self.sizes
        arms, stages = z.shape[1:]
        counts, wholes = np.zeros((3, arms, stages)), np.zeros((4, stages))
        running, active = np.ones(trials, dtype=bool), np.ones((trials, arms), dtype=bool)
        rejected, futile, best = (np.zeros((trials, arms), dtype=bool) for _ in range(3))
        reached = np.zeros((trials, arms + 1))
        for stage in range(stages):
            going = active & running[:, None]
            reached[:, 1:] = np.where(going, sizes[1:, stage], reached[:, 1:])
            reached[:, 0] = np.where(going.any(1), sizes[0, stage], reached[:, 0])
            at = np.where(going, z[:, :, stage], -np.inf)
            crossed = at >= self.upper[stage]
            stops = crossed.any(1)
            rejected |= crossed
            best[np.flatnonzero(stops), at[stops].argmax(1)] = True
            lost = going & (at < self.lower[stage])
            futile |= lost
            active &= ~lost
            running &= ~stops
            counts[:, :, stage] = [each.sum(0) for each in (rejected, futile, best)]
            wholes[:, stage] = [each.sum() for each in (rejected.any(1), rejected.all(1), futile.any(1), futile.all(1))]
        either = (rejected[:, :, None] | rejected[:, None, :]).sum(0).astype(float)
        participants = np.stack([reached.sum(0), (reached**2).sum(0)])
        return Tally(trials, counts[0], counts[1], counts[2], wholes, either, participants)

    def _statistics(self, trials: int, random: np.random.Generator) -> Floats:
        """Z of shape (trials, arms, stages)."""
        steps = np.diff(self.sizes, axis=1, prepend=0.0)
        drawn = random.standard_normal((trials, *steps.shape))
        mean = (drawn * np.sqrt(steps) + self.means[:, None] * steps).cumsum(2) / self.sizes
        return np.asarray((mean[:, 1:] - mean[:, :1]) / np.sqrt(1 / self.sizes[1:] + 1 / self.sizes[0]))


def simulated(tally: Tally) -> MamsSimulation:
    """Shares and means over the trials."""
    trials = tally.trials
    mean, square = tally.reached / trials
    some, every, some_futile, every_futile = (_looks(each) for each in tally.wholes / trials)
    return MamsSimulation(
        trials=trials,
        rejected=_rows(tally.rejected / trials),
        futile=_rows(tally.futile / trials),
        any_rejected=some,
        all_rejected=every,
        best=_rows(tally.best / trials),
        any_futile=some_futile,
        all_futile=every_futile,
        either_rejected=_rows(tally.either / trials),
        expected=_looks(mean),
        expected_sd=_looks(np.sqrt(np.maximum(square - mean**2, 0.0))),
    )


def _looks(values: Floats) -> Looks:
    return tuple(values.tolist())


def _rows(values: Floats) -> tuple[Looks, ...]:
    return tuple(tuple(row) for row in values.tolist())
