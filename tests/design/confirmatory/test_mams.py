"""Multi-arm multi-stage trials hold their familywise error; integration and simulation agree; closed tests close."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import Declared, DesignError, GroupSequential, Mams
from helmont.design.confirmatory.multi_arm.closed import rejected_by_closure, subsets


def test_bounds_of_the_paper() -> None:
    """Magirr, Jaki & Whitehead 2012, section 4: four arms, two stages, O'Brien-Fleming, 44 on each arm and stage."""
    planned = Mams(arms=4, stages=2, alpha=0.05, power=0.9, p=0.65, p0=0.55, upper="obf", lower="fixed")
    assert planned.bounds().upper == pytest.approx((3.068, 2.169), abs=5e-4)
    assert planned.sample_size().n == 44
    assert Declared.from_dict(json.loads(json.dumps(planned.to_dict()))) == planned


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.floats(0.01, 0.1), st.sampled_from(["obf", "pocock", "triangular"]))
def test_the_familywise_error_is_held(arms: int, stages: int, alpha: float, shape: str) -> None:
    planned = Mams(arms, stages, alpha, upper=shape, lower="fixed", lower_fixed=-0.5)  # type: ignore[arg-type]
    sizes = [[10.0 * stage for stage in range(1, stages + 1)]] * (arms + 1)
    found = planned.exact(None, sizes)
    assert found.any_rejected == pytest.approx(alpha, abs=1e-8)
    assert found.best == pytest.approx((found.best[0],) * arms)
    assert sum(found.best) == pytest.approx(alpha, abs=1e-5)


def test_one_arm_is_a_group_sequential_trial() -> None:
    """Of independent comparisons there is one; with so low a bound nothing is dropped."""
    classical = GroupSequential(3, 0.025, 0.1, "OF").bounds().upper
    found = Mams(1, 3, 0.025, upper="obf", lower_fixed=-8.0).bounds().upper
    assert found == pytest.approx(classical, abs=1e-6)


def test_integration_agrees_with_simulation() -> None:
    planned, sizes = Mams(3, 2, p=0.65, p0=0.55), [[40, 70], [30, 60], [35, 80], [30, 60]]
    truth = (0.5, 0.2, 0.3)
    exact, simulated = planned.exact(truth, sizes), planned.simulate(truth, 60_000, 7, sizes)
    assert abs(simulated.any_rejected[-1] - exact.any_rejected) < 4 * simulated.standard_error(exact.any_rejected)
    for known, seen in zip(exact.best, simulated.best, strict=True):
        assert abs(seen[-1] - known) < 4 * simulated.standard_error(known)
    assert simulated.frame().height == 6
    assert simulated.expected_total < 270


def test_relabelling_arms_relabels_what_they_do() -> None:
    planned, sizes = Mams(3, 2), [[40, 80]] * 4
    order = [2, 0, 1]
    truth = (0.5, 0.2, 0.3)
    there = planned.exact(truth, sizes)
    moved = planned.exact([truth[place] for place in order], sizes)
    assert moved.any_rejected == pytest.approx(there.any_rejected, abs=1e-12)
    assert moved.best == pytest.approx([there.best[place] for place in order], abs=1e-12)


def test_step_down_bounds_reject_by_closure() -> None:
    down = Mams(3, 2).step_down((0.01, 0.05))
    assert down.upper[1, 2, 3] > down.upper[1, 2] > down.upper[1,]
    assert down.upper[1,] == down.upper[3,]
    assert down.rejected([[2.7, 2.5, 0.5], [None, 1.8, 1.0]]) == (True, False, False)
    assert down.rejected([[2.7, 2.6, 0.5]]) == (True, True, False)
    assert down.rejected([[2.5, 1.0, 0.5], [2.2, 2.0, 1.0]]) == (True, True, False)
    assert down.frame().height == 14
    assert down.to_dict()["spent"] == [0.01, 0.05]
    with pytest.raises(DesignError, match="z is"):
        down.rejected([[1.0, 2.0]])


def test_closure_needs_every_intersection() -> None:
    random.seed(1)
    for _ in range(50):
        found = {members: random.random() < 0.7 for members in subsets(3)}
        for arm, rejected in enumerate(rejected_by_closure(found), start=1):
            assert rejected == all(found[members] for members in found if arm in members)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mams(0, 2), "arms is 0"),
        (lambda: Mams(2, 2, ratio=(2, 1)), r"ratio\[3\] is 1"),
        (lambda: Mams(2, 2, upper="cubic"), "upper is 'cubic'"),  # type: ignore[arg-type]
        (lambda: Mams(2, 2, p=0.6, delta=0.3), "delta is 0.3; it must be left out beside p"),
        (lambda: Mams(2, 2).sample_size(), "delta is None"),
        (lambda: Mams(2, 2, delta=0.2, delta0=0.3).sample_size(), "above delta0"),
        (lambda: Mams(2, 2).bounds([[1, 2], [1, 2]]), "3 rows, control first, of 2 sizes"),
        (lambda: Mams(2, 2).bounds([[1, 2]] * 3, upper=(1.0,), lower=(0.0,)), "something of alpha 0.05 is left"),
        (lambda: Mams(2, 2).exact((0.1,), [[1, 2]] * 3), "2 effects, one an arm"),
        (lambda: Mams(2, 2).step_down((0.05,)), "2 errors, one a stage"),
    ],
)
def test_impossible_trials_are_refused(make: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()  # type: ignore[operator]
