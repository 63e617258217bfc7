"""Adaptive enrichment: after the first stage a trial goes on in everybody, in a subgroup alone, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, count, number, positive, probability
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.quadrature import hermite
from helmont.design.confirmatory.recursion import Floats
from helmont.design.declared import Declared, design
from helmont.design.parallel import Progress, Sums, summed
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Counted(Sums):
    """Trials in which something holds, and the participants of all."""

    shares: Floats
    participants: float
    squared: float


@dataclass(frozen=True)
class EnrichmentSimulation(Result):
    """Shares of simulated trials. ``rejected`` and ``rejected_error`` are of the whole population, then of the subgroup."""

    truth: tuple[float, float]
    trials: int
    seed: int
    rejected: tuple[float, float]
    rejected_error: tuple[float, float]
    any_rejected: float
    any_rejected_error: float
    familywise: float
    """That a hypothesis which is true is rejected."""
    familywise_error: float
    stopped: float
    """After the first stage, because all is rejected."""
    futile: float
    """After the first stage, because nothing goes on."""
    whole: float
    """That the second stage is in everybody."""
    enriched: float
    """That it is in the subgroup alone."""
    participants: float
    participants_error: float

    def frame(self) -> pl.DataFrame:
        """A row for each population."""
        import polars as pl

        names = ["whole", "subgroup"]
        return pl.DataFrame({"population": names, "rejected": self.rejected, "rejected_error": self.rejected_error})


@design
@dataclass(frozen=True, kw_only=True)
class Enrichment(Declared):
    """A treatment and a control in a population of which the subgroup is the part ``prevalence``.

    The hypotheses are that there is no effect in the whole population, and none in the subgroup; they are tested by closure,
    stages combined by ``test`` (Brannath et al 2009, Stat Med 28:1445-1463), and their intersection by ``intersection``:
    ``"nested"`` is the larger statistic of the two (Spiessens & Debois 2010, Contemp Clin Trials 31:647-656).
    After the first stage the trial goes on in everybody where the effect outside of the subgroup is at least ``outside``,
    otherwise in the subgroup where its effect is at least ``inside``, and else it stops. Effects are in standard deviations.
    """

    test: InverseNormal
    """The combination of both stages, with its bounds."""
    prevalence: float
    """The subgroup's part of the population, and of the first stage."""
    first: float
    """Participants of each group in the first stage."""
    second: float
    """Participants of each group in the second stage, all of the subgroup where that goes on alone."""
    outside: float = 0.0
    """The least effect outside of the subgroup with which everybody goes on."""
    inside: float = 0.0
    """The least effect in the subgroup with which it goes on alone."""
    intersection: Literal["nested", "bonferroni", "simes"] = "nested"

    def __post_init__(self) -> None:
        if not isinstance(self.test, InverseNormal) or self.test.looks != 2:
            raise DesignError("test", self.test, "an InverseNormal with two looks")
        object.__setattr__(self, "prevalence", probability("prevalence", self.prevalence))
        for name in ("first", "second"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        for name in ("outside", "inside"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        if self.intersection not in ("nested", "bonferroni", "simes"):
            raise DesignError("intersection", self.intersection, "'nested', 'bonferroni' or 'simes'")

    def simulate(
        self,
        truth: Sequence[float],
        trials: int = 10_000,
        seed: int = 0,
        *,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> EnrichmentSimulation:
        """Trials in which ``truth`` are the effects in the subgroup and outside of it, in standard deviations."""
        if len(truth) != 2:
            raise DesignError("truth", tuple(truth), "two effects: in the subgroup and outside of it")
        effects = (number("truth[1]", truth[0]), number("truth[2]", truth[1]))
        trials, seed = count("trials", trials, 2), count("seed", seed)
        found = summed(partial(self._some, effects), trials, seed, progress, processes)
        shares = found.shares / trials
        errors = np.sqrt(shares * (1 - shares) / trials)
        mean = found.participants / trials
        spread = max(found.squared / trials - mean**2, 0.0)
        whole, subgroup, either, false, stopped, futile, everybody, enriched = (float(each) for each in shares)
        return EnrichmentSimulation(
            truth=effects,
            trials=trials,
            seed=seed,
            rejected=(whole, subgroup),
            rejected_error=(float(errors[0]), float(errors[1])),
            any_rejected=either,
            any_rejected_error=float(errors[2]),
            familywise=false,
            familywise_error=float(errors[3]),
            stopped=stopped,
            futile=futile,
            whole=everybody,
            enriched=enriched,
            participants=mean,
            participants_error=sqrt(spread / trials),
        )

    def _some(self, effects: tuple[float, float], trials: int, seed: np.random.SeedSequence) -> _Counted:
        random = np.random.Generator(np.random.PCG64(seed))
        weights, upper = self.test.weights, self.test.bounds().upper
        sub, rest = self._effects(random, effects, self.first, trials)
        first = self._scores(sub, rest, self.first)
        crossed = first >= upper[0]
        early = crossed[:, :2] & crossed[:, 2:]
        stopped = early.all(axis=1)
        everybody = ~stopped & (rest >= self.outside)
        enriched = ~stopped & ~everybody & (sub >= self.inside)
        sub, rest = self._effects(random, effects, self.second, trials)
        second = self._scores(sub, rest, self.second)
        alone, _ = self._effects(random, effects, self.second / self.prevalence, trials)
        alone = alone * sqrt(self.second / 2)  # all participants of the stage are of the subgroup
        second = np.where(enriched[:, None], alone[:, None], second)
        total = (weights[0] * first + weights[1] * second) / sqrt(weights[0] ** 2 + weights[1] ** 2)
        late = (total >= upper[1]) | crossed
        rejected = early | (late[:, :2] & late[:, 2:] & (everybody[:, None] | (enriched[:, None] & [False, True])))
        null = np.array([self.prevalence * effects[0] + (1 - self.prevalence) * effects[1] <= 0, effects[0] <= 0])
        n = 2 * (self.first + self.second * (everybody | enriched))
        futile = ~stopped & ~everybody & ~enriched
        columns = [
            *rejected.T,
            rejected.any(axis=1),
            (rejected & null).any(axis=1),
            stopped,
            futile,
            everybody,
            enriched,
        ]
        return _Counted(
            np.array([each.sum() for each in columns], dtype=np.float64), float(n.sum()), float((n**2).sum())
        )

    def _effects(
        self, random: np.random.Generator, effects: tuple[float, float], n: float, trials: int
    ) -> tuple[Floats, Floats]:
        """The observed effects in the subgroup and outside of it, of ``n`` participants a group."""
        noise = random.standard_normal((2, trials))
        sub = effects[0] + noise[0] * sqrt(2 / (n * self.prevalence))
        return sub, effects[1] + noise[1] * sqrt(2 / (n * (1 - self.prevalence)))

    def _scores(self, sub: Floats, rest: Floats, n: float) -> Floats:
        """Normal scores of the whole population, of the subgroup and of their intersection; of shape (trials, 3)."""
        whole = (self.prevalence * sub + (1 - self.prevalence) * rest) * sqrt(n / 2)
        z = np.stack([whole, sub * sqrt(n * self.prevalence / 2)], axis=1)
        largest, smallest = z.max(axis=1), z.min(axis=1)
        if self.intersection == "nested":
            nodes, weights = hermite(48)
            # two statistics with correlation r share a part of variance r
            r = sqrt(self.prevalence)
            p = 1 - ndtr((largest[:, None] - sqrt(r) * nodes) / sqrt(1 - r)) ** 2 @ weights
        else:
            p = 2 * ndtr(-largest)
            p = np.minimum(p, ndtr(-smallest)) if self.intersection == "simes" else p
        both = -ndtri(np.clip(p, 1e-300, 1 - 1e-16))
        return np.concatenate([z, both[:, None]], axis=1)
