"""Time to the first dermatologic event (figure 14-1) against R's survival package, and properties."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helmont.analysis.arrays import NotComputable
from helmont.analysis.proportional_hazards import ProportionalHazards, Ties
from helmont.analysis.survival import kaplan_meier, log_rank
from tests.analysis.kit import ARMS, reference, to_event

DATA = to_event()
TIME, EVENT, GROUP = DATA["AVAL"].to_numpy(), DATA["EVENT"].to_numpy(), DATA["TRTA"].to_list()
DOSES = np.column_stack([[each == arm for each in GROUP] for arm in ARMS[1:]]).astype(float)
TIMES = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=4, max_size=40)


@pytest.mark.parametrize("place", range(3))
def test_the_curve_of_an_arm(place: int) -> None:
    expected, arm = reference("KM_TTDE_loglog"), DATA.filter(pl.col("TRTA") == ARMS[place])
    curve = kaplan_meier(arm["AVAL"].to_numpy(), arm["EVENT"].to_numpy())
    assert curve.events.sum() == expected["events"][ARMS[place]]
    quantiles = [curve.quantile(each) for each in (0.25, 0.5, 0.75)]
    for column, name in enumerate(("q", "lower", "upper")):
        assert [each[column] for each in quantiles] == expected["quantiles"][name]["values"][place]
    rows = [each for each in expected["surv"] if each["arm"] == f"TRTA={ARMS[place]}"]
    assert len(rows) > 5
    for each in rows:
        assert curve.at(each["time"]) == pytest.approx(
            [each[name] for name in ("n_risk", "surv", "se", "lower", "upper")]
        )


def test_log_rank() -> None:
    found, expected = log_rank(TIME, EVENT, GROUP, ARMS), reference("logrank_TTDE")
    assert found.test.statistic == pytest.approx(expected["chisq"])
    assert found.test.p == pytest.approx(
        expected["p"], rel=1e-3
    )  # R subtracts from one: three digits are left at 1e-13
    assert found.observed == pytest.approx(expected["obs"])
    assert found.expected == pytest.approx(expected["exp"])


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_hazard_ratios(ties: Ties) -> None:
    found, expected = ProportionalHazards(DOSES, TIME, EVENT, ties=ties), reference(f"cox_TTDE_{ties}")
    for row, wanted in zip(np.eye(2), expected["coef"]["values"], strict=True):
        each = found.combine(row)
        assert [each.estimate, each.error, each.statistic, each.p] == pytest.approx([wanted[0], *wanted[2:]], rel=1e-8)
    for row, wanted in zip(np.eye(2), expected["hr_ci"]["values"], strict=True):
        each = found.combine(row)
        assert np.exp([each.lower, each.upper]) == pytest.approx(wanted[2:], rel=1e-8)
    assert [found.null_log_likelihood, found.log_likelihood] == pytest.approx(expected["loglik"])
    assert [found.score_test.statistic, found.score_test.p] == pytest.approx(expected["score"][::2])
    assert [found.likelihood_ratio_test.statistic, found.likelihood_ratio_test.p] == pytest.approx(expected["lr"][::2])


def test_adjusted_within_strata() -> None:
    matrix = np.column_stack([DOSES, DATA["AGE"].to_numpy()])
    found, expected = ProportionalHazards(matrix, TIME, EVENT, DATA["SEX"].to_list()), reference("cox_TTDE_adj_strat")
    assert found.coefficients == pytest.approx([each[0] for each in expected["coef"]["values"]])
    assert found.log_likelihood == pytest.approx(expected["loglik"][1])


@given(TIMES)
def test_the_curve_is_that_of_an_independent_program(pairs: list[tuple[int, bool]]) -> None:
    time, event = np.array([each for each, _ in pairs], float), np.array([happened for _, happened in pairs])
    if not event.any():
        return
    curve = kaplan_meier(time, event)
    expected = stats.ecdf(stats.CensoredData(uncensored=time[event], right=time[~event])).sf
    assert [curve.at(each)[1] for each in range(10)] == pytest.approx(
        [float(expected.evaluate(each)) for each in range(10)]
    )
    assert (np.diff(curve.survival) <= 0).all()
    inside = curve.survival > 0
    assert (curve.lower[inside] <= curve.survival[inside] + 1e-12).all()
    assert (curve.upper[inside] >= curve.survival[inside] - 1e-12).all()


@given(TIMES)
def test_the_exact_likelihood_counts_every_choice_of_those_who_fail(pairs: list[tuple[int, bool]]) -> None:
    """At one moment with d events among n: exp(beta'sum of the failing) over the sum for all choices of d of n."""
    time, event = np.array([min(each, 3) for each, _ in pairs], float), np.array([happened for _, happened in pairs])
    matrix = (np.arange(len(pairs)) % 3 == 0).astype(float)[:, None]
    if not event.any() or len(pairs) > 14:
        return
    try:
        found = ProportionalHazards(matrix, time, event, ties="exact")
    except NotComputable:
        return
    beta, expected = float(found.coefficients[0]), 0.0
    for moment in np.unique(time[event]):
        at_risk, failing = matrix[time >= moment, 0], matrix[(time == moment) & event, 0]
        ways = sum(np.exp(beta * sum(choice)) for choice in combinations(at_risk, len(failing)))
        expected += beta * failing.sum() - float(np.log(ways))
    # the design is centred in the fit, which cancels
    assert found.log_likelihood == pytest.approx(expected)


def test_score_and_log_rank_agree() -> None:
    """The score test with exact ties is the log-rank test (Cox 1972)."""
    found = ProportionalHazards(DOSES, TIME, EVENT, ties="exact").score_test
    assert found.statistic == pytest.approx(log_rank(TIME, EVENT, GROUP, ARMS).test.statistic)


def test_what_cannot_be_estimated_is_said() -> None:
    with pytest.raises(NotComputable, match="nobody in the group"):
        kaplan_meier([], [])
    with pytest.raises(NotComputable, match="nobody had the event"):
        ProportionalHazards(np.ones((3, 1)), [1, 2, 3], [0, 0, 0])
    with pytest.raises(NotComputable, match="the same for all who were at risk"):
        ProportionalHazards(np.array([[1.0], [0], [0], [1]]), [1, 1, 2, 2], [0, 0, 1, 1], ties="exact")
    with pytest.raises(NotComputable, match="all events are on one side"):
        ProportionalHazards(np.array([[0.0], [0], [1], [1]]), [1, 2, 3, 4], [1, 1, 0, 0])
