"""The rules of BOIN with backfilling for many trials at once; ``BackfillBoin.step`` and ``chosen`` say the same of one.

Arrays are trials x doses, or have a value a trial; doses count from 0 in here, and -1 is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helmont.design.dose_finding.interval import walk_of
from helmont.design.dose_finding.isotonic import Ints

if TYPE_CHECKING:
    from helmont.design.dose_finding.backfill import BackfillBoin

STOPS = NONE = -1


def next_dose(design: BackfillBoin, n: Ints, dlt: Ints, current: Ints, escalated: Ints) -> Ints:
    """Of the escalation, which treated ``escalated`` patients, if nobody were pending; -1 where the trial stops."""
    walk, rows = walk_of(design, design.most_patients), np.arange(len(n))
    here, toxic = n[rows, current], dlt[rows, current]
    gone = walk.eliminated[n, dlt]
    first = np.where(gone.any(axis=1), gone.argmax(axis=1), design.doses)
    move = walk.move[here, toxic].astype(np.int64)
    move = np.where((move > 0) & (current + 1 >= np.minimum(first, design.doses)), 0, move)
    move = np.where((move < 0) & (current == 0), 0, move)
    dose = np.where(current >= first, first - 1, current + move)
    dose = np.minimum(dose, _pooled(design, n, dlt, current))
    stops = (first == 0) | walk.unsafe[n[:, 0], dlt[:, 0]] | (escalated >= design.patients)
    if walk.stop_at is not None:
        stops |= (current < first) & (here >= walk.stop_at) & (walk.stop_any | (move == 0))
    return np.where(stops, STOPS, dose)


def _pooled(design: BackfillBoin, n: Ints, dlt: Ints, current: Ints) -> Ints:
    """The highest next dose where a lower dose, and all patients from it up to the current dose together, de-escalate."""
    walk, rows = walk_of(design, design.most_patients), np.arange(len(n))
    patients, toxic = np.cumsum(n, axis=1), np.cumsum(dlt, axis=1)
    highest = np.full(len(n), design.doses)
    for dose in reversed(range(design.doses - 1)):  # the lowest such dose counts
        below = dose < current
        before = (patients[:, dose] - n[:, dose], toxic[:, dose] - dlt[:, dose])
        together = (patients[rows, current] - before[0], toxic[rows, current] - before[1])
        turns = (walk.move[n[:, dose], dlt[:, dose]] < 0) & (
            walk.move[tuple(np.where(below, each, 0) for each in together)] < 0
        )
        highest = np.where(below & turns, max(dose - 1, 0), highest)
    return highest


def open_dose(design: BackfillBoin, n: Ints, dlt: Ints, responses: Ints, current: Ints) -> Ints:
    """The dose for the next backfilled patient."""
    walk, rule = walk_of(design, design.most_patients), design.backfill
    found, fewest = np.full(len(n), NONE), np.full(len(n), np.iinfo(np.int64).max)
    able, active = np.ones(len(n), dtype=np.bool_), np.zeros(len(n), dtype=np.int64)
    for dose in range(design.doses - 1):
        here = n[:, dose]
        active = active + responses[:, dose]
        able = able & ~walk.eliminated[here, dlt[:, dose]] & (dose < current)
        toxic = walk.move[here, dlt[:, dose]] < 0
        toxic &= walk.move[here + n[:, dose + 1], dlt[:, dose] + dlt[:, dose + 1]] < 0
        takes = able & (active >= rule.responses) & (here > 0) & (here < rule.most) & ~toxic
        if rule.to == "fewest":
            takes &= here <= fewest
            fewest = np.where(takes, here, fewest)
        found = np.where(takes, dose, found)
    return found
