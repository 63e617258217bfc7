"""Group sequential designs hold their error and their power whatever their rules, and say what they refuse."""

from __future__ import annotations

import json
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import (
    Declared,
    DesignError,
    GivenSpending,
    GroupSequential,
    HaybittlePeto,
    HwangShihDeCani,
    LanDeMets,
    OBrienFleming,
    PampallonaTsiatis,
    PowerSpending,
    WangTsiatis,
)


@pytest.mark.parametrize(
    ("looks", "pocock", "o_brien_fleming"),
    [(2, 2.178, 1.977), (3, 2.289, 2.004), (4, 2.361, 2.024), (5, 2.413, 2.040), (10, 2.555, 2.087)],
)
def test_constants_of_the_textbook(looks: int, pocock: float, o_brien_fleming: float) -> None:
    """Jennison & Turnbull 2000, tables 2.1 and 2.3, two-sided 0.05."""
    assert GroupSequential(looks, 0.025, 0.1, "Pocock", "symmetric").bounds().upper[0] == pytest.approx(
        pocock, abs=6e-4
    )
    assert GroupSequential(looks, 0.025, 0.1, "OF", "symmetric").bounds().upper[-1] == pytest.approx(
        o_brien_fleming, abs=6e-4
    )


@st.composite
def times(draw: st.DrawFn) -> tuple[float, ...]:
    steps = draw(st.lists(st.floats(0.1, 1), min_size=1, max_size=5))
    total, reached = sum(steps), 0.0
    rising = []
    for step in steps[:-1]:
        reached += step
        rising.append(reached / total)
    return (*rising, 1.0)


RULES = st.one_of(
    st.sampled_from(["OF", "Pocock", "LDOF", "LDPocock", HaybittlePeto(3.2)]),
    st.floats(0.5, 4).map(PowerSpending),
    st.floats(-6, 3).map(HwangShihDeCani),
    st.floats(0, 0.6).map(WangTsiatis),
)


@settings(max_examples=25, deadline=None)
@given(times(), RULES, st.floats(0.005, 0.1), st.floats(0.05, 0.3))
def test_error_and_power_are_held(information: tuple[float, ...], upper: str, alpha: float, beta: float) -> None:
    known = GroupSequential(information, alpha, beta, upper).exact((0.0, 0.5, 1.0))
    assert known.power[0] == pytest.approx(alpha, abs=1e-9)
    assert known.power[2] == pytest.approx(1 - beta, abs=1e-9)
    assert known.power[0] < known.power[1] < known.power[2]


@settings(max_examples=12, deadline=None)
@given(times(), st.floats(-4, 1).map(HwangShihDeCani), st.floats(-4, 1).map(HwangShihDeCani), st.booleans())
def test_beta_spending_ends_every_trial(
    information: tuple[float, ...], upper: HwangShihDeCani, lower: HwangShihDeCani, binding: bool
) -> None:
    planned = GroupSequential(information, 0.025, 0.1, upper, lower, binding)
    known, bounds = planned.exact((0.0, 1.0)), planned.bounds()
    for above, below in zip(known.upper, known.lower, strict=True):
        assert sum(above) + sum(below) == pytest.approx(1, abs=1e-9)
    assert known.power[1] == pytest.approx(0.9, abs=1e-9)
    assert known.power[0] <= 0.025 + 1e-9
    assert bounds.spent[-1] == pytest.approx(0.025, abs=1e-9)
    assert bounds.lower is not None
    assert bounds.lower[-1] == bounds.upper[-1]


@pytest.mark.parametrize("lower", [None, HwangShihDeCani(-2)])
def test_simulation_agrees_with_integration(lower: HwangShihDeCani | None) -> None:
    planned = GroupSequential(3, 0.025, 0.2, "Pocock", lower)
    exact, simulated = planned.exact(0.7), planned.simulate(0.7, 40_000, seed=1)
    assert simulated.standard_error is not None
    assert abs(simulated.power[0] - exact.power[0]) < 4 * simulated.standard_error[0]
    assert simulated.expected[0] == pytest.approx(exact.expected[0], rel=0.01)


@pytest.mark.parametrize("upper", ["LDOF", "OF", GivenSpending((0.003, 0.01, 0.025))])
@pytest.mark.parametrize(
    ("information", "final"), [((0.3, 0.7, 1.2), None), ((0.4, 0.8), True), ((0.2, 0.4, 0.6, 0.8, 1.05), None)]
)
def test_error_is_held_when_information_differs_from_the_plan(
    upper: str, information: tuple[float, ...], final: bool | None
) -> None:
    planned = GroupSequential(3, 0.025, 0.1, upper, "LDOF" if upper != "OF" else None)
    actual = planned.bounds(information, final=final)
    assert actual.information == information
    assert actual.spent[-1] == pytest.approx(0.025, abs=1e-9)
    assert actual.final


