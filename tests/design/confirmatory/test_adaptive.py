"""Adaptive trials hold their error whatever is changed at the interim analysis."""

from __future__ import annotations

import json
from math import inf, log, prod, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from helmont.design import (
    ArmSelection,
    Declared,
    DesignError,
    FisherCombination,
    GroupSequential,
    HwangShihDeCani,
    InverseNormal,
    PromisingZone,
    Rates,
    Reestimation,
    Survival,
    bonferroni,
    closed_test,
    dunnett,
    nested_populations,
    score_p_value,
    simes,
    simulate_survival,
)
from helmont.design.confirmatory.adaptive.closed import from_statistics

PLANNED = InverseNormal(2, 0.025, 0.1, "Pocock", (0.0,))


def test_stages_that_went_as_planned_combine_to_the_usual_statistic() -> None:
    planned = InverseNormal((0.3, 1), 0.025, 0.1, "LDOF")
    z = planned.combined((0.1, 0.02))
    one, two = 1.2815516, 2.0537489
    assert z == pytest.approx((one, sqrt(0.3) * one + sqrt(0.7) * two), abs=1e-6)
    assert isinstance(planned, GroupSequential)
    assert Declared.from_dict(json.loads(json.dumps(planned.to_dict()))) == planned
    assert planned.digest != GroupSequential((0.3, 1), 0.025, 0.1, "LDOF").digest
    assert planned.last_stage_power((0.1,), planned.critical_last((0.1,))) == pytest.approx(0.5)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.floats(0.005, 0.1), st.floats(0.3, 1.0))
def test_fisher_spends_alpha(stages: int, alpha: float, futility: float) -> None:
    bounds = FisherCombination(stages, alpha, futility).bounds()
    assert bounds.spent[-1] == pytest.approx(alpha, abs=1e-9)
    assert bounds.levels == pytest.approx((bounds.levels[0],) * stages, rel=1e-9)


def test_fisher_by_simulation() -> None:
    planned = FisherCombination(3, 0.05, (0.6, 0.5))
    p = np.random.default_rng(5).random((200_000, 3))
    critical = planned.bounds().critical
    going, rejected = np.ones(len(p), dtype=bool), np.zeros(len(p), dtype=bool)
    for stage in range(3):
        crossed = going & (p[:, : stage + 1].prod(1) <= critical[stage])
        rejected |= crossed
        going &= ~crossed & (p[:, stage] <= (0.6, 0.5, 1.0)[stage])
    assert abs(rejected.mean() - 0.05) < 4 * sqrt(0.05 * 0.95 / len(p))


def test_fisher_at_its_bounds() -> None:
    planned = FisherCombination(2, 0.025, 0.5)
    critical = planned.bounds().critical
    p = (0.2, critical[1] / 0.2)
    assert planned.rejected((p[0], p[1] * (1 - 1e-12)))
    assert not planned.rejected((0.2, 0.2))
    assert planned.repeated_p_value(p) == pytest.approx(0.025, abs=1e-8)
    assert planned.final_p_value(p) == pytest.approx(0.025, abs=1e-9)
    assert planned.conditional_error((0.2,)) == pytest.approx(p[1])
    assert prod(p) == pytest.approx(critical[1])


def test_the_least_conditional_power_of_the_paper() -> None:
    """Mehta & Pocock 2011, table I: halfway, at most twice the size: 0.36 for 80 % and for 90 %; without limit 0.31 and 0.27."""
    for power, limited, free in ((0.8, 0.36, 0.31), (0.9, 0.36, 0.27)):
        assert PromisingZone(50, 100, 200, power=power).cp_min == pytest.approx(limited, abs=0.005)
        assert PromisingZone(50, 100, inf, power=power).cp_min == pytest.approx(free, abs=0.005)


def test_the_promising_zone_keeps_the_error_of_the_usual_test() -> None:
    trial = PromisingZone(208, 442, 884)
    found = trial.simulate(0.0, 200_000, 1)
    assert found.power < 0.025 + 4 * found.standard_error
    assert sum(found.zones.values()) == pytest.approx(1)
    step = trial.next(1.442221)
    assert (step.zone, round(step.n)) == ("promising", 681)
    assert step.conditional_power < 0.75 < step.conditional_power_then
    assert trial.next(0.5).zone == "unfavourable"
    assert trial.next(2.5).zone == "favourable"
    assert trial.next(2.5).n == 442
    assert trial.simulate(2.8, 50_000, 1).expected_n > 442


