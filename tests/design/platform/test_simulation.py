"""Simulated platforms against exact enumerations, closed forms and what is known of controls of another time."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from helmont.design import BinaryEndpoint, DesignError, NormalEndpoint, PlatformArm, PlatformTrial, Trend
from helmont.design.platform.posterior import Floats, beta_greater


def enumerated(design: PlatformTrial, control: float, treatment: float, looks: Sequence[int]) -> tuple[Floats, float]:
    """A two-arm beta-binomial trial with so many known patients an arm at each look; success, futility, cap; known patients."""
    chances = {(0, 0): 1.0}
    found, expected = np.zeros(3), 0.0
    for place, n in enumerate(looks):
        more = n - (looks[place - 1] if place else 0)
        step = np.outer(
            stats.binom.pmf(np.arange(more + 1), more, control), stats.binom.pmf(range(more + 1), more, treatment)
        )
        state = np.zeros((n + 1, n + 1))
        for (c, t), chance in chances.items():
            state[c : c + more + 1, t : t + more + 1] += chance * step
        c, t = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        better = beta_greater(1 + t, 1 + n - t, 1 + c, 1 + n - c, design.margin)
        success, futile = better > design.success, better < design.futility
        last = place == len(looks) - 1
        on = ~(success | futile) & (not last)
        found += [state[success].sum(), state[futile].sum(), state[~success & ~futile].sum() if last else 0.0]
        expected += n * state[~on].sum()
        chances = {(i, j): state[i, j] for i, j in zip(*np.nonzero(on), strict=True)}
    return found, expected


@pytest.mark.parametrize(
    ("control", "treatment", "settings", "looks"),
    [
        (0.3, 0.5, {}, (10, 20, 30)),
        (0.3, 0.3, {"margin": -0.1, "success": 0.9}, (10, 20, 30)),
        (0.2, 0.5, {"futility": 0.3, "controls": "pooled"}, (10, 20, 30)),
        (0.3, 0.6, {"delay": 10.0}, (5, 15, 25, 30)),
        (0.3, 0.6, {"delay": 0.5, "accrual": 20.0, "futility": 0.2}, (5, 15, 25, 30)),
    ],
)
def test_one_arm_is_the_trial_of_two_arms(
    control: float, treatment: float, settings: dict[str, object], looks: tuple[int, ...]
) -> None:
    design = PlatformTrial(arms=(PlatformArm("A", cap=30),), every=20, **{"success": 0.95, **settings})  # type: ignore[arg-type]
    exact, _ = enumerated(design, control, treatment, looks)
    found = design.simulate((control, treatment), 8000, 11).arms[0]
    simulated = (found.success, found.futility, found.cap)
    errors = [4 * sqrt(p * (1 - p) / 8000) + 1e-9 for p in exact]
    assert all(abs(here - there) <= error for here, there, error in zip(simulated, exact, errors, strict=True))
    assert sum(simulated) == pytest.approx(1)


def test_patients_of_a_trial_without_delay_are_those_of_its_looks() -> None:
    design = PlatformTrial(arms=(PlatformArm("A", cap=30),), every=20, success=0.95)
    _, patients = enumerated(design, 0.3, 0.5, (10, 20, 30))
    found = design.simulate((0.3, 0.5), 8000, 2)
    assert found.arms[0].patients == pytest.approx(patients, abs=4 * found.arms[0].patients_error)
    assert found.enrolled == pytest.approx(2 * found.arms[0].patients)
    assert found.time == pytest.approx(found.enrolled)
    assert found.control_patients == pytest.approx(found.arms[0].concurrent)


@pytest.mark.parametrize("deviation", [2.0, None])
def test_one_look_at_means_has_the_power_of_its_test(deviation: float | None) -> None:
    design = PlatformTrial(
        arms=(PlatformArm("A", cap=50),), endpoint=NormalEndpoint(deviation), every=100, futility=0.0
    )
    null = design.simulate((0.0, 0.0), 8000, 1, deviation=2.0).arms[0]
    assert null.success == pytest.approx(0.025, abs=4 * null.success_error)
    found = design.simulate((1.0, 2.2), 8000, 2, deviation=2.0).arms[0]
    power = ndtr(1.2 / (2 * sqrt(2 / 50)) - 1.96)
    assert found.success == pytest.approx(float(power), abs=4 * found.success_error + 0.01 * (deviation is None))
    assert found.bias == pytest.approx(0, abs=4 * found.bias_error)
    assert found.mean_squared_error == pytest.approx(4 * 2 / 50, rel=0.1)


@pytest.mark.parametrize("arms", [2, 4])
def test_arms_that_share_a_control_have_the_error_of_dunnett(arms: int) -> None:
    """One look at known deviations: the largest of equally correlated statistics, by a product over the control's mean."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    critical = 2.2
    exact = 1 - (weights @ ndtr(critical * sqrt(2) + nodes) ** arms) / sqrt(2 * np.pi)
    design = PlatformTrial(
        arms=tuple(PlatformArm(str(arm), cap=40) for arm in range(arms)),
        endpoint=NormalEndpoint(1.0),
        every=40 * (arms + 1),
        success=float(ndtr(critical)),
        futility=0.0,
    )
    found = design.simulate((0.0,) * (arms + 1), 20_000, 1)
    assert found.familywise == pytest.approx(float(exact), abs=4 * (found.familywise_error or 0.0))


