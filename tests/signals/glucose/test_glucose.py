"""Readings, ranges, risk and variability of glucose, against published numbers and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.glucose import (
    CONSENSUS,
    Bound,
    Range,
    Readings,
    coefficient_of_variation,
    glucose_management_indicator,
    grid,
    high_blood_glucose_index,
    low_blood_glucose_index,
    mean,
    readings_of,
    share,
    standard_deviation,
)
from helmont.signals.glucose.readings import MINUTE
from helmont.signals.recording import Signal, Stretch

START = 1_700_000_100 * 1_000_000_000


def readings(values: list[float], unit: str = "mg/dL", minutes: list[float] | None = None) -> Readings:
    times = np.arange(len(values)) * 5.0 if minutes is None else np.array(minutes)
    return Readings(START + np.rint(times * MINUTE).astype(np.int64), np.array(values, float), unit, 5 * MINUTE)


@pytest.mark.parametrize(
    ("glucose", "indicator"),  # Bergenstal and others 2018, table 1
    [(100, 5.7), (125, 6.3), (150, 6.9), (175, 7.5), (200, 8.1), (225, 8.7), (250, 9.3), (275, 9.9), (300, 10.5)],
)
def test_the_management_indicator_is_that_of_its_table(glucose: float, indicator: float) -> None:
    assert round(glucose_management_indicator(readings([glucose])), 1) == indicator
    in_mmol = readings([glucose / 18.01559], "mmol/L")
    assert round(glucose_management_indicator(in_mmol), 1) == indicator


@pytest.mark.parametrize(
    ("glucose", "low", "high"),  # Kovatchev: no risk at 112.5 mg/dL, the highest at 20 and at 600
    [(112.5, 0, 0), (20, 100, 0), (600, 0, 100)],
)
def test_the_risk_is_nothing_in_the_middle_and_100_at_both_ends(glucose: float, low: float, high: float) -> None:
    assert low_blood_glucose_index(readings([glucose])) == pytest.approx(low, abs=0.2)
    assert high_blood_glucose_index(readings([glucose])) == pytest.approx(high, abs=0.2)


def test_a_risk_is_averaged_over_all_readings() -> None:
    both = readings([20, 600, 112.5, 112.5])
    assert low_blood_glucose_index(both) == pytest.approx(25, abs=0.1)
    assert high_blood_glucose_index(both) == pytest.approx(25, abs=0.1)


def test_the_limits_of_the_consensus_belong_to_the_right_range() -> None:
    in_mg = readings([53, 54, 69, 70, 180, 181, 250, 251])
    five = ("very_low", "low", "in_range", "high", "very_high")
    assert [share(in_mg, CONSENSUS[name]) for name in five] == [12.5, 25, 25, 25, 12.5]
    in_mmol = readings([2.9, 3.0, 3.8, 3.9, 10.0, 10.1, 13.9, 14.0], "mmol/L")
    assert [share(in_mmol, CONSENSUS[name]) for name in five] == [12.5, 25, 25, 25, 12.5]
    assert share(in_mmol, CONSENSUS["below_range"]) == share(in_mmol, CONSENSUS["above_range"]) == 37.5


def test_a_limit_counts_as_the_sensor_shows_it() -> None:
    """39 counts of 0.1 mmol/L are 3.9000000000000004, and 0.1 times 3 more than 0.3; both are the limit itself."""
    channel = Channel("cgm", Kind.GLUCOSE, "mmol/L", resolution=0.1)
    counts = np.array([[38], [39], [100], [101]], np.int16)
    found = readings_of(Signal(channel, (Stretch(START, 300e9, counts),)))
    assert share(found, CONSENSUS["in_range"]) == 50
    assert share(found, Range(at_most=Bound(mmol_l=3.9))) == 50


@given(st.lists(st.floats(20, 600), min_size=1, max_size=40), st.sampled_from(["mg/dL", "mmol/L"]))
def test_the_five_ranges_part_all_values(values: list[float], unit: str) -> None:
    found = readings([value / (18.01559 if unit == "mmol/L" else 1) for value in values], unit)
    total = sum(share(found, CONSENSUS[name]) for name in ("very_low", "low", "in_range", "high", "very_high"))
    assert total == pytest.approx(100)


def test_a_limit_in_one_unit_is_converted_for_the_other() -> None:
    assert Bound(mg_dl=180).in_unit("mmol/L") == pytest.approx(9.9914, abs=1e-4)
    assert Bound(mmol_l=10).in_unit("mg/dL") == pytest.approx(180.1559, abs=1e-4)


def test_ranges_that_hold_nothing_are_refused() -> None:
    for limits in (
        {"at_least": Bound(180), "at_most": Bound(70)},
        {"at_least": Bound(70), "above": Bound(70)},
        {"below": Bound(70), "at_most": Bound(70)},
        {},
    ):
        with pytest.raises(SignalError, match="range"):
            Range(**limits)
    for wrong in (Bound, lambda: Bound(mg_dl=-1), lambda: Bound(mmol_l=float("nan"))):
        with pytest.raises(SignalError, match="limit"):
            wrong()


def test_mean_and_spread_by_hand() -> None:
    found = readings([90, 100, 110, 140])
    assert mean(found, "mg/dL") == 110
    assert standard_deviation(found, "mg/dL") == pytest.approx((1400 / 3) ** 0.5)
    assert coefficient_of_variation(found) == pytest.approx(100 * (1400 / 3) ** 0.5 / 110)
    assert mean(found, "mmol/L") == pytest.approx(110 / 18.01559)
    none = readings([])
    every = (mean(none, "mg/dL"), coefficient_of_variation(none), share(none, CONSENSUS["low"]))
    assert np.isnan([*every, low_blood_glucose_index(none), glucose_management_indicator(none)]).all()


def test_of_readings_at_one_time_the_last_stands_and_the_step_is_the_median() -> None:
    times = START + np.array([0, 0, 5, 10, 15, 15]) * MINUTE + np.array([0, 0, 1, -1, 2, 2])
    counts = np.array([[100], [101], [102], [103], [104], [105]], np.int16)
    found = readings_of(Signal(Channel("cgm", Kind.GLUCOSE, "mg/dL"), (Stretch.at(times, counts),)))
    assert found.values.tolist() == [101, 102, 103, 105]
    assert found.step == 5 * MINUTE
    assert len(readings_of(Signal(Channel("cgm", Kind.GLUCOSE, "mg/dL"), ()))) == 0
    with pytest.raises(SignalError, match="a channel of ecg"):
        readings_of(Signal(Channel("lead", Kind.ECG, "mV"), ()))


def test_a_reading_covers_at_most_one_step() -> None:
    found = readings([100] * 6, minutes=[0, 5, 10, 40, 42, 58])
    assert found.covered(START, START + 60 * MINUTE) == (5 + 5 + 5 + 2 + 5 + 2) * MINUTE
    assert found.covered(START + 5 * MINUTE, START + 41 * MINUTE) == (5 + 5 + 1) * MINUTE
    assert found.covered(START + 43 * MINUTE, START + 50 * MINUTE) == 0


def test_the_grid_is_interpolated_but_not_across_a_long_gap() -> None:
    found = readings([100, 110, 150, 150, 90], minutes=[2, 7, 27, 72.01, 77])
    moments, values = grid(found, 5 * MINUTE)
    assert ((moments - START) / MINUTE).tolist() == list(range(5, 76, 5))
    assert values[:5].tolist() == pytest.approx([106, 116, 126, 136, 146])
    assert np.isnan(values[5:14]).all()
    assert values[14] == pytest.approx(150 - 60 * (75 - 72.01) / (77 - 72.01))


@given(
    st.lists(st.integers(1, 400), min_size=2, max_size=60),
    st.integers(0, 59),
    st.sampled_from([1, 5, 15]),
)
def test_the_grid_of_a_part_is_a_part_of_the_grid(seconds: list[int], cut: int, minutes: int) -> None:
    times = START + np.cumsum(np.array(seconds, np.int64)) * 1_000_000_000
    whole = Readings(times, np.sin(np.arange(len(times))) + 6, "mmol/L", 5 * MINUTE)
    part = whole.between(int(times[min(cut, len(times) - 1)]), int(times[-1]) + 1)
    moments, values = grid(whole, minutes * MINUTE)
    inside, there = grid(part, minutes * MINUTE)
    wanted = np.isin(moments, inside)
    assert wanted.sum() == len(inside)
    assert np.allclose(values[wanted], there, equal_nan=True)


@pytest.mark.parametrize(
    ("times", "unit", "step", "place"),
    [
        ([0, 0], "mg/dL", 1, "times"),
        ([0, 1], "g/L", 1, "unit"),
        ([0, 1], "mg/dL", 0, "step"),
        ([0], "mg/dL", 1, "times"),
    ],
)
def test_readings_that_cannot_be_are_refused(times: list[int], unit: str, step: int, place: str) -> None:
    with pytest.raises(SignalError, match=place):
        Readings(np.array(times, np.int64), np.array([1.0, 2.0]), unit, step)
