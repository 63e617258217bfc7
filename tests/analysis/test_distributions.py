"""Tails and quantiles, ranks and one-way tests against ``scipy.stats``."""

from __future__ import annotations

from math import inf, isclose, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helmont.analysis.contingency import _ranks, chi_square
from helmont.analysis.descriptive import analysis_of_variance
from helmont.analysis.distributions import chi_square_tail, f_tail, normal_quantile, t_quantile, t_tail

STATISTICS = [-1e-17, 0.0, 0.3, 2.5, 40.0, inf]
FREEDOMS = [1, 2.7, 30, 1e6]


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("df", FREEDOMS)
def test_tails_are_those_of_scipy(statistic: float, df: float) -> None:
    assert isclose(chi_square_tail(statistic, df), stats.chi2.sf(statistic, df), rel_tol=1e-12)
    assert isclose(t_tail(statistic, df), stats.t.sf(statistic, df), rel_tol=1e-12)
    for df1 in (1, 3):
        assert isclose(f_tail(statistic, df1, df), stats.f.sf(statistic, df1, df), rel_tol=1e-12)
        assert isclose(f_tail(statistic, df1, inf), stats.chi2.sf(statistic * df1, df1), rel_tol=1e-12)
    assert isclose(t_tail(statistic, inf), stats.norm.sf(statistic), rel_tol=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.9, 0.975, 0.999])
def test_quantiles_are_those_of_scipy(p: float) -> None:
    assert isclose(normal_quantile(p), stats.norm.ppf(p), rel_tol=1e-12)
    for df in (*FREEDOMS, inf):
        assert isclose(t_quantile(p, df), stats.t.ppf(p, df), rel_tol=1e-10, abs_tol=1e-12)


def test_what_is_no_number_stays_none() -> None:
    assert all(isnan(each) for each in (chi_square_tail(nan, 2), t_tail(nan, 2), f_tail(nan, 1, 2)))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_equal_values_share_their_mean_rank(values: list[int]) -> None:
    assert (_ranks(np.array(values, dtype=float)) == stats.rankdata(values)).all()


@given(st.lists(st.lists(st.integers(-50, 50), min_size=2, max_size=8), min_size=2, max_size=4))
def test_one_way_analysis_of_variance_is_that_of_scipy(groups: list[list[int]]) -> None:
    if len({each for group in groups for each in group}) < 2 or all(len(set(group)) == 1 for group in groups):
        return
    found, expected = analysis_of_variance([np.array(group, dtype=float) for group in groups]), stats.f_oneway(*groups)
    assert isclose(found.statistic, expected.statistic, rel_tol=1e-9, abs_tol=1e-12)
    # scipy's variance between equal means may come out below zero, and its p is no number then.
    assert isclose(found.p, expected.pvalue if expected.statistic >= 0 else 1, rel_tol=1e-9)


@given(st.lists(st.lists(st.integers(1, 40), min_size=3, max_size=3), min_size=2, max_size=4))
def test_chi_square_is_that_of_scipy(counts: list[list[int]]) -> None:
    found, expected = chi_square(np.array(counts)), stats.chi2_contingency(counts, correction=False)
    assert isclose(found.statistic, expected.statistic, rel_tol=1e-9, abs_tol=1e-12)
    assert isclose(found.p, expected.pvalue, rel_tol=1e-9)
