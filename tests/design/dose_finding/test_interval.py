"""Designs with a table: published boundaries, enumeration and simulation agree, impossible input is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import Boin, Declared, DesignError, Keyboard, Mtpi, Mtpi2, Tpi
from helmont.design.dose_finding.interval import IntervalDesign

TRUTH = (0.05, 0.15, 0.3, 0.45, 0.6)
DESIGNS: list[IntervalDesign] = [
    Boin(5, 0.3, 6),
    Boin(5, 0.3, 8, titration=True, stop_at=9),
    Boin(5, 0.25, 8, 2, start=2, extra_safe=True),
    Boin(5, 0.3, 5, 4, bound_mtd=True),
    Keyboard(5, 0.3, 8, stop_at=9),
    Mtpi(5, 0.3, 6),
    Mtpi2(5, 0.2, 7),
    Tpi(5, 0.25, 6),
]


def test_many_doses_are_enumerated() -> None:
    found = Boin(10, 0.3).exact([0.02 * dose for dose in range(1, 11)])
    assert sum(found.selection) + found.none == pytest.approx(1, abs=1e-12)
    assert found.total_patients == pytest.approx(30, abs=0.01)


def test_boundaries_of_the_paper() -> None:
    """Liu & Yuan 2015, table 1, target 0.25."""
    table = Boin(doses=5, target=0.25, cohorts=10, cohort_size=3).decision_table()
    assert [table.escalate[n - 1] for n in (3, 6, 9, 12)] == [0, 1, 1, 2]
    assert [table.de_escalate[n - 1] for n in (3, 6, 9, 12)] == [1, 2, 3, 4]
    assert table.at(3) == ("E", "D", "D", "DU")
    assert table.frame().height == 30


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_enumeration_is_simulation_within_its_error(design: IntervalDesign) -> None:
    exact, simulated = design.exact(TRUTH), design.simulate(TRUTH, trials=20_000, seed=1)
    assert sum(exact.selection) + exact.none == pytest.approx(1, abs=1e-12)
    assert sum(exact.sizes.values()) == pytest.approx(1, abs=1e-12)
    assert simulated.errors is not None
    for name in ("selection", "patients", "toxicities"):
        away = np.array(getattr(exact, name)) - getattr(simulated, name)
        assert np.all(np.abs(away) <= 4.5 * np.array(getattr(simulated.errors, name)) + 1e-4), name
    assert exact.total_patients == pytest.approx(
        simulated.total_patients, abs=5 * simulated.errors.total_patients + 1e-9
    )


@given(st.lists(st.floats(0.01, 0.9), min_size=4, max_size=4), st.floats(0.0, 0.09))
@settings(max_examples=30, deadline=None)
def test_a_more_toxic_dose_makes_more_toxicity_at_the_lowest(truth: list[float], more: float) -> None:
    """The trial is stopped without a dose the more often, the more toxic the lowest dose is."""
    design = Boin(4, 0.3, 5)
    before, after = design.exact(truth), design.exact([p + more * (place == 0) for place, p in enumerate(truth)])
    assert sum(before.selection) + before.none == pytest.approx(1, abs=1e-12)
    assert after.none >= before.none - 1e-12


@given(st.integers(0, 12), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_more_toxicity_never_means_a_higher_dose(n: int, kind: int) -> None:
    design = [Boin, Keyboard, Mtpi, Mtpi2, Tpi][kind](5, 0.3)
    rank = {"E": 2, "S": 1, "D": 0, "DU": -1}
    row = [rank[letter] for letter in design.decision_table().at(n + 1)]
    assert all(after <= before for before, after in pairwise(row))


def test_isotonic_rates_rise_and_the_nearest_is_selected() -> None:
    found = Boin(5, 0.3).select((3, 6, 12, 6, 3), (1, 0, 3, 3, 1))
    assert found.mtd == 3
    assert all(before <= after for before, after in pairwise(each for each in found.p_est if each is not None))
    assert Boin(5, 0.3).select((6, 0, 0, 0, 0), (5, 0, 0, 0, 0)).mtd is None


def test_the_next_dose_has_a_reason_and_alternatives() -> None:
    design = Boin(5, 0.3)
    up = design.next((3, 0, 0, 0, 0), (0, 0, 0, 0, 0), 1)
    assert (up.action, up.dose) == ("escalate", 2)
    assert "0 of 3 patients at dose 1" in up.reason
    assert [(each.action, each.permitted) for each in up.alternatives] == [("stay", True), ("stop", True)]
    down = design.next((3, 3, 3, 0, 0), (0, 0, 3, 0, 0), 3)
    assert (down.action, down.dose, down.eliminated) == ("de-escalate", 2, (3, 4, 5))
    back = design.next((3, 6, 3, 0, 0), (0, 0, 3, 0, 0), 2)
    assert (back.action, back.dose) == ("stay", 2)
    assert "eliminated" in back.reason
    assert design.next((3, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1).action == "stop"
    assert "planned patients" in design.next((3, 3, 24, 0, 0), (0, 0, 7, 0, 0), 3).reason
    assert "are enough" in Boin(5, 0.3, stop_at=9).next((3, 9, 0, 0, 0), (0, 3, 0, 0, 0), 2).reason


def test_pathways_follow_the_table() -> None:
    ways = Boin(5, 0.3).pathways(cohorts=2).ways
    assert len(ways) == 13  # 3 of 3 at the lowest dose ends the trial
    assert (ways[0].doses, ways[0].toxicities, ways[0].action, ways[0].dose) == ((1, 2), (0, 0), "escalate", 3)
    later = Boin(5, 0.3).pathways(1, n=(3, 3, 0, 0, 0), dlt=(0, 1, 0, 0, 0), current=2)
    assert [way.dose for way in later.ways] == [3, 2, 1, 1]
    assert later.frame().height == 4


def test_the_result_does_not_depend_on_processors() -> None:
    said: list[int] = []
    design = Boin(5, 0.3, 3)
    one = design.simulate(TRUTH, 50_000, 7, progress=lambda done, _: said.append(done))
    assert said == [25_000, 50_000]
    assert design.simulate(TRUTH, 50_000, 7, processes=2) == one
    assert design.simulate(TRUTH, 50_000, 8) != one


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_settings_give_the_design_back(design: IntervalDesign) -> None:
    written = json.loads(json.dumps(design.to_dict()))
    assert Declared.from_dict(written) == design
    assert Declared.from_dict(written).digest == design.digest


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": 1.0}, r"target is 1.0; it must be between 0 and 1"),
        ({"doses": 0}, "doses is 0"),
        ({"start": 6}, "start is 6; it must be a whole number of at least 1 and at most 5"),
        ({"p_safe": 0.4}, "p_safe is 0.4; it must be between 0 and 0.3"),
        ({"p_toxic": 0.2}, "p_toxic is 0.2"),
        ({"cohorts": -1}, "cohorts is -1"),
        ({"offset": 0.5}, "offset is 0.5"),
        ({"cohorts": 1, "titration": True}, "enough for 8 patients"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Boin(**({"doses": 5, "target": 0.3} | settings))  # type: ignore[arg-type]  # wrong on purpose


def test_impossible_data_are_refused() -> None:
    design = Boin(5, 0.3)
    with pytest.raises(DesignError, match="a dose that treated patients"):
        design.next((3, 0, 0, 0, 0), (0, 0, 0, 0, 0), 2)
    with pytest.raises(DesignError, match=r"dlt\[1\] is 4"):
        design.select((3, 0, 0, 0, 0), (4, 0, 0, 0, 0))
    with pytest.raises(DesignError, match="5 rates, one a dose"):
        design.exact((0.1, 0.2))
    with pytest.raises(DesignError, match="simulate instead"):
        Boin(12, 0.3, 20).exact([0.1] * 12)
    with pytest.raises(DesignError, match="margins"):
        Keyboard(5, 0.3, margins=(0.4, 0.05))


def test_the_first_answer_comes_at_once() -> None:
    code = (
        "import time; begun = time.perf_counter()\n"
        "from helmont.design import Boin\n"
        "Boin(5, 0.3).exact((0.1, 0.2, 0.3, 0.4, 0.5))\n"
        "import sys; assert 'scipy.stats' not in sys.modules and 'polars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
