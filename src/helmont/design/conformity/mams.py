"""Multi-arm multi-stage bounds, sizes, step-down bounds (reported to two places) and simulated trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtri

from helmont.design.confirmatory.multi_arm.answers import MamsBounds, MamsSimulation
from helmont.design.confirmatory.multi_arm.mams import Mams
from helmont.design.conformity.comparing import Comparison, compare, reference

Case = dict[str, Any]
_METHOD = "multi-arm multi-stage"
_DESIGNS: dict[str, Mams] = {
    "mams_magirr2012_obf": Mams(4, 2, p=0.65, p0=0.55),
    "mams_fixed": Mams(4, 1, p=0.65, p0=0.55),
    "mams_delta": Mams(4, 1, delta=0.545, delta0=0.178),
    "mams_pocock_J2_K3": Mams(3, 2, 0.025, 0.8, p=0.65, p0=0.55, upper="pocock"),
    "mams_r0_2": Mams(4, 2, ratio=(1, 2), control_ratio=(2, 4), p=0.65, p0=0.55),
    "mams_triangular_J3": Mams(4, 3, p=0.65, p0=0.55, upper="triangular", lower="triangular"),
    "tite": Mams(3, 2, delta=log(2), delta0=log(1.5), upper="triangular", lower="triangular"),
}
_SIDES = {"u": "upper bounds", "l": "lower bounds"}
_SIZES = (44, 88)
_TRIALS = 100_000


def comparisons() -> Iterator[Comparison]:
    """Every case."""
    file = reference("mams")
    source = f"{file['tool']} {file['version']}"
    cases = {case["id"]: case["result"] for case in file["cases"]}
    for name, planned in _DESIGNS.items():
        result, size = cases[name], planned.sample_size()
        yield from _bounds(source, name, planned.bounds(), result)
        yield compare(_METHOD, source, name, "sizes", [size.n, size.maximum], [result["n"], result["N"]])
        settings = [planned.arms, planned.stages, planned.alpha, planned.power]
        yield compare(
            _METHOD, source, name, "settings", settings, [result[key] for key in ("K", "J", "alpha", "power")]
        )
        yield compare(_METHOD, source, name, "ratios", np.divide(size.sizes, size.n), result["rMat"]["values"], 1e-12)
    name = "newbounds_doc"
    sizes = ((10, 28), (10, 28), (18, 28), (10, 28), (13, 28))
    planned, result = Mams(4, 2), cases[name]
    yield from _bounds(source, name, planned.bounds(sizes, upper=(3.068,), lower=(0,)), result)
    settings = [planned.arms, planned.stages, planned.alpha, sizes[0][0], sum(row[-1] for row in sizes)]
    theirs = [result[key] for key in ("K", "J", "alpha", "n", "N")]
    yield compare(_METHOD, source, name, "settings", settings, theirs)
    ratios = np.divide(sizes, sizes[0][0])
    yield compare(_METHOD, source, name, "ratios", ratios, result["rMat"]["values"], 1e-12)
    spent = (0.01, 0.05)
    down, result = Mams(3, 2).step_down(spent), cases["stepdown"]
    listed = list(result["alpha.star"].values())
    yield compare(_METHOD, source, "stepdown", "spent", [spent] * len(down.upper), listed)
    for side, ours in (("u", down.upper), ("l", down.lower)):
        found = [ours[_members(key)] for key in result[side]]
        yield compare(_METHOD, source, "stepdown", _SIDES[side], found, list(result[side].values()), 0.005)
    yield from _simulations(source, cases)


def _bounds(source: str, name: str, bounds: MamsBounds, result: Case) -> Iterator[Comparison]:
    for side, ours in (("u", bounds.upper), ("l", bounds.lower)):
        yield compare(_METHOD, source, name, _SIDES[side], ours, np.atleast_1d(result[side]), 2e-4)


def _members(key: str) -> tuple[int, ...]:
    return tuple(int(arm) for arm in key[key.index("{") + 1 : -1].split())


def _simulations(source: str, cases: Case) -> Iterator[Comparison]:
    bounds = MamsBounds((3.068, 2.169), (0.0, 2.169), (0.5, 1.0))
    null, best = (0.0,) * 4, [sqrt(2) * float(ndtri(p)) for p in (0.65, 0.55, 0.55, 0.55)]
    for name, truth, key in (
        ("mamssim_null_50000", null, "H0"),
        ("mamssim_lfc_50000", null, "H0"),
        ("mamssim_lfc_50000", best, "H1"),
    ):
        found = Mams(4, 2).simulate(truth, _TRIALS, 20120, [_SIZES] * 5, bounds)
        result = cases[name][key]
        yield from _simulated(source, f"{name} {key}", found, result)


def _simulated(source: str, name: str, found: MamsSimulation, result: Case) -> Iterator[Comparison]:
    efficacy, futility = (_rows(result[side]) for side in ("efficacy", "futility"))
    for quantity, ours, theirs in (
        ("rejected", found.rejected, efficacy[:4]),
        ("any rejected", found.any_rejected, efficacy[4]),
        ("first arm is best", found.best[0], efficacy[5]),
        ("all rejected", found.all_rejected, efficacy[6]),
        ("futile", found.futile, futility[:4]),
        ("any futile", found.any_futile, futility[4]),
        ("all futile", found.all_futile, futility[5]),
    ):
        yield _in_errors(source, name, quantity, ours, theirs)
    if len(efficacy) > 7:
        yield _in_errors(source, name, "first or second rejected", found.either_rejected[0][1], efficacy[7][1])
    mean = np.array([each["ess"] for each in result["ess"]])
    sd = np.array([each["sd"] for each in result["ess"]])
    reach = [[each["low"], each["high"]] for each in result["ess"]]
    yield compare(_METHOD, source, name, "least and most", [_SIZES] * len(reach), reach)
    error = sd * sqrt(1 / 50_000 + 1 / found.trials)
    yield compare(_METHOD, source, name, "expected sizes", found.expected, mean, 4, "standard errors", error)


def _rows(table: Sequence[dict[str, float]]) -> list[list[float]]:
    return [[row["Stage 1"], row["Stage 2"]] for row in table]


def _in_errors(source: str, name: str, quantity: str, ours: Any, theirs: Any) -> Comparison:
    """With at least one trial in each simulation, so that an error is never 0."""
    pooled = np.clip((np.asarray(ours) + np.asarray(theirs)) / 2, 1 / 50_000, 1 - 1 / 50_000)
    error = np.sqrt(pooled * (1 - pooled) * (1 / 50_000 + 1 / _TRIALS))
    return compare(_METHOD, source, name, quantity, ours, theirs, 4, "standard errors", error)
