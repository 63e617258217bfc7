"""Interval designs with pending patients."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import Boin, Declared, DesignError, Keyboard, TiteBoin, TiteKeyboard
from helmont.design.dose_finding.interval import walk_of
from helmont.design.dose_finding.tite_running import Entries, Trials

ENTRIES = Entries(1.0, 6.0, "uniform", "uniform", 0.5, 0.5, "always", "at once")
TRUTH = (0.05, 0.15, 0.3, 0.45, 0.6)
RESUMES: tuple[Literal["at once", "next patient"], ...] = ("at once", "next patient")
FORMULAS = ("single imputation", "effective size")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.data(), st.sampled_from(["boin", "effective", "keyboard"]))
def test_longer_followup_never_lowers_the_dose_and_in_the_end_is_complete(
    n: int, data: st.DataObject, kind: str
) -> None:
    dlt = data.draw(st.integers(0, n - 1))
    pending = data.draw(st.integers(1, n - dlt))
    share = data.draw(st.floats(0.01, 0.99))
    design = (
        TiteKeyboard(3, 0.3, most_pending=1.0)
        if kind == "keyboard"
        else TiteBoin(3, 0.3, most_pending=1.0, formula=FORMULAS[kind == "effective"])  # type: ignore[arg-type]
    )
    full = (Keyboard if kind == "keyboard" else Boin)(3, 0.3).next((0, n, 0), (0, dlt, 0), 2)

    def dose(passed: float) -> int:
        found = design.next((0, n, 0), (0, dlt, 0), 2, (0, pending, 0), (0, passed, 0))
        return found.dose or 0

    assert dose(share * pending) <= dose(pending) == (full.dose or 0)
    assert dose(share * pending / 2) <= dose(share * pending)


def test_accrual_waits_for_the_pending() -> None:
    design = TiteBoin(5, 0.3, window=30)
    held = design.next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2, (0, 2, 0, 0, 0), (0, 20, 0, 0, 0))
    assert (held.action, held.dose) == ("suspend", None)
    assert "2 of 3 patients at dose 2 are pending" in held.reason
    goes = design.next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2, (0, 1, 0, 0, 0), (0, 20, 0, 0, 0))
    assert goes.dose == 3
    assert "observed for 20 in all" in goes.reason
    gone = design.next((3, 4, 0, 0, 0), (0, 3, 0, 0, 0), 2, (0, 1, 0, 0, 0), (0, 1, 0, 0, 0))
    assert gone.dose == 1
    assert 2 in gone.eliminated
    assert design.next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2) == Boin(5, 0.3).next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2)


@pytest.mark.parametrize("design", [TiteBoin(5, 0.3, rate=1e-6, cohorts=6), TiteKeyboard(5, 0.3, rate=1e-6, cohorts=6)])
def test_slow_accrual_is_the_design_without_time(design: TiteBoin | TiteKeyboard) -> None:
    whole = (Boin if isinstance(design, TiteBoin) else Keyboard)(5, 0.3, cohorts=6).exact(TRUTH)
    timed = design.simulate(TRUTH, 4000, seed=1)
    assert timed.errors is not None
    for name in ("selection", "patients", "toxicities"):
        error = np.maximum(getattr(timed.errors, name), 1e-3)
        assert np.all(np.abs(np.subtract(getattr(whole, name), getattr(timed, name))) < 4 * error)
    assert timed.suspended == 0


def test_fast_accrual_waits_and_the_same_seed_gives_the_same_trials() -> None:
    fast = TiteBoin(5, 0.3, rate=20, onset="weibull", late=0.8, stop_at=12)
    found = fast.simulate(TRUTH, 500, seed=2)
    assert found == fast.simulate(TRUTH, 500, seed=2)
    assert found.suspended > 1
    assert sum(found.selection) + found.none == pytest.approx(1)
    less = TiteBoin(5, 0.3, rate=20, onset="weibull", late=0.8, stop_at=12, suspend="escalation").simulate(
        TRUTH, 500, seed=2
    )
    assert less.suspended < found.suspended
    free = TiteBoin(5, 0.3, rate=20, most_pending=1.0).simulate(TRUTH, 500, seed=2)
    assert free.suspended == 0
    assert free.duration == pytest.approx(30 / 20 + 1, abs=0.1)


def test_toxicities_come_as_late_as_declared() -> None:
    entries = Entries(10.0, 1.0, "uniform", "weibull", 0.7, 0.5, "always", "at once")
    when = entries.onsets(np.random.default_rng(1).random(100_000), np.full(100_000, 0.4))
    assert np.isfinite(when).mean() == pytest.approx(0.4, abs=0.006)
    assert (when[np.isfinite(when)] > 5).mean() == pytest.approx(0.7, abs=0.01)
    assert when[np.isfinite(when)].max() <= 10


def test_what_cannot_be_is_refused() -> None:
    for settings_, message in (
        ({"window": 0}, "window is 0"),
        ({"formula": "other"}, "single imputation or effective size"),
        ({"suspend": "never"}, "always or escalation"),
        ({"titration": True}, "titration is True"),
    ):
        with pytest.raises(DesignError, match=message):
            TiteBoin(5, 0.3, **settings_)
    design = TiteBoin(2, 0.3)
    for pending, followup in (((4, 0), (0, 0)), ((1, 0), (2.0, 0)), ((1,), (0,)), (None, (0, 0))):
        with pytest.raises(DesignError):
            design.next((3, 0), (0, 0), 1, pending, followup)
    with pytest.raises(DesignError, match="simulate this design"):
        design.exact((0.1, 0.2))
    with pytest.raises(DesignError, match="rng is 'R'"):
        design.simulate((0.1, 0.2), rng="R")
    assert Declared.from_dict(design.to_dict()) == design
    assert design.followup_table(3).frame().height == 10


def test_a_late_toxicity_eliminates_the_dose_that_the_trial_has_left() -> None:
    design = TiteBoin(3, 0.3, window=1.0)
    trials = Trials(walk_of(design), design.moves_pending, ENTRIES, 2, np.random.default_rng(0))
    trials.dose[:, :6] = [1, 1, 1, 0, 0, 0]
    trials.entry[:, :6] = 0.0
    trials.onset[:, :6] = np.inf
    trials.onset[0, :3] = 0.1, 0.2, 0.9
    here = np.arange(2)
    trials.current[:], trials.now[:] = 0, 0.5
    assert trials.eliminated_from(here, 6).tolist() == [3, 3]
    trials.now[:] = 1.0
    assert trials.eliminated_from(here, 6).tolist() == [1, 3]
    trials.advance(here, 6)
    assert trials.highest.tolist() == [0, 2]
    assert trials.current.tolist() == [0, 1]


def test_accrual_waits_until_three_were_observed() -> None:
    design = TiteKeyboard(3, 0.3, window=3.0, suspend="observed")
    none = (0, 0, 0)
    assert design.next((3, 0, 0), none, 1, (1, 0, 0), (2.9, 0, 0)).action == "suspend"
    assert design.next((4, 0, 0), none, 1, (1, 0, 0), (2.9, 0, 0)).action == "escalate"
    assert design.next((3, 0, 0), (1, 0, 0), 1, (2, 0, 0), (5.5, 0, 0)).action == "stay"
    waits = design.next((3, 0, 0), (2, 0, 0), 1, (1, 0, 0), (1.0, 0, 0))
    assert waits.action == "suspend"
    assert "three were observed" in waits.reason
    assert design.next((3, 3, 0), (0, 2, 0), 2, (0, 1, 0), (0, 1.0, 0)).action == "de-escalate"


def test_accrual_that_goes_on_with_the_next_patient_takes_longer() -> None:
    at_once, later = (
        TiteKeyboard(4, 0.3, cohorts=6, rate=8, accrual="uniform", resume=resume).simulate(TRUTH[:4], 400, 3)
        for resume in RESUMES
    )
    assert later.suspended > at_once.suspended
    assert later.duration > at_once.duration
