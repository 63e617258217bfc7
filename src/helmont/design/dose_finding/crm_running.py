"""Whole trials of the continual reassessment method: many at once at random, or every path with its probability."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helmont.design.checking import DesignError
from helmont.design.dose_finding.characteristics import Characteristics, Tally, tallied, weighed
from helmont.design.dose_finding.crm_fitting import nearest
from helmont.design.dose_finding.crm_model import Counts, Reals
from helmont.design.merging import merged

if TYPE_CHECKING:
    from helmont.design.dose_finding.crm import Crm

Booleans: TypeAlias = NDArray[np.bool_]

NONE, GOES_ON = 0, -1
"""In place of a dose: nothing is selected, or the trial is not at its end."""


def estimated(crm: Crm, n: Counts, dlt: Counts) -> tuple[Counts, Booleans]:
    """For rows of counts by dose: the dose nearest to the target, and whether the lowest is too toxic."""
    states, which = merged(np.concatenate([n, dlt], axis=1))
    patients, toxic = states[:, : crm.doses], states[:, crm.doses :]
    if crm.method == "mle":
        b, below = _likeliest(crm, patients, toxic), np.zeros(len(states))
    else:
        b, below = crm.quadrature.means(patients, toxic)
    mtd = nearest(crm.curve.toxicity(b), crm.target)
    unsafe = below > crm.safety if crm.safety is not None else np.zeros(len(states), dtype=bool)
    return mtd[which], unsafe[which]


def _likeliest(crm: Crm, n: Counts, dlt: Counts) -> Reals:
    """Greatest likelihood by a grid that closes in, from -10 to 10; where it has no maximum, an end of that range."""
    low, high = np.full(len(n), -10.0), np.full(len(n), 10.0)
    for _ in range(10):
        b = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 21)
        log_p, log_q = crm.curve.logs(b)
        found = (np.maximum(log_p, -1e6) * dlt[:, None, :] + np.maximum(log_q, -1e6) * (n - dlt)[:, None, :]).sum(
            axis=2
        )
        best = b[np.arange(len(n)), found.argmax(axis=1)]
        step = (high - low) / 20
        low, high = np.maximum(best - step, -10.0), np.minimum(best + step, 10.0)
    return np.asarray(best)


def decided(crm: Crm, n: Counts, dlt: Counts, current: Counts, toxic: Booleans, last: bool) -> tuple[Counts, Counts]:
    """The next dose of every trial, and the dose selected where it ends (``GOES_ON`` where it does not, ``NONE`` for no dose)."""
    total = int(n.sum(axis=1).max())
    mtd, unsafe = estimated(crm, n, dlt)
    dose = np.minimum(mtd, current + 1) if crm.no_skipping else mtd
    if crm.coherent:
        dose = np.where(toxic, np.minimum(dose, current), dose)
    selected = np.where(unsafe, NONE, GOES_ON)
    if crm.stop_at is not None:
        reached = np.take_along_axis(n, dose[:, None] - 1, axis=1)[:, 0] >= crm.stop_at
        selected = np.where(~unsafe & reached, dose, selected)
    if crm.initial is not None:
        first = dlt.sum(axis=1) == 0
        if not last and total < len(crm.initial):
            dose = np.where(first, crm.initial[total], dose)
            selected = np.where(first, GOES_ON, selected)
    if last:
        selected = np.where(unsafe, NONE, dose)
    return dose, selected


def cohorts(crm: Crm) -> list[int]:
    """How many patients each cohort has; the last may be smaller."""
    whole, rest = divmod(crm.patients, crm.cohort_size)
    return [crm.cohort_size] * whole + ([rest] if rest else [])


def first_dose(crm: Crm) -> int:
    return crm.initial[0] if crm.initial else crm.start


def simulate_trials(crm: Crm, truth: tuple[float, ...], trials: int, random: np.random.Generator) -> Tally:
    """Each patient of each trial has one uniform number, and a toxicity where it is below the toxicity of the dose."""
    uniform = random.random((trials, crm.patients))
    p = np.array(truth)
    n, dlt = np.zeros((2, trials, crm.doses), dtype=np.int64)
    current = np.full(trials, first_dose(crm))
    selected = np.full(trials, GOES_ON)
    running = np.arange(trials)
    seen = 0
    for size in cohorts(crm):
        at = current[running]
        toxic = uniform[running, seen : seen + size] < p[at - 1, None]
        n[running, at - 1] += size
        dlt[running, at - 1] += toxic.sum(axis=1)
        seen += size
        current[running], selected[running] = decided(
            crm, n[running], dlt[running], at, toxic.sum(axis=1) > crm.target * size, seen == crm.patients
        )
        running = running[selected[running] == GOES_ON]
        if not running.size:
            break
    return tallied(truth, crm.target, crm.patients, n, dlt, selected)


def enumerate_trials(crm: Crm, truth: tuple[float, ...], most: int) -> Characteristics:
    """States are counts by dose and the current dose; after each cohort, equal ones are merged and their probabilities added."""
    doses, p = crm.doses, np.array(truth)
    state = np.array([[*[0] * (2 * doses), first_dose(crm)]], dtype=np.int64)
    chance: Reals = np.ones(1)
    endings: list[tuple[Reals, Counts, Counts]] = []
    seen = 0
    for size in cohorts(crm):
        seen += size
        rows, chances = [], []
        for toxic in range(size + 1):
            at = state[:, -1]
            new = state.copy()
            new[np.arange(len(new)), at - 1] += size
            new[np.arange(len(new)), doses + at - 1] += toxic
            came = chance * comb(size, toxic) * p[at - 1] ** toxic * (1 - p[at - 1]) ** (size - toxic)
            n, dlt = new[:, :doses], new[:, doses:-1]
            dose, selected = decided(
                crm, n, dlt, at, np.full(len(new), toxic > crm.target * size), seen == crm.patients
            )
            new[:, -1] = dose
            ends = selected != GOES_ON
            endings.append((came[ends], n[ends], selected[ends]))
            rows.append(new[~ends])
            chances.append(came[~ends])
        together = np.concatenate(rows)
        if not len(together):
            break
        state, which = merged(together)
        chance = np.bincount(which, np.concatenate(chances)).astype(float)
        if len(state) > most:
            raise DesignError(
                "patients", crm.patients, f"fewer: there are more than {most} states; simulate this design"
            )
        state, chance = state[chance > 0], chance[chance > 0]
    ended = np.concatenate([patients for _, patients, _ in endings])
    came_to, selected = np.concatenate([each[0] for each in endings]), np.concatenate([each[2] for each in endings])
    return weighed(truth, crm.target, crm.patients, came_to, list(ended.T), selected)
