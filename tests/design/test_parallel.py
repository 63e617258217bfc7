"""Simulations in parts: the same result on any number of processors, progress after each part."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from math import log
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
    GroupSequential,
    Mams,
    ResponseAdaptive,
    Survival,
    ThreePlusThree,
    TiteBoin,
    TiteCrm,
    TiteKeyboard,
    parallel,
    simulate_survival,
)
from helmont.design.confirmatory import group_sequential
from helmont.design.confirmatory.endpoints import survival_simulation
from helmont.design.confirmatory.multi_arm import mams
from helmont.design.dose_finding.characteristics import tallied
from helmont.design.dose_finding.simulation import Part, Simulated
from helmont.design.dose_finding.tite_running import TimedTally
from helmont.design.randomisation import adaptive

TRUTH = (0.05, 0.2, 0.4)
SKELETON = (0.1, 0.2, 0.35)
BY_DOSE = (
    Boin(3, 0.2, cohorts=3),
    ThreePlusThree(3),
    Crm(SKELETON, 0.2, patients=6),
    TiteCrm(SKELETON, 0.2, patients=6),
    Blrm((1.0, 2.0, 4.0), 2.0, patients=6),
    TiteBoin(3, 0.2, cohorts=3),
    TiteKeyboard(3, 0.2, cohorts=3),
)


class Halves:
    """Adds up what it is given; a part of two says how much it got."""

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> np.ndarray[Any, Any]:
        return np.array([trials, np.random.default_rng(seed).random()])


def test_parts_are_added_in_order_and_told() -> None:
    told: list[tuple[int, int]] = []
    found = parallel.summed(Halves(), 250, 1, lambda *done: told.append(done), part=100)
    assert told == [(100, 250), (200, 250), (250, 250)]
    draws = [np.random.default_rng(seed).random() for seed in np.random.SeedSequence(1).spawn(3)]
    assert found.tolist() == [250, sum(draws)]


def test_every_processor_is_taken_where_that_is_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(_workers: int, **_: object) -> object:
        raise AssertionError("processes were started")

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", one)
    few = parallel.summed(Halves(), 250, 1, part=100, processes=None)
    assert few.tolist() == parallel.summed(Halves(), 250, 1, part=100).tolist()
    monkeypatch.setattr(parallel, "WORTH", 0.0)
    monkeypatch.setattr(parallel, "_processors", lambda: 2)
    with pytest.raises(AssertionError, match="started"):
        parallel.summed(Halves(), 250, 1, part=100, processes=None)


@pytest.mark.parametrize("design", BY_DOSE, ids=lambda design: design.kind)
def test_a_part_of_a_trial_by_dose_can_be_sent_to_another_process(
    design: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Part(design.run, TRUTH)
    here, there = (each(40, np.random.SeedSequence(1)) for each in (part, pickle.loads(pickle.dumps(part))))
    assert here.n.tolist() == there.n.tolist()
    monkeypatch.setattr(type(design), "part", 30)
    told: list[int] = []
    found = design.simulate(TRUTH, 70, 2, progress=lambda done, _: told.append(done))
    assert told == [30, 60, 70]
    assert found.trials == 70
    assert sum(found.selection) + found.none == pytest.approx(1)
    assert sum(found.patients) == pytest.approx(found.total_patients)


def test_times_add_up_to_their_mean_and_deviation() -> None:
    ended, waited = np.array([[3.0, 5.0, 4.0], [9.0, 1.0, 2.0]]), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.5]])
    one = np.ones((3, 1), dtype=np.int64)
    parts = [
        TimedTally.of(tallied((0.2,), 0.2, 3, one, 0 * one, one[:, 0]), *each)
        for each in zip(ended, waited, strict=True)
    ]
    found = (parts[0] + parts[1]).characteristics((0.2,), 1)
    assert found.trials == 6
    assert (found.duration, found.suspended) == (ended.mean(), waited.mean())
    assert found.duration_deviation == pytest.approx(ended.std(ddof=1))


def _survival(**options: Any) -> object:
    looks = GroupSequential(2, 0.025, 0.2, "OF")
    return simulate_survival(looks, Survival(0.7, log(2) / 12, (24,), 0), 60, (15, 30), 70, 2, **options)


OTHERS: dict[str, Callable[..., object]] = {
    "survival": _survival,
    "group sequential": lambda **options: GroupSequential(2, 0.025, 0.2, "OF").simulate(1.0, 70, 2, **options),
    "multi-arm": lambda **options: Mams(2, 1, p=0.65, p0=0.55).simulate((0.1, 0.2), 70, 2, **options),
    "response-adaptive": lambda **options: ResponseAdaptive(2, 12).simulate((0.2, 0.5), 70, 2, **options),
    "BOIN12": lambda **options: Boin12(3, 0.3, 0.2, cohorts=2).simulate(TRUTH, TRUTH, 70, 2, **options),
    "two agents": lambda **options: BoinCombination((2, 3), 0.3, 3).simulate((TRUTH, TRUTH), 70, 2, **options),
    "backfilling": lambda **options: BackfillBoin(3, 0.3, 2).simulate(TRUTH, TRUTH, 70, 2, **options),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_trials_run_in_parts_as_well(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, setting in (
        (survival_simulation, "_AT_ONCE"),
        (group_sequential, "PATHS"),
        (mams, "AT_ONCE"),
        (adaptive, "_TOGETHER"),
    ):
        monkeypatch.setattr(module, setting, 30)
    told: list[tuple[int, int]] = []
    found = OTHERS[name](progress=lambda *done: told.append(done))
    assert told[-1] == (70, 70)
    assert found == OTHERS[name]()


def test_a_design_without_a_simulation_in_r_says_so() -> None:
    for design in (Crm(SKELETON, 0.2), TiteBoin(3, 0.2), Blrm((1.0, 2.0, 4.0), 2.0)):
        with pytest.raises(DesignError, match="no simulation in R is replayed"):
            design.simulate(TRUTH, 10, rng="R")
    with pytest.raises(DesignError, match="'pcg64' or 'R'"):
        Boin(3, 0.2).simulate(TRUTH, 10, rng="mt19937")  # type: ignore[arg-type]
