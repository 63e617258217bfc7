"""Simulated trials with backfilling, patient by patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated, tallied
from helmont.design.dose_finding.interval import walk_of

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
class Sums:
    """Over trials, which add up: those of all designs, and backfilled, responses, turned away, duration and its square."""

    tally: Tally
    doses: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    whole: np.ndarray[tuple[int, ...], np.dtype[np.float64]]

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.tally + other.tally, self.doses + other.doses, self.whole + other.whole)


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

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> Sums:
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
        walk = walk_of(self.design, self.design.most_patients)
        tally = tallied(
            self.truth, walk.target, self.design.most_patients, n, dlt, walk.select(n, dlt).astype(np.int64)
        )
        doses_sums = np.stack([extra.sum(axis=0), active.sum(axis=0)]).astype(np.float64)
        return Sums(tally, doses_sums, np.array([away.sum(), lasted.sum(), (lasted**2).sum()]))

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
    truth: tuple[float, ...], efficacy: tuple[float, ...], sums: Sums, seed: int
) -> BackfillCharacteristics:
    """Means over simulated trials."""
    trials, found = sums.tally.trials, simulated(truth, sums.tally, "pcg64", seed)
    away, mean, square = (sums.whole / trials).tolist()
    return BackfillCharacteristics(
        **found.__dict__,
        efficacy=efficacy,
        backfilled=tuple((sums.doses[0] / trials).tolist()),
        responses=tuple((sums.doses[1] / trials).tolist()),
        turned_away=away,
        duration=mean,
        duration_error=float(np.sqrt(max(square - mean**2, 0.0) / trials)),
    )
