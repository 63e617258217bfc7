"""The 3+3 design (Storer 1989, Biometrics 45:925-937), with and without de-escalation.

Cohorts of three. Escalate with no toxicity in three or at most one in six; treat three more with one in three; a dose with two or
more is too toxic. Without de-escalation the dose below is then the maximum tolerated one; with it, that dose must have six
patients of whom at most one had a toxicity. Exact characteristics are those of Wheeler, Sweeting & Mander 2016 (PLoS One
11:e0159026).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import SupportsFloat, SupportsIndex

import numpy as np
from scipy import special

from helmont.design.checking import DesignError, count, outcomes
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated, tallied, weighed
from helmont.design.dose_finding.conduct import first_dose, treated
from helmont.design.dose_finding.decisions import (
    Action,
    Alternative,
    Decision,
    DecisionTable,
    Pathway,
    Pathways,
    Selection,
)
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.simulation import Simulated, Truth
from helmont.design.parallel import Progress
from helmont.design.r_random import RRandom

COHORT = 3
ENOUGH = 6
"""Patients at a dose after which it is judged for good."""

Counts = tuple[int, ...]
State = tuple[Counts, Counts, int | None]
"""Patients and toxicities at every dose, and the dose of the next cohort."""
Uniform = Callable[[int], Floats]


def toxic(n: int, dlt: int) -> bool:
    """Two or more toxicities: the dose is above the maximum tolerated one."""
    return n > 0 and dlt >= 2


def tolerated(n: int, dlt: int) -> bool:
    """None of three, or at most one of six."""
    return (n >= COHORT and dlt == 0) or (n >= ENOUGH and dlt <= 1)


@design
@dataclass(frozen=True)
class ThreePlusThree(Simulated, Declared):
    """``doses`` in rising order; the first cohort gets ``start``."""

    doses: int
    de_escalate: bool = False
    start: int = 1

    def __post_init__(self) -> None:
        count("doses", self.doses, 1)
        count("start", self.start, 1, self.doses)
        if self.start > 1 and not self.de_escalate:
            raise DesignError("start", self.start, "1 where the design never de-escalates")

    def decision_table(self) -> DecisionTable:
        """The next step after three and after six patients at a dose."""
        return DecisionTable(
            patients=(COHORT, ENOUGH),
            escalate=(0, 1),
            de_escalate=(2, 2),
            eliminate=(2, 2),
            stop=(2, 2),
            decisions=(("E", "S", "DU", "DU"), ("E", "E", *("DU",) * 5)),
        )

    def next(
        self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], current: SupportsIndex | None = None
    ) -> Decision:
        """The dose for the next cohort, from patients and toxicities at every dose and the dose of the last cohort."""
        patients, toxicities = outcomes(n, dlt, self.doses)
        if not sum(patients):
            return first_dose(self.start)
        current = treated(current, patients)
        here, seen = patients[current - 1], toxicities[current - 1]
        first = next((dose for dose in range(self.doses) if toxic(patients[dose], toxicities[dose])), self.doses)
        eliminated = tuple(range(first + 1, self.doses + 1))
        reason = f"{seen} of {here} patients at dose {current} had a dose-limiting toxicity"
        dose = self.following(patients, toxicities, current)
        if dose is None:
            mtd = self.mtd(patients, toxicities)
            return Decision(
                "stop", None, reason + (f"; dose {mtd} is selected" if mtd else "; no dose is tolerated"), eliminated
            )
        action: Action = "escalate" if dose > current else "de-escalate" if dose < current else "stay"
        lower = [
            Alternative(
                "de-escalate", current - 1, permitted=True, reason="a lower dose than recommended can always be given"
            )
        ]
        return Decision(
            action, dose, reason, eliminated, tuple(lower) if action != "de-escalate" and current > 1 else ()
        )

    def select(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> Selection:
        """The dose below the lowest that is too toxic; without one, the highest that is tolerated. Rates are as observed."""
        patients, toxicities = outcomes(n, dlt, self.doses)
        mtd = self.mtd(patients, toxicities)
        rates = tuple(y / x if x else None for x, y in zip(patients, toxicities, strict=True))
        limits = [
            (float(_limit(x, y, 0.025)), float(_limit(x, y, 0.975))) if x else (None, None)
            for x, y in zip(patients, toxicities, strict=True)
        ]
        return Selection(
            mtd=mtd,
            reason="no dose is tolerated"
            if mtd is None
            else f"the highest dose below two toxicities; {toxicities[mtd - 1]} of {patients[mtd - 1]} there",
            p_est=rates,
            lower=tuple(low for low, _ in limits),
            upper=tuple(high for _, high in limits),
            p_overdose=(None,) * self.doses,
        )

    def exact(self, truth: Sequence[SupportsFloat]) -> Characteristics:
        """Operating characteristics under true toxicity rates (one a dose), by enumeration of all outcomes."""
        rates, graph = self._truth(truth), _graph(self)
        chances = graph.chances(rates)
        ended = graph.dose < 0
        n = [graph.n[ended, dose] for dose in range(self.doses)]
        return weighed(rates, None, ENOUGH * self.doses, chances[ended], n, graph.mtd[ended])

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> Tally:
        graph = _graph(self)
        return graph.tally(truth, graph.walk(truth, trials, random.random))

    def replayed(self, truth: Truth, trials: int, seed: int, progress: Progress | None) -> Characteristics:
        """Each patient takes the next of R's uniform numbers."""
        random, graph, ends = RRandom(seed), _graph(self), []
        for trial in range(1, trials + 1):
            ends.append(graph.walk(truth, 1, random.uniform)[0])
            if progress is not None and trial % 1000 == 0:
                progress(trial, trials)
        return simulated(truth, graph.tally(truth, np.array(ends)), "R", seed)

    def pathways(self, cohorts: int = 3) -> Pathways:
        """Every way through the first cohorts."""
        count("cohorts", cohorts, 1, 6)
        graph, ways = _graph(self), list[Pathway]()

        def follow(node: int, went: tuple[tuple[int, int], ...]) -> None:
            dose = int(graph.dose[node])
            for seen in range(COHORT + 1):
                then, path = int(graph.child[node, seen]), (*went, (dose + 1, seen))
                after = int(graph.dose[then])
                if after >= 0 and len(path) < cohorts:
                    follow(then, path)
                    continue
                action: Action = (
                    "stop" if after < 0 else "escalate" if after > dose else "de-escalate" if after < dose else "stay"
                )
                ways.append(
                    Pathway(
                        tuple(at for at, _ in path), tuple(y for _, y in path), action, None if after < 0 else after + 1
                    )
                )

        follow(0, ())
        return Pathways(tuple(ways))

    def following(self, n: Counts, dlt: Counts, current: int) -> int | None:
        """The dose of the next cohort, None at the end."""
        here, seen = n[current - 1], dlt[current - 1]
        if here < ENOUGH and seen == 1 and not tolerated(here, seen):
            return current
        if toxic(here, seen):
            below = current - 1
            return below if below >= 1 and self.de_escalate and n[below - 1] < ENOUGH else None
        if not tolerated(here, seen):
            return current
        if current == self.doses:
            return None
        if toxic(n[current], dlt[current]):  # the dose above was tried
            return None if here >= ENOUGH else current
        return current + 1

    def mtd(self, n: Counts, dlt: Counts) -> int | None:
        """The selected dose of a finished trial."""
        found = next((dose for dose in range(self.doses) if toxic(n[dose], dlt[dose])), None)
        if found is None:
            return max((dose + 1 for dose in range(self.doses) if tolerated(n[dose], dlt[dose])), default=None)
        return found or None


