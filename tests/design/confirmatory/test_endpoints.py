"""Sizes give the power that was asked for, by other ways to compute it too; what cannot be is refused."""

from __future__ import annotations

import json
from math import exp, inf, isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import (
    Counts,
    Declared,
    DesignError,
    GroupSequential,
    Means,
    OneRate,
    Rates,
    Survival,
    score_interval,
    score_statistic,
)
from helmont.design.confirmatory.endpoints.follow_up import Arms, Entry, Hazard
from helmont.design.confirmatory.endpoints.rates import restricted

FIXED = GroupSequential(1, 0.025, 0.2, "OF")
LOOKS = GroupSequential(3, 0.025, 0.2, "LDOF")
ENDPOINTS = [
    Means(2, 5),
    Means(-2, 5, ratio=2, test="normal"),
    Rates(0.4, 0.25),
    Rates(0.1, 0.2, measure="ratio", ratio=0.5),
    OneRate(0.45, 0.3),
    Counts(0.2, 0.3, dispersion=1),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: type(each).__name__)
def test_a_size_has_its_power(endpoint: Means | Rates | OneRate | Counts) -> None:
    size = endpoint.fixed_size(0.025, 0.2)
    assert endpoint.fixed_power(size, 0.025) == pytest.approx(0.8, abs=1e-9)
    assert endpoint.power(FIXED, size).power[0] == pytest.approx(0.8, abs=1e-9)
    assert LOOKS.sample_size(endpoint).maximum == pytest.approx(size * LOOKS.inflation)
    assert endpoint.fixed_power(2 * size, 0.025) > 0.8
    assert Declared.from_dict(json.loads(json.dumps(endpoint.to_dict()))) == endpoint


def test_published_sizes() -> None:
    # Julious 2004, table II: 0.5 standard deviations, 90 %, two-sided 5 %: 86 (t) in each group.
    assert np.ceil(Means(0.5).fixed_size(0.025, 0.1) / 2) == 86
    # Schoenfeld 1983, Biometrics 39: hazard ratio 1.5 takes 191 (80 %), 256 (90 %) events at two-sided 5 %.
    assert Survival(1.5, 0.1, (12,), 12).fixed_events(0.025, 0.2) == pytest.approx(191, abs=0.5)
    assert Survival(1.5, 0.1, (12,), 12).fixed_events(0.025, 0.1) == pytest.approx(256, abs=0.5)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
    st.floats(-0.5, 0.5),
    st.floats(0.3, 3),
    st.sampled_from([True, False]),
)
def test_restricted_rates_are_likeliest(p: float, q: float, null: float, ratio: float, difference: bool) -> None:
    measure, null = ("difference", null) if difference else ("ratio", exp(2 * null))
    a, b = restricted(p, q, null, measure, ratio)  # type: ignore[arg-type]

    def likelihood(x: float, y: float) -> float:
        if not (0 < x < 1 and 0 < y < 1):
            return -inf
        return p * log(x) + (1 - p) * log(1 - x) + ratio * (q * log(y) + (1 - q) * log(1 - y))

    assert (a - b if difference else a / b) == pytest.approx(null, abs=1e-9)
    for step in (-1e-4, 1e-4):
        near = (a + step, b + step) if difference else (a + step, (a + step) / null)
        assert likelihood(*near) <= likelihood(a, b) + 1e-12


def test_intervals_are_the_tests_that_do_not_reject() -> None:
    low, high = score_interval((52, 40), (100, 100))
    assert score_statistic((52, 40), (100, 100), null=low) == pytest.approx(1.959964, abs=1e-5)
    assert score_statistic((52, 40), (100, 100), null=high) == pytest.approx(-1.959964, abs=1e-5)
    wider = score_interval((52, 40), (100, 100), adjusted=True)
    assert wider[0] < low < high < wider[1]
    assert score_interval((0, 0), (20, 20))[0] < 0 < score_interval((0, 0), (20, 20))[1]
    assert score_interval((30, 15), (100, 100), measure="ratio")[0] > 1