def test_a_threshold_is_calibrated_to_the_familywise_error() -> None:
    arms = (PlatformArm("A", cap=50), PlatformArm("B", cap=50))
    design = PlatformTrial(arms=arms, endpoint=NormalEndpoint(1.0), every=150, futility=0.0)
    told: list[tuple[int, int]] = []
    found = design.calibrated((0.0, 0.0, 0.0), 0.05, 4000, 1, progress=lambda done, total: told.append((done, total)))
    assert found.success == pytest.approx(float(ndtr(1.916)), abs=0.006)  # Dunnett's critical value for two arms
    assert (found.simulate((0.0, 0.0, 0.0), 4000, 1).familywise or 1.0) <= 0.05
    assert found.digest != design.digest
    assert told[-1] == (40_000, 40_000)
    with pytest.raises(DesignError, match="one with an arm whose effect is not above the margin"):
        design.calibrated((0.0, 1.0, 1.0), trials=50)
    trend = Trend(amount=30.0, over=150, shape="step")
    late = PlatformTrial(arms=LATE, endpoint=NormalEndpoint(1.0), controls="pooled")
    with pytest.raises(
        DesignError, match=r"alpha is 0.05; it must be at least .*, the familywise error at the highest"
    ):
        late.calibrated((0.0, 0.0, 0.0), 0.05, 100, trend=trend)


LATE = (PlatformArm("early", cap=150), PlatformArm("late", cap=100, enters=200))
"""The late arm has 100 patients or more of the control before it, and some while the early one is still there."""


def late(
    controls: str, endpoint: BinaryEndpoint | NormalEndpoint, truth: Sequence[float], amount: float
) -> tuple[float, float, float]:
    """Success, bias and mean squared error of the late arm, decided once, under a trend."""
    design = PlatformTrial(
        arms=LATE, endpoint=endpoint, controls=controls, every=100, least=150, futility=0.0, smoothing=(0.05, 0.2)
    )  # type: ignore[arg-type]
    trend = Trend(amount=amount, over=200, shape="step") if amount else None
    found = design.simulate(truth, 2000, 5, trend=trend).arms[1]
    return found.success, found.bias, found.mean_squared_error


@pytest.mark.parametrize(
    ("endpoint", "null", "amount"),
    [
        (BinaryEndpoint(), (0.3, 0.3, 0.3), 0.9),
        (NormalEndpoint(1.0), (0.0, 0.0, 0.0), 0.4),
        (NormalEndpoint(None), (0.0,) * 3, 0.4),
    ],
)
def test_a_trend_inflates_errors_where_controls_of_another_time_are_pooled(
    endpoint: BinaryEndpoint | NormalEndpoint, null: tuple[float, ...], amount: float
) -> None:
    error = 4 * sqrt(0.025 * 0.975 / 2000)
    for controls in ("concurrent", "concurrent-adjusted", "time-adjusted"):
        success, bias, _ = late(controls, endpoint, null, amount)
        assert success <= 0.025 + error
        assert abs(bias) < 0.03
    pooled, bias, _ = late("pooled", endpoint, null, amount)
    discounted, partly, _ = late("discounted", endpoint, null, amount)
    assert pooled > discounted > 0.025 + error
    assert bias > partly > 0.05
    down, low, _ = late("pooled", endpoint, null, -amount)
    assert down < 0.025
    assert low < -0.05


