"""Levels for pictures: the same as the samples say, however they came, and as they were packed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals import levels
from helmont.signals.channels import Channel, Kind
from helmont.signals.epochs import epochs
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Signal, Stretch

WRIST = Channel("wrist", Kind.ACCELERATION, "m/s2", 50.0, 0.01, (-80, 80))
CGM = Channel("cgm", Kind.GLUCOSE, "mmol/L", None, 0.1, (1.0, 33.0))
START = 1_767_225_600 * SECOND


def walking(seconds: int, rate: int = 50) -> Signal:
    noise = np.random.default_rng(3)
    swing = noise.normal(0, 60, (seconds * rate, 3))
    swing[:, 2] += 981
    return Signal(WRIST, (Stretch(START, SECOND / rate, swing.astype(np.int16)),))


def readings(minutes: list[int], values: list[int]) -> Signal:
    times = START + np.array(minutes, np.int64) * levels.MINUTE
    return Signal(CGM, (Stretch.at(times, np.array(values, np.int16)[:, None]),))


def test_a_bucket_has_the_lowest_the_mean_and_the_highest() -> None:
    found = levels.coarser(levels.fine(readings([0, 1, 2, 70], [50, 60, 100, 80])), levels.HOUR)
    assert found.start.tolist() == [START, START + levels.HOUR]
    assert found.samples.tolist() == [3, 1]
    assert found.low[:, 0].tolist() == pytest.approx([5.0, 8.0])
    assert found.mean[:, 0].tolist() == pytest.approx([7.0, 8.0])
    assert found.high[:, 0].tolist() == pytest.approx([10.0, 8.0])


def test_acceleration_has_what_an_epoch_has_in_the_unit_of_the_channel() -> None:
    signal = walking(60)
    found, table = levels.fine(signal), epochs(signal)
    np.testing.assert_allclose(found.mean, table.mean * 9.80665, rtol=1e-5)
    np.testing.assert_allclose(found.more["enmo"][:, 0], table.enmo, rtol=1e-6)
    again = levels.epochs_of(found, WRIST)
    np.testing.assert_allclose(again.sd, table.sd, rtol=1e-6)
    np.testing.assert_array_equal(again.start, table.start)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=60, unique=True), st.data())
def test_what_is_folded_at_once_and_in_two_steps_is_the_same(minutes: list[int], data: st.DataObject) -> None:
    minutes = sorted(minutes)
    values = data.draw(st.lists(st.integers(20, 300), min_size=len(minutes), max_size=len(minutes)))
    level = levels.fine(readings(minutes, values))
    assert level.samples.sum() == len(minutes)
    once, twice = levels.coarser(level, levels.HOUR), levels.coarser(levels.coarser(level, levels.MINUTE), levels.HOUR)
    np.testing.assert_array_equal(once.low, twice.low)
    np.testing.assert_array_equal(once.high, twice.high)
    np.testing.assert_allclose(once.mean, twice.mean, rtol=1e-6)


@given(st.integers(0, 11), st.integers(1, 12))
def test_a_part_that_comes_later_takes_its_place(first: int, length: int) -> None:
    signal = walking(60)
    whole = levels.fine(signal)
    span = (START + 5 * first * SECOND, START + 5 * (first + length) * SECOND)
    old = whole[(whole.start < span[0]) | (whole.start >= span[1])]
    again = levels.spliced(old, levels.fine(signal.between(*span)), [span])
    np.testing.assert_array_equal(again.start, whole.start)
    np.testing.assert_array_equal(again.mean, whole.mean)


def test_packing_gives_back_what_went_in() -> None:
    whole = levels.fine(walking(600))
    data = levels.pack(whole)
    for step, meant in ((levels.FINE, whole), (levels.MINUTE, levels.coarser(whole, levels.MINUTE))):
        found = levels.unpack(data, step)
        np.testing.assert_array_equal(found.start, meant.start)
        np.testing.assert_array_equal(found.samples, meant.samples)
        np.testing.assert_array_equal(found.high, meant.high)
        for name in levels.EPOCH_COLUMNS:
            np.testing.assert_array_equal(found.more[name], meant.more[name])
    nothing = levels.unpack(levels.pack(levels.empty(levels.FINE, 1)), levels.FINE)
    assert len(nothing) == 0


@given(st.binary(max_size=80), st.integers(0, 60))
def test_a_damaged_file_is_refused(noise: bytes, at: int) -> None:
    data = levels.pack(levels.fine(readings([0, 1, 2], [50, 60, 70])))
    for damaged in (noise, data[:at], data[:at] + noise):
        try:
            found = levels.unpack(damaged, levels.FINE)
        except SignalError:
            continue
        assert found.mean.shape == (
            len(found),
            1,
        )  # what was put behind a whole file, or before nothing, is not looked at


def test_only_buckets_that_lie_in_the_spans_count() -> None:
    whole = levels.fine(walking(60))
    found = whole.inside([(START + 7 * SECOND, START + 20 * SECOND)])
    assert found.start.tolist() == [START + 10 * SECOND, START + 15 * SECOND]