@pytest.mark.parametrize("effect", [None, 1.0])
def test_reestimation_holds_the_error_and_says_why(effect: float | None) -> None:
    trial = Reestimation(PLANNED, 120, 400, 0.9, (0.2, 0.9), effect=effect)
    found = trial.simulate(0.0, 200_000, 2)
    assert found.power < 0.025 + 4 * found.standard_error
    assert trial.simulate(0.8, 50_000, 2).power > PLANNED.exact(0.8).power[0]
    assert trial.next(3.0).decision == "stop for efficacy"
    assert trial.next(-0.1).decision == "stop for futility"
    step = trial.next(1.5)
    assert step.decision == "change the size"
    if step.n < trial.most:
        assert trial.conditional_power(1.5, step.n) == pytest.approx(0.9)
    assert Declared.from_dict(json.loads(json.dumps(trial.to_dict()))) == trial


def test_the_sufficient_statistic_reaches_the_power_that_is_asked_for() -> None:
    trial = Reestimation(PLANNED, 120, 600, 0.9, (0.5, 0.9), statistic="sufficient")
    step = trial.next(1.6)
    assert step.decision == "change the size"
    assert trial.conditional_power(1.6, step.n) == pytest.approx(0.9, abs=1e-9)
    assert step.critical == pytest.approx(trial.critical(1.6, step.n))
    assert trial.simulate(0.0, 200_000, 3).power <= 0.025 + 3 * 3.5e-4
    whole = trial.first * 1.6 / sqrt(trial.first) + sqrt(trial.first) * trial.critical(1.6, 2 * trial.first)
    assert whole / sqrt(2 * trial.first) == pytest.approx(PLANNED.bounds().upper[1])


def test_conditional_power_of_rates_divides_by_the_error_under_the_null() -> None:
    planned, p = InverseNormal(2, 0.025, 0.2, "OF"), [score_p_value((16, 9), (40, 40))]
    rates = Rates(0.4, 0.25)
    shift, deviation = rates.statistic(90)
    pooled = (0.4 + 0.25) / 2
    error = sqrt(2 * pooled * (1 - pooled) / 45)
    assert shift == pytest.approx(0.15 / error)
    assert deviation == pytest.approx(sqrt((0.4 * 0.6 + 0.25 * 0.75) / 45) / error)
    away = (0.15 - planned.critical_last(p) * error) / sqrt((0.4 * 0.6 + 0.25 * 0.75) / 45)
    assert planned.last_stage_power(p, shift, deviation) == pytest.approx(float(ndtr(away)))
    alone = GroupSequential(1, 0.025, 0.2, "OF")
    assert rates.power(alone, 90).power[0] == pytest.approx(float(ndtr((shift - alone.bounds().upper[0]) / deviation)))


def test_survival_simulation_agrees_with_its_approximation() -> None:
    looks = GroupSequential(2, 0.025, 0.2, "LDOF", HwangShihDeCani(-2))
    survival = Survival(0.7, log(2) / 12, (24,), 0, dropout=0.005)
    found = simulate_survival(looks, survival, 400, (125, 250), 3_000, 9)
    known = survival.power(looks, 400, 250)
    assert abs(found.power - sum(known.power)) < 0.03
    assert found.times == pytest.approx(known.times, rel=0.02)
    assert found.events == (125, 250)
    assert found.frame().height == 2
    again = simulate_survival(looks, survival, 400, (125, 250), 3_000, 9)
    assert again == found


def test_survival_simulation_of_changing_hazards() -> None:
    looks = GroupSequential(1, 0.025, 0.2, "OF")
    slow = Survival(1.0, (0.02, 0.1), (12,), 0, hazard_changes=(6.0,))
    found = simulate_survival(looks, slow, 200, (80,), 2_000, 3)
    assert abs(found.power - 0.025) < 4 * sqrt(0.025 * 0.975 / 2_000)
    assert found.times == pytest.approx(slow.power(looks, 200, 80).times, rel=0.02)


@pytest.mark.parametrize("df", [None, 30.0])
def test_dunnett_agrees_with_simulation(df: float | None) -> None:
    random = np.random.default_rng(2)
    sizes, control = (20, 25, 30), 22
    means = random.standard_normal((200_000, 4)) / np.sqrt((*sizes, control))
    spread = 1.0 if df is None else np.sqrt(random.chisquare(df, 200_000) / df)
    t = (means[:, :3] - means[:, 3:]) / np.sqrt(1 / np.array(sizes) + 1 / control)
    share = float((t.max(1) / spread > 2).mean())
    assert abs(dunnett((2.0, 1.0, 0.0), sizes, control, df) - share) < 4 * sqrt(share / 200_000)


def test_dunnett_of_the_table() -> None:
    """Dunnett 1955, table 1a: three treatments, 20 degrees of freedom, one-sided 0.05: 2.19; two, 10: 2.15."""
    assert dunnett((2.19,) * 3, (10,) * 3, 10, 20) == pytest.approx(0.05, abs=6e-4)
    assert dunnett((2.15,) * 2, (10,) * 2, 10, 10) == pytest.approx(0.05, abs=6e-4)