def test_events_agree_with_participants_one_by_one() -> None:
    control = Hazard((0.1, 0.05), (4.0,), 0.02)
    arms = Arms(Entry((5.0, 10.0), (6.0, 18.0)), control, control.scaled(0.6, 0.03), 0.5)
    random = np.random.default_rng(1)
    n = 400_000
    late = random.random(n) < 120 / 150
    enters = np.where(late, 6 + 12 * random.random(n), 6 * random.random(n))
    first = random.exponential(1 / 0.1, n)
    event = np.where(first < 4, first, 4 + random.exponential(1 / 0.05, n))
    seen = (event < random.exponential(1 / 0.02, n)) & (enters + event < 24)
    expected = arms.events(24)[0] / (0.5 * arms.entry.participants())
    assert abs(seen.mean() - expected) < 4 * sqrt(expected / n)
    assert arms.time_of(sum(arms.events(20))) == pytest.approx(20, abs=1e-9)
    assert arms.time_of(1e4) == inf


def test_what_is_solved_for_agrees() -> None:
    first = LOOKS.sample_size(Survival(0.7, 0.05, (24,), 10, dropout=0.01))
    assert first.participants[-1] == pytest.approx(first.maximum)
    again = LOOKS.sample_size(Survival(0.7, 0.05, (), 10, entry=first.intensities, dropout=0.01, solve="entry"))
    assert again.entry_ends == pytest.approx((24.0,), abs=1e-6)
    last = LOOKS.sample_size(Survival(0.7, 0.05, (24,), entry=first.intensities, dropout=0.01, solve="follow_up"))
    assert last.follow_up == pytest.approx(10, abs=1e-6)
    assert last.frame().height == 3
    assert sum(last.power) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Means(1, sd=-1), "sd is -1"),
        (lambda: Means(0, 1).fixed_size(0.025, 0.1), "difference is 0.0; it must be other than 0"),
        (lambda: Rates(1.2, 0.3), "treatment is 1.2"),
        (lambda: Rates(0.3, 0.3).fixed_size(0.025, 0.1), "treatment is 0.3"),
        (lambda: Counts(0.2, -0.3), "control is -0.3"),
        (lambda: score_statistic((5, 3), (4, 9)), r"events\[1\] is 5"),
        (lambda: Survival(0.7, 0.1, (24,)), "follow_up is None; it must be given"),
        (lambda: Survival(0.7, (0.1, 0.2), (24,), 3), "hazard_changes is"),
        (lambda: Survival(0.7, -0.1, (24,), 3), "hazard is"),
        (lambda: Survival(0.7, 0.1, (24, 12), 3, entry=(1, 2)), r"entry_ends\[3\] is 12"),
        (lambda: LOOKS.sample_size(Survival(0.9, 0.1, (10,), entry=(1,), solve="follow_up")), "events can be reached"),
    ],
)
def test_impossible_trials_are_refused(make: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()  # type: ignore[operator]


def test_no_effect_reaches_a_bound_that_is_too_high() -> None:
    assert isnan(Rates(0.6, 0.5).critical_effect(6.0, 20))


def test_a_lower_hazard_is_the_benefit_where_none_is_expected() -> None:
    looks = GroupSequential(2, 0.025, 0.2, "LDOF", "bsOF")
    none, some = (Survival(ratio, 0.06, (24,), 0).power(looks, 500, 300) for ratio in (1.0, 0.7))
    assert none.critical_ratios == some.critical_ratios
    assert max(none.critical_ratios) < 1
    assert none.lower_ratios == some.lower_ratios
    assert some.lower_ratios is not None
    assert some.lower_ratios[-1] == pytest.approx(some.critical_ratios[-1])
    assert none.lower_ratios[0] > none.critical_ratios[0]
    assert sum(none.power) == pytest.approx(looks.exact(0.0).power[0])
    assert sum(none.futility) == pytest.approx(1 - sum(none.power), abs=1e-9)
