"""3+3: the rules as everybody knows them, and the arithmetic of its first cohort."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.design import DesignError, ThreePlusThree


def test_the_rules() -> None:
    design = ThreePlusThree(3)
    assert design.next((3, 0, 0), (0, 0, 0), 1).dose == 2
    assert design.next((3, 0, 0), (1, 0, 0), 1).action == "stay"
    assert design.next((6, 0, 0), (1, 0, 0), 1).action == "escalate"
    assert design.next((3, 3, 0), (0, 2, 0), 2).action == "stop"
    assert design.select((3, 3, 0), (0, 2, 0)).mtd == 1
    assert design.select((3, 0, 0), (2, 0, 0)).mtd is None
    careful = ThreePlusThree(3, de_escalate=True)
    down = careful.next((3, 3, 0), (0, 2, 0), 2)
    assert (down.action, down.dose, down.eliminated) == ("de-escalate", 1, (2, 3))
    assert careful.next((6, 3, 0), (1, 2, 0), 1).action == "stop"


def test_nobody_gets_past_a_toxic_first_dose() -> None:
    found = ThreePlusThree(3).exact((0.5, 0.6, 0.7))
    assert found.sizes[3] == pytest.approx(0.5)  # two or three of three
    assert found.none == pytest.approx(0.5 + 3 / 8 * 7 / 8)
    assert sum(found.selection) + found.none == pytest.approx(1)
    assert found.overdose_60 is None


@pytest.mark.parametrize("de_escalate", [False, True])
def test_enumeration_is_simulation_within_its_error(de_escalate: bool) -> None:
    design, truth = ThreePlusThree(4, de_escalate), (0.1, 0.2, 0.35, 0.5)
    exact = design.exact(truth)
    for simulated in (design.simulate(truth, 20_000, 3), design.simulate(truth, 1000, 3, rng="R")):
        assert simulated.errors is not None
        away = np.abs(np.array(exact.selection) - simulated.selection)
        assert np.all(away <= 4.5 * np.array(simulated.errors.selection) + 1e-4)


def test_pathways_end_where_the_trial_does() -> None:
    ways = ThreePlusThree(3).pathways(2).ways
    assert [(way.toxicities, way.action) for way in ways if way.doses == (1,)] == [((2,), "stop"), ((3,), "stop")]
    assert len(ways) == 10


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(DesignError, match="start is 2; it must be 1 where"):
        ThreePlusThree(3, start=2)
    with pytest.raises(DesignError, match=r"truth\[2\] is 1.2"):
        ThreePlusThree(2).exact((0.1, 1.2))
