"""The continual reassessment method while patients are still observed.

Cheung & Chappell (2000) Biometrics 56:1177: a patient without toxicity counts with the weight of the observation that has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, SupportsIndex

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import design
from helmont.design.dose_finding.characteristics import Characteristics, tallied
from helmont.design.dose_finding.crm import Crm
from helmont.design.dose_finding.crm_fitting import nearest
from helmont.design.dose_finding.crm_model import Counts, Reals
from helmont.design.dose_finding.crm_results import CrmDecision, CrmFit
from helmont.design.dose_finding.crm_running import GOES_ON, NONE
from helmont.design.dose_finding.simulation import Truth
from helmont.design.dose_finding.tite_running import SimulatedInTime, TimedTally


def weights_of(followup: Reals, dlt: Counts, window: float, scheme: Literal["linear", "adaptive"]) -> Reals:
    """The weight of each patient; rows are trials.

    ``linear`` is the share of the window that has passed. ``adaptive`` lets the times of the toxicities seen so far divide the
    window into parts of equal weight, and is linear within a part (Cheung & Chappell 2000, section 3.2). A toxicity has weight 1.
    """
    passed = np.minimum(followup, window)
    if scheme == "linear":
        return np.where(dlt > 0, 1.0, passed / window)
    times = np.where(dlt > 0, passed, np.inf)
    before = times[:, None, :] <= passed[:, :, None]
    earlier = before.sum(axis=2)
    low = np.where(before, times[:, None, :], 0.0).max(axis=2, initial=0.0)
    high = np.where(before, np.inf, times[:, None, :]).min(axis=2, initial=window)
    part = np.divide(passed - low, high - low, out=np.zeros_like(passed), where=high > low)
    adaptive = (earlier + part) / ((dlt > 0).sum(axis=1, keepdims=True) + 1)
    return np.where((dlt > 0) | (passed >= window), 1.0, adaptive)


@design
@dataclass(frozen=True)
class TiteCrm(SimulatedInTime, Crm):
    """``Crm`` with an observation window. Patients enter one by one; all times are in the unit of ``window``."""

    window: float = 1.0
    scheme: Literal["linear", "adaptive"] = "linear"
    rate: float = 1.0
    """Patients expected per window."""
    accrual: Literal["poisson", "fixed"] = "poisson"
    """Intervals between patients: exponential, or all the same."""

    part: ClassVar[int] = 1_000

    def __post_init__(self) -> None:
        super().__post_init__()
        checking.positive("window", self.window)
        checking.positive("rate", self.rate)
        for setting, accepted in (("scheme", ("linear", "adaptive")), ("accrual", ("poisson", "fixed"))):
            if getattr(self, setting) not in accepted:
                raise DesignError(setting, getattr(self, setting), " or ".join(accepted))
        if self.method != "bayes":
            raise DesignError("method", self.method, "bayes")
        if self.cohort_size != 1:
            raise DesignError("cohort_size", self.cohort_size, "1: patients enter one by one")

    def weights(
        self,
        dlt: Sequence[SupportsIndex],
        followup: Sequence[float] | None = None,
        entry: Sequence[float] | None = None,
        exit: Sequence[float] | None = None,
    ) -> tuple[float, ...]:
        """Weights of patients followed for ``followup`` (to the toxicity where there is one), or from ``entry`` to ``exit``."""
        if followup is None:
            if entry is None or exit is None or len(entry) != len(exit):
                raise DesignError("followup", None, "times of follow-up, or as many times of entry as of exit")
            followup = [late - early for early, late in zip(entry, exit, strict=True)]
        if len(followup) != len(dlt):
            raise DesignError("followup", tuple(followup), f"{len(dlt)} times, one a patient")
        for place, time in enumerate(followup, start=1):
            if checking.number(f"followup[{place}]", time) < 0:
                raise DesignError(f"followup[{place}]", time, "at least 0")
        toxic = np.array([[checking.count(f"dlt[{place}]", each, 0, 1) for place, each in enumerate(dlt, start=1)]])
        found = weights_of(np.array([followup], dtype=float), toxic, self.window, self.scheme)[0]
        return tuple(float(weight) for weight in found)

    def fit_times(
        self,
        levels: Sequence[SupportsIndex],
        dlt: Sequence[SupportsIndex],
        followup: Sequence[float] | None = None,
        entry: Sequence[float] | None = None,
        exit: Sequence[float] | None = None,
    ) -> CrmFit:
        """The model given dose, toxicity so far and time of each patient."""
        return self.fit(levels, dlt, self.weights(dlt, followup, entry, exit))

    def next_patient(
        self, levels: Sequence[int], dlt: Sequence[int], followup: Sequence[float], last: int | None = None
    ) -> CrmDecision:
        """The dose of the next patient; ``levels`` in the order of entry. ``last``: a toxicity was seen since the last entry."""
        if not levels:
            return self.next([0] * self.doses, [0] * self.doses)
        fit = self.fit_times(levels, dlt, followup)
        if self.initial and not any(dlt) and len(levels) < len(self.initial):
            return self._decided(
                self.initial[len(levels)], "the initial design goes on: no toxicity yet", fit, levels[-1]
            )
        counts = [sum(level == dose for level in levels) for dose in range(1, self.doses + 1)]
        return self._ruled(fit, counts, levels[-1], bool(dlt[-1] if last is None else last))

    def exact(self, truth: Sequence[float], most: int = 0) -> Characteristics:
        """Times have no finite tree of outcomes."""
        raise DesignError("window", self.window, "left out for exact characteristics; simulate this design")

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> TimedTally:
        """Toxicities come uniformly over the window; a dose is chosen when its patient enters.

        The trial ends a window after the last entry, and its dose is selected with every patient followed to the end.
        """
        p = np.array(truth)
        uniform, when = random.random((2, trials, self.patients))
        gaps = (
            random.exponential(1.0, (trials, self.patients))
            if self.accrual == "poisson"
            else np.ones((trials, self.patients))
        )
        entry = np.cumsum(gaps * self.window / self.rate, axis=1)
        levels = np.zeros((trials, self.patients), dtype=np.int64)
        toxicity = np.zeros((trials, self.patients), dtype=bool)
        current = np.full(trials, self.initial[0] if self.initial else self.start)
        selected, duration = np.full(trials, GOES_ON), np.zeros(trials)
        running = np.arange(trials)
        for patient in range(self.patients):
            levels[running, patient] = current[running]
            toxicity[running, patient] = uniform[running, patient] < p[current[running] - 1]
            last = patient == self.patients - 1
            now = entry[running, patient] + self.window if last else entry[running, patient + 1]
            before = entry[running, patient]
            at = np.where(toxicity[running], when[running] * self.window, np.inf) + entry[running]
            seen = at <= now[:, None]
            followup = np.clip(np.minimum(now[:, None], at) - entry[running], 0.0, self.window)
            known = slice(0, patient + 1)
            mtd, unsafe = self._estimated(levels[running, known], seen[:, known].astype(np.int64), followup[:, known])
            dose = np.minimum(mtd, current[running] + 1) if self.no_skipping else mtd
            if self.coherent:
                fresh = (seen & (at > before[:, None]))[:, known].any(axis=1)
                dose = np.where(fresh, np.minimum(dose, current[running]), dose)
            ends = np.where(unsafe, NONE, dose if last else GOES_ON)
            if self.stop_at is not None and not last:
                had = (levels[running] == dose[:, None]).sum(axis=1)
                ends = np.where(~unsafe & (had >= self.stop_at), dose, ends)
            if self.initial is not None and not last and patient + 1 < len(self.initial):
                first = ~seen[:, known].any(axis=1)
                dose, ends = np.where(first, self.initial[patient + 1], dose), np.where(first, GOES_ON, ends)
            current[running], selected[running], duration[running] = dose, ends, now
            running = running[ends == GOES_ON]
            if not running.size:
                break
        each = [levels == dose for dose in range(1, self.doses + 1)]
        n = np.stack([there.sum(axis=1) for there in each], axis=1)
        dlt = np.stack([(there & toxicity).sum(axis=1) for there in each], axis=1)
        return TimedTally.of(tallied(truth, self.target, self.patients, n, dlt, selected), duration, np.zeros(trials))

    def _estimated(
        self, levels: Counts, dlt: Counts, followup: Reals
    ) -> tuple[Counts, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
        b, below = self.quadrature.weighted_means(levels, dlt, weights_of(followup, dlt, self.window, self.scheme))
        unsafe = below > self.safety if self.safety is not None else np.zeros(len(levels), dtype=bool)
        return nearest(self.curve.toxicity(b), self.target), unsafe
