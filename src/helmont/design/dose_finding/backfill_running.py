"""Simulated trials with backfilling: all trials of a part advance together, from patient to patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helmont.design.dose_finding.backfill_rules import NONE, STOPS, next_dose, open_dose
from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated, tallied
from helmont.design.dose_finding.interval import walk_of
from helmont.design.dose_finding.isotonic import Flags, Floats, Ints

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


class _Trials:
    """Trials that advance together, from one arriving patient to the next.

    Arrays are trials x patients in the order of treatment, or have a value a trial; doses count from 0.
    """

    def __init__(self, design: BackfillBoin, trials: int) -> None:
        self.design = design
        shape = (trials, design.most_patients + 1)
        self.dose = np.full(shape, NONE)
        self.known, self.ends = np.full(shape, np.inf), np.full(shape, -np.inf)
        self.toxic, self.active, self.backfilled = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
        self.now, self.away = np.zeros(trials), np.zeros(trials, dtype=np.int64)
        self.current = np.full(trials, design.start - 1)
        self.places = np.full(trials, design.cohort_size)
        self.treated, self.escalated = np.zeros(trials, dtype=np.int64), np.zeros(trials, dtype=np.int64)

    def counts(self, here: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Patients, toxicities, pending patients and responses by dose, as they are known now in the trials ``here``."""
        first = slice(0, int(self.treated[here].max(initial=0)))
        dose, now = self.dose[here, first], self.now[here, None]
        pending = self.known[here, first] > now
        toxic, active = self.toxic[here, first] & ~pending, self.active[here, first] & (self.ends[here, first] <= now)
        at = [dose == each for each in range(self.design.doses)]
        n, dlt, waiting, responses = (
            np.stack([(mine & flag).sum(axis=1) for mine in at], axis=1) for flag in (dose >= 0, toxic, pending, active)
        )
        return n, dlt, waiting, responses

    def assigned(self, here: Ints) -> tuple[Ints, Flags]:
        """The dose of the patients that arrive now in the trials ``here`` (``NONE``: away), and which trials stop instead."""
        dose, stops = self.current[here].copy(), np.zeros(len(here), dtype=np.bool_)
        asked = np.flatnonzero(self.places[here] == 0)
        trials, design = here[asked], self.design
        n, dlt, pending, active = self.counts(trials)
        current, escalated = self.current[trials], self.escalated[trials]
        best = next_dose(design, n, dlt, current, escalated)
        certain = best == next_dose(design, n, dlt + pending, current, escalated)
        stops[asked] = certain & (best == STOPS)
        goes_on = certain & (best != STOPS)
        self.current[trials[goes_on]] = best[goes_on]
        self.places[trials[goes_on]] = design.cohort_size
        dose[asked] = np.where(goes_on, best, open_dose(design, n, dlt, active, current))
        return dose, stops

    def treat(self, here: Ints, dose: Ints, drawn: Floats, truth: Floats, efficacy: Floats) -> None:
        """One patient in each of the trials ``here``; ``drawn`` are the uniform numbers of toxicity, response and time."""
        place, window = self.treated[here], self.design.window
        toxic = drawn[0] < truth[dose]
        self.dose[here, place], self.toxic[here, place] = dose, toxic
        self.active[here, place] = drawn[1] < efficacy[dose]
        self.known[here, place] = self.now[here] + window * np.where(toxic, drawn[2], 1.0)
        self.ends[here, place] = self.now[here] + window
        self.backfilled[here, place] = self.places[here] == 0
        self.treated[here] += 1
        escalating = here[self.places[here] > 0]
        self.escalated[escalating] += 1
        self.places[escalating] -= 1

    def by_dose(self, flag: Flags) -> Ints:
        """Of the patients, how many have the flag."""
        return np.stack([((self.dose == each) & flag).sum(axis=1) for each in range(self.design.doses)], axis=1)


@dataclass(frozen=True)
class Part:
    """Simulates a part of the trials; can be sent to another process."""

    design: BackfillBoin
    truth: tuple[float, ...]
    efficacy: tuple[float, ...]

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> BackfillTally:
        random, design = np.random.default_rng(seed), self.design
        of, here = _Trials(design, trials), np.arange(trials)
        truth, efficacy = np.array(self.truth), np.array(self.efficacy)
        while len(here):
            gap, *drawn = random.random((4, len(here)))
            of.now[here] -= np.log1p(-gap) * design.window / design.rate
            dose, stops = of.assigned(here)
            of.away[here] += (dose == NONE) & ~stops
            given = (dose != NONE) & ~stops
            of.treat(here[given], dose[given], np.array(drawn)[:, given], truth, efficacy)
            here = here[~stops]
        n, dlt = of.by_dose(of.dose != NONE), of.by_dose(of.toxic)
        walk, lasted = walk_of(design, design.most_patients), of.ends.max(axis=1)
        chosen = walk.select(n, dlt).astype(np.int64)
        return BackfillTally(
            **tallied(self.truth, walk.target, design.most_patients, n, dlt, chosen).__dict__,
            backfilled=of.by_dose(of.backfilled).sum(axis=0),
            responses=of.by_dose(of.active).sum(axis=0),
            turned_away=float(of.away.sum()),
            duration=float(lasted.sum()),
            duration_squared=float((lasted**2).sum()),
        )


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
