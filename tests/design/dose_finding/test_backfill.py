"""Backfilling: which doses are open, when the escalation waits, and that patients are accounted for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from helmont.design import Backfill, BackfillBoin, Declared, DesignError
from helmont.design.dose_finding.backfill_rules import next_dose, open_dose

DESIGN = BackfillBoin(doses=5, target=0.25, cohorts=10)


def test_a_dose_opens_with_activity_below_the_current_dose() -> None:
    found = DESIGN.next((3, 3, 3, 0, 0), (0, 0, 0, 0, 0), 3, responses=(0, 1, 0, 0, 0))
    assert (found.escalation.action, found.escalation.dose) == ("escalate", 4)
    assert (found.open, found.backfill) == ((2, 3), 3)
    assert DESIGN.next((3, 3, 3, 0, 0), (0, 0, 0, 0, 0), 3).open == ()
    fewest = BackfillBoin(5, 0.25, backfill=Backfill(to="fewest"))
    assert fewest.next((3, 3, 6, 0, 0), (0, 0, 0, 0, 0), 3, responses=(1, 0, 0, 0, 0)).backfill == 2


def test_a_dose_closes_when_it_is_full_or_too_toxic() -> None:
    full = DESIGN.next((3, 12, 3, 0, 0), (0, 1, 0, 0, 0), 3, responses=(0, 5, 0, 0, 0), backfilled=(0, 9, 0, 0, 0))
    assert full.open == (3,)
    toxic = DESIGN.next((3, 6, 3, 3, 0), (0, 3, 1, 0, 0), 4, responses=(1, 1, 0, 0, 0))
    assert 2 not in toxic.open


def test_accrual_waits_while_the_step_depends_on_pending_patients() -> None:
    waiting = DESIGN.next((3, 3, 0, 0, 0), (0, 0, 0, 0, 0), 2, pending=(0, 1, 0, 0, 0), responses=(1, 0, 0, 0, 0))
    assert (waiting.escalation.action, waiting.escalation.dose, waiting.backfill) == ("suspend", None, 1)
    certain = DESIGN.next((3, 3, 0, 0, 0), (0, 2, 0, 0, 0), 2, pending=(0, 1, 0, 0, 0))
    assert (certain.escalation.action, certain.escalation.dose) == ("de-escalate", 1)
    assert DESIGN.next((3, 6, 0, 0, 0), (0, 3, 0, 0, 0), 2, pending=(0, 1, 0, 0, 0)).escalation.dose == 1


def test_toxicity_of_backfilled_patients_turns_the_escalation() -> None:
    found = DESIGN.next((3, 9, 3, 0, 0), (0, 4, 0, 0, 0), 3, responses=(0, 1, 0, 0, 0), backfilled=(0, 6, 0, 0, 0))
    assert (found.escalation.action, found.escalation.dose) == ("de-escalate", 1)
    assert "4 of 12 up to dose 3" in found.escalation.reason


def test_simulated_trials_account_for_everybody() -> None:
    found = DESIGN.simulate((0.05, 0.12, 0.25, 0.4, 0.55), (0.2, 0.3, 0.4, 0.4, 0.4), trials=100, seed=3)
    assert sum(found.selection) + found.none == pytest.approx(1)
    assert found.total_patients - sum(found.backfilled) <= DESIGN.patients + 1e-9
    assert sum(found.backfilled) > 1
    assert all(0 < more <= DESIGN.backfill.most for more in found.backfilled[:2])
    closed = BackfillBoin(5, 0.25, 10, backfill=Backfill(responses=99)).simulate(
        (0.1,) * 5, (0.3,) * 5, trials=20, seed=3
    )
    assert sum(closed.backfilled) == 0


@pytest.mark.parametrize(
    "design",
    [
        DESIGN,
        BackfillBoin(4, 0.3, 6, stop_at=9, extra_safe=True, backfill=Backfill(responses=2, to="fewest")),
        BackfillBoin(2, 0.2, 12, cutoff=0.8, backfill=Backfill(most=6)),
    ],
)
def test_the_rules_of_many_trials_are_those_of_one(design: BackfillBoin) -> None:
    random, doses, trials = np.random.default_rng(1), design.doses, 400
    n = random.integers(0, 12, (trials, doses)) * (np.arange(doses) <= random.integers(0, doses, trials)[:, None])
    n[:, 0] += n.sum(axis=1) == 0
    dlt, responses = random.binomial(n, 0.2), random.binomial(n, 0.3)
    current = np.array([random.choice(np.flatnonzero(row)) for row in n])
    escalated = random.integers(0, design.patients + 1, trials)
    dose = next_dose(design, n, dlt, current, escalated)
    given = open_dose(design, n, dlt, responses, current)
    assert len({*dose.tolist()}) == doses + 1  # every dose, and stopping
    assert len({*given.tolist()}) > 1
    for trial in range(trials):
        patients, toxic, active = (tuple(each[trial].tolist()) for each in (n, dlt, responses))
        at = int(current[trial]) + 1
        step = design.step(patients, toxic, (0,) * doses, at, int(escalated[trial]))
        assert (step.dose or 0) == dose[trial] + 1
        assert (design.chosen(design.open_doses(patients, toxic, active, at), patients) or 0) == given[trial] + 1


def test_settings_give_the_design_back() -> None:
    assert Declared.from_dict(json.loads(json.dumps(DESIGN.to_dict()))) == DESIGN
    with pytest.raises(DesignError, match="to is 'lowest'"):
        Backfill(to="lowest")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(DesignError, match=r"pending\[1\] is 4|dlt\[1\] is 4"):
        DESIGN.next((3, 0, 0, 0, 0), (0, 0, 0, 0, 0), 1, pending=(4, 0, 0, 0, 0))
    with pytest.raises(DesignError, match="simulate this design"):
        DESIGN.exact((0.1,) * 5)