def test_controls_of_another_time_are_worth_something_without_a_trend() -> None:
    truth = (0.0, 0.2, 0.35)
    found = {
        each: late(each, NormalEndpoint(1.0), truth, 0.0)
        for each in ("concurrent", "time-adjusted", "time-machine", "pooled")
    }
    errors = [each[2] for each in found.values()]
    assert errors == sorted(errors, reverse=True)
    assert found["pooled"][0] > found["concurrent"][0]


def test_a_ratio_that_changes_confounds_concurrent_controls_with_time() -> None:
    """The late arm meets three others, then none: two controls to a patient before the trend, then one."""
    arms = (*(PlatformArm(name, cap=50) for name in "ABC"), PlatformArm("late", cap=100, enters=100))
    plain = PlatformTrial(arms=arms, endpoint=NormalEndpoint(), allocation="sqrt", every=100, least=100, futility=0.0)
    trend = Trend(amount=1.0, over=300, shape="step")
    adjusted = PlatformTrial.from_dict({**plain.to_dict(), "controls": "concurrent-adjusted"})
    crude, clean = (each.simulate((0.0,) * 5, 2000, 3, trend=trend).arms[3] for each in (plain, adjusted))
    assert crude.bias > 0.05 > 4 * crude.bias_error
    assert crude.success > 0.04
    assert abs(clean.bias) <= 4 * clean.bias_error


def test_equal_arms_behave_alike_in_any_order() -> None:
    arms = tuple(PlatformArm(name, cap=60, enters=enters) for name, enters in (("A", 0), ("B", 0), ("C", 0)))
    found = PlatformTrial(arms=arms, every=60).simulate((0.3, 0.3, 0.3, 0.5), 3000, 1)
    turned = PlatformTrial(arms=arms[::-1], every=60).simulate((0.3, 0.5, 0.3, 0.3), 3000, 1)
    for here, there in zip(found.arms, turned.arms[::-1], strict=True):
        assert here.success == pytest.approx(there.success, abs=4 * sqrt(2) * max(here.success_error, 0.005))
        assert here.patients == pytest.approx(there.patients, abs=4 * sqrt(2) * here.patients_error)
    assert found.familywise is not None
    assert found.any_power == pytest.approx(found.arms[2].success)
    assert (
        max(found.arms[0].success, found.arms[1].success)
        <= found.familywise
        <= found.arms[0].success + found.arms[1].success
    )


def test_a_better_arm_succeeds_more_often_and_is_dropped_less() -> None:
    design = PlatformTrial(arms=(PlatformArm("A", cap=80), PlatformArm("B", cap=80, enters=80)), every=80)
    found = [design.simulate((0.3, 0.3, rate), 1000, 1).arms[1] for rate in (0.1, 0.3, 0.5, 0.7)]
    assert [each.success for each in found] == sorted(each.success for each in found)
    assert [each.futility for each in found] == sorted((each.futility for each in found), reverse=True)
    assert found[3].success > 0.98 > 0.02 > found[0].success
    less = PlatformTrial.from_dict({**design.to_dict(), "lower_is_better": True}).simulate((0.7, 0.7, 0.3), 1000, 1)
    assert less.arms[1].success == pytest.approx(found[3].success, abs=0.02)
    assert less.arms[1].effect == pytest.approx(2 * np.log(7 / 3))


def test_the_same_seed_gives_the_same_trials_on_one_process_or_two() -> None:
    design = PlatformTrial(arms=LATE, every=50, allocation="better", randomisation="simple")
    told: list[tuple[int, int]] = []
    one = design.simulate((0.3, 0.4, 0.5), 1100, 4, progress=lambda done, total: told.append((done, total)))
    assert one == design.simulate((0.3, 0.4, 0.5), 1100, 4, processes=2)
    assert one != design.simulate((0.3, 0.4, 0.5), 1100, 5)
    assert told == [(1000, 1100), (1100, 1100)]


