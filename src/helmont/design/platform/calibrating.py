"""The threshold of success at which a platform keeps its familywise error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from scipy.special import ndtr, ndtri

from helmont.design import checking
from helmont.design.checking import DesignError

if TYPE_CHECKING:
    from helmont.design.parallel import Progress
    from helmont.design.platform.trial import PlatformTrial

_HALVINGS = 9
_HIGHEST = 5.0
"""The largest threshold that is tried, as a normal quantile."""


def calibrated(
    design: PlatformTrial,
    truth: Sequence[float],
    alpha: float,
    trials: int,
    progress: Progress | None,
    **options: Any,
) -> PlatformTrial:
    """What ``PlatformTrial.calibrated`` answers: thresholds are halved on the scale of normal quantiles."""
    checking.between("alpha", alpha, 0.0, 1.0)
    done = 0

    def told(here: int, total: int) -> None:
        if progress is not None:
            progress(done * total + here, (_HALVINGS + 1) * total)

    def at(quantile: float) -> tuple[PlatformTrial, float]:
        nonlocal done
        success = ceil(float(ndtr(quantile)) * 1e5) / 1e5
        tried = replace(design, success=min(max(success, design.futility), 1 - 1e-7))
        found = tried.simulate(truth, trials, progress=told, **options).familywise
        done += 1
        if found is None:
            raise DesignError("truth", tuple(truth), "one with an arm whose effect is not above the margin")
        return tried, found

    low, high = float(ndtri(max(1 - 2 * alpha, design.futility, 0.5))), _HIGHEST
    best, error = at(high)
    if error > alpha:
        raise DesignError("alpha", alpha, f"at least {error:g}, the familywise error at the highest threshold")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        tried, error = at(middle)
        if error > alpha:
            low = middle
        else:
            best, high = tried, middle
    return best
