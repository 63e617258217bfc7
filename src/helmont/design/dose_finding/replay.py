"""Simulated trials as the R packages BOIN and Keyboard draw them, draw for draw.

Both take ``set.seed``, then for every patient of a cohort one uniform number, in order; a toxicity is one below the true rate.
With titration, BOIN draws one number for every dose first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helmont.design.dose_finding.characteristics import Characteristics, simulated, tallied
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.walk import Walk
from helmont.design.parallel import Progress
from helmont.design.r_random import RRandom

BLOCK = 1 << 16


def replay(walk: Walk, truth: tuple[float, ...], trials: int, seed: int, progress: Progress | None) -> Characteristics:
    """The operating characteristics that the package prints for this seed."""
    n, dlt = _trials(walk, truth, trials, seed, progress)
    tally = tallied(truth, walk.target, walk.patients, n, dlt, walk.select(n, dlt).astype(np.int64))
    return simulated(truth, tally, "R", seed)


class Stream:
    """Uniform numbers in the order of a stream, R's or another, taken a few at a time."""

    def __init__(self, source: int | Callable[[int], Floats]) -> None:
        self._draw = RRandom(source).uniform if isinstance(source, int) else source
        self._block, self._next = list[float](), 0

    def take(self, size: int) -> list[float]:
        if self._next + size > len(self._block):
            self._block = self._block[self._next :] + self._draw(BLOCK).tolist()
            self._next = 0
        self._next += size
        return self._block[self._next - size : self._next]


def _trials(
    walk: Walk, truth: tuple[float, ...], trials: int, seed: int, progress: Progress | None
) -> tuple[Ints, Ints]:
    uniforms = Stream(seed)
    move, eliminated, unsafe = walk.move.tolist(), walk.eliminated.tolist(), walk.unsafe.tolist()
    top, size, planned = walk.doses - 1, walk.cohort_size, walk.patients
    stop_at = planned + 1 if walk.stop_at is None else walk.stop_at
    all_n, all_dlt = [], []
    for trial in range(1, trials + 1):
        n, dlt = [0] * walk.doses, [0] * walk.doses
        dose, highest, left = walk.start, top, planned
        if walk.titration:
            toxic = [number < p for number, p in zip(uniforms.take(walk.doses), truth, strict=True)]
            dose = toxic.index(True) if True in toxic else top
            n[: dose + 1] = [1] * (dose + 1)
            dlt[dose] = int(toxic[dose])
            left -= dose + 1
        cohort = size - 1 if walk.titration else size  # the first completes the cohort of titration
        while True:
            drawn = uniforms.take(cohort)[:left]
            cohort = size
            p = truth[dose]
            n[dose] += len(drawn)
            dlt[dose] += sum([number < p for number in drawn])
            left -= len(drawn)
            if left <= 0:
                break
            here, there = n[dose], dlt[dose]
            if walk.stop_any and here >= stop_at:
                break
            if eliminated[here][there]:
                highest = min(highest, dose - 1)
            if dose == 0 and (highest < 0 or unsafe[here][there]):
                break
            go = move[here][there]
            if (go > 0 and dose >= highest) or (go < 0 and dose == 0):
                go = 0
            if go == 0 and here >= stop_at:
                break
            dose += go
        all_n.append(n)
        all_dlt.append(dlt)
        if progress is not None and trial % 1000 == 0:
            progress(trial, trials)
    return np.array(all_n, dtype=np.int64), np.array(all_dlt, dtype=np.int64)