def test_arms_wait_for_room_and_the_platform_for_arms() -> None:
    arms = tuple(PlatformArm(name, cap=40) for name in "ABC")
    queue = PlatformTrial(arms=arms, every=40, futility=0.0, success=0.999999, most_open=1)
    found = queue.simulate((0.5, 0.5, 0.5, 0.5), 50, 1)
    assert found.time == found.enrolled == 240
    assert [each.other for each in found.arms] == [0, 40, 80]
    assert all(each.duration == 80 for each in found.arms)
    gap = PlatformTrial(
        arms=(arms[0], PlatformArm("late", cap=40, enters=500.0)), every=40, futility=0.0, success=0.999999
    )
    assert gap.simulate((0.5,) * 3, 50, 1).time == 580
    assert gap.simulate((0.5,) * 3, 50, 1).enrolled == 160


def test_an_arm_leaves_when_the_design_says_so() -> None:
    design = PlatformTrial(arms=LATE, every=50, futility=0.0, success=0.999999).dropping("early", 100)
    found = design.simulate((0.3, 0.3, 0.3), 100, 1)
    assert found.arms[0].withdrawn == 1
    assert found.arms[0].patients == 50
    assert found.arms[1].cap == 1
    never = PlatformTrial(
        arms=(PlatformArm("A", cap=50), PlatformArm("B", cap=50, leaves=60)),
        every=50,
        most_open=1,
        futility=0.0,
        success=0.999999,
    ).simulate((0.3, 0.3, 0.3), 20, 1)
    assert never.arms[1].withdrawn == 1
    assert never.arms[1].patients == 0
    assert np.isnan(never.arms[1].bias)


@pytest.mark.parametrize("allocation", ["better", "thompson"])
def test_adaptive_allocation_sends_more_patients_to_better_arms(allocation: str) -> None:
    arms = tuple(PlatformArm(name, cap=400) for name in "AB")
    design = PlatformTrial(arms=arms, every=50, least=1000, tempering=1.0, allocation=allocation, ratio=1.0)  # type: ignore[arg-type]
    stopped = design.dropping("A", 600).dropping("B", 600)
    found = stopped.simulate((0.3, 0.3, 0.5), 200, 1)
    assert found.arms[1].patients > 1.5 * found.arms[0].patients
    assert found.arms[0].patients > 0.1 * (600 - 200)
    assert found.control_patients == pytest.approx(200, abs=5)


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ("linear", (0.0, 0.4, 0.8, 0.8)),
        ("step", (0.0, 0.0, 0.8, 0.8)),
        ("inverted-u", (0.0, 0.8, 0.0, 0.0)),
        ("seasonal", (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_trends_have_their_shapes(shape: str, values: tuple[float, ...]) -> None:
    trend = Trend(amount=0.8, over=100, shape=shape)  # type: ignore[arg-type]
    assert trend.at(np.array([0.0, 50.0, 100.0, 200.0])) == pytest.approx(np.array(values), abs=1e-9)
    if shape == "seasonal":
        assert trend.at(np.array([25.0, 75.0])) == pytest.approx([0.8, -0.8])


def test_results_say_what_becomes_of_controls_and_become_tables() -> None:
    found = PlatformTrial(arms=LATE, controls="pooled").simulate((0.3, 0.3, 0.3), 20, 1)
    assert found.statement.startswith("All controls alike. Under a time trend")
    assert found.to_dict()["any_power"] is None
    assert found.frame()["arm"].to_list() == ["early", "late"]
    assert found.digest == PlatformTrial(arms=LATE, controls="pooled").digest
    certain = PlatformTrial(arms=LATE).simulate((0.0, 1.0, 0.0), 20, 1)
    assert certain.arms[0].success == 1
    assert certain.to_dict()["arms"][0]["bias"] is None  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((0.3, 0.3), 10, 1), "3 numbers: of the control and of every arm"),
        (((0.3, 0.3, 1.3), 10, 1), r"truth\[3\] is 1.3"),
        (((0.3, 0.3, 0.3), 1, 1), "trials is 1"),
        (((0.3, 0.3, 0.3), 10, -1), "seed is -1"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments: tuple[tuple[float, ...], int, int], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        PlatformTrial(arms=LATE).simulate(*arguments)
    with pytest.raises(DesignError, match="a Trend or None"):
        PlatformTrial(arms=LATE).simulate((0.3, 0.3, 0.3), trend=0.5)  # type: ignore[arg-type]
