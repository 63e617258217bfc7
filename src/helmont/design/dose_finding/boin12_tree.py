"""All outcomes of a small BOIN12 trial, equal states merged: the counting of ``tree``, with responses beside toxicities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, log
from typing import TYPE_CHECKING

import numpy as np

from helmont.design.checking import DesignError
from helmont.design.dose_finding.boin12_tables import Outcomes
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.tree import States, merged

if TYPE_CHECKING:
    from helmont.design.dose_finding.boin12 import Boin12

MOST_STATES = 800_000
"""Before a cohort; it makes 16 times as many. About ten seconds and half a gigabyte."""
FORETELLING = 4
"""Cohorts from which the number of states tells how it will grow."""
PART = 1 << 16


@dataclass(frozen=True)
class Boin12Tree:
    """``rows`` are the data that one dose can have (patients, toxicities, responses); ``place`` has those of each ending."""

    rows: Ints
    place: Ints
    ways: Floats
    selected: Ints

    def probabilities(self, toxicity: tuple[float, ...], efficacy: tuple[float, ...]) -> Floats:
        """Of every ending; toxicity and response are independent within a patient."""
        found, (n, dlt, responses) = self.ways.copy(), self.rows.T
        for dose, (toxic, active) in enumerate(zip(toxicity, efficacy, strict=True)):
            here = (
                np.power(toxic, dlt)
                * np.power(1 - toxic, n - dlt)
                * np.power(active, responses)
                * np.power(1 - active, n - responses)
            )
            found *= here[self.place[:, dose]]
        return found


class _Growing:
    def __init__(self, design: Boin12) -> None:
        self.design, size = design, design.cohort_size
        counts = [
            (n, dlt, active)
            for n in range(0, design.patients + 1, size)
            for dlt in range(n + 1)
            for active in range(n + 1)
        ]
        self.rows = np.array(counts, dtype=np.int64)
        if len(counts) ** design.doses >= 2**63:
            raise DesignError("cohorts", design.cohorts, "fewer to be enumerated; simulate instead")
        found = {each: place for place, each in enumerate(counts)}
        self.outcomes = [(dlt, active) for dlt in range(size + 1) for active in range(size + 1)]
        self.weights = np.array(
            [comb(size, dlt) * comb(size, active) for dlt, active in self.outcomes], dtype=np.float64
        )
        self.after = np.array(
            [[found.get((n + size, y + dlt, e + active), 0) for dlt, active in self.outcomes] for n, y, e in counts],
            dtype=np.int64,
        )
        self.ended: list[States] = []

    def places(self, keys: Ints) -> Ints:
        """Rows of the doses, states x doses."""
        return np.stack([keys // len(self.rows) ** dose % len(self.rows) for dose in range(self.design.doses)], axis=1)

    def seen(self, keys: Ints) -> Outcomes:
        n, dlt, active = np.moveaxis(self.rows[self.places(keys)], 2, 0)
        return Outcomes(n, dlt, active, np.minimum(dlt, active))

    def treated(self, states: States, dose: int) -> States:
        keys, ways = states
        step = len(self.rows) ** dose
        before = keys // step % len(self.rows)
        moved = keys[:, None] + (self.after[before] - before[:, None]) * step
        return merged([(moved.ravel(), (ways[:, None] * self.weights).ravel())])

    def cohort(self, standing: list[States]) -> list[States]:
        design = self.design
        arriving: list[list[States]] = [[] for _ in standing]
        for dose, states in enumerate(standing):
            for keys, ways in parts_of(self.treated(states, dose)) if len(states[0]) else ():
                seen = self.seen(keys)
                then = design.steps.next(seen, np.full(len(keys), dose))
                if design.stop_at is not None:
                    then = np.where(seen.n[:, dose] >= design.stop_at, -1, then)
                self.ended.append((keys[then < 0], ways[then < 0]))
                for other, each in enumerate(arriving):
                    each.append((keys[then == other], ways[then == other]))
        return [merged(each) for each in arriving]

    def check(self, counts: list[int]) -> None:
        """Refuse as soon as the numbers of states before each cohort show that there will be too many.

        They grow like a power of the cohorts, which rises as more doses are reached; twice the limit is surely too many.
        Where ``stop_at`` ends trials they grow less, so that nothing is foretold.
        """
        most, done = counts[-1], len(counts) - 1
        if self.design.stop_at is None and done > FORETELLING:
            power = log(counts[-1] / counts[-2]) / log(done / (done - 1))
            most = max(most, int(most * ((self.design.cohorts - 1) / done) ** power / 2))
        if most > MOST_STATES:
            raise DesignError("cohorts", self.design.cohorts, "fewer to be enumerated; simulate instead")

    def grow(self) -> States:
        design = self.design
        nothing = np.empty(0, dtype=np.int64), np.empty(0)
        standing: list[States] = [nothing] * design.doses
        standing[design.start - 1] = np.zeros(1, dtype=np.int64), np.ones(1)
        counts = [1]
        for _ in range(design.cohorts - 1):
            standing = self.cohort(standing)
            counts.append(sum(len(keys) for keys, _ in standing))
            self.check(counts)
        for dose, states in enumerate(standing):
            if len(states[0]):
                self.ended.append(self.treated(states, dose))
        return merged(self.ended)


def parts_of(states: States) -> Iterator[States]:
    """Parts that stay in the processor's cache."""
    for begin in range(0, len(states[0]), PART):
        yield states[0][begin : begin + PART], states[1][begin : begin + PART]


def boin12_tree(design: Boin12) -> Boin12Tree:
    """Grow the tree. Raises ``DesignError`` where it would be too large."""
    growing = _Growing(design)
    keys, ways = growing.grow()
    selected = [design.selected(growing.seen(part))[1] for part, _ in parts_of((keys, ways))]
    return Boin12Tree(growing.rows, growing.places(keys), ways, np.concatenate(selected))
