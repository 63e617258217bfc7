"""MAGE of traces whose excursions are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.signals.errors import SignalError
from helmont.signals.glucose import Readings, excursions
from helmont.signals.glucose.excursions import half_excursions
from helmont.signals.glucose.readings import MINUTE
from helmont.signals.recording import Values

START = 1_700_000_100 * 1_000_000_000


def trace(values: Values, start: int = START, unit: str = "mg/dL") -> Readings:
    return Readings(start + np.arange(len(values)) * 5 * MINUTE, np.asarray(values, float), unit, 5 * MINUTE)


def waves(heights: list[float], points: int = 36) -> Values:
    """Straight lines from height to height, each of so many readings."""
    return np.concatenate([np.linspace(low, high, points, endpoint=False) for low, high in pairwise(heights)])


def test_the_amplitudes_are_those_of_the_large_waves() -> None:
    """Rises by 120, 100 and 140, falls by 110, 90 and 130, with small waves between them which are left out."""
    found = excursions(trace(waves([100, 220, 110, 210, 120, 135, 120, 260, 130, 140])))
    assert found.ascending == pytest.approx((120 + 100 + 140) / 3, abs=0.02 * 120)
    assert found.descending == pytest.approx((110 + 90 + 130) / 3, abs=0.02 * 110)
    assert found.first == found.ascending
    assert found.average == (found.ascending + found.descending) / 2
    assert found.largest == found.ascending


def test_the_first_direction_is_that_of_the_first_large_change() -> None:
    found = excursions(trace(waves([220, 110, 210, 120, 260, 130])))
    assert found.first == found.descending != found.ascending


def test_amplitudes_are_the_same_in_both_units() -> None:
    values = waves([100, 220, 110, 210, 120, 260, 130])
    in_mg, in_mmol = excursions(trace(values)), excursions(trace(values / 18.01559, unit="mmol/L"))
    assert in_mmol.average == pytest.approx(in_mg.average)
    assert excursions(trace(values), "mmol/L").average == pytest.approx(in_mg.average / 18.01559)


def test_a_long_gap_parts_the_trace_and_each_part_counts_for_its_length() -> None:
    one, two = waves([100, 220, 100, 220, 100]), waves([100, 160, 100, 160, 100, 160, 100, 160, 100])
    alone = excursions(trace(one)), excursions(trace(two))
    times = np.concatenate([trace(one).times, trace(two, START + 48 * 60 * MINUTE).times])
    both = excursions(Readings(times, np.concatenate([one, two]), "mg/dL", 5 * MINUTE))
    assert both.ascending == pytest.approx((alone[0].ascending + 2 * alone[1].ascending) / 3)
    assert alone[0].ascending == pytest.approx(120, abs=2)
    assert alone[1].ascending == pytest.approx(60, abs=1)


def test_without_excursions_there_is_no_mean() -> None:
    nothing = excursions(trace(np.full(288, 93.1)))
    assert np.isnan([nothing.ascending, nothing.descending, nothing.first, nothing.average, nothing.largest]).all()
    assert np.isnan(excursions(trace(waves([100, 200], 31))).first), "shorter than the long average"
    assert np.isnan(excursions(trace(np.empty(0))).first)


def test_a_rise_alone_is_the_only_direction() -> None:
    found = excursions(trace(waves([100, 200, 200], 72)))
    assert found.average == found.ascending == found.largest
    assert np.isnan(found.descending)


def test_half_excursions_by_hand() -> None:
    """From 5 up to 9 (7 and 8 are on the way), down to 2, up to 6 at the end; a change by 1 is too small to end one."""
    heights = np.array([6.0, 5, 8, 7, 9, 2, 3, 2.5, 6])
    assert half_excursions(heights, 2).tolist() == [4, 4]
    assert half_excursions(-heights, 2).tolist() == [7]


@settings(max_examples=60)
@given(st.lists(st.floats(40, 400), min_size=2, max_size=400), st.floats(0.5, 3))
def test_amplitudes_scale_with_the_values_and_exceed_the_spread(values: list[float], scale: float) -> None:
    found = excursions(trace(np.array(values)))
    assert not found.ascending <= 0
    if len(values) >= 32:
        spread = np.std(values, ddof=1)
        assert not found.ascending <= spread
        assert not found.average > np.ptp(values) + 1e-9
    other = excursions(trace(np.array(values) * scale))
    assert other.average == pytest.approx(found.average * scale, nan_ok=True)


@pytest.mark.parametrize(("short", "long"), [(0, 32), (32, 32), (40, 32)])
def test_averages_in_the_wrong_order_are_refused(short: int, long: int) -> None:
    with pytest.raises(SignalError, match="moving averages"):
        excursions(trace(waves([100, 200, 100])), short=short, long=long)
