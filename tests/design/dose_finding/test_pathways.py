"""The ways ahead are what the design itself decides, step for step; the table of the next cohort is their first step."""

from __future__ import annotations

import pytest

from helmont.design import (
    Blrm,
    Boin,
    Boin12,
    BoinCombination,
    Crm,
    DesignError,
    Keyboard,
    ThreePlusThree,
    TiteBoin,
    TiteCrm,
    Tpi,
)
from helmont.design.dose_finding.decisions import NextCohort

SKELETON = (0.05, 0.12, 0.25, 0.4)
CRM = Crm(SKELETON, 0.25, cohort_size=3)
BLRM = Blrm((10.0, 20.0, 40.0, 80.0), reference=40.0)


def counted(doses: tuple[int, ...], values: tuple[int, ...], levels: int) -> tuple[int, ...]:
    return tuple(sum(v for d, v in zip(doses, values, strict=True) if d == dose) for dose in range(1, levels + 1))


@pytest.mark.parametrize("design", [CRM, BLRM, Boin(4, 0.3), Keyboard(4, 0.3), TiteBoin(4, 0.3, window=1.0)])
def test_every_way_is_gone_as_the_design_decides(design: Crm | Blrm | Boin | Keyboard | TiteBoin) -> None:
    ways = design.pathways(2).ways
    assert len({(way.doses, way.toxicities) for way in ways}) == len(ways)
    for way in ways:
        n = counted(way.doses, (3,) * len(way.doses), 4)
        dlt = counted(way.doses, way.toxicities, 4)
        last = {"last": way.toxicities[-1]} if isinstance(design, Crm) else {}
        step = design.next(n, dlt, way.doses[-1], **last)
        assert (step.action, step.dose) == (way.action, way.dose)
    assert {way.toxicities[0] for way in ways} == {0, 1, 2, 3}


def test_a_trial_that_goes_on_has_a_way_for_each_outcome_of_each_cohort() -> None:
    ways = CRM.pathways(3).ways
    assert len(ways) == 4**3
    assert max(way.doses[-1] for way in ways) == 3  # no dose is skipped


def test_a_two_stage_design_begins_with_its_initial_doses() -> None:
    ways = Crm(SKELETON, 0.25, initial=(1, 1, 2, 2, 3)).pathways(3).ways
    assert {way.doses for way in ways if sum(way.toxicities) == 0} == {(1, 1, 2)}


@pytest.mark.parametrize("design", [CRM, BLRM, TiteCrm(SKELETON, 0.25)])
def test_the_table_of_the_next_cohort_is_the_first_step_of_the_ways(design: Crm | Blrm) -> None:
    table = design.decision_table()
    assert isinstance(table, NextCohort)
    ways = design.pathways(1).ways
    assert [(table.dose, toxic) for toxic in table.toxicities] == [(w.doses[0], w.toxicities[0]) for w in ways]
    assert table.next_dose == tuple(way.dose for way in ways)
    assert table.frame().height == design.cohort_size + 1


def test_what_was_seen_so_far_can_be_given() -> None:
    table = CRM.decision_table((3, 3, 0, 0), (0, 1, 0, 0), 2)
    assert (table.dose, table.patients) == (2, 6)
    steps = [CRM.next((3, 6, 0, 0), (0, 1 + toxic, 0, 0), 2, toxic) for toxic in range(4)]
    assert table.next_dose == tuple(step.dose for step in steps)
    assert table.reason == tuple(step.reason for step in steps)


def test_titration_is_no_way_of_cohorts() -> None:
    design = Boin(4, 0.3, titration=True)
    with pytest.raises(DesignError, match="what titration saw"):
        design.pathways(2)
    assert design.pathways(1, (1, 3, 0, 0), (0, 1, 0, 0), 2).ways


def test_ways_with_responses() -> None:
    design = Boin12(3, toxicity=0.35, efficacy=0.25)
    ways = design.pathways(2).ways
    assert len(ways) <= 16**2
    for way in ways[::7]:
        n = counted(way.doses, (3,) * len(way.doses), 3)
        seen = counted(way.doses, way.toxicities, 3), counted(way.doses, way.responses, 3)
        assert design.next(n, *seen, way.doses[-1]).dose == way.dose
    assert "responses_2" in design.pathways(2).frame().columns
    assert set(design.decision_table().patients) == {0, 3, 6, 9}


def test_ways_through_a_matrix_take_each_of_equally_desirable_combinations() -> None:
    design = BoinCombination((3, 4), 0.3)
    ways = design.pathways(2).ways
    begun = {way.doses for way in ways if way.toxicities[0] == 0}
    assert begun == {((1, 1), (2, 1)), ((1, 1), (1, 2))}
    assert design.decision_table() == design.agent.decision_table()
    assert design.pathways(2).frame().height == len(ways)


@pytest.mark.parametrize("design", [CRM, BLRM, Tpi(4, 0.3), ThreePlusThree(4), Boin12(3, 0.35, 0.25)])
def test_more_ways_than_anybody_reads_are_refused(design: Crm | Blrm | Tpi | ThreePlusThree | Boin12) -> None:
    with pytest.raises(DesignError, match="cohorts"):
        design.pathways(9)
    with pytest.raises(DesignError, match="cohorts"):
        design.pathways(0)