def _limit(n: int, dlt: int, p: float) -> float:
    """Clopper & Pearson 1934."""
    if p < 0.5:
        return 0.0 if dlt == 0 else float(special.betaincinv(dlt, n - dlt + 1, p))
    return 1.0 if dlt == n else float(special.betaincinv(dlt + 1, n - dlt, p))


@dataclass(frozen=True)
class _Graph:
    """Every state of a trial, each after those that lead to it; where it ends the dose is -1."""

    dose: Ints
    child: Ints
    """States x toxicities in the next cohort."""
    n: Ints
    dlt: Ints
    mtd: Ints

    def chances(self, truth: tuple[float, ...]) -> Floats:
        """The probability to pass each state."""
        found = np.zeros(len(self.dose))
        found[0] = 1.0
        cohort = [[special.comb(COHORT, y) * p**y * (1 - p) ** (COHORT - y) for y in range(COHORT + 1)] for p in truth]
        for node, dose in enumerate(self.dose.tolist()):
            if dose >= 0:
                np.add.at(found, self.child[node], found[node] * np.array(cohort[dose]))
        return found

    def walk(self, truth: tuple[float, ...], trials: int, uniform: Uniform) -> Ints:
        """The states in which trials end."""
        p, node, here = np.array(truth), np.zeros(trials, dtype=np.int64), np.arange(trials)
        while len(here):
            rates = p[self.dose[node[here]]]
            seen = (uniform(len(here) * COHORT).reshape(-1, COHORT) < rates[:, None]).sum(axis=1)
            node[here] = self.child[node[here], seen]
            here = here[self.dose[node[here]] >= 0]
        return node

    def tally(self, truth: tuple[float, ...], ends: Ints) -> Tally:
        return tallied(truth, None, ENOUGH * len(truth), self.n[ends], self.dlt[ends], self.mtd[ends])


@lru_cache(maxsize=16)
def _graph(design: ThreePlusThree) -> _Graph:
    nothing = (0,) * design.doses
    level: list[State] = [(nothing, nothing, design.start)]
    states: dict[State, int] = {level[0]: 0}
    order: list[State] = []
    children: list[list[int]] = []
    while level:  # states of a level treated equally many cohorts, so each comes after those that lead to it
        order += level
        following: list[State] = []
        for n, dlt, dose in level:
            if dose is None:
                children.append([-1] * (COHORT + 1))
                continue
            reached: list[State] = []
            for seen in range(COHORT + 1):
                after = _more(n, dose, COHORT), _more(dlt, dose, seen)
                reached.append((*after, design.following(*after, dose)))
            for state in reached:
                if state not in states:
                    states[state] = len(states)
                    following.append(state)
            children.append([states[state] for state in reached])
        level = following
    return _Graph(
        dose=np.array([-1 if dose is None else dose - 1 for _, _, dose in order], dtype=np.int64),
        child=np.array(children, dtype=np.int64),
        n=np.array([n for n, _, _ in order], dtype=np.int64),
        dlt=np.array([dlt for _, dlt, _ in order], dtype=np.int64),
        mtd=np.array([design.mtd(n, dlt) or 0 for n, dlt, _ in order], dtype=np.int64),
    )


def _more(counts: Counts, dose: int, by: int) -> Counts:
    return (*counts[: dose - 1], counts[dose - 1] + by, *counts[dose:])
