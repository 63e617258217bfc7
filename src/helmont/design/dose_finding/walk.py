"""What a table-driven dose-finding design does, compiled to tables over (patients, toxicities) at the current dose.

A cohort is treated, the table says whether the next one goes up, stays or goes down; a dose that is too toxic is eliminated with
all above it. Enumeration, simulation, replay and the running trial read the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.design.dose_finding.isotonic import Flags, Floats, Ints, nearest, rate, weight


@dataclass(frozen=True)
class Walk:
    """Tables (patients + 1) x (patients + 1), indexed by patients and toxicities at one dose; doses count from 0 in here."""

    doses: int
    target: float
    cohort_size: int
    patients: int
    """Most patients in the trial."""
    start: int
    titration: bool
    move: NDArray[np.int8]
    """1 up, 0 stay, -1 down."""
    eliminated: Flags
    """The dose and all above are given up."""
    unsafe: Flags
    """At the lowest dose: the trial ends, no dose is selected."""
    stop_at: int | None
    """Patients at one dose at which the trial ends."""
    stop_any: bool
    """It ends there whatever the table says; otherwise only when the next cohort would stay."""
    bound: float | None

    def select(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        """The selected doses from 1 (0 for none) of trials x doses."""
        counts = [(n[:, dose], dlt[:, dose]) for dose in range(self.doses)]
        return self.select_from(
            [rate(here, toxic) for here, toxic in counts],
            [weight(here, toxic) for here, toxic in counts],
            [
                self.eliminated[here, toxic] | ((dose == 0) & self.unsafe[here, toxic])
                for dose, (here, toxic) in enumerate(counts)
            ],
        )

    def select_from(self, rates: list[Floats], weights: list[Floats], eliminated: list[Flags]) -> NDArray[np.int8]:
        return nearest(rates, weights, eliminated, self.target, self.bound)


def titrated(walk: Walk) -> list[tuple[int, int]]:
    """How accelerated titration can end: the dose reached, and the toxicities there; one patient at it and at each below.

    Single patients go up from the lowest dose until the first toxicity; the first cohort completes theirs, then cohorts are full.
    """
    return [*((dose, 1) for dose in range(walk.doses)), (walk.doses - 1, 0)]
