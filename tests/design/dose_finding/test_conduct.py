"""A running trial is asked alike, whatever its design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helmont.design import (
    BackfillBoin,
    Blrm,
    Boin,
    Boin12,
    BoinCombination,
    Crm,
    DesignError,
    Keyboard,
    Mtpi,
    Mtpi2,
    ThreePlusThree,
    TiteBoin,
    TiteCrm,
    TiteKeyboard,
    Tpi,
)

SKELETON = (0.05, 0.15, 0.3, 0.45, 0.6)
DESIGNS = [
    *(kind(5, 0.3) for kind in (Boin, Keyboard, Mtpi, Mtpi2, Tpi, TiteBoin, TiteKeyboard, BackfillBoin)),
    ThreePlusThree(5),
    Crm(SKELETON, 0.3, cohort_size=3),
    TiteCrm(SKELETON, 0.3),
    Blrm((10, 20, 40, 80, 160), 40),
]
N, DLT = (3, 3, 3, 0, 0), (0, 0, 1, 0, 0)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_a_trial_is_asked_alike(design: Any) -> None:
    step = design.next(n=N, dlt=DLT, current=3)
    assert step.action in ("stay", "escalate")
    assert step.reason
    assert design.next(np.array(N), np.array(DLT), np.int64(3)).dose == step.dose
    assert design.next((0,) * 5, (0,) * 5).dose == 1
    assert design.next([0] * 5, [0] * 5, 1).dose == 1
    with pytest.raises(DesignError, match="the dose of the latest cohort"):
        design.next(N, DLT)
    with pytest.raises(DesignError, match="a dose that treated patients"):
        design.next(N, DLT, 5)
    selected = design.select(N, DLT)
    assert selected.mtd in (2, 3, 4)
    assert len(selected.p_est) == 5
    for way in design.pathways(2).ways:
        assert way.doses[0] == 1
        assert (way.dose is None) == (way.action in ("stop", "suspend"))


@pytest.mark.parametrize(
    "design", [Crm(SKELETON, 0.3, patients=9, cohort_size=3), Blrm((1, 2, 4, 8, 16), 4, patients=9)]
)
def test_a_trial_ends_after_its_planned_patients(design: Any) -> None:
    assert design.next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2).action == "escalate"
    step = design.next(N, DLT, 3)
    assert (step.action, step.dose) == ("stop", None)
    assert "all 9 planned patients" in step.reason


def test_ways_of_the_continual_reassessment_method_are_coherent() -> None:
    crm = Crm(SKELETON, 0.3, cohort_size=1)
    ways = {(way.doses, way.toxicities): way for way in crm.pathways(3).ways}
    assert len(ways) == 8
    assert ways[(1, 2, 3), (0, 0, 1)].action != "escalate"
    assert ways[(1, 2, 3), (0, 0, 0)].dose == 4
    later = crm.pathways(1, (1, 1, 0, 0, 0), (0, 0, 0, 0, 0), 3).ways
    assert [way.dose for way in later] == [ways[(1, 2, 3), (0, 0, toxic)].dose for toxic in (0, 1)]


def test_other_generators_are_refused_where_nothing_is_replayed() -> None:
    for design in (Crm(SKELETON, 0.3), TiteCrm(SKELETON, 0.3), Blrm((1, 2, 4, 8, 16), 4), TiteBoin(5, 0.3)):
        with pytest.raises(DesignError, match="rng is 'R'"):
            design.simulate(SKELETON, 10, 1, rng="R")  # type: ignore[arg-type]


def test_names_and_values_of_the_packages_are_taken() -> None:
    assert Crm(SKELETON, 0.3, model="empiric").digest == Crm(SKELETON, 0.3).digest
    assert Crm(SKELETON, 0.3).fit((3, 4), (False, True)) == Crm(SKELETON, 0.3).fit((3, 4), (0, 1))


def test_the_first_step_of_other_designs_is_where_they_start() -> None:
    nobody = (0,) * 5
    assert Boin12(5, 0.35, 0.25, start=2).next(nobody, nobody, nobody).dose == 2
    with pytest.raises(DesignError, match="the dose of the latest cohort"):
        Boin12(5, 0.35, 0.25).next((3, 0, 0, 0, 0), nobody, nobody)
    pair = BoinCombination((2, 3), 0.3)
    first = pair.next(np.zeros((2, 3), dtype=int), np.zeros((2, 3), dtype=int))  # type: ignore[arg-type]
    assert (first.action, first.dose, first.options) == ("stay", (1, 1), ((1, 1),))
    with pytest.raises(DesignError, match="the levels of the latest cohort"):
        pair.next(((3, 0, 0), (0, 0, 0)), ((0, 0, 0), (0, 0, 0)))


def test_margins_are_two_widths() -> None:
    with pytest.raises(DesignError, match="two widths"):
        Keyboard(5, 0.3, margins=0.05)  # type: ignore[arg-type]
