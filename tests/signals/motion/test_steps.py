"""Steps: walking of a known cadence is counted, rest is not, and the pieces of a recording add up."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.epochs import Calibration
from helmont.signals.errors import SignalError
from helmont.signals.motion.steps import cadence, steps
from helmont.signals.recording import SECOND, Signal, Stretch
from helmont.signals.synthetic_day import State, spans_of
from tests.signals.motion.made_up import phases, worn
from tests.signals.motion.tables import HOUR, MIDNIGHT

MINUTE = 60 * SECOND


def walking(per_minute: float, seconds: float, rate: float = 50.0, strength: float = 0.3) -> Signal:
    time = np.arange(round(seconds * rate)) / rate
    along = 1 + strength * np.cos(2 * np.pi * per_minute / 60 * time)
    noise = np.random.default_rng(1).normal(0, 0.003, (len(time), 3))
    values = along[:, None] * [0.6, 0.0, 0.8] + noise
    counts = np.rint(values * 256).astype(np.int16)
    channel = Channel("waist", Kind.ACCELERATION, "[g]", rate, 1 / 256, (-8.0, 8.0))
    return Signal(channel, (Stretch(MIDNIGHT, SECOND / rate, counts),))


@pytest.mark.parametrize("rate", [20.0, 50.0, 85.7])
@pytest.mark.parametrize("per_minute", [60.0, 95.0, 120.0, 140.0])
@pytest.mark.parametrize("placement", ["wrist", "waist"])
def test_a_walk_of_known_cadence_is_counted_to_the_step(per_minute: float, rate: float, placement: str) -> None:
    found = steps(walking(per_minute, 300, rate), placement)
    assert len(found) == pytest.approx(per_minute * 5, abs=2)
    assert np.diff(found).mean() == pytest.approx(MINUTE / per_minute, rel=0.01)
    assert cadence(found, MIDNIGHT + MINUTE, MIDNIGHT + 4 * MINUTE) == pytest.approx([per_minute] * 3, abs=1)


def test_rest_and_weak_movement_are_no_steps() -> None:
    assert len(steps(walking(100, 300, strength=0.0))) == 0
    assert len(steps(walking(100, 300, strength=0.034))) <= 3  # where the filter begins and ends
    assert len(steps(walking(100, 300, strength=0.034), "waist")) > 400


def test_ten_minutes_after_ten_minutes_are_the_same_as_any_other_cut() -> None:
    signal = walking(110, 1900)
    whole = steps(signal)
    assert len(whole) == pytest.approx(110 * 1900 / 60, abs=2)
    times = signal.stretches[0].moments()
    assert np.array_equal(steps(Signal(signal.channel, (Stretch.at(times, signal.stretches[0].counts),))), whole)
    middle = MIDNIGHT + 777 * SECOND
    parts = [steps(signal.between(*each)) for each in ((MIDNIGHT, middle), (middle, MIDNIGHT + 1900 * SECOND))]
    assert sum(map(len, parts)) == pytest.approx(len(whole), abs=2)


def test_the_walks_of_a_day_are_counted() -> None:
    recording = worn()
    walks = [each for each in phases(recording) if each.state is State.WALK and each.end - each.start > 3 * MINUTE]
    signal = recording.signals["acceleration"]
    for walk in walks[:8]:
        found = steps(signal.between(walk.start, walk.end))
        assert len(found) == pytest.approx(walk.steps, rel=0.05)
    first, last = spans_of(phases(recording), State.SLEEP)[0]
    assert len(steps(signal.between(first, last))) < 0.05 * (last - first) / HOUR * 60


def test_a_calibration_is_applied_before() -> None:
    weak = walking(100, 300, strength=0.05)
    assert len(steps(weak, calibration=Calibration((0.5, 0.5, 0.5)))) < 20
    assert len(steps(weak, calibration=Calibration((1.0, 1.0, 1.0)))) == pytest.approx(500, abs=5)


def test_what_has_no_steps_is_refused_or_empty() -> None:
    assert len(steps(walking(100, 5))) == 0
    with pytest.raises(SignalError, match="at least 10"):
        steps(walking(100, 300, rate=5.0))
    with pytest.raises(SignalError, match="waist or wrist"):
        steps(walking(100, 300), "ankle")
    with pytest.raises(SignalError, match="a channel of acceleration"):
        steps(worn().signals["temperature"])
