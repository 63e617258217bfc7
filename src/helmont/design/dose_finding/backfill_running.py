"""Simulated trials with backfilling, patient by patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated, tallied
from helmont.design.dose_finding.interval import walk_of
from helmont.design.dose_finding.isotonic import Ints

if TYPE_CHECKING:
    from helmont.design.dose_finding.backfill import BackfillBoin


@dataclass(frozen=True)
class BackfillCharacteristics(Characteristics):
    """``patients`` are all; ``backfilled`` those of them that were backfilled."""

    efficacy: tuple[float, ...] = ()
    backfilled: tuple[float, ...] = ()
    responses: tuple[float, ...] = ()
    turned_away: float = 0.0
    """Patients that arrived while accrual was suspended and no dose was open."""
    duration: float = 0.0
    """Until the last patient was observed."""
    duration_error: float = 0.0
    """Monte Carlo standard error."""


@dataclass(frozen=True)
class BackfillTally(Tally):
    """Sums over simulated trials, by dose and of whole trials."""

    backfilled: Ints
    responses: Ints
    turned_away: float
    duration: float
    duration_squared: float


@dataclass
class _Patient:
    dose: int
    known: float
    """When the outcome is: at the toxicity, or at the end of the window."""
    toxic: bool
    active: bool
    ends: float


@dataclass(frozen=True)
class Part:
    """Simulates a part of the trials; can be sent to another process."""

    design: BackfillBoin
    truth: tuple[float, ...]
    efficacy: tuple[float, ...]

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> BackfillTally:
        random, doses = np.random.default_rng(seed), self.design.doses
        n, dlt, extra, active = (np.zeros((trials, doses), dtype=np.int64) for _ in range(4))
        away, lasted = np.zeros(trials), np.zeros(trials)
        for trial in range(trials):
            treated, backfilled, away[trial] = self._trial(random)
            lasted[trial] = max(patient.ends for patient in treated)
            extra[trial] = backfilled
            for patient in treated:
                n[trial, patient.dose] += 1
                dlt[trial, patient.dose] += patient.toxic
                active[trial, patient.dose] += patient.active
        most = self.design.most_patients
        walk = walk_of(self.design, most)
        return BackfillTally(
            **tallied(self.truth, walk.target, most, n, dlt, walk.select(n, dlt).astype(np.int64)).__dict__,
            backfilled=extra.sum(axis=0),
            responses=active.sum(axis=0),
            turned_away=away.sum(),
            duration=lasted.sum(),
            duration_squared=(lasted**2).sum(),
        )

    def _trial(self, random: np.random.Generator) -> tuple[list[_Patient], list[int], int]:
        """Patients, how many were backfilled by dose, and how many turned away. Doses count from 0 here."""
        design = self.design
        treated, backfilled, away = list[_Patient](), [0] * design.doses, 0
        now, current, places, escalated = 0.0, design.start - 1, design.cohort_size, 0
        while True:
            gap, chance, response, when = random.random(4)
            now += -np.log1p(-gap) * design.window / design.rate
            dose = current
            if not places:
                counts = self._seen(treated, now)
                n, dlt, pending, active = counts
                step = design.step(n, dlt, pending, current + 1, escalated)
                if step.action == "stop":
                    return treated, backfilled, away
                if step.dose is not None:
                    dose, places = step.dose - 1, design.cohort_size
                    current = dose
                else:
                    open_dose = design.chosen(design.open_doses(n, dlt, active, current + 1), n)
                    if open_dose is None:
                        away += 1
                        continue
                    dose = open_dose - 1
                    backfilled[dose] += 1
            if places:
                places -= 1
                escalated += 1
            toxic = chance < self.truth[dose]
            known = now + design.window * (when if toxic else 1.0)
            treated.append(_Patient(dose, known, toxic, response < self.efficacy[dose], now + design.window))

    def _seen(self, treated: list[_Patient], now: float) -> tuple[tuple[int, ...], ...]:
        """Patients, toxicities, pending patients and responses by dose, as they are known now."""
        n, dlt, pending, active = ([0] * self.design.doses for _ in range(4))
        for patient in treated:
            n[patient.dose] += 1
            if patient.known > now:
                pending[patient.dose] += 1
            else:
                dlt[patient.dose] += patient.toxic
            active[patient.dose] += patient.active and patient.ends <= now
        return tuple(n), tuple(dlt), tuple(pending), tuple(active)


def simulated_backfill(
    truth: tuple[float, ...], efficacy: tuple[float, ...], tally: BackfillTally, seed: int
) -> BackfillCharacteristics:
    """Means over simulated trials."""
    trials = tally.trials
    mean = tally.duration / trials
    return BackfillCharacteristics(
        **simulated(truth, tally, "pcg64", seed).__dict__,
        efficacy=efficacy,
        backfilled=tuple((tally.backfilled / trials).tolist()),
        responses=tuple((tally.responses / trials).tolist()),
        turned_away=float(tally.turned_away / trials),
        duration=float(mean),
        duration_error=float(np.sqrt(max(tally.duration_squared / trials - mean**2, 0.0) / trials)),
    )
