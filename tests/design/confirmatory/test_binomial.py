"""Two-stage trials of responses: the published plans, and exact probabilities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import BinomialGroupSequential, Declared, DesignError, SimonTwoStage


@pytest.mark.parametrize(
    ("null", "alternative", "alpha", "beta", "optimal", "minimax"),
    [
        (0.05, 0.25, 0.05, 0.2, (0, 9, 2, 17), (0, 12, 2, 16)),
        (0.1, 0.3, 0.05, 0.2, (1, 10, 5, 29), (1, 15, 5, 25)),
        (0.2, 0.4, 0.05, 0.1, (4, 19, 15, 54), (5, 24, 13, 45)),
        (0.3, 0.5, 0.05, 0.2, (5, 15, 18, 46), (6, 19, 16, 39)),
    ],
)
def test_plans_of_the_paper(
    null: float,
    alternative: float,
    alpha: float,
    beta: float,
    optimal: tuple[int, int, int, int],
    minimax: tuple[int, int, int, int],
) -> None:
    """Simon 1989, tables 1 and 2: r1, n1, r, n."""
    for criterion, expected in (("optimal", optimal), ("minimax", minimax)):
        trial = SimonTwoStage(null, alternative, alpha, beta, criterion, largest=60)  # type: ignore[arg-type]
        plan = trial.plan()
        assert (plan.r1, plan.n1, plan.r, plan.n) == expected
        known = trial.stages().exact((null, alternative))
        assert sum(known.upper[0]) == pytest.approx(plan.alpha)
        assert sum(known.upper[1]) == pytest.approx(plan.power)
        assert known.expected[0] == pytest.approx(plan.expected_null)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.integers(1, 20), st.integers(1, 20), st.integers(-1, 5), st.integers(6, 12))
def test_probabilities_sum_to_one(rate: float, first: int, second: int, low: int, high: int) -> None:
    trial = BinomialGroupSequential((first, first + second), (low, 9), (high, 10))
    known = trial.exact(rate)
    assert sum(known.lower[0]) + sum(known.upper[0]) == pytest.approx(1)


def test_exact_agrees_with_simulation() -> None:
    trial = BinomialGroupSequential((10, 20, 30), (1, 4, 9), (6, 8, 10))
    random = np.random.default_rng(8)
    seen = random.binomial(10, 0.3, (100_000, 3)).cumsum(1)
    low, high = seen <= trial.lower, seen >= trial.upper
    first = (low | high).argmax(1)
    share = float(high[np.arange(len(seen)), first].mean())
    assert sum(trial.exact(0.3).upper[0]) == pytest.approx(share, abs=0.007)
    assert trial.exact((0.1, 0.3)).frame().height == 6
    assert Declared.from_dict(json.loads(json.dumps(trial.to_dict()))) == trial


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BinomialGroupSequential((10, 10), (1, 2), (11, 3)), r"n\[2\] is 10"),
        (lambda: BinomialGroupSequential((10, 20), (1, 5), (11, 5)), r"lower\[2\] is 5; it must be below the upper"),
        (lambda: BinomialGroupSequential((10, 20), (1,), (11, 5)), "2 numbers, one a look"),
        (lambda: SimonTwoStage(0.3, 0.1), "alternative is 0.1"),
        (lambda: SimonTwoStage(0.3, 0.35, largest=20).plan(), "largest is 20"),
    ],
)
def test_impossible_trials_are_refused(make: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()  # type: ignore[operator]
