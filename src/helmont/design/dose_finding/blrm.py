"""Bayesian logistic regression with overdose control.

Neuenschwander, Branson & Gsponer (2008) Statistics in Medicine 27:2420; escalation with overdose control: Babb, Rogatko & Zacks
(1998) Statistics in Medicine 17:1103.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING, ClassVar, SupportsIndex

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.blrm_model import Surface
from helmont.design.dose_finding.characteristics import Tally, tallied
from helmont.design.dose_finding.conduct import treated
from helmont.design.dose_finding.decisions import Action, Alternative, Decision, NextCohort, Pathways, Selection
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.pathways import by_dose, next_cohort, standing
from helmont.design.dose_finding.simulation import Simulated, Truth
from helmont.design.merging import merged
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class BlrmFit(Result):
    """Posterior probabilities and means, an element a dose."""

    under: tuple[float, ...]
    """Probability that the toxicity is at most the lower limit of the target interval."""
    within: tuple[float, ...]
    """In the target interval."""
    over: tuple[float, ...]
    """Above its upper limit."""
    toxicity: tuple[float, ...]
    """Posterior mean."""
    deviation: tuple[float, ...]
    """Posterior standard deviation."""
    parameters: tuple[float, float]
    """Posterior means of ``log(alpha)`` and ``log(beta)``."""

    def frame(self) -> pl.DataFrame:
        """A row a dose."""
        import polars as pl

        columns = {name: list(getattr(self, name)) for name in ("under", "within", "over", "toxicity", "deviation")}
        return pl.DataFrame({"dose": list(range(1, len(self.within) + 1)), **columns})


@dataclass(frozen=True)
class BlrmDecision(Decision):
    """The next step, with the model that it comes from."""

    fit: BlrmFit | None = None


@design
@dataclass(frozen=True)
class Blrm(Simulated, Declared):
    """The next cohort gets the dose most probably in the target interval, of those that are probably no overdoses.

    ``doses`` are amounts, in the unit of ``reference``, at which the odds of toxicity are ``alpha``. Elsewhere doses count from
    1.
    """

    doses: tuple[float, ...]
    reference: float
    mean: tuple[float, float] = (-1.0, 0.0)
    """Prior means of ``log(alpha)`` and ``log(beta)``."""
    deviation: tuple[float, float] = (2.0, 1.0)
    correlation: float = 0.0
    interval: tuple[float, float] = (0.16, 0.33)
    """The target interval."""
    overdose: float = 0.25
    """A dose is given only where its toxicity is above the target interval with less than this probability."""
    patients: int = 30
    cohort_size: int = 3
    start: int = 1
    no_skipping: bool = True
    """Never more than one dose up."""
    most_increase: float | None = None
    """The next dose is at most so many times the current one."""
    stop_at: int | None = None
    """The trial ends where the next dose has had this many patients."""

    part: ClassVar[int] = 5_000
    """Many trials that run together share the states that they come to."""

    def __post_init__(self) -> None:
        for setting in ("doses", "mean", "deviation", "interval"):
            object.__setattr__(self, setting, tuple(checking.number(setting, each) for each in getattr(self, setting)))
        for place, amount in enumerate(self.doses, start=1):
            checking.positive(f"doses[{place}]", amount)
        if not self.doses:
            raise DesignError("doses", self.doses, "one or more amounts")
        checking.increasing("doses", self.doses)
        checking.positive("reference", self.reference)
        for setting in ("mean", "deviation", "interval"):
            if len(getattr(self, setting)) != 2:
                raise DesignError(setting, getattr(self, setting), "two numbers")
        for place, spread in enumerate(self.deviation, start=1):
            checking.positive(f"deviation[{place}]", spread)
        checking.between("correlation", self.correlation, -0.95, 0.95, closed=True)
        checking.increasing("interval", checking.probabilities("interval", self.interval))
        checking.probability("overdose", self.overdose)
        checking.count("patients", self.patients, 1)
        checking.count("cohort_size", self.cohort_size, 1)
        checking.count("start", self.start, 1, len(self.doses))
        if self.most_increase is not None:
            checking.between("most_increase", self.most_increase, 1.0, 1e6)
        if self.stop_at is not None:
            checking.count("stop_at", self.stop_at, 1)

    @cached_property
    def surface(self) -> Surface:
        """The model with its prior."""
        logs = tuple(log(amount / self.reference) for amount in self.doses)
        return Surface(
            logs, (self.mean[0], self.mean[1]), (self.deviation[0], self.deviation[1]), self.correlation, self.interval
        )

    def fit(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> BlrmFit:
        """The model after ``n`` patients with ``dlt`` toxicities by dose."""
        patients, toxic = checking.outcomes(n, dlt, len(self.doses))
        doses, data = len(self.doses), (np.array([patients]), np.array([toxic]))
        found = self.surface.moments(*data)[0]
        mean, square = found[:doses], found[doses : 2 * doses]
        low, high = self.surface.above(*data)[0].T
        values = (1 - low, low - high, high, mean, np.sqrt(np.maximum(square - mean**2, 0.0)))
        under, within, over, toxicity, deviation = (tuple(float(each) for each in value) for value in values)
        return BlrmFit(under, within, over, toxicity, deviation, (float(found[-2]), float(found[-1])))

    def _highest(self) -> Ints:
        """The highest dose (from 1) that the rules of escalation let follow each dose."""
        doses = np.arange(1, len(self.doses) + 1)
        highest = np.minimum(doses + 1, len(doses)) if self.no_skipping else np.full(len(doses), len(doses))
        if self.most_increase is not None:
            amounts = np.array(self.doses)
            highest = np.minimum(
                highest, (amounts[None, :] <= amounts[:, None] * self.most_increase * (1 + 1e-9)).sum(axis=1)
            )
        return np.asarray(highest)

    def next(
        self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], current: SupportsIndex | None = None
    ) -> BlrmDecision:
        """The dose of the next cohort after ``n`` patients and ``dlt`` toxicities by dose, the latest at dose ``current``.

        After ``patients`` patients the trial stops.
        """
        fit = self.fit(n, dlt)
        patients, _ = checking.outcomes(n, dlt, len(self.doses))
        if not sum(patients):
            return BlrmDecision("stay", self.start, "the first dose", fit=fit)
        now = treated(current, patients)
        if sum(patients) >= self.patients:
            return BlrmDecision("stop", None, f"all {self.patients} planned patients were treated", fit=fit)
        over = tuple(dose for dose, share in enumerate(fit.over, start=1) if share >= self.overdose)
        able = [dose for dose in range(1, int(self._highest()[now - 1]) + 1) if dose not in over]
        if not able:
            why = f"every dose that may follow is above {self.interval[1]:g} with probability {self.overdose:g} or more"
            return BlrmDecision("stop", None, why, over, fit=fit)
        dose = max(able, key=lambda each: (round(fit.within[each - 1], 12), -each))
        why = self._reason(fit, dose)
        if self.stop_at is not None and patients[dose - 1] >= self.stop_at:
            return BlrmDecision("stop", None, f"{why}, and has had {patients[dose - 1]} patients", over, fit=fit)
        others = tuple(
            Alternative(
                self._action(other, now),
                other,
                other in able,
                self._reason(fit, other),
            )
            for other in range(1, len(self.doses) + 1)
            if other != dose
        )
        return BlrmDecision(self._action(dose, now), dose, why, over, others, fit)

    def decision_table(
        self,
        n: Sequence[SupportsIndex] | None = None,
        dlt: Sequence[SupportsIndex] | None = None,
        current: int | None = None,
    ) -> NextCohort:
        """What follows each number of toxicities in the next cohort, the first one or after ``n`` and ``dlt`` by dose.

        ``current`` is the dose of that cohort.
        """
        seen, dose = standing(len(self.doses), self.start, n, dlt, current)
        return next_cohort(self.cohort_size, seen, dose, lambda n, dlt, at, _: self.next(n, dlt, at))

    def pathways(
        self,
        cohorts: int = 3,
        n: Sequence[SupportsIndex] | None = None,
        dlt: Sequence[SupportsIndex] | None = None,
        current: int | None = None,
    ) -> Pathways:
        """Every way through the next cohorts, from the start or from what was seen so far; ``current`` is the next dose."""
        seen, dose = standing(len(self.doses), self.start, n, dlt, current)
        return by_dose(cohorts, self.cohort_size, seen, dose, lambda n, dlt, at, _: self.next(n, dlt, at))

    @staticmethod
    def _reason(fit: BlrmFit, dose: int) -> str:
        within, over = fit.within[dose - 1], fit.over[dose - 1]
        return f"dose {dose} is in the target interval with probability {within:.3f}, above it with {over:.3f}"

    @staticmethod
    def _action(dose: int, now: int) -> Action:
        return "stay" if dose == now else "escalate" if dose > now else "de-escalate"

    def select(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> Selection:
        """Of the doses that were given and are probably no overdoses, the one most probably in the target interval."""
        patients, toxic = checking.outcomes(n, dlt, len(self.doses))
        fit = self.fit(n, dlt)
        within, over = self._shares(np.array([patients]), np.array([toxic]))
        mtd = int(self._selected(np.array([patients]), within, over)[0]) or None
        reason = "no dose that was given is safe enough"
        if mtd is not None:
            reason = f"it is in the target interval with probability {fit.within[mtd - 1]:.3f}"
        spread = np.array(fit.deviation) * 1.96
        lower, upper = (
            np.maximum(np.array(fit.toxicity) - spread, 0.0),
            np.minimum(np.array(fit.toxicity) + spread, 1.0),
        )
        return Selection(mtd, reason, fit.toxicity, tuple(lower.tolist()), tuple(upper.tolist()), fit.over)

    def _shares(self, n: Ints, dlt: Ints) -> tuple[Floats, Floats]:
        """Probabilities to be within and above the target interval: rows of trials, an element a dose."""
        doses = len(self.doses)
        states, which = merged(np.concatenate([n, dlt], axis=1))
        found = self.surface.above(states[:, :doses], states[:, doses:])
        return (found[:, :, 0] - found[:, :, 1])[which], found[which, :, 1]

    def _selected(self, n: Ints, within: Floats, over: Floats) -> Ints:
        score = np.where((n > 0) & (over < self.overdose), np.round(within, 12), -1.0)
        return np.where(score.max(axis=1) >= 0, score.argmax(axis=1) + 1, 0)

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> Tally:
        uniform = random.random((trials, self.patients))
        p, highest = np.array(truth), self._highest()
        n, dlt = np.zeros((2, trials, len(truth)), dtype=np.int64)
        current, running = np.full(trials, self.start), np.arange(trials)
        selected = np.zeros(trials, dtype=np.int64)
        for seen in range(0, self.patients, self.cohort_size):
            at = current[running] - 1
            toxic = uniform[running, seen : seen + self.cohort_size] < p[at, None]
            n[running, at] += toxic.shape[1]
            dlt[running, at] += toxic.sum(axis=1)
            within, over = self._shares(n[running], dlt[running])
            able = (over < self.overdose) & (np.arange(len(truth)) < highest[at][:, None])
            safe = able.any(axis=1)
            selected[running] = np.where(safe, self._selected(n[running], within, over), 0)
            dose = np.where(able, np.round(within, 12), -1.0).argmax(axis=1)
            goes_on = safe if self.stop_at is None else safe & (n[running, dose] < self.stop_at)
            current[running] = dose + 1
            running = running[goes_on]
            if not len(running):
                break
        return tallied(truth, self.interval[1], self.patients, n, dlt, selected)
