"""Delays are counted in classes, and a share of the batches is told from the counts."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.sensors.delays import class_of, quantile, upper

SECONDS = st.floats(0, 1e7)


@given(SECONDS)
def test_a_delay_lies_in_its_class_which_is_a_fifth_wide(seconds: float) -> None:
    number = class_of(seconds)
    assert seconds <= upper(number) * (1 + 1e-6) + 1e-6
    assert number == 0 or upper(number - 1) < seconds
    assert upper(number) + 1 <= (seconds + 1) * 2**0.25 * (1 + 1e-6)


@given(st.lists(SECONDS, min_size=1), st.sampled_from([0.5, 0.95]))
def test_a_quantile_is_at_most_a_fifth_above_that_of_the_delays(delays: list[float], share: float) -> None:
    place = next(place for place in range(1, len(delays) + 1) if place >= share * len(delays))
    exact = sorted(delays)[place - 1]
    found = quantile(Counter(map(class_of, delays)), share)
    assert found is not None
    assert exact * (1 - 1e-6) - 1e-6 <= found <= (exact + 1) * 2**0.25 * (1 + 1e-6)


def test_a_clock_that_runs_ahead_makes_no_delay() -> None:
    assert class_of(-30) == 0
    assert quantile({0: 3}, 0.95) == 0
    assert quantile({}, 0.5) is None
    assert upper(class_of(60)) == pytest.approx(60, rel=0.2)
