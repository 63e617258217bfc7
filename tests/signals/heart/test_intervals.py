"""Intervals between beats, the rules for artefacts, and heart rate and its variability by hand and against neurokit2."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.heart import (
    ArtefactRule,
    Beats,
    Intervals,
    covered,
    intervals_of,
    intervals_of_beats,
    kept,
    lowest_rate,
    mean_heart_rate,
    mean_rate,
    pnn50,
    rates_of,
    resting_heart_rate,
    rmssd,
    sdnn,
)
from helmont.signals.recording import SECOND, Signal, Stretch
from helmont.signals.synthetic_vitals import synthetic_intervals, synthetic_rates

START = 1_700_000_040 * SECOND
MINUTE = 60 * SECOND
ALL = ArtefactRule(difference=None)


def intervals(lengths: list[float], interrupted: tuple[int, ...] = ()) -> Intervals:
    """Intervals of these milliseconds in a row; those at the numbers given do not follow the one before."""
    follows = np.array([number > 0 and number not in interrupted for number in range(len(lengths))], np.bool_)
    ends = START + np.rint(np.cumsum(lengths) * 1e6).astype(np.int64)
    return Intervals(ends, np.array(lengths, float), follows)


def test_variability_by_hand() -> None:
    found = kept(intervals([800, 860, 830, 900, 840]), ALL)
    assert mean_heart_rate(found) == pytest.approx(60_000 / 846)
    assert sdnn(found) == pytest.approx(np.sqrt(np.mean((np.array([800, 860, 830, 900, 840]) - 846) ** 2) * 5 / 4))
    assert rmssd(found) == pytest.approx(np.sqrt((60**2 + 30**2 + 70**2 + 60**2) / 4))
    assert pnn50(found) == 75
    assert covered(found) == 4230 * 1_000_000
    assert found.removed == 0


def test_variability_is_that_of_neurokit() -> None:
    heart = synthetic_intervals(1, START, 600)
    found = kept(intervals_of(heart.signal), ALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        peaks = np.cumsum(np.concatenate([[0], found.lengths])).astype(int)
        theirs = neurokit2.hrv_time(peaks, sampling_rate=1000).iloc[0]
    assert rmssd(found) == pytest.approx(theirs["HRV_RMSSD"])
    assert sdnn(found) == pytest.approx(theirs["HRV_SDNN"])
    assert pnn50(found) == pytest.approx(
        theirs["HRV_pNN50"], abs=0.2
    )  # it divides by the intervals, not the differences
    assert mean_heart_rate(found) == pytest.approx(60_000 / theirs["HRV_MeanNN"])


def test_an_ectopic_beat_takes_its_neighbours_along_but_nothing_else() -> None:
    """Short, long, and the first normal one, which differs from the pause before it; no difference reaches over them."""
    found = kept(intervals([800, 810, 500, 1100, 805, 800, 795]), ArtefactRule())
    assert found.lengths.tolist() == [800, 810, 800, 795]
    assert found.differences.tolist() == [10, -5]
    assert found.removed == pytest.approx(100 * 3 / 7)


def test_lengths_outside_the_range_are_left_out() -> None:
    found = kept(intervals([299, 300, 2000, 2001]), ALL)
    assert found.lengths.tolist() == [300, 2000]
    assert found.differences.tolist() == [1700]
    assert kept(intervals([1000, 1200, 1000]), ArtefactRule(difference=0.2)).removed == 0
    assert kept(intervals([1000, 1201, 1000]), ArtefactRule(difference=0.2)).lengths.tolist() == [1000, 1000]


def test_over_an_interruption_there_is_neither_interval_nor_difference() -> None:
    beats = Beats(START + np.array([0, 800, 1600, 9000, 9700]) * 1_000_000, np.array([0, 0, 0, 1, 1], np.int32))
    found = intervals_of_beats(beats)
    assert found.milliseconds.tolist() == [800, 800, 700]
    assert found.follows.tolist() == [False, True, False]
    assert kept(found, ArtefactRule()).differences.tolist() == [0]
    for few in (0, 1):
        assert len(intervals_of_beats(Beats(beats.times[:few], beats.runs[:few]))) == 0


def test_intervals_sent_together_follow_each_other() -> None:
    """Two a second with the time of sending; then 5 seconds are missing."""
    times = START + np.array([0, 0, 1600, 1600, 3200, 3200, 9000, 9000]) * 1_000_000
    counts = np.array([[800], [790], [810], [800], [805], [795], [700], [710]], np.int16)
    channel = Channel("strap", Kind.INTERBEAT_INTERVAL, "ms")
    found = intervals_of(Signal(channel, (Stretch.at(times, counts),)))
    assert found.follows.tolist() == [False, True, True, True, True, True, False, True]
    in_seconds = Channel("strap", Kind.INTERBEAT_INTERVAL, "s", resolution=0.001)
    again = intervals_of(Signal(in_seconds, (Stretch.at(times, counts),)))
    assert again.milliseconds == pytest.approx(found.milliseconds)
    assert len(intervals_of(Signal(channel, ()))) == 0


def test_one_missing_interval_is_an_interruption() -> None:
    times = START + np.array([800, 1600, 3200, 4000]) * 1_000_000
    counts = np.full((4, 1), 800, np.int16)
    found = intervals_of(Signal(Channel("strap", Kind.INTERBEAT_INTERVAL, "ms"), (Stretch.at(times, counts),)))
    assert found.follows.tolist() == [False, True, False, True]


@given(st.lists(st.floats(100, 3000), max_size=50), st.floats(0.05, 0.5))
def test_what_is_kept_and_what_is_removed_are_all(lengths: list[float], difference: float) -> None:
    rule = ArtefactRule(difference=difference)
    found = kept(intervals(lengths), rule)
    if lengths:
        assert len(found.lengths) == pytest.approx(len(lengths) * (1 - found.removed / 100))
        assert np.all((found.lengths >= 300) & (found.lengths <= 2000))
        assert len(found.differences) <= max(len(found.lengths) - 1, 0)
    else:
        assert np.isnan([found.removed, rmssd(found), sdnn(found), pnn50(found), mean_heart_rate(found)]).all()


def test_the_resting_heart_rate_is_the_lowest_of_five_minutes_with_enough_beats() -> None:
    lengths = [750.0] * 400 + [1200.0] * 260 + [600.0] * 600
    assert resting_heart_rate(kept(intervals(lengths), ALL)) == pytest.approx(50, abs=0.5)
    few = intervals([1200.0] * 200 + [750.0] * 20)
    assert np.isnan(resting_heart_rate(kept(few, ALL), minutes=5, least=0.99))
    assert np.isnan(resting_heart_rate(kept(intervals([]), ALL)))


def test_a_rate_stands_until_the_next_one() -> None:
    """60 a minute for nine minutes, then 120 each second for a minute: the mean is 66, not near 120."""
    times = START + np.concatenate([[0], 9 * 60 + np.arange(60)]).astype(np.int64) * SECOND
    counts = np.array([60] + [120] * 60, np.int16)[:, None]
    signal = Signal(Channel("watch", Kind.HEART_RATE, "/min"), (Stretch.at(times, counts),))
    at, rates = rates_of(signal)
    assert mean_rate(at, rates, START + 10 * MINUTE) == pytest.approx(66)
    assert lowest_rate(at, rates, START + 10 * MINUTE) == pytest.approx(60)
    assert lowest_rate(at, rates, START + 10 * MINUTE, minutes=10) == pytest.approx(66)
    assert mean_rate(at[:1], rates[:1], START + 60 * MINUTE) == 60
    assert np.isnan([mean_rate(at[:0], rates[:0], START), lowest_rate(at[:0], rates[:0], START)]).all()
    assert np.isnan(lowest_rate(at[:1], rates[:1], START + 2 * MINUTE)), "two minutes are not five"


def test_rates_that_no_heart_has_are_left_out() -> None:
    counts = np.array([[0], [19], [20], [300], [301]], np.int16)
    signal = Signal(Channel("watch", Kind.HEART_RATE, "/min"), (Stretch(START, SECOND, counts),))
    assert rates_of(signal)[1].tolist() == [20, 300]


def test_the_lowest_rate_of_a_day_is_at_night() -> None:
    signal = synthetic_rates(1, 1_700_006_400 * SECOND, 86_400)
    times, rates = rates_of(signal)
    end = signal.span[1]
    assert lowest_rate(times, rates, end) == pytest.approx(56.5, abs=1)
    assert 64 < mean_rate(times, rates, end) < 70


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (lambda: ArtefactRule(shortest=500, longest=400), "range"),
        (lambda: ArtefactRule(difference=0), "difference"),
        (lambda: Intervals(np.zeros(1, np.int64), np.zeros(2), np.zeros(1, np.bool_)), "intervals"),
        (lambda: intervals_of(Signal(Channel("lead", Kind.ECG, "mV"), ())), "lead"),
        (lambda: rates_of(Signal(Channel("lead", Kind.ECG, "mV"), ())), "lead"),
    ],
)
def test_what_cannot_be_is_refused(wrong: object, place: str) -> None:
    with pytest.raises(SignalError, match=place):
        wrong()  # type: ignore[operator]
