"""Simulated BOIN12 trials: all trials of a part advance together, cohort by cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helmont.design.dose_finding.boin12_tables import Outcomes
from helmont.design.dose_finding.isotonic import Floats

if TYPE_CHECKING:
    from helmont.design.dose_finding.boin12 import Boin12


@dataclass(frozen=True)
class Part:
    """Simulates a part of the trials; can be sent to another process. Sums: rows none and doses, columns of what is counted."""

    design: Boin12
    toxicity: tuple[float, ...]
    efficacy: tuple[float, ...]

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> Floats:
        design, random = self.design, np.random.default_rng(seed)
        steps, rates = design.steps, np.array([self.toxicity, self.efficacy])
        counts = np.zeros((4, trials, design.doses), dtype=np.int64)
        here, current = np.arange(trials), np.full(trials, design.start - 1)
        for _ in range(design.cohorts):
            drawn = random.random((2, len(here), design.cohort_size)) < rates[:, current][:, :, None]
            counts[0, here, current] += design.cohort_size
            counts[1, here, current] += drawn[0].sum(axis=1)
            counts[2, here, current] += drawn[1].sum(axis=1)
            counts[3, here, current] += (drawn[0] & drawn[1]).sum(axis=1)
            going = (
                np.ones(len(here), dtype=np.bool_)
                if design.stop_at is None
                else counts[0, here, current] < design.stop_at
            )
            then = steps.next(Outcomes(*counts[:, here]), current)
            going &= then >= 0
            here, current = here[going], then[going]
            if not len(here):
                break
        seen = Outcomes(*counts)
        _, chosen = design.selected(seen)
        total = np.zeros((design.doses + 1, 5))
        total[:, 0] = np.bincount(chosen, minlength=design.doses + 1)
        for place, each in enumerate((seen.n, seen.n**2, seen.dlt, seen.responses), start=1):
            total[1:, place] = each.sum(axis=0)
        return total