def test_looks_as_planned_have_the_planned_bounds() -> None:
    planned = GroupSequential(4, 0.025, 0.1, "OF")
    assert planned.bounds(planned.information).upper == pytest.approx(planned.bounds().upper, abs=1e-9)
    interim = planned.bounds(planned.information[:2])
    assert not interim.final
    assert interim.upper == pytest.approx(planned.bounds().upper[:2], abs=1e-9)


def test_spending_time_may_differ_from_information() -> None:
    planned = GroupSequential(3, 0.025, 0.1, LanDeMets("OF"))
    calendar = planned.bounds((0.25, 0.6, 0.9), spending_time=(1 / 3, 2 / 3, 1))
    assert calendar.upper[0] == pytest.approx(planned.bounds().upper[0], abs=1e-9)
    assert calendar.spent == pytest.approx(planned.bounds().spent, abs=1e-9)


def test_conditional_power_of_the_last_look_in_closed_form() -> None:
    planned = GroupSequential(2, 0.025, 0.1, LanDeMets("OF"))
    from scipy.special import ndtr

    [null] = planned.conditional_power(1, 1.5, 0.0).power
    bound = planned.bounds().upper[1]
    assert null == pytest.approx(float(ndtr((1.5 * sqrt(0.5) - bound) / sqrt(0.5))), abs=1e-12)
    assert planned.conditional_error(1, 1.5) == pytest.approx(null, abs=1e-12)
    predictive = float(ndtr((1.5 - bound * sqrt(0.5)) / sqrt(0.5)))
    assert planned.predictive_power(1, 1.5) == pytest.approx(predictive, abs=1e-9)


def test_final_results_of_a_trial_without_interim_looks_are_the_usual_ones() -> None:
    found = GroupSequential(1, 0.025, 0.1, "OF").final_result(1, 2.0, standard_error=0.5)
    assert (found.estimate, found.p_value) == pytest.approx((1.0, 0.02275013), abs=1e-8)
    assert (found.lower, found.upper) == pytest.approx((1 - 0.5 * 1.959964, 1 + 0.5 * 1.959964), abs=1e-6)


def test_a_p_value_at_the_bound_is_the_error_spent() -> None:
    planned = GroupSequential(3, 0.025, 0.1, "Pocock")
    bounds = planned.bounds()
    assert planned.final_result(2, bounds.upper[1]).p_value == pytest.approx(bounds.spent[1], abs=1e-12)
    assert planned.repeated_p_values(bounds.upper) == pytest.approx((0.025,) * 3, abs=1e-9)
    assert planned.sequential_p_value((0.0, bounds.upper[1])) == pytest.approx(0.025, abs=1e-9)
    assert planned.repeated_intervals(bounds.upper)[1].lower == pytest.approx(0, abs=1e-12)
    limit = planned.final_result(3, bounds.upper[2])
    assert limit.lower == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("upper", ["OF", "LDOF", GivenSpending((0.003, 0.01, 0.025)), (2.8, 2.4, 2.0)])
@pytest.mark.parametrize("lower", [None, "symmetric", (0.0, 0.5), HwangShihDeCani(-2)])
def test_p_values_at_looks_off_the_plan(upper: str, lower: str | None) -> None:
    planned = GroupSequential(3, 0.025, 0.1, upper, lower)
    actual = planned.bounds((0.4, 0.7))
    for z, p in zip(actual.upper, actual.spent, strict=True):
        assert p <= 0.025 + 1e-9
        assert planned.repeated_p_values((z, z), bounds=actual)[1] <= 1
    [_, second] = planned.repeated_p_values((1.0, actual.upper[1]), bounds=actual)
    assert second == pytest.approx(0.025, rel=1e-6)


def test_looks_off_the_plan_of_every_kind_of_lower_bound() -> None:
    single = GroupSequential(1, 0.025, 0.1, "OF", ())
    assert single.bounds((0.5, 1.1)).spent == pytest.approx((0.0125, 0.025), abs=1e-9)
    assert (single.bounds((0.5, 1.1)).lower or ())[0] == -inf
    meeting = GroupSequential(3, 0.025, 0.2, WangTsiatis(0.1), PampallonaTsiatis(0.3))
    actual = meeting.bounds(meeting.information)
    assert actual.upper == pytest.approx(meeting.bounds().upper, abs=1e-7)
    assert actual.lower == pytest.approx(meeting.bounds().lower, abs=1e-7)
    assert 0.5 < meeting.repeated_p_values((0.0,), bounds=actual)[0] <= 1


