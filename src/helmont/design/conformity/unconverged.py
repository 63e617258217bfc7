"""Bounds at which a package stops its iterations before they have converged, and where these iterations lead.

``testtype3_binding``: upper and lower bounds are laid in turn, each for the other, until the error is within 1e-6 of alpha. The
package stops with 8.7e-7 too much, at bounds that are 1.7e-5 low. ``gsSurv_doc`` and ``gsSurv_vignette``: Newton's iterations for
each upper bound stop at a step of 1.2e-4 (the fourth root of the machine's precision), without taking that step; the last bound
of the first is 6.7e-5 low and spends 3.4e-6 too much, as that of the same design without survival (``default_gsDesign``) shows.

Both iterations are done here with our integration: stopped as the package stops they give its bounds, and gone on with they give
the bounds of our designs.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtri

from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.laying import Looks, fixed_drift
from helmont.design.confirmatory.recursion import Path, crossing
from helmont.design.confirmatory.rules import GivenSpending, HwangShihDeCani, LanDeMets, Spending
from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.roots import bracketed

Case = dict[str, Any]
_METHOD = "group sequential, stopped iterations"
_THIRDS: Looks = (1 / 3, 2 / 3, 1.0)
_STEP = float(np.finfo(float).eps) ** 0.25


def comparisons() -> Iterator[Comparison]:
    """The three cases."""
    file = reference("gsdesign")
    source = f"{file['tool']} {file['version']}"
    cases = {case["id"]: case["result"] for case in file["cases"]}
    yield from _in_turn(source, cases["testtype3_binding"])
    yield from _as_reported(source, cases["testtype3_binding"])
    for name, times, rule in (
        ("gsSurv_doc", _THIRDS, HwangShihDeCani(-4)),
        ("gsSurv_vignette", (0.25, 0.75, 1.0), LanDeMets("OF")),
    ):
        stopped, exact = (_newton(times, rule, step) for step in (_STEP, 1e-9))
        planned = GroupSequential(times, 0.025, 0.1, rule).bounds().upper
        yield compare(_METHOD, source, name, "upper bounds, stopped", stopped, cases[name]["upper"], 1e-6)
        yield compare(_METHOD, source, name, "upper bounds, ours", planned, exact, 1e-9)


def _in_turn(source: str, result: Case) -> Iterator[Comparison]:
    name = "testtype3_binding"
    for quantity, tolerance, theirs, close in (
        ("stopped", 1e-6, (result["upper"], result["lower"], result["n.I"][-1]), 1e-6),
        ("ours", 1e-12, _planned(), 1e-9),
    ):
        upper, lower, size = _alternated(tolerance)
        yield compare(_METHOD, source, name, f"upper bounds, {quantity}", upper, theirs[0], close)
        yield compare(_METHOD, source, name, f"lower bounds, {quantity}", lower, theirs[1], close)
        yield compare(_METHOD, source, name, f"size, {quantity}", size, theirs[2], close, "relative")


def _planned() -> tuple[Looks, Looks, float]:
    planned = GroupSequential(3, 0.025, 0.1, HwangShihDeCani(-4), HwangShihDeCani(-2), binding=True)
    bounds = planned.bounds()
    return bounds.upper, bounds.lower or (), planned.inflation


def _alternated(tolerance: float) -> tuple[list[float], list[float], float]:
    """Upper and lower bounds and the size, laid in turn until the error at each look is as near as ``tolerance``.

    At first the lower bounds are those that spend a third of 1 - alpha at each look under no effect.
    """
    error, futile = (_increments(rule, total) for rule, total in ((-4, 0.025), (-2, 0.1)))
    path, upper = Path(_THIRDS, 0.0), list[float]()
    for look in range(3):
        upper.append(path.upper(error[look]))
        if look < 2:
            path.go_on(path.lower(0.975 / 3), upper[-1])
    while True:
        drift, lower = _met(upper, futile)
        spent = crossing(_THIRDS, lower, upper, 0.0)[0]
        if max(abs(spent.sum() - 0.025), np.abs(spent - error).max()) <= tolerance:
            return upper, lower, (drift / fixed_drift(0.025, 0.1)) ** 2
        path, upper = Path(_THIRDS, 0.0), []
        for look in range(3):
            upper.append(path.upper(error[look]))
            if look < 2:
                path.go_on(lower[look], upper[-1])


def _increments(gamma: float, total: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.diff(HwangShihDeCani(gamma).cumulative(total, _THIRDS, _THIRDS), prepend=0.0)


def _met(upper: list[float], futile: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, list[float]]:
    """The drift with which lower bounds that spend ``futile`` leave a power of 0.9, and these bounds."""

    def lowers(drift: float) -> list[float]:
        path, lower = Path(_THIRDS, drift), list[float]()
        for look in range(2):
            lower.append(min(upper[look], path.lower(futile[look])))
            path.go_on(lower[-1], upper[look])
        return [*lower, upper[-1]]

    drift = bracketed(lambda each: float(crossing(_THIRDS, lowers(each), upper, each)[0].sum()) - 0.9, 1.0, 4.0)
    return drift, lowers(drift)


def _as_reported(source: str, result: Case) -> Iterator[Comparison]:
    """With what the package says that it spends as the spending, everything else follows."""
    name = "testtype3_binding"
    above, below = (np.array(result[side]["values"]) for side in ("prob_upper", "prob_lower"))
    errors = float(above[:, 0].sum()), float(below[:, 1].sum())
    efficacy, futility = (GivenSpending(tuple(np.cumsum(each).tolist())) for each in (above[:, 0], below[:, 1]))
    planned = GroupSequential(3, *errors, efficacy, futility, binding=True)
    bounds, known = planned.bounds(), planned.exact((0.0, 1.0))
    size = (planned.drift / fixed_drift(0.025, 0.1)) ** 2
    expected = np.multiply(size, known.expected_information)
    for quantity, ours, theirs, tolerance in (
        ("upper bounds", bounds.upper, result["upper"], 1e-5),
        ("lower bounds", bounds.lower or (), result["lower"], 1e-5),
        ("probabilities", np.transpose(known.upper), above, 1e-6),
        ("lower probabilities", np.transpose(known.lower), below, 1e-6),
        ("looks", bounds.information, result["timing"], 1e-12),
        ("effects", (0.0, fixed_drift(0.025, 0.1)), result["theta"], 1e-9),
        ("planned spending", _increments(-4, 0.025), result["spend_upper"], 1e-12),
        ("planned lower spending", _increments(-2, 0.1), result["spend_lower"], 1e-12),
    ):
        yield compare(_METHOD, source, name, quantity, ours, theirs, tolerance)
    sizes = np.multiply(size, bounds.information)
    yield compare(_METHOD, source, name, "sample sizes", sizes, result["n.I"], 1e-6, "relative")
    yield compare(_METHOD, source, name, "expected sizes", expected, result["en"], 1e-6, "relative")


def _newton(times: Looks, rule: Spending, step: float) -> list[float]:
    """Upper bounds by Newton's iterations from the quantile, the last of which would have been at most ``step``."""
    error = np.diff(rule.cumulative(0.025, times, times), prepend=0.0)
    path, upper = Path(times, 0.0), list[float]()
    for look, probability in enumerate(error):
        bound = -float(ndtri(probability))
        while look:
            slope = -_density(path, bound)
            change = (probability - path.above(bound)) / slope
            if abs(change) <= step:
                break
            bound += min(1.0, max(-1.0, float(change)))
        upper.append(bound)
        if look + 1 < len(times):
            path.go_on(-inf, bound)
    return upper


def _density(path: Path, bound: float) -> float:
    width = 1e-5 * sqrt(path.information[path.look])
    return (path.above(bound - width) - path.above(bound + width)) / (2 * width)
