"""Two agents: isotonic matrices, the next combination, both ways of a trial."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import BoinCombination, DesignError
from helmont.design.dose_finding.bivariate import isotonic_matrix, isotonic_one

NOTHING = [[0, 0, 0], [0, 0, 0]]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_isotonic_rates_rise_in_rows_and_columns(seed: int) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.random((4, 3, 4)), random.integers(1, 9, (4, 3, 4)) + 0.1
    found = isotonic_matrix(values, weights)
    assert (np.diff(found, axis=1) > -1e-6).all()
    assert (np.diff(found, axis=2) > -1e-6).all()
    assert (found * weights).sum(axis=(1, 2)) == pytest.approx((values * weights).sum(axis=(1, 2)))
    one_by_one = [isotonic_one(value, weight) for value, weight in zip(values, weights, strict=True)]
    assert found == pytest.approx(np.array(one_by_one), abs=1e-6)


def test_the_next_combination() -> None:
    design = BoinCombination((2, 3), 0.3)
    start = design.next([[3, 0, 0], [0, 0, 0]], NOTHING, (1, 1))
    assert (start.action, start.options) == ("escalate", ((2, 1), (1, 2)))
    assert design.next([[3, 0, 0], [0, 0, 0]], [[3, 0, 0], [0, 0, 0]], (1, 1)).action == "stop"
    toxic = design.next([[3, 3, 0], [0, 0, 0]], [[0, 3, 0], [0, 0, 0]], (1, 2))
    assert (toxic.action, toxic.dose) == ("de-escalate", (1, 1))
    assert toxic.eliminated == ((1, 2), (1, 3), (2, 2), (2, 3))
    up = design.next([[6, 3, 0], [0, 0, 0]], [[0, 3, 0], [0, 0, 0]], (1, 1))
    assert (up.action, up.dose) == ("escalate", (2, 1))


@pytest.mark.parametrize(("cohorts", "contour"), [(8, False), ((5, 4), True)])
def test_simulated_trials(cohorts: int | tuple[int, ...], contour: bool) -> None:
    design = BoinCombination((2, 3), 0.3, cohorts, contour=contour, stop_at=9)
    found = design.simulate([[0.05, 0.1, 0.3], [0.1, 0.3, 0.5]], trials=300, seed=2)
    assert found.none + np.sum(found.selection) >= 1 - 1e-9
    assert found.total_patients <= design.patients
    assert found.frame().height == 6
    assert found == design.simulate([[0.05, 0.1, 0.3], [0.1, 0.3, 0.5]], trials=300, seed=2)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(DesignError, match=r"levels\[1\] is 4"):
        BoinCombination((4, 3), 0.3)
    with pytest.raises(DesignError, match="2 numbers, one a subtrial"):
        BoinCombination((2, 3), 0.3, 8, contour=True)
    with pytest.raises(DesignError, match="a combination that treated patients"):
        BoinCombination((2, 3), 0.3).next([[3, 0, 0], [0, 0, 0]], NOTHING, (2, 1))
