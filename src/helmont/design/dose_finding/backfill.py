"""BOIN that also treats patients below the current dose, while the outcomes of others are pending.

Backfilling after Zhao, Yuan, Korn & Freidlin 2024 (Clin Cancer Res 30:673-679): doses below the current one that showed activity
take patients for whom the escalation has no place. Their toxicities count for the escalation. The rules are those that the
docstrings of ``Backfill`` and ``BackfillBoin`` state in full; they are not compared with a published implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, SupportsFloat, SupportsIndex

from helmont.design.checking import DesignError, count, outcomes, positive, probabilities
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.backfill_running import BackfillCharacteristics, Part, simulated_backfill
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.characteristics import Characteristics
from helmont.design.dose_finding.conduct import decided, first_dose, treated
from helmont.design.dose_finding.decisions import Action, Decision
from helmont.design.dose_finding.interval import walk_of
from helmont.design.parallel import Progress, summed
from helmont.design.results import Result


@design
@dataclass(frozen=True)
class Backfill(Declared):
    """A dose below the current one is open while all of this holds.

    It or a lower dose had ``responses`` responses; it has fewer than ``most`` patients; it is not eliminated; and it is not too
    toxic: its observed rate is below ``lambda_d``, or that of it and the next higher dose together is.
    """

    most: int = 12
    """Patients at a dose, however they came there."""
    responses: int = 1
    to: Literal["highest", "fewest"] = "highest"
    """Which open dose the next patient gets: the highest, or the one with the fewest patients (of equal ones the highest)."""

    def __post_init__(self) -> None:
        count("most", self.most, 1)
        count("responses", self.responses)
        if self.to not in ("highest", "fewest"):
            raise DesignError("to", self.to, "'highest' or 'fewest'")


@dataclass(frozen=True)
class BackfillDecision(Result):
    """The next step of the escalation (``suspend``: it waits for pending patients), and where a patient may go meanwhile."""

    escalation: Decision
    open: tuple[int, ...]
    """Doses open for backfilling, lowest first."""
    backfill: int | None
    """The one that the next backfilled patient gets."""

    @property
    def action(self) -> Action:
        """Of the escalation."""
        return self.escalation.action

    @property
    def dose(self) -> int | None:
        """Of the escalation's next cohort."""
        return self.escalation.dose

    @property
    def reason(self) -> str:
        """Of the escalation's step."""
        return self.escalation.reason


