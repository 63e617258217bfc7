"""Simulated multi-arm multi-stage trials, all at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helmont.design.confirmatory.multi_arm.answers import Looks, MamsSimulation
from helmont.design.confirmatory.multi_arm.integration import Arm

_AT_ONCE = 100_000


def simulated(
    control: Sequence[float],
    arms: Sequence[Arm],
    lower: Sequence[float],
    upper: Sequence[float],
    trials: int,
    seed: int,
) -> MamsSimulation:
    """Every trial stops at the stage at which an arm crosses its upper bound; all arms that do so then are rejected."""
    random = np.random.Generator(np.random.PCG64(seed))
    sizes = np.array([control, *(arm.sizes for arm in arms)])
    means = np.array([0.0, *(arm.mean for arm in arms)])
    steps = np.diff(sizes, axis=1, prepend=0.0)
    groups, stages = sizes.shape
    counts = {name: np.zeros((groups - 1, stages)) for name in ("rejected", "futile", "best")}
    wholes = {name: np.zeros(stages) for name in ("any", "all", "any futile", "all futile")}
    either, total, squares = np.zeros((groups - 1, groups - 1)), np.zeros(groups), np.zeros(groups)
    for begin in range(0, trials, _AT_ONCE):
        n = min(_AT_ONCE, trials - begin)
        sums = (random.standard_normal((n, groups, stages)) * np.sqrt(steps) + means[:, None] * steps).cumsum(2)
        mean = sums / sizes
        z = (mean[:, 1:] - mean[:, :1]) / np.sqrt(1 / sizes[1:] + 1 / sizes[0])
        running = np.ones(n, dtype=bool)
        active = np.ones((n, groups - 1), dtype=bool)
        rejected, futile, best = (np.zeros((n, groups - 1), dtype=bool) for _ in range(3))
        reached = np.zeros((n, groups))
        for stage in range(stages):
            going = active & running[:, None]
            reached[:, 1:] = np.where(going, sizes[1:, stage], reached[:, 1:])
            reached[:, 0] = np.where(going.any(1), sizes[0, stage], reached[:, 0])
            at = np.where(going, z[:, :, stage], -np.inf)
            crossed = at >= upper[stage]
            stops = crossed.any(1)
            rejected |= crossed
            best[np.flatnonzero(stops), at[stops].argmax(1)] = True
            lost = going & (at < lower[stage])
            futile |= lost
            active &= ~lost
            running &= ~stops
            for name, each in (("rejected", rejected), ("futile", futile), ("best", best)):
                counts[name][:, stage] += each.sum(0)
            for name, found in (
                ("any", rejected.any(1)),
                ("all", rejected.all(1)),
                ("any futile", futile.any(1)),
                ("all futile", futile.all(1)),
            ):
                wholes[name][stage] += found.sum()
        either += (rejected[:, :, None] | rejected[:, None, :]).sum(0)
        total += reached.sum(0)
        squares += (reached**2).sum(0)
    mean_size = total / trials

    def rows(name: str) -> tuple[Looks, ...]:
        return tuple(tuple(float(each) for each in row) for row in counts[name] / trials)

    def whole(name: str) -> Looks:
        return tuple(float(each) for each in wholes[name] / trials)

    return MamsSimulation(
        trials=trials,
        rejected=rows("rejected"),
        futile=rows("futile"),
        any_rejected=whole("any"),
        all_rejected=whole("all"),
        best=rows("best"),
        any_futile=whole("any futile"),
        all_futile=whole("all futile"),
        either_rejected=tuple(tuple(float(each) for each in row) for row in either / trials),
        expected=tuple(float(each) for each in mean_size),
        expected_sd=tuple(float(each) for each in np.sqrt(np.maximum(squares / trials - mean_size**2, 0.0))),
    )
