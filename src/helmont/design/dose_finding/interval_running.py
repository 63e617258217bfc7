"""Simulated trials of a table-driven design: all trials of a part advance together, cohort by cohort."""

from __future__ import annotations

import numpy as np

from helmont.design.dose_finding.characteristics import Tally, tallied
from helmont.design.dose_finding.isotonic import Ints
from helmont.design.dose_finding.walk import Walk


def run(walk: Walk, truth: tuple[float, ...], trials: int, random: np.random.Generator) -> Tally:
    """Trials with the dose that each selects."""
    n, dlt = trials_of(walk, truth, trials, random)
    return tallied(truth, walk.target, walk.patients, n, dlt, walk.select(n, dlt).astype(np.int64))


def trials_of(walk: Walk, truth: tuple[float, ...], trials: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Patients and toxicities at the end, trials x doses."""
    p = np.array(truth)
    n, dlt = np.zeros((trials, walk.doses), dtype=np.int64), np.zeros((trials, walk.doses), dtype=np.int64)
    current = np.full(trials, walk.start)
    if walk.titration:
        toxic = random.random((trials, walk.doses)) < p
        current = np.where(toxic.any(axis=1), toxic.argmax(axis=1), walk.doses - 1)
        reached = np.arange(walk.doses) <= current[:, None]
        n, dlt = reached.astype(np.int64), (toxic & reached).astype(np.int64)
    highest = np.full(trials, walk.doses - 1)
    here = np.arange(trials)  # the trials that go on; the arrays beside it have a value for each
    left = walk.patients - n.sum(axis=1)
    cohort = walk.cohort_size - walk.titration  # the first completes the cohort of titration
    while len(here):
        outcomes = random.random((len(here), cohort)) < p[current][:, None]
        if walk.titration:  # the last cohort may be smaller
            outcomes &= np.arange(cohort) < left[:, None]
        size = np.minimum(left, cohort)
        cohort = walk.cohort_size
        n[here, current] += size
        dlt[here, current] += outcomes.sum(axis=1)
        left -= size
        patients, toxicities = n[here, current], dlt[here, current]
        move = walk.move[patients, toxicities].astype(np.int64)
        gone = walk.eliminated[patients, toxicities]
        highest = np.where(gone, np.minimum(highest, current - 1), highest)
        move = np.where((move > 0) & (current >= highest), 0, move)
        move = np.where((move < 0) & (current == 0), 0, move)
        stop = (left == 0) | ((current == 0) & (gone | walk.unsafe[patients, toxicities]))
        if walk.stop_at is not None:
            stop |= (patients >= walk.stop_at) & (walk.stop_any | (move == 0))
        current = current + move
        if stop.any():
            going = ~stop
            here, current, highest, left = here[going], current[going], highest[going], left[going]
    return n, dlt
