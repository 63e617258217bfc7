"""BOIN12: which dose trades toxicity for efficacy best."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.design import Boin12, DesignError
from helmont.design.dose_finding import boin12_tree
from helmont.design.dose_finding.tree import States

DESIGN = Boin12(doses=5, toxicity=0.35, efficacy=0.25)


def test_scores_of_the_paper() -> None:
    """Lin et al. 2020, table 3."""
    table = DESIGN.desirability_table()
    keys = zip(table.patients, table.toxicities, table.responses, strict=True)
    score = dict(zip(keys, table.score, strict=True))
    assert (score[0, 0, 0], score[3, 0, 3], score[6, 1, 2], score[3, 3, 3]) == (60, 91, 42.5, None)
    assert table.frame().height == 166


def test_the_next_dose() -> None:
    up = DESIGN.next((3, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0), 1)
    assert (up.action, up.dose) == ("escalate", 2)
    down = DESIGN.next((3, 3, 0, 0, 0), (0, 2, 0, 0, 0), (1, 2, 0, 0, 0), 2)
    assert (down.action, down.dose) == ("de-escalate", 1)
    good = DESIGN.next((3, 6, 0, 0, 0), (0, 1, 0, 0, 0), (0, 5, 0, 0, 0), 2)
    assert (good.action, good.dose) == ("stay", 2)
    untried = DESIGN.next((3, 9, 0, 0, 0), (0, 1, 0, 0, 0), (0, 8, 0, 0, 0), 2)
    assert (untried.action, untried.dose) == ("escalate", 3)
    assert DESIGN.next((3, 0, 0, 0, 0), (3, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1).action == "stop"


def test_the_optimal_dose_is_at_most_the_maximum_tolerated_one() -> None:
    found = DESIGN.select((3, 9, 6, 3, 0), (0, 1, 2, 3, 0), (0, 4, 3, 3, 0))
    assert (found.mtd, found.obd) == (3, 2)
    assert found.admissible == (True, True, True, False, False)
    assert found.utility[4] is None


def test_simulated_trials_choose_the_active_dose() -> None:
    found = DESIGN.simulate((0.05, 0.1, 0.15, 0.5, 0.6), (0.05, 0.2, 0.6, 0.6, 0.6), trials=2000, seed=1)
    assert found.selection[2] == max(found.selection)
    assert sum(found.selection) + found.none == pytest.approx(1)
    assert np.allclose(found.toxicities, np.array(found.patients) * found.toxicity, atol=0.1)
    assert np.allclose(found.responses, np.array(found.patients) * found.efficacy, atol=0.15)
    assert found == DESIGN.simulate((0.05, 0.1, 0.15, 0.5, 0.6), (0.05, 0.2, 0.6, 0.6, 0.6), trials=2000, seed=1)


def test_enumeration_is_simulation_within_its_error() -> None:
    design, truth = Boin12(4, 0.35, 0.25, cohorts=5, stop_at=9), ((0.05, 0.2, 0.35, 0.5), (0.1, 0.3, 0.5, 0.6))
    exact, simulated = design.exact(*truth), design.simulate(*truth, trials=20_000, seed=2)
    assert sum(exact.selection) + exact.none == pytest.approx(1, abs=1e-12)
    assert simulated.selection_error is not None
    assert simulated.patients_error is not None
    assert np.all(
        np.abs(np.subtract(exact.selection, simulated.selection)) < 4.5 * np.array(simulated.selection_error) + 1e-4
    )
    assert np.all(
        np.abs(np.subtract(exact.patients, simulated.patients)) < 4.5 * np.array(simulated.patients_error) + 1e-4
    )
    assert exact.frame().columns == ["dose", "toxicity", "efficacy", "selection", "patients", "toxicities", "responses"]
    with pytest.raises(DesignError, match="simulate instead"):
        DESIGN.exact((0.1,) * 5, (0.1,) * 5)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(DesignError, match=r"utilities is \(100.0, 40.0, 60.0, 10.0\)"):
        Boin12(5, 0.35, 0.25, utilities=(100, 40, 60, 10))
    with pytest.raises(DesignError, match=r"efficacy is 1\.25"):
        Boin12(5, 0.35, 1.25)
    with pytest.raises(DesignError, match="both is None"):
        Boin12(5, 0.35, 0.25, utilities=(100, 30, 60, 0)).next((3, 0, 0, 0, 0), (0,) * 5, (0,) * 5, 1)


def test_too_many_outcomes_are_refused_before_they_are_enumerated(monkeypatch: pytest.MonkeyPatch) -> None:
    treated = []
    cohort = boin12_tree._Growing.cohort

    def counted(self: boin12_tree._Growing, standing: list[States]) -> list[States]:
        found = cohort(self, standing)
        treated.append(sum(len(keys) for keys, _ in found))
        return found

    monkeypatch.setattr(boin12_tree._Growing, "cohort", counted)
    with pytest.raises(DesignError, match="fewer to be enumerated"):
        Boin12(4, 0.3, 0.25).exact((0.1,) * 4, (0.3,) * 4)
    assert len(treated) == boin12_tree.FORETELLING + 1
    assert treated[-1] < boin12_tree.MOST_STATES / 10
    few = Boin12(4, 0.3, 0.25, cohorts=6, stop_at=6).exact((0.1,) * 4, (0.3,) * 4)
    assert sum(few.selection) + few.none == pytest.approx(1)
