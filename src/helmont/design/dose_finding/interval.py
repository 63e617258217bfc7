"""The designs whose next dose is read from a table over the data at the current dose.

They differ in that table alone: in which cells the next cohort goes up or down. Elimination, stopping, selection, enumeration,
simulation and the running trial are common to all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, SupportsFloat, SupportsIndex

import numpy as np
from numpy.typing import NDArray
from scipy import special

from helmont.design.checking import DesignError, between, count, outcomes, probability
from helmont.design.declared import Declared
from helmont.design.dose_finding.characteristics import Characteristics, Tally, weighed
from helmont.design.dose_finding.conduct import decided, first_dose, treated
from helmont.design.dose_finding.decisions import Decision, DecisionTable, Letter, Pathways, Selection
from helmont.design.dose_finding.interval_running import run
from helmont.design.dose_finding.isotonic import PRIOR, Flags, Ints, overdose_probability, pooled, rate, weight
from helmont.design.dose_finding.pathways import by_dose, standing
from helmont.design.dose_finding.replay import replay
from helmont.design.dose_finding.simulation import Simulated, Truth
from helmont.design.dose_finding.tree import Tree, tree
from helmont.design.dose_finding.walk import Walk
from helmont.design.parallel import Progress

LETTERS: dict[int, Letter] = {1: "E", 0: "S", -1: "D"}


@dataclass(frozen=True)
class IntervalDesign(Simulated, Declared):
    """Settings that all designs with a table share."""

    doses: int
    target: float
    """The toxicity rate that is sought."""
    cohorts: int = 10
    cohort_size: int = 3
    start: int = 1
    """The dose of the first cohort."""
    stop_at: int | None = None
    """Patients at one dose at which the trial ends; None for never."""
    cutoff: float = 0.95
    """A dose is eliminated when Pr(toxicity rate > target | data) is above this, after three patients or more."""
    extra_safe: bool = False
    """At the lowest dose the trial stops already above ``cutoff - offset``."""
    offset: float = 0.05

    prior: ClassVar[float] = 1.0
    """Elimination has a beta(prior, prior) prior."""
    eliminate_from: ClassVar[int] = 3
    """Patients at a dose from which it can be eliminated."""
    tabulate_from: ClassVar[int] = 3
    """Patients from which the published table shows elimination."""
    stop_any: ClassVar[bool] = False
    """``stop_at`` ends the trial whatever the table says; otherwise only when the next cohort would stay at the dose."""

    def __post_init__(self) -> None:
        count("doses", self.doses, 1)
        object.__setattr__(self, "target", probability("target", self.target))
        count("cohorts", self.cohorts, 1)
        count("cohort_size", self.cohort_size, 1)
        count("start", self.start, 1, self.doses)
        if self.stop_at is not None:
            count("stop_at", self.stop_at, 1)
        object.__setattr__(self, "cutoff", probability("cutoff", self.cutoff))
        object.__setattr__(self, "offset", between("offset", self.offset, 0.0, 0.5))

    @property
    def patients(self) -> int:
        """Planned patients."""
        return self.cohorts * self.cohort_size

    @abstractmethod
    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        """1 up, 0 stay, -1 down for data (n > 0) at the current dose, whatever its place and whether it is eliminated."""

    def titrates(self) -> bool:
        """Single patients go up before cohorts are full."""
        return False

    def bound(self) -> float | None:
        """A selected dose has an isotonic rate below this."""
        return None

    def decision_table(self) -> DecisionTable:
        """The next step for every number of patients up to the planned number."""
        walk = walk_of(self)
        numbers = range(1, self.patients + 1)
        toxic = overdose_probability(*_triangle(self.patients), self.target, self.prior) > self.cutoff
        rows: list[tuple[Letter, ...]] = []
        for n in numbers:
            gone = walk.eliminated[n] | (toxic[n] & (n >= self.tabulate_from))
            rows.append(tuple("DU" if gone[dlt] else LETTERS[int(walk.move[n, dlt])] for dlt in range(n + 1)))
        return DecisionTable(
            patients=tuple(numbers),
            escalate=tuple(max((dlt for dlt, each in enumerate(row) if each == "E"), default=None) for row in rows),
            de_escalate=tuple(next((dlt for dlt, each in enumerate(row) if each in ("D", "DU")), None) for row in rows),
            eliminate=tuple(next((dlt for dlt, each in enumerate(row) if each == "DU"), None) for row in rows),
            stop=tuple(
                next((dlt for dlt in range(n + 1) if walk.unsafe[n, dlt] or walk.eliminated[n, dlt]), None)
                for n in numbers
            ),
            decisions=tuple(rows),
        )

    def next(
        self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], current: SupportsIndex | None = None
    ) -> Decision:
        """The dose for the next cohort, from patients and toxicities at every dose and the dose of the last cohort.

        ``current`` may be left out before the first patient. Raises ``DesignError`` for impossible counts, or a current dose
        that treated nobody.
        """
        patients, toxic = outcomes(n, dlt, self.doses)
        if not sum(patients):
            return first_dose(self.start)
        dose = treated(current, patients)
        return decided(walk_of(self, max(self.patients, *patients)), patients, toxic, dose)

    def select(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> Selection:
        """The maximum tolerated dose: the isotonic rate nearest to the target, among doses that are not eliminated.

        Of equal rates below the target the highest dose is taken, above it the lowest (Yuan et al. 2016, CCR 22:4291).
        """
        patients, toxic = (np.array(each, dtype=np.int64) for each in outcomes(n, dlt, self.doses))
        walk = walk_of(self, max(self.patients, int(patients.max())))
        mtd = int(walk.select(patients[None], toxic[None])[0]) or None
        treated = patients > 0
        beta = (toxic[treated] + PRIOR, patients[treated] - toxic[treated] + PRIOR)
        weights = weight(patients, toxic)[treated]

        def monotone(values: NDArray[np.float64], weighted: bool = True) -> tuple[float | None, ...]:
            each = [np.array([value]) for value in values]
            found = iter(
                pooled(each, [np.array([here]) for here in weights] if weighted else [np.ones(1)] * len(each))
                if each
                else ()
            )
            return tuple(float(next(found)[0]) if here else None for here in treated)

        rates = monotone(rate(patients, toxic)[treated])
        return Selection(
            mtd=mtd,
            reason="no dose is acceptable"
            if mtd is None
            else f"its isotonic rate {rates[mtd - 1]:.3f} is nearest to {self.target:g}",
            p_est=rates,
            lower=monotone(np.asarray(special.betaincinv(*beta, 0.025), dtype=np.float64)),
            upper=monotone(np.asarray(special.betaincinv(*beta, 0.975), dtype=np.float64)),
            p_overdose=monotone(overdose_probability(patients, toxic, self.target, PRIOR)[treated], weighted=False),
        )

    def exact(self, truth: Sequence[SupportsFloat]) -> Characteristics:
        """Operating characteristics under true toxicity rates (one a dose), by enumeration of all outcomes.

        Raises ``DesignError`` where there are too many states; simulate then.
        """
        rates = self._truth(truth)
        grown = _tree_of(self)
        chances = grown.probabilities(rates)
        n = [grown.n[place] for place in grown.place]
        return weighed(rates, self.target, self.patients, chances, n, grown.selected.astype(np.int64))

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> Tally:
        return run(walk_of(self), truth, trials, random)

    def replayed(self, truth: Truth, trials: int, seed: int, progress: Progress | None) -> Characteristics:
        return replay(walk_of(self), truth, trials, seed, progress)

    def pathways(
        self,
        cohorts: int = 3,
        n: Sequence[SupportsIndex] | None = None,
        dlt: Sequence[SupportsIndex] | None = None,
        current: int | None = None,
    ) -> Pathways:
        """Every way through the next cohorts, from the start or from what was seen so far at each dose.

        ``current`` is the dose of the next cohort. Raises ``DesignError`` before single patients have titrated, where they do.
        """
        if self.titrates() and not sum(map(int, n or ())):
            raise DesignError("n", n, "what titration saw: single patients, not cohorts, go these ways")
        seen, dose = standing(self.doses, self.start, n, dlt, current)
        return by_dose(cohorts, self.cohort_size, seen, dose, lambda n, dlt, at, _: self.next(n, dlt, at))


def _triangle(most: int) -> tuple[Ints, Ints]:
    """Patients and toxicities of every cell; where there are more toxicities than patients, as many."""
    n = np.arange(most + 1, dtype=np.int64)[:, None] + np.zeros(most + 1, dtype=np.int64)
    return n, np.minimum(np.arange(most + 1, dtype=np.int64), n)


@lru_cache(maxsize=64)
def walk_of(design: IntervalDesign, most: int | None = None) -> Walk:
    """The design's tables, up to ``most`` patients at a dose (by default the planned number)."""
    n, dlt = _triangle(most or design.patients)
    overdosing = overdose_probability(n, dlt, design.target, design.prior)
    able: Flags = n >= design.eliminate_from
    eliminated: Flags = able & (overdosing > design.cutoff)
    unsafe: Flags = able & (overdosing > design.cutoff - design.offset) if design.extra_safe else np.zeros_like(able)
    move = np.zeros(n.shape, dtype=np.int8)
    move[1:] = design.moves(n[1:], dlt[1:])
    return Walk(
        doses=design.doses,
        target=design.target,
        cohort_size=design.cohort_size,
        patients=design.patients,
        start=design.start - 1,
        titration=design.titrates(),
        move=np.where(eliminated, np.int8(-1), move),
        eliminated=eliminated,
        unsafe=unsafe,
        stop_at=design.stop_at,
        stop_any=design.stop_any,
        bound=design.bound(),
    )


@lru_cache(maxsize=8)
def _tree_of(design: IntervalDesign) -> Tree:
    return tree(walk_of(design))