def test_a_design_is_its_settings() -> None:
    planned = GroupSequential(3, 0.025, 0.1, "LDOF", lower=HwangShihDeCani(-2))
    written = json.loads(json.dumps(planned.to_dict()))
    assert Declared.from_dict(written) == planned
    assert planned.digest == GroupSequential((1 / 3, 2 / 3, 1), 0.025, 0.1, LanDeMets(), HwangShihDeCani(-2.0)).digest
    assert planned.bounds().frame().columns == [
        "look",
        "information",
        "upper",
        "level",
        "spent",
        "lower",
        "lower_spent",
    ]
    assert planned.exact().frame().height == 6
    assert json.dumps(planned.bounds().to_dict())


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        (((0.5, 0.3, 1), 0.025, 0.1, "OF"), r"information\[2\] is 0.3; it must be above 0.5"),
        (((0.5, 1.2), 0.025, 0.1, "OF"), r"of which the last is 1"),
        (((-0.5, 1), 0.025, 0.1, "OF"), r"information\[1\] is -0.5"),
        (((0.5, 0.50001, 1), 0.025, 0.1, "OF"), r"information\[2\] is 0.50001; it must be at least 0.0001 above 0.5"),
        ((3, 1.2, 0.1, "OF"), "alpha is 1.2"),
        ((3, 0.025, 0.99, "OF"), "beta is 0.99; it must be less than 1 - alpha"),
        ((3, 0.025, 0.1, "OX"), "upper is 'OX'; it must be a rule or one of the names"),
        ((3, 0.025, 0.1, (2, 2)), "it must be 3 bounds, one a look"),
        ((3, 0.025, 0.1, "OF", "Pocock"), "lower is"),
        ((0, 0.025, 0.1, "OF"), "information is 0"),
    ],
)
def test_impossible_designs_are_refused(settings_: tuple[object, ...], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        GroupSequential(*settings_)  # type: ignore[arg-type]


def test_impossible_looks_are_refused() -> None:
    planned = GroupSequential(2, 0.025, 0.1, "OF")
    with pytest.raises(DesignError, match=r"look is 3"):
        planned.conditional_power(3, 1.0)
    with pytest.raises(DesignError, match=r"information\[2\] is 0.4; it must be above 0.5"):
        planned.bounds((0.5, 0.4))
    with pytest.raises(DesignError, match=r"spending_time\[1\] is 1.2"):
        planned.bounds((0.5, 1.1), spending_time=(1.2, 1.3))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("OF", OBrienFleming()),
        ("O'Brien-Fleming", OBrienFleming()),
        ("HSD(-2)", HwangShihDeCani(-2)),
        ("sfHSD", HwangShihDeCani(-4)),
        ("asHSD1.5", HwangShihDeCani(1.5)),
        ("WT0.25", WangTsiatis(0.25)),
        ("asKD2", PowerSpending(2)),
        ("HP(3.2)", HaybittlePeto(3.2)),
    ],
)
def test_a_rule_is_read_from_its_name_with_its_number(name: str, rule: object) -> None:
    assert GroupSequential(3, 0.025, 0.1, name).upper == rule


@pytest.mark.parametrize("name", ["OF2", "WT", "none", "sfPower"])
def test_a_name_whose_number_is_missing_or_too_much_is_refused(name: str) -> None:
    with pytest.raises(DesignError, match="one of the names"):
        GroupSequential(3, 0.025, 0.1, name)


def test_sizes_without_an_endpoint_are_multiples_of_a_trial_without_looks() -> None:
    planned = GroupSequential(3, 0.025, 0.1, "OF")
    assert planned.sample_size().maximum == planned.inflation


def test_conditional_power_takes_effects_in_an_array() -> None:
    planned = GroupSequential(3, 0.025, 0.1, "LDOF")
    both = planned.conditional_power(1, 1.2, np.array([0.0, 0.5]))  # type: ignore[arg-type]
    assert both.power == planned.conditional_power(1, 1.2, (0.0, 0.5)).power
    assert both.power[1:] == planned.conditional_power(1, 1.2, 0.5).power