@design
@dataclass(frozen=True)
class BackfillBoin(Boin):
    """BOIN with backfilling. ``cohorts`` are those of the escalation; backfilled patients come on top.

    The escalation decides on all patients at the current dose. Where a lower dose would de-escalate by its own data, and so would
    all patients from it up to the current dose together, the next cohort gets the dose below it. While the decision depends on
    pending patients (none of them with a toxicity, or all, lead to different steps) accrual to the escalation is suspended.
    """

    backfill: Backfill = field(default_factory=Backfill)
    window: float = 1.0
    """How long a patient is observed for a toxicity and a response."""
    rate: float = 6.0
    """Patients expected per window, in simulations."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", positive("window", self.window))
        object.__setattr__(self, "rate", positive("rate", self.rate))
        if self.titration:
            raise DesignError("titration", True, "False where patients are backfilled")

    @property
    def most_patients(self) -> int:
        """Escalated and backfilled."""
        return self.patients + self.doses * self.backfill.most

    def next(  # type: ignore[override]  # it answers for the backfill as well
        self,
        n: Sequence[SupportsIndex],
        dlt: Sequence[SupportsIndex],
        current: SupportsIndex | None = None,
        pending: Sequence[SupportsIndex] | None = None,
        responses: Sequence[SupportsIndex] | None = None,
        backfilled: Sequence[SupportsIndex] | None = None,
    ) -> BackfillDecision:
        """What to do with the next patients.

        By dose: ``n`` all patients, ``dlt`` toxicities and ``responses`` so far, ``pending`` those still observed without
        toxicity, ``backfilled`` those of ``n`` that were backfilled. What is left out is 0.
        """
        nothing = (0,) * self.doses
        patients, toxic = outcomes(n, dlt, self.doses)
        if not sum(patients):
            return BackfillDecision(first_dose(self.start), (), None)
        _, active = outcomes(n, nothing if responses is None else responses, self.doses)
        _, extra = outcomes(n, nothing if backfilled is None else backfilled, self.doses)
        free = tuple(here - seen for here, seen in zip(patients, toxic, strict=True))
        _, waiting = outcomes(free, nothing if pending is None else pending, self.doses)
        current = treated(current, patients)
        escalation = self.step(patients, toxic, waiting, current, sum(patients) - sum(extra))
        at = escalation.dose or current
        open_doses = () if escalation.action == "stop" else self.open_doses(patients, toxic, active, at)
        return BackfillDecision(escalation, open_doses, self.chosen(open_doses, patients))

    def step(
        self, n: tuple[int, ...], dlt: tuple[int, ...], pending: tuple[int, ...], current: int, escalated: int
    ) -> Decision:
        """Of the escalation, which treated ``escalated`` patients."""
        worst = tuple(seen + more for seen, more in zip(dlt, pending, strict=True))
        best, other = self._known(n, dlt, current, escalated), self._known(n, worst, current, escalated)
        if (best.action, best.dose) == (other.action, other.dose):
            return best
        reason = (
            f"{sum(pending)} are pending; without toxicities the step is {best.action}, with toxicities {other.action}"
        )
        return Decision("suspend", None, reason, best.eliminated)

    def _known(self, n: tuple[int, ...], dlt: tuple[int, ...], current: int, escalated: int) -> Decision:
        walk = replace(walk_of(self, max(self.most_patients, sum(n))), patients=sum(n) + self.patients - escalated)
        found = decided(walk, n, dlt, current)
        if found.dose is None:
            return found
        for dose in range(1, current):
            here, seen = n[dose - 1], dlt[dose - 1]
            together = sum(n[dose - 1 : current]), sum(dlt[dose - 1 : current])
            if walk.move[here, seen] < 0 and walk.move[together] < 0:
                lower = max(dose - 1, 1)
                if found.dose <= lower:
                    return found
                pool = f"{together[1]} of {together[0]} up to dose {current}"
                reason = f"{seen} of {here} patients at dose {dose} and {pool} had a dose-limiting toxicity"
                return Decision("de-escalate", lower, reason, found.eliminated)
        return found

    def open_doses(
        self, n: tuple[int, ...], dlt: tuple[int, ...], responses: tuple[int, ...], current: int
    ) -> tuple[int, ...]:
        """Doses below ``current`` that take backfilled patients."""
        walk, found, active = walk_of(self, max(self.most_patients, sum(n))), list[int](), 0
        for dose in range(current - 1):
            active += responses[dose]
            if walk.eliminated[n[dose], dlt[dose]]:
                break
            together = n[dose] + n[dose + 1], dlt[dose] + dlt[dose + 1]
            toxic = walk.move[n[dose], dlt[dose]] < 0 and walk.move[together] < 0
            if active >= self.backfill.responses and 0 < n[dose] < self.backfill.most and not toxic:
                found.append(dose + 1)
        return tuple(found)

    def chosen(self, open_doses: tuple[int, ...], n: tuple[int, ...]) -> int | None:
        """The open dose for the next backfilled patient."""
        if self.backfill.to == "highest":
            return max(open_doses, default=None)
        return min(open_doses, key=lambda dose: (n[dose - 1], -dose), default=None)

    def exact(self, truth: Sequence[SupportsFloat]) -> Characteristics:
        """Times have no finite tree of outcomes: raises ``DesignError``."""
        raise DesignError(
            "backfill", self.backfill, "left out (``Boin``) for exact characteristics; simulate this design"
        )

    def simulate(  # type: ignore[override]  # responses have rates as well
        self,
        truth: Sequence[SupportsFloat],
        efficacy: Sequence[SupportsFloat],
        trials: int = 1000,
        seed: int = 6,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> BackfillCharacteristics:
        """Operating characteristics under true toxicity and response rates (one a dose).

        Patients arrive by a Poisson process; a toxicity comes uniformly within the window, a response is known at its end. A
        patient goes to the escalation if it has a place, else to an open dose, else away.
        """
        rates, active = self._truth(truth), probabilities("efficacy", efficacy, closed=True)
        if len(active) != self.doses:
            raise DesignError("efficacy", active, f"{self.doses} rates, one a dose")
        count("trials", trials, 1)
        tally = summed(Part(self, rates, active), trials, count("seed", seed), progress, processes, part=1000)
        return simulated_backfill(rates, active, tally, seed)
