"""Before a trial by continual reassessment: skeletons from indifference intervals, sensitivity, coherence.

Lee & Cheung (2009) Clinical Trials 6:227 (skeletons); Cheung & Chappell (2002) Biometrics 58:671 (sensitivity);
Cheung (2005) Biometrika 92:863 (coherence).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.dose_finding.crm_model import Curve, Model
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


def skeleton(
    halfwidth: float, target: float, mtd: int, doses: int, model: Model = "power", intercept: float = 3.0
) -> tuple[float, ...]:
    """The skeleton under which the toxicity of every selected dose comes within ``target`` plus or minus ``halfwidth``.

    ``mtd`` is the prior guess of the maximum tolerated dose, counted from 1. Neighbouring doses meet at a parameter at which the
    lower one has ``target - halfwidth`` and the upper one ``target + halfwidth`` (Lee & Cheung 2009, equations 3 and 4).
    """
    target = checking.probability("target", target)
    checking.between("halfwidth", halfwidth, 0.0, min(target, 1 - target))
    checking.count("doses", doses, 1)
    checking.count("mtd", mtd, 1, doses)
    low, high = target - halfwidth, target + halfwidth
    if model == "power":
        scaled, below, above = log(target), log(low), log(high)
    else:
        scaled, below, above = (float(logit(each)) - intercept for each in (target, low, high))
    if above >= 0:
        raise DesignError(
            "intercept", intercept, f"above {float(logit(high)):g}, so that toxicity rises with the parameter"
        )
    ups = [scaled * (above / below) ** step for step in range(1, doses - mtd + 1)]
    downs = [scaled * (below / above) ** step for step in range(mtd - 1, 0, -1)]
    back = exp if model == "power" else lambda value: float(expit(value + intercept))
    return tuple(back(value) for value in (*downs, scaled, *ups))


@dataclass(frozen=True)
class Sensitivity(Result):
    """An element a dose, counted from 1."""

    parameters: tuple[tuple[float, float], ...]
    """Between which parameters the dose is the maximum tolerated one; the first and the last end at the limits of the search."""
    intervals: tuple[tuple[float | None, float | None], ...]
    """The indifference interval: toxicities that the neighbours have where the dose stops to be the maximum tolerated one."""

    def frame(self) -> pl.DataFrame:
        """A row a dose."""
        import polars as pl

        return pl.DataFrame(
            {
                "dose": list(range(1, len(self.parameters) + 1)),
                "parameter_low": [low for low, _ in self.parameters],
                "parameter_high": [high for _, high in self.parameters],
                "toxicity_low": [low for low, _ in self.intervals],
                "toxicity_high": [high for _, high in self.intervals],
            }
        )


def sensitivity(curve: Curve, target: float, limits: tuple[float, float] = (-5.0, 5.0)) -> Sensitivity:
    """Where each dose is the maximum tolerated one: the sets H of Cheung & Chappell (2002)."""

    def between(lower: int) -> float:
        low, high = limits  # toxicity falls as the parameter rises
        for _ in range(60):
            middle = (low + high) / 2
            p = curve.toxicity(np.array(middle))
            low, high = (middle, high) if p[lower] + p[lower + 1] > 2 * target else (low, middle)
        return (low + high) / 2

    meets = [between(lower) for lower in range(len(curve.skeleton) - 1)]
    at = [curve.toxicity(np.array(b)) for b in meets]
    last = len(meets)
    return Sensitivity(
        tuple(zip((limits[0], *meets), (*meets, limits[1]), strict=True)),
        tuple(
            (
                float(at[dose - 1][dose - 1]) if dose else None,
                float(at[dose][dose + 1]) if dose < last else None,
            )
            for dose in range(last + 1)
        ),
    )


def levels_of(initial: Sequence[int], doses: int) -> tuple[int, ...]:
    """The doses of an initial design, one a patient. Raises ``DesignError`` where they fall or do not exist."""
    levels = tuple(checking.count(f"initial[{place}]", dose, 1, doses) for place, dose in enumerate(initial, start=1))
    for place in range(1, len(levels)):
        if levels[place] < levels[place - 1]:
            raise DesignError(
                f"initial[{place + 1}]", levels[place], f"at least {levels[place - 1]}, the one before it"
            )
    return levels


@dataclass(frozen=True)
class Coherence(Result):
    """Whether a two-stage design never escalates from a dose right after the first toxicity, which came at it."""

    coherent: bool
    patient: int | None
    """The patient, from 1, of whom a first toxicity would be followed by a higher dose."""
    dose: int | None
    recommended: int | None


def coherence(initial: Sequence[int], mtd: Callable[[Sequence[int], Sequence[int]], int]) -> Coherence:
    """Each patient of the initial design in turn has the first toxicity; a higher dose may not follow."""
    for patient, dose in enumerate(initial, start=1):
        found = mtd(initial[:patient], [0] * (patient - 1) + [1])
        if found > dose:
            return Coherence(False, patient, dose, found)
    return Coherence(True, None, None, None)
