"""Adaptive enrichment: it holds its error whatever goes on, and finds an effect in a subgroup more often."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from helmont.design import Declared, DesignError, Enrichment, InverseNormal, nested_populations

TEST = InverseNormal((0.5, 1.0), 0.025, 0.1, "OF")
DESIGN = Enrichment(test=TEST, prevalence=0.4, first=100, second=100)


@pytest.mark.parametrize("intersection", ["nested", "bonferroni", "simes"])
@pytest.mark.parametrize("truth", [(0.0, 0.0), (0.0, 0.3), (0.3, -0.3)])
def test_the_familywise_error_is_held(intersection: Any, truth: tuple[float, float]) -> None:
    for outside in (-9.0, 0.1, 9.0):
        design = replace(DESIGN, intersection=intersection, outside=outside, inside=-9.0)
        found = design.simulate(truth, 20_000, 3)
        assert found.familywise <= 0.025 + 4 * sqrt(0.025 * 0.975 / 20_000)
    assert found.futile == 0
    assert found.whole == 0


def test_an_intersection_of_nested_populations_takes_all_of_its_error() -> None:
    """Without an effect every rejection rejects the intersection, which alone is exact; Bonferroni's is not."""
    all_on = replace(DESIGN, outside=-9.0)
    exact = all_on.simulate((0.0, 0.0), 50_000, 1)
    assert exact.any_rejected == pytest.approx(0.025, abs=4 * exact.any_rejected_error + 0.001)
    assert exact.any_rejected == exact.familywise
    assert replace(all_on, intersection="bonferroni").simulate((0.0, 0.0), 50_000, 1).any_rejected < exact.any_rejected


def test_scores_of_intersections_are_those_of_the_closed_test() -> None:
    found = DESIGN._scores(np.array([0.3, -0.1]), np.array([0.1, 0.2]), 100.0)
    for whole, subgroup, both in found:
        assert stats.norm.sf(both) == pytest.approx(nested_populations(whole, subgroup, 0.4), abs=1e-7)


def test_a_second_stage_in_the_subgroup_finds_its_effect() -> None:
    truth = (0.4, 0.0)
    stays, enriches = (replace(DESIGN, outside=least).simulate(truth, 5000, 2) for least in (-9.0, 0.15))
    assert enriches.rejected[1] > stays.rejected[1] + 0.1
    assert enriches.enriched > 0.5 > stays.enriched == 0.0
    assert stays.stopped + stays.futile + stays.whole + stays.enriched == pytest.approx(1)
    none = DESIGN.simulate((-0.5, -0.5), 2000, 2)
    assert none.futile > 0.95
    assert none.participants < 220
    power = DESIGN.simulate((0.5, 0.5), 2000, 2)
    assert power.rejected[0] > 0.95
    assert power.familywise == 0


def test_a_whole_trial_of_everybody_has_the_power_of_its_bounds() -> None:
    """Of the whole population alone: a subgroup with a far larger effect makes the intersection certain."""
    found = replace(DESIGN, outside=-99.0, prevalence=0.5).simulate((9.0, -8.75), 20_000, 5)
    z = 0.125 * sqrt(200 / 2)
    late = TEST.bounds().upper[-1]
    assert stats.norm.sf(late - z) - 0.01 < found.rejected[0] < stats.norm.sf(late - z) + 0.01


def test_it_is_declared_simulated_in_parts_and_refused() -> None:
    assert Declared.from_dict(DESIGN.to_dict()) == DESIGN
    one = DESIGN.simulate((0.2, 0.1), 30_000, 1)
    assert one == DESIGN.simulate((0.2, 0.1), 30_000, 1)
    assert one.frame()["population"].to_list() == ["whole", "subgroup"]
    for change, message in (
        ({"test": "OF"}, "an InverseNormal with two looks"),
        ({"prevalence": 1.0}, "prevalence is 1.0"),
        ({"first": 0}, "first is 0"),
        ({"intersection": "holm"}, "'nested', 'bonferroni' or 'simes'"),
    ):
        with pytest.raises(DesignError, match=message):
            replace(DESIGN, **change)  # type: ignore[arg-type]
    with pytest.raises(DesignError, match="in the subgroup and outside of it"):
        DESIGN.simulate((0.1,))
