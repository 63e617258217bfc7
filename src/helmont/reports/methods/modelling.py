"""Linear models: analysis of covariance, and repeated measures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import cast

import numpy as np

from helmont.analysis.arrays import Floats, NotComputable
from helmont.analysis.design import Data, Design
from helmont.analysis.estimates import Fitted
from helmont.analysis.linear import LinearModel
from helmont.analysis.mixed import Measures, Method, MixedModel
from helmont.reports.frames import Places
from helmont.reports.methods.base import Cell, Found, computed, method

GROUP = "group"


@method(
    "ancova",
    "Analysis of covariance",
    lsmean="Least-squares mean",
    lsmean_se="Standard error of the least-squares mean",
    diff="Difference of least-squares means",
    diff_se="Standard error of the difference",
    diff_lower="Lower confidence limit of the difference",
    diff_upper="Upper confidence limit of the difference",
    diff_p="p-value of the difference",
    dose_p="p-value of the dose response",
)
def ancova(cell: Cell) -> Iterator[Found]:
    """Analysis of covariance by least squares (Searle 1971; SAS PROC GLM, LSMEANS with PDIFF and CL).

    ``factors`` and ``covariates`` stand beside the groups. The dose response is the test of the coefficient of ``dose``,
    a number, which then takes the place of the groups.
    """
    factors, covariates, dose = cell.settings("factors"), cell.settings("covariates"), cell.setting("dose")
    response = cell.analysis.variable
    places, groups = cell.complete([response, *factors, *covariates])
    data, design = _design(cell, places, groups, factors, covariates)
    y = cell.source.numbers(response)[places]
    try:
        model = LinearModel(design, data, y)
        yield from _means(cell, model, design, data, {}, places)
    except NotComputable:
        return
    if dose:
        others = Design(
            {name: design.factors[name] for name in factors}, tuple((name,) for name in (*factors, dose, *covariates))
        )
        straight = {**data, dose: cell.source.numbers(dose)[places]}
        yield Found("dose_p", computed(lambda: LinearModel(others, straight, y).test((dose,)).p), places=places)


@method(
    "mmrm",
    "Mixed model for repeated measures",
    lsmean="Least-squares mean",
    lsmean_se="Standard error of the least-squares mean",
    diff="Difference of least-squares means",
    diff_se="Standard error of the difference",
    diff_lower="Lower confidence limit of the difference",
    diff_upper="Upper confidence limit of the difference",
    diff_p="p-value of the difference",
)
def mmrm(cell: Cell) -> Iterator[Found]:
    """Mixed model for repeated measures by restricted maximum likelihood (SAS PROC MIXED; Kenward and Roger 1997).

    Fixed effects are ``factors``, groups, ``visit``, ``covariates``, groups by visit and covariates by visit. ``structure``
    is the covariance (us, cs, csh, ar1, ar1h, toep, toeph), ``freedom`` the degrees of freedom. Means are at visit ``at``,
    or over all.
    """
    factors, covariates, visit = cell.settings("factors"), cell.settings("covariates"), cell.setting("visit")
    response = cell.analysis.variable
    places, groups = cell.complete([response, visit, *factors, *covariates])
    if not len(places):
        return
    data, design = _design(cell, places, groups, factors, covariates)
    numbers = cell.source.numbers(visit)[places]
    visits = tuple(f"{each:g}" for each in np.unique(numbers))
    data = {**data, visit: [f"{each:g}" for each in numbers]}
    terms = (
        *((name,) for name in (*factors, GROUP, visit, *covariates)),
        (GROUP, visit),
        *((visit, name) for name in covariates),
    )
    design = Design({**design.factors, visit: visits}, terms)
    measures = Measures(cell.source.owners[places].tolist(), list(data[visit]), visits)
    freedom = cast("Method", cell.setting("freedom", "kenward-roger"))
    try:
        y = cell.source.numbers(response)[places]
        model = MixedModel(design, data, y, measures, cell.setting("structure", "us"), freedom)
        at = cell.setting("at")
        yield from _means(cell, model, design, data, {visit: at} if at else {}, places)
    except NotComputable:
        return


def _design(
    cell: Cell, places: Places, groups: list[str], factors: list[str], covariates: list[str]
) -> tuple[Data, Design]:
    data: dict[str, list[object] | Floats] = {GROUP: list(groups)}
    levels = {GROUP: tuple(each.id for each in cell.compared if each.id in set(groups))}
    for name in factors:
        data[name] = [str(each) for each in cell.source.values(name)[places]]
        levels[name] = tuple(sorted(set(map(str, data[name]))))
    for name in covariates:
        data[name] = cell.source.numbers(name)[places]
    return data, Design(levels, tuple((name,) for name in (*factors, GROUP, *covariates)))


def _means(
    cell: Cell, model: Fitted, design: Design, data: Data, at: dict[str, str], places: Places
) -> Iterator[Found]:
    """Least-squares means, and of every two groups the later one less the earlier one."""
    level = float(cell.setting("level", "0.95"))
    groups = design.factors[GROUP]
    weights = {group: design.mean_weights(data, {GROUP: group, **at}) for group in groups}
    for group in groups:
        mean = model.combine(weights[group], level)
        yield Found("lsmean", mean.estimate, (group,), places)
        yield Found("lsmean_se", mean.error, (group,), places)
    for reference, group in combinations(groups, 2):
        found = model.combine(weights[group] - weights[reference], level)
        values = {"": found.estimate, "_se": found.error, "_lower": found.lower, "_upper": found.upper, "_p": found.p}
        for suffix, value in values.items():
            yield Found(f"diff{suffix}", value, (group, reference), places)
