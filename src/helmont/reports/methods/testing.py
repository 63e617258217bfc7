"""Tests that compare groups: analysis of variance, chi-square, Fisher, Cochran-Mantel-Haenszel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import comb, prod

import numpy as np

from helmont.analysis.arrays import Ints
from helmont.analysis.contingency import chi_square as pearson
from helmont.analysis.contingency import fisher_exact, general_association, row_mean_scores
from helmont.analysis.descriptive import analysis_of_variance
from helmont.reports.groups import Member
from helmont.reports.methods.base import Cell, Found, computed, method

MOST_TABLES = 2_000_000


@method("anova", "Analysis of variance", p="p-value of the comparison of groups")
def anova(cell: Cell) -> Iterator[Found]:
    """One-way analysis of variance (Fisher 1925; SAS PROC GLM with one class variable)."""
    yield Found("p", computed(lambda: analysis_of_variance([cell.numbers(each.places) for each in cell.compared]).p))


@method("chi_square", "Pearson's chi-square test", p="p-value of the comparison of groups")
def chi_square(cell: Cell) -> Iterator[Found]:
    """Pearson's chi-square without correction for continuity (Pearson 1900; SAS PROC FREQ, CHISQ)."""
    yield Found("p", computed(lambda: pearson(_table(cell)).p))


@method("fisher", "Fisher's exact test", p="p-value of the comparison of groups")
def fisher(cell: Cell) -> Iterator[Found]:
    """Fisher's exact test of a table of any size (Freeman and Halton 1951; SAS PROC FREQ, EXACT FISHER).

    Where the table has too many others with its margins to look at them in a second, the p-value is that of the test that
    ``otherwise`` names (chi_square), or there is none.
    """
    counts = _table(cell)
    if _tables(counts) <= MOST_TABLES:
        yield Found("p", computed(lambda: fisher_exact(counts)))
    elif cell.setting("otherwise") == "chi_square":
        yield Found("p", computed(lambda: pearson(counts).p))
    else:
        yield Found("p", None)


def _tables(counts: Ints) -> float:
    """At most how many tables have these margins: every way to fill each column but the largest, whatever the others are."""
    filled = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    filled = filled.T if filled.shape[0] > filled.shape[1] else filled
    rows, columns = filled.shape[0], sorted(int(each) for each in filled.sum(axis=0))
    return prod(comb(each + rows - 1, rows - 1) for each in columns[:-1])


@method("incidence", "Fisher's exact test of incidence", p="p-value of a group against the reference")
def incidence(cell: Cell) -> Iterator[Found]:
    """Fisher's exact test (1935) of participants with and without a record, each group against the reference."""
    reference = cell.setting("reference")
    with_record = {each.id: cell.people(each.places) for each in cell.compared}
    wholes = {each.id: int(cell.whole(each.id) or 0) for each in cell.compared}
    places = {each.id: each.places for each in cell.compared}
    for group in with_record:
        if group != reference:
            counts = tuple((with_record[each], wholes[each] - with_record[each]) for each in (reference, group))
            behind = np.concatenate([places[reference], places[group]])
            yield Found("p", computed(lambda counts=counts: _fisher(counts)), (group, reference), behind)  # type: ignore[misc]


@method("cmh", "Cochran-Mantel-Haenszel test", p="p-value of the comparison of groups")
def cmh(cell: Cell) -> Iterator[Found]:
    """Cochran-Mantel-Haenszel tests over strata (Landis, Heyman and Koch 1978; SAS PROC FREQ, CMH).

    ``statistic`` is "general" (general association) or "means" (row mean scores, the answers scored 1, 2, 3 in their order).
    Rows count that are in a group, have an answer and are in a stratum.
    """
    answers, strata = _of_place(cell.answers), _of_place(cell.strata)
    rows = [
        (member.id, answers[place], strata.get(place, ""))
        for member in cell.compared
        for place in member.places.tolist()
        if place in answers and (place in strata or cell.analysis.strata is None)
    ]
    groups, given, within = ([row[part] for row in rows] for part in range(3))
    if cell.setting("statistic", "general") == "means":
        scores = {each.id: float(number) for number, each in enumerate(cell.answers, 1)}
        yield Found("p", computed(lambda: row_mean_scores(groups, [scores[each] for each in given], within).p))
    else:
        yield Found("p", computed(lambda: general_association(groups, given, within).p))


def _of_place(members: tuple[Member, ...]) -> dict[int, str]:
    return {place: member.id for member in members for place in member.places.tolist()}


def _table(cell: Cell) -> Ints:
    """Participants by group and answer."""
    counts = np.zeros((len(cell.compared), len(cell.answers)), dtype=np.int64)
    for row, group in enumerate(cell.compared):
        for column, answer in enumerate(cell.answers):
            counts[row, column] = cell.people(np.intersect1d(group.places, answer.places, assume_unique=True))
    return counts


@cache
def _fisher(counts: tuple[tuple[int, int], ...]) -> float:
    return fisher_exact(np.array(counts))
