"""Restricted randomisation, of which the chances of each arm follow the patients that the arms have so far.

Rosenberger & Lachin (2016) Randomization in Clinical Trials, chapter 3.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.randomisation.diagnostics import Counts, Diagnosis, Reals, diagnosed
from helmont.design.randomisation.lists import Audit, Entry, RandomisationList


@dataclass(frozen=True)
class Randomisation(Declared):
    """Allocates patients, in each stratum by itself. Arms count from 1."""

    arms: int = 2
    ratio: tuple[int, ...] | None = None
    """Patients of each arm for one another; all alike where None."""
    strata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checking.count("arms", self.arms, 2)
        ratio = (1,) * self.arms if self.ratio is None else tuple(self.ratio)
        if len(ratio) != self.arms:
            raise DesignError("ratio", ratio, f"{self.arms} whole numbers, one an arm")
        object.__setattr__(
            self, "ratio", tuple(checking.count(f"ratio[{arm}]", part, 1) for arm, part in enumerate(ratio, 1))
        )
        object.__setattr__(self, "strata", tuple(self.strata))
        if len(set(self.strata)) != len(self.strata):
            raise DesignError("strata", self.strata, "names that differ")

    @property
    def parts(self) -> tuple[int, ...]:
        """The ratio of the arms."""
        return self.ratio or (1,) * self.arms

    @abstractmethod
    def allocate(self, uniform: Reals) -> tuple[Counts, Counts, float]:
        """Arms and blocks (0 where there are none) for uniform numbers of trials x patients; the share of certain allocations."""

    def generate(self, patients: int, seed: int) -> RandomisationList:
        """A list with as many entries in each stratum; the same seed gives the same list, and a longer one begins with the
        shorter."""
        checking.count("patients", patients, 1)
        checking.count("seed", seed)
        entries: list[Entry] = []
        for place, stratum in enumerate(self.strata or ("",)):
            stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, place])))
            arms, blocks, _ = self.allocate(self._draws(stream, 1, patients))
            entries += [
                Entry(stratum, number + 1, int(arms[0, number]), int(blocks[0, number]) or None)
                for number in range(patients)
            ]
        return RandomisationList(self.digest, seed, tuple(entries))

    def audit(self, made: RandomisationList, seal: str, used: dict[str, list[int]] | None = None) -> Audit:
        """Whether ``made`` is the sealed list, comes from this design, and was followed by what was ``used`` in each stratum."""
        strata = len(self.strata or ("",))
        return made.audit(seal, used or {}, self.generate(max(len(made.entries) // strata, 1), made.seed))

    def diagnose(self, patients: int, trials: int = 2000, seed: int = 0) -> Diagnosis:
        """Balance and predictability of lists of one stratum."""
        checking.count("patients", patients, 1)
        stream = np.random.Generator(np.random.PCG64(checking.count("seed", seed)))
        arms, _, certain = self.allocate(self._draws(stream, checking.count("trials", trials, 2), patients))
        return diagnosed(arms, certain, self.parts, seed)

    @staticmethod
    def _draws(stream: np.random.Generator, trials: int, patients: int) -> Reals:
        """Two uniform numbers a patient, one after the other, so that longer lists begin with shorter ones."""
        return stream.random((trials, patients, 2))


@dataclass(frozen=True)
class _ByCounts(Randomisation):
    """Chances that follow the patients of each arm."""

    @abstractmethod
    def chances(self, counts: Counts) -> Reals:
        """The probability of each arm for the next patient; rows of patients in each arm so far."""

    def allocate(self, uniform: Reals) -> tuple[Counts, Counts, float]:
        trials, patients, _ = uniform.shape
        counts = np.zeros((trials, self.arms), dtype=np.int64)
        arms = np.zeros((trials, patients), dtype=np.int64)
        certain = 0
        for patient in range(patients):
            chances = self.chances(counts)
            arms[:, patient] = drawn(chances, uniform[:, patient, 0])
            counts[np.arange(trials), arms[:, patient] - 1] += 1
            certain += int((chances.max(axis=1) >= 1 - 1e-12).sum())
        return arms, np.zeros_like(arms), certain / arms.size


def drawn(chances: Reals, uniform: Reals) -> Counts:
    """The arm, from 1, of each row of chances for a uniform number each."""
    arms = (uniform[:, None] >= np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1) + 1
    return np.asarray(arms, dtype=np.int64)


@design
@dataclass(frozen=True)
class CompleteRandomisation(_ByCounts):
    """Each patient by the ratio alone."""

    def chances(self, counts: Counts) -> Reals:
        parts = np.array(self.parts)
        return np.tile(parts / parts.sum(), (len(counts), 1))


@dataclass(frozen=True)
class _TwoArms(_ByCounts):
    def __post_init__(self) -> None:
        super().__post_init__()
        if self.parts != (1, 1):
            raise DesignError("ratio", self.ratio, "1 to 1, of two arms")


@design
@dataclass(frozen=True)
class EfronCoin(_TwoArms):
    """The arm with fewer patients has the chance ``coin`` (Efron 1971, Biometrika 58:403)."""

    coin: float = 2 / 3

    def __post_init__(self) -> None:
        super().__post_init__()
        checking.between("coin", self.coin, 0.5, 1.0, closed=True)

    def chances(self, counts: Counts) -> Reals:
        first = 0.5 + (self.coin - 0.5) * np.sign(counts[:, 1] - counts[:, 0])
        return np.stack([first, 1 - first], axis=1)


@design
@dataclass(frozen=True)
class BigStick(_TwoArms):
    """A fair coin until one arm is ``limit`` ahead; then the other (Soares & Wu 1983, Communications in Statistics 12:2017)."""

    limit: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        checking.count("limit", self.limit, 1)

    def chances(self, counts: Counts) -> Reals:
        ahead = counts[:, 0] - counts[:, 1]
        first = np.where(ahead >= self.limit, 0.0, np.where(ahead <= -self.limit, 1.0, 0.5))
        return np.stack([first, 1 - first], axis=1)


@design
@dataclass(frozen=True)
class Urn(_ByCounts):
    """An urn with ``balls`` of each arm for its ratio; each allocation adds ``added`` of every other arm.

    Wei (1978) Annals of Statistics 6:92: ``UD(balls, added)`` where all arms are alike.
    """

    balls: int = 1
    added: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        checking.count("balls", self.balls)
        checking.count("added", self.added, 1)

    def chances(self, counts: Counts) -> Reals:
        parts = np.array(self.parts, dtype=float)
        others = counts.sum(axis=1, keepdims=True) - counts
        balls = parts * (self.balls + self.added * others)
        empty = balls.sum(axis=1, keepdims=True) == 0
        balls = np.where(empty, parts, balls)
        return np.asarray(balls / balls.sum(axis=1, keepdims=True))
