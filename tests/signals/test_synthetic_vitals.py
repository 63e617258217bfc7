"""Made-up heart and glucose signals: the same from the same seed, and like those of a person."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.signals.recording import SECOND, Signal
from helmont.signals.synthetic_vitals import (
    synthetic_ecg,
    synthetic_glucose,
    synthetic_intervals,
    synthetic_ppg,
    synthetic_rates,
)

START = 1_700_006_400 * SECOND


def made(seed: int) -> list[Signal]:
    return [
        synthetic_ecg(seed, START, 60).signal,
        synthetic_ppg(seed, START, 60).signal,
        synthetic_intervals(seed, START, 600).signal,
        synthetic_rates(seed, START, 3600),
        synthetic_glucose(seed, START, 1.5),
    ]


def test_the_same_seed_gives_the_same_samples_and_another_gives_others() -> None:
    for one, two, other in zip(made(1), made(1), made(2), strict=True):
        (times, values), (again, same) = one.whole(), two.whole()
        assert np.array_equal(times, again)
        assert np.array_equal(values, same)
        assert not np.array_equal(values, other.whole()[1])
        assert one.span[0] >= START


def test_glucose_is_a_reading_every_five_minutes_but_for_those_that_are_lost() -> None:
    times, values = synthetic_glucose(3, START, 14).whole()
    assert 0.9 < len(times) / (14 * 288) < 0.999
    assert np.median(np.diff(times)) == pytest.approx(300 * SECOND, abs=2 * SECOND)
    assert np.diff(times).max() > 3000 * SECOND
    assert 110 < values.mean() < 190
    assert 15 < values.std() < 60
    assert len(synthetic_glucose(3, START, 2, lost=0)) == 576


@pytest.mark.parametrize("rate", [50, 65, 120])
def test_beats_come_at_the_rate_asked_for(rate: float) -> None:
    heart = synthetic_intervals(4, START, 3600, rate)
    assert len(heart.beats) == pytest.approx(rate * 60, rel=0.1)
    assert np.array_equal(heart.signal.whole()[0], heart.beats[1:])
    assert heart.signal.whole()[1][:, 0] == pytest.approx(np.diff(heart.beats) / 1e6, abs=0.5)