def test_intersections_of_p_values() -> None:
    assert bonferroni((0.02, 0.4)) == pytest.approx(0.04)
    assert simes((0.02, 0.03)) == pytest.approx(0.03)
    assert nested_populations(2.0, 2.0, 0.5) < 2 * float(ndtr(-2.0))
    assert nested_populations(2.0, 1.0, 1 - 1e-9) == pytest.approx(float(ndtr(-2.0)), abs=1e-4)


def test_enrichment_by_a_rule_that_sees_the_interim_holds_its_error() -> None:
    """The subgroup alone goes on where it did better: under no effect no more than alpha of the trials reject anything."""
    random, planned, share = np.random.default_rng(4), InverseNormal(2, 0.1, 0.2, "Pocock"), 0.5
    rejected, trials = 0, 600
    for _ in range(trials):
        z: dict[tuple[int, int], float] = {}
        for stage in (1, 2):
            inside, outside = random.standard_normal(2)
            z[stage, 1], z[stage, 2] = sqrt(share) * inside + sqrt(1 - share) * outside, inside
        chosen = [(1, 2), (2,) if z[1, 2] > z[1, 1] + 0.5 else (1, 2)]
        found = closed_test(planned, 2, chosen, from_statistics(z, share))
        rejected += any(row[-1] for row in found.rejected)
    assert rejected / trials < 0.1 + 4 * sqrt(0.09 / trials)


@pytest.mark.parametrize("intersection", ["dunnett", "bonferroni", "simes"])
def test_chosen_arms_hold_the_familywise_error(intersection: str) -> None:
    trial = ArmSelection(InverseNormal(2, 0.025, 0.2, "Pocock"), 3, 30, keep=2, intersection=intersection)  # type: ignore[arg-type]
    found = trial.simulate((0.0,) * 3, 10_000, 6)
    assert found.any_rejected < 0.025 + 4 * found.standard_error(0.025)
    better = trial.simulate((0.0, 0.2, 0.6), 2_000, 6)
    assert better.any_rejected > 0.5
    assert better.selected[2][1] > better.selected[0][1]
    assert better.frame().height == 6
    assert Declared.from_dict(json.loads(json.dumps(trial.to_dict()))) == trial


def test_simulated_arms_are_those_of_the_closed_test() -> None:
    """One trial at a time by ``closed_test`` rejects as often."""
    planned, random = InverseNormal(2, 0.1, 0.2, "Pocock"), np.random.default_rng(3)
    trials, seen = 1_500, 0
    for _ in range(trials):
        z = np.sqrt(30 / 2) * (
            (0.3, 0.4) + (random.standard_normal((2, 2)) - random.standard_normal((2, 1))) / sqrt(30)
        )
        chosen = ((1, 2), (int(z[0].argmax()) + 1,))
        found = closed_test(
            planned,
            2,
            chosen,
            lambda stage, some, z=z: dunnett([z[stage - 1, k - 1] for k in some], [30] * len(some), 30),
        )
        seen += any(row[-1] for row in found.rejected)
    share = ArmSelection(planned, 2, 30).simulate((0.3, 0.4), 20_000, 1).any_rejected
    assert abs(seen / trials - share) < 4 * sqrt(share * (1 - share) / trials)


def test_who_was_dropped_does_not_come_back() -> None:
    with pytest.raises(DesignError, match=r"chosen\[2\] is \(1, 2\); it must be some of \(1,\)"):
        closed_test(PLANNED, 2, ((1,), (1, 2)), lambda *_: 0.01)
    found = closed_test(PLANNED, 2, ((1, 2), (1,)), lambda *_: 0.0001)
    assert found.rejected == ((True, True), (True, True))
    assert json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PLANNED.combined((0.1, 1.2)), r"p_values\[2\] is 1.2"),
        (lambda: PLANNED.combined(()), "p_values is 0"),
        (lambda: FisherCombination(3, 0.025, (0.5,)), "2 p-values, one for every stage but the last"),
        (lambda: FisherCombination(3, 0.025, 0.5, "full"), "'full' with two stages"),
        (lambda: FisherCombination(2, 0.025, 0.01), "above alpha, 0.025"),
        (lambda: PromisingZone(442, 208, 884), "n_interim is 442"),
        (lambda: PromisingZone(208, 442, 400), "n_max is 400"),
        (lambda: Reestimation(InverseNormal(3, 0.025, 0.1, "OF"), 100, 200), "an InverseNormal with two looks"),
        (lambda: Reestimation(PLANNED, 100, 50), "most is 50"),
        (lambda: ArmSelection(PLANNED, 3, 30, keep=4), "keep is 4"),
        (lambda: ArmSelection(PLANNED, 3, 30).simulate((0.1,), 10, 1), "3 effects, one an arm"),
        (lambda: simulate_survival(PLANNED, Survival(0.7, 0.1, (12,), 0), 100, (60, 120), 10, 1), "at most 100"),
    ],
)
def test_impossible_trials_are_refused(make: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()  # type: ignore[operator]
