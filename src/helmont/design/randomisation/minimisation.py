"""Minimisation: the next patient goes, with a high probability, where the factors stay balanced.

Pocock & Simon (1975) Biometrics 31:103; Taves (1974) Clinical Pharmacology and Therapeutics 15:443.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.randomisation.diagnostics import Counts, Diagnosis, Reals, diagnosed
from helmont.design.randomisation.restricted import drawn
from helmont.design.results import Result

Level: TypeAlias = str | int
Patient: TypeAlias = Mapping[str, Level] | Sequence[Level]
"""The level of each factor, by its name or in the order of the factors."""

_EQUAL = 1e-9
"""Imbalances that differ by less are equal: they are sums of fractions."""


@dataclass(frozen=True)
class Assignment(Result):
    """Tuples have an element an arm, counted from 1."""

    arm: int
    imbalance: tuple[float, ...]
    """If the patient went to each arm."""
    preferred: tuple[int, ...]
    """The arms of the least imbalance."""
    probabilities: tuple[float, ...]
    draw: float
    """The uniform number that decided."""


@design
@dataclass(frozen=True)
class Minimisation(Declared):
    """Imbalance if the patient went to an arm: over the factors, the weighted sum of the amount by which the arms' counts differ.

    The counts are those of patients who share the new patient's level of the factor, the new one included, divided by the ratio.
    """

    factors: tuple[tuple[str, tuple[Level, ...]], ...]
    """Names with their levels; a mapping is taken as well."""
    arms: int = 2
    ratio: tuple[int, ...] | None = None
    weights: tuple[float, ...] | None = None
    """Of the factors; 1 each where None."""
    measure: Literal["range", "sd", "variance"] = "range"
    """Of the counts of the arms, in either case (also ``Var``).

    ``sd`` and ``variance`` have one less than the number of arms below the line."""
    probability: float = 0.8
    """Of the preferred arms together; the others share the rest alike. Where all arms are preferred the ratio decides."""

    def __post_init__(self) -> None:
        given = self.factors.items() if isinstance(self.factors, Mapping) else self.factors
        factors = tuple((str(name), tuple(levels)) for name, levels in given)
        if not factors or any(len(set(levels)) != len(levels) or not levels for _, levels in factors):
            raise DesignError("factors", factors, "one or more names, each with levels that differ")
        if len({name for name, _ in factors}) != len(factors):
            raise DesignError("factors", factors, "names that differ")
        object.__setattr__(self, "factors", factors)
        checking.count("arms", self.arms, 2)
        ratio = (1,) * self.arms if self.ratio is None else tuple(self.ratio)
        if len(ratio) != self.arms:
            raise DesignError("ratio", ratio, f"{self.arms} whole numbers, one an arm")
        object.__setattr__(
            self, "ratio", tuple(checking.count(f"ratio[{arm}]", part, 1) for arm, part in enumerate(ratio, 1))
        )
        weights = (1.0,) * len(factors) if self.weights is None else tuple(self.weights)
        if len(weights) != len(factors):
            raise DesignError("weights", weights, f"{len(factors)} numbers, one a factor")
        object.__setattr__(
            self,
            "weights",
            tuple(checking.positive(f"weights[{place}]", each) for place, each in enumerate(weights, 1)),
        )
        measure = str(self.measure).lower()
        object.__setattr__(self, "measure", "variance" if measure == "var" else measure)
        if self.measure not in ("range", "sd", "variance"):
            raise DesignError("measure", self.measure, "range, sd or variance")
        checking.between("probability", self.probability, 1 / self.arms, 1.0, closed=True)

    def assign(
        self,
        patient: Patient,
        previous: Sequence[Patient] = (),
        assigned: Sequence[int] = (),
        draw: float | None = None,
        seed: int = 0,
    ) -> Assignment:
        """The arm of the next patient after ``previous`` ones with their arms (from 1), in the order of entry.

        ``draw`` is the uniform number that decides; without it the seed gives the number of this place in the order, so that a
        trial can be replayed. Raises ``DesignError`` for a level that the factor has not.
        """
        if len(previous) != len(assigned):
            raise DesignError("assigned", tuple(assigned), f"{len(previous)} arms, one a previous patient")
        counts = np.zeros(
            (len(self.factors), max(len(levels) for _, levels in self.factors), self.arms), dtype=np.int64
        )
        every = np.arange(len(self.factors))
        for place, (each, arm) in enumerate(zip(previous, assigned, strict=True), start=1):
            counts[every, self._places(each), checking.count(f"assigned[{place}]", arm, 1, self.arms) - 1] += 1
        here = counts[every, self._places(patient)]
        return self.assign_counts(here.tolist(), _draw(seed, len(previous)) if draw is None else draw)

    def assign_counts(self, counts: Sequence[Sequence[int]], draw: float) -> Assignment:
        """The same from the counts of earlier patients who share the level of each factor: a row a factor, an element an arm."""
        here = np.array(counts, dtype=np.int64)
        if here.shape != (len(self.factors), self.arms) or (here < 0).any():
            raise DesignError("counts", counts, f"{len(self.factors)} rows of {self.arms} counts")
        draw = checking.between("draw", draw, 0.0, 1.0, closed=True)
        imbalance = self._imbalance(here[None])
        chances = self._chances(imbalance)
        preferred = np.flatnonzero(imbalance[0] <= imbalance[0].min() + _EQUAL) + 1
        return Assignment(
            int(drawn(chances, np.array([draw]))[0]),
            tuple(imbalance[0].tolist()),
            tuple(preferred.tolist()),
            tuple(chances[0].tolist()),
            draw,
        )

    def allocate(self, patients: Sequence[Patient], seed: int) -> tuple[Assignment, ...]:
        """Every patient in turn; the same as ``assign`` one after the other."""
        assigned: list[int] = []
        made = []
        for place, patient in enumerate(patients):
            made.append(self.assign(patient, patients[:place], assigned, seed=seed))
            assigned.append(made[-1].arm)
        return tuple(made)

    def diagnose(
        self, patients: int, trials: int = 1000, seed: int = 0, prevalence: Sequence[Sequence[float]] | None = None
    ) -> Diagnosis:
        """Balance and predictability over simulated trials; ``prevalence`` of each factor's levels, all alike where None."""
        checking.count("patients", patients, 1)
        stream = np.random.Generator(np.random.PCG64(checking.count("seed", seed)))
        trials = checking.count("trials", trials, 2)
        shares = prevalence or [[1 / len(levels)] * len(levels) for _, levels in self.factors]
        factors, most = len(self.factors), max(len(levels) for _, levels in self.factors)
        counts = np.zeros((trials, factors, most, self.arms), dtype=np.int64)
        arms = np.zeros((trials, patients), dtype=np.int64)
        rows, places = np.arange(trials)[:, None], np.arange(factors)[None, :]
        certain = 0
        for patient in range(patients):
            uniform = stream.random((trials, factors + 1))
            levels = np.stack(
                [drawn(np.tile(share, (trials, 1)), uniform[:, place]) - 1 for place, share in enumerate(shares)],
                axis=1,
            )
            chances = self._chances(self._imbalance(counts[rows, places, levels]))
            arms[:, patient] = drawn(chances, uniform[:, -1])
            counts[rows, places, levels, arms[:, patient, None] - 1] += 1
            certain += int((chances.max(axis=1) >= 1 - 1e-12).sum())
        return diagnosed(arms, certain / arms.size, self.ratio or (1,) * self.arms, seed)

    def _places(self, patient: Patient) -> Counts:
        """The place of the patient's level of each factor, from 0."""
        names = [name for name, _ in self.factors]
        if isinstance(patient, Mapping):
            if set(patient) != set(names):
                raise DesignError("patient", dict(patient), f"a level of each of {', '.join(names)}")
            patient = [patient[name] for name in names]
        elif len(patient) != len(names):
            raise DesignError("patient", tuple(patient), f"a level of each of {', '.join(names)}")
        for (name, levels), level in zip(self.factors, patient, strict=True):
            if level not in levels:
                raise DesignError(name, level, f"one of {', '.join(map(str, levels))}")
        return np.array([levels.index(level) for (_, levels), level in zip(self.factors, patient, strict=True)])

    def _imbalance(self, counts: Counts) -> Reals:
        """If the patient went to each arm; ``counts`` are trials x factors x arms, of patients who share the level."""
        ratio = np.array(self.ratio, dtype=float)
        after = (counts[:, None, :, :] + np.eye(self.arms, dtype=np.int64)[None, :, None, :]) / ratio
        if self.measure == "range":
            amount = after.max(axis=-1) - after.min(axis=-1)
        else:
            amount = after.var(axis=-1, ddof=1)
            amount = np.sqrt(amount) if self.measure == "sd" else amount
        return np.asarray(amount @ np.array(self.weights))

    def _chances(self, imbalance: Reals) -> Reals:
        preferred = imbalance <= imbalance.min(axis=1, keepdims=True) + _EQUAL
        number = preferred.sum(axis=1, keepdims=True)
        shared = np.where(
            preferred, self.probability / number, (1 - self.probability) / np.maximum(self.arms - number, 1)
        )
        ratio = np.array(self.ratio, dtype=float)
        return np.asarray(np.where(number == self.arms, ratio / ratio.sum(), shared))


def _draw(seed: int, place: int) -> float:
    """The uniform number of a place in the order of entry, which depends on nothing else."""
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence([checking.count("seed", seed), place])))
    return float(stream.random())
