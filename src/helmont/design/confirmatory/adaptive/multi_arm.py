"""Arms chosen at interim analyses, tested by closure with stages combined by the inverse normal method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.multi_arm.closed import subsets
from helmont.design.confirmatory.quadrature import hermite
from helmont.design.confirmatory.recursion import Floats
from helmont.design.declared import Declared, design
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]
_AT_ONCE = 5_000


@dataclass(frozen=True)
class ArmSelectionSimulation(Result):
    """Shares of simulated trials."""

    trials: int
    rejected: tuple[Looks, ...]
    """Of each arm (a row), newly at each stage."""
    selected: tuple[Looks, ...]
    """That an arm is in a stage."""
    any_rejected: float
    stopped: Looks
    """At each stage because every arm that was still there is rejected (or none is left)."""
    arms: Looks
    """The mean number of arms in each stage, of the trials that reach it."""
    expected: float
    """Participants of all groups on average."""
    expected_sd: float

    def standard_error(self, share: float) -> float:
        """The Monte Carlo error of a share."""
        return sqrt(share * (1 - share) / self.trials)

    def frame(self) -> pl.DataFrame:
        """A row for each arm and stage."""
        import polars as pl

        rows = [
            {"arm": arm, "stage": stage, "rejected": rejected, "selected": selected}
            for arm, columns in enumerate(zip(self.rejected, self.selected, strict=True), start=1)
            for stage, (rejected, selected) in enumerate(zip(*columns, strict=True), start=1)
        ]
        return pl.DataFrame(rows)


@design
@dataclass(frozen=True)
class ArmSelection(Declared):
    """``arms`` and a control with ``n`` participants each in every stage; after a stage the ``keep`` best arms go on.

    Intersections are tested by ``"dunnett"`` (known variance), ``"bonferroni"`` or ``"simes"``, the stages combined by
    ``test``, hypotheses rejected by closure (Bauer & Kieser 1999; Posch et al 2005, Stat Med 24:3697-3714).
    ``threshold``: an arm whose mean is not above that of the control by this (in standard deviations) does not go on. The
    trial stops as soon as every arm in it is rejected.
    """

    test: InverseNormal
    arms: int
    n: float
    keep: int = 1
    threshold: float | None = None
    intersection: Literal["dunnett", "bonferroni", "simes"] = "dunnett"

    def __post_init__(self) -> None:
        if not isinstance(self.test, InverseNormal):
            raise DesignError("test", self.test, "an InverseNormal")
        count("arms", self.arms, 1, 8)
        count("keep", self.keep, 1, self.arms)
        object.__setattr__(self, "n", positive("n", self.n))
        if self.threshold is not None:
            object.__setattr__(self, "threshold", number("threshold", self.threshold))
        if self.intersection not in ("dunnett", "bonferroni", "simes"):
            raise DesignError("intersection", self.intersection, "'dunnett', 'bonferroni' or 'simes'")

    def simulate(
        self, truth: Sequence[float], trials: int, seed: int, *, rng: Literal["pcg64"] = "pcg64"
    ) -> ArmSelectionSimulation:
        """Trials in which the arms' means are above the control's by ``truth``, in standard deviations."""
        effects = np.array([number(f"truth[{arm}]", each) for arm, each in enumerate(truth, start=1)])
        if effects.size != self.arms:
            raise DesignError("truth", tuple(truth), f"{self.arms} effects, one an arm")
        random = np.random.Generator(np.random.PCG64(seed))
        done = [
            self._some(random, effects, min(_AT_ONCE, count("trials", trials, 1) - begin))
            for begin in range(0, trials, _AT_ONCE)
        ]
        rejected, present = (np.concatenate(each) for each in zip(*done, strict=True))
        return self._summed(rejected, present)

    def _some(
        self, random: np.random.Generator, effects: Floats, trials: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which arms are rejected by, and present in, each stage: of shape (trials, stages, arms)."""
        looks, upper, weights = self.test.looks, self.test.bounds().upper, self.test.weights
        members = [np.array(each) - 1 for each in subsets(self.arms)]
        sums, square = np.zeros((len(members), trials)), np.zeros((len(members), trials))
        crossed = np.zeros((len(members), trials), dtype=bool)
        rejected, present = (np.zeros((trials, looks, self.arms), dtype=bool) for _ in range(2))
        here, mean = np.ones((trials, self.arms), dtype=bool), np.zeros((trials, self.arms))
        for stage in range(looks):
            present[:, stage] = here
            arms = effects + random.standard_normal((trials, self.arms)) / sqrt(self.n)
            difference = arms - random.standard_normal((trials, 1)) / sqrt(self.n)
            mean += difference
            z = np.where(here, difference * sqrt(self.n / 2), -np.inf)
            for place, some in enumerate(members):
                inside = here[:, some]
                left = inside.any(1)
                score = -ndtri(np.clip(self._p_values(z[:, some], inside.sum(1)), 1e-300, 1 - 1e-16))
                sums[place] += np.where(left, weights[stage] * score, 0.0)
                square[place] += np.where(left, weights[stage] ** 2, 0.0)
                crossed[place] |= left & (sums[place] >= upper[stage] * np.sqrt(square[place]))
            closed = np.stack([crossed[[arm in some for some in members]].all(0) for arm in range(self.arms)], axis=1)
            before = rejected[:, stage - 1] if stage else np.zeros_like(closed)
            rejected[:, stage] = before | (closed & here)
            here = self._kept(here, mean / (stage + 1), rejected[:, stage])
        return rejected, present

    def _kept(self, here: NDArray[np.bool_], mean: Floats, rejected: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The best arms go on, unless all that are there are rejected."""
        effect = np.where(here, mean, -np.inf)
        if self.threshold is not None:
            effect = np.where(effect > self.threshold, effect, -np.inf)
        rank = (-effect).argsort(1, kind="stable").argsort(1)
        going = (here & ~rejected).any(1, keepdims=True)
        kept: NDArray[np.bool_] = (rank < self.keep) & (effect > -np.inf) & going
        return kept

    def _p_values(self, z: Floats, left: NDArray[np.int64]) -> Floats:
        """Of an intersection in a stage: the statistics of its members, those that are gone being -inf."""
        largest = z.max(1)
        found: Floats
        if self.intersection == "bonferroni":
            found = np.minimum(left * ndtr(-largest), 1.0)
            return found
        if self.intersection == "simes":
            p = np.sort(ndtr(-z), axis=1)
            ranked = np.maximum(left, 1)[:, None] * p / np.arange(1, z.shape[1] + 1)
            found = np.minimum(ranked.min(1), 1.0)
            return found
        nodes, weights = hermite(32)
        shared = np.where(np.isfinite(largest), largest, 0.0)[:, None] * sqrt(2) + nodes
        return 1 - np.clip((ndtr(shared) ** left[:, None]) @ weights, 0.0, 1.0)

    def _summed(self, rejected: NDArray[np.bool_], present: NDArray[np.bool_]) -> ArmSelectionSimulation:
        trials, looks, _ = rejected.shape
        new = np.diff(rejected.astype(np.int8), axis=1, prepend=np.zeros((trials, 1, self.arms), dtype=np.int8))
        inside = present.sum(2)
        reached = inside > 0
        participants = self.n * (inside + reached).sum(1)
        stops = [reached[:, stage] & ~reached[:, stage + 1] for stage in range(looks - 1)]
        success = reached[:, -1] & (~present[:, -1] | rejected[:, -1]).all(1)
        return ArmSelectionSimulation(
            trials=trials,
            rejected=tuple(tuple(float(each) for each in row) for row in new.mean(0).T),
            selected=tuple(tuple(float(each) for each in row) for row in present.mean(0).T),
            any_rejected=float(rejected[:, -1].any(1).mean()),
            stopped=(*(float(each.mean()) for each in stops), float(success.mean())),
            arms=tuple(float(inside[reached[:, s], s].mean()) if reached[:, s].any() else 0.0 for s in range(looks)),
            expected=float(participants.mean()),
            expected_sd=float(participants.std()),
        )
