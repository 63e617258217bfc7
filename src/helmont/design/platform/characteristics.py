"""Simulated platform trials in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.platform.posterior import Floats
from helmont.design.platform.results import ArmCharacteristics, PlatformCharacteristics
from helmont.design.platform.running import CAPPED, FUTILE, SUCCESS, WITHDRAWN, Outcome
from helmont.design.platform.settings import CONTROLS, BinaryEndpoint

if TYPE_CHECKING:
    from helmont.design.platform.trial import PlatformTrial


def true_effects(design: PlatformTrial, truth: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The true rates or means, and every arm's effect as it is estimated: log odds ratio or difference, positive is
    better."""
    if len(truth) != len(design.arms) + 1:
        raise DesignError("truth", tuple(truth), f"{len(design.arms) + 1} numbers: of the control and of every arm")
    sign = -1.0 if design.lower_is_better else 1.0
    if not isinstance(design.endpoint, BinaryEndpoint):
        means = tuple(checking.number(f"truth[{place}]", each) for place, each in enumerate(truth, start=1))
        return means, tuple(sign * (each - means[0]) for each in means[1:])
    rates = checking.probabilities("truth", truth, closed=True)
    odds = [log(each / (1 - each)) if 0 < each < 1 else np.inf * (each - 0.5) for each in rates]
    return rates, tuple(sign * (each - odds[0]) if each != odds[0] else 0.0 for each in odds[1:])


def summarised(
    design: PlatformTrial,
    truth: tuple[float, ...],
    effects: tuple[float, ...],
    found: list[Outcome],
    seed: int,
) -> PlatformCharacteristics:
    """All parts of a simulation together."""
    whole = Outcome(*(np.concatenate([getattr(each, name) for each in found]) for name in Outcome.__dataclass_fields__))
    sign = -1.0 if design.lower_is_better else 1.0
    works = np.array([sign * (each - truth[0]) > design.margin + 1e-12 for each in truth[1:]])
    success = whole.state == SUCCESS
    trials = len(success)
    arms = tuple(_arm(design, place, truth, effects, whole) for place in range(len(design.arms)))
    familywise = _share(success[:, ~works].any(axis=1)) if not works.all() else (None, None)
    any_power = _share(success[:, works].any(axis=1)) if works.any() else (None, None)
    all_power = _share(success[:, works].all(axis=1)) if works.any() else (None, None)
    enrolled, time = _mean(whole.patients), _mean(whole.duration)
    return PlatformCharacteristics(
        arms=arms,
        control=truth[0],
        trials=trials,
        seed=seed,
        familywise=familywise[0],
        familywise_error=familywise[1],
        any_power=any_power[0],
        any_power_error=any_power[1],
        all_power=all_power[0],
        all_power_error=all_power[1],
        enrolled=enrolled[0],
        enrolled_error=enrolled[1],
        control_patients=float(whole.control.mean()),
        time=time[0],
        time_error=time[1],
        controls=design.controls,
        statement=CONTROLS[design.controls],
        digest=design.digest,
    )


def _arm(
    design: PlatformTrial, place: int, truth: tuple[float, ...], effects: tuple[float, ...], found: Outcome
) -> ArmCharacteristics:
    state, true = found.state[:, place], effects[place]
    away = found.effect[:, place] - true
    away = away[np.isfinite(away)]
    bias, bias_error = _mean(away) if away.size > 1 else (float("nan"), float("nan"))
    return ArmCharacteristics(
        design.arms[place].name,
        truth[place + 1],
        true,
        *_share(state == SUCCESS),
        *_share(state == FUTILE),
        *_share(state == CAPPED),
        float((state == WITHDRAWN).mean()),
        *_mean(found.arm_patients[:, place]),
        float(found.concurrent[:, place].mean()),
        float(found.other[:, place].mean()),
        float(found.lasted[:, place].mean()),
        bias,
        bias_error,
        float((away**2).mean()) if away.size else float("nan"),
    )


def _share(which: NDArray[np.bool_]) -> tuple[float, float]:
    """A proportion and its standard error."""
    share = float(which.mean())
    return share, float(np.sqrt(share * (1 - share) / which.size))


def _mean(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
