"""The Bayesian optimal interval design (Liu & Yuan 2015, JRSS C 64:507-523; Yuan et al. 2016, CCR 22:4291)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from helmont.design.checking import DesignError, between, probability
from helmont.design.declared import design
from helmont.design.dose_finding.interval import IntervalDesign
from helmont.design.dose_finding.isotonic import Ints


@design
@dataclass(frozen=True)
class Boin(IntervalDesign):
    """Escalate when the observed rate is at most ``lambda_e``, de-escalate when it is at least ``lambda_d``, stay between.

    The boundaries make a wrong decision least likely when the true rate is the target, ``p_safe`` or ``p_toxic`` with equal
    probability (Liu & Yuan 2015, equations 3 and 4). ``stop_at`` ends the trial when the next cohort would stay at a dose that
    has so many patients.
    """

    p_safe: float | None = None
    """The highest rate that is subtherapeutic; by default 0.6 of the target."""
    p_toxic: float | None = None
    """The lowest rate that is too toxic; by default 1.4 of the target."""
    titration: bool = False
    """Single patients go up from dose 1 until the first toxicity; the first cohort adds to that patient, then cohorts are full.

    It has no effect in cohorts of one.
    """
    bound_mtd: bool = False
    """Select no dose with an isotonic rate of ``lambda_d`` or more."""

    def __post_init__(self) -> None:
        super().__post_init__()
        safe = 0.6 * self.target if self.p_safe is None else probability("p_safe", self.p_safe)
        toxic = 1.4 * self.target if self.p_toxic is None else probability("p_toxic", self.p_toxic)
        object.__setattr__(self, "p_safe", between("p_safe", safe, 0.0, self.target))
        object.__setattr__(self, "p_toxic", between("p_toxic", toxic, self.target, 1.0))
        least = self.doses + self.cohort_size
        if self.titration and self.patients < least:
            raise DesignError("cohorts", self.cohorts, f"enough for {least} patients where doses are titrated")

    @property
    def lambda_e(self) -> float:
        """The escalation boundary."""
        low, target = float(self.p_safe or 0.0), self.target
        return log((1 - low) / (1 - target)) / log(target * (1 - low) / (low * (1 - target)))

    @property
    def lambda_d(self) -> float:
        """The de-escalation boundary."""
        high, target = float(self.p_toxic or 1.0), self.target
        return log((1 - target) / (1 - high)) / log(high * (1 - target) / (target * (1 - high)))

    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        up, down = dlt <= np.floor(self.lambda_e * n), dlt >= np.ceil(self.lambda_d * n)
        return np.asarray(up.astype(np.int8) - down.astype(np.int8), dtype=np.int8)

    def titrates(self) -> bool:
        return self.titration and self.cohort_size > 1

    def bound(self) -> float | None:
        return self.lambda_d if self.bound_mtd else None
