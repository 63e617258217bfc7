"""Walking at the lower back: steps, their length by an inverted pendulum, and what is no walking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints import catalogue, compute, joined, partition
from helmont.signals.endpoints.computing import Reason
from helmont.signals.endpoints.days import Period
from helmont.signals.endpoints.keeping import pack, unpack
from helmont.signals.endpoints.movement import Movement
from helmont.signals.endpoints.partition import Partial
from helmont.signals.errors import SignalError
from helmont.signals.motion import gait as module
from helmont.signals.motion.gait import GRAVITY, LEG, NOTHING, bouts, gait, together
from helmont.signals.recording import SECOND, Signal, Stretch

START = 1_710_072_000 * SECOND
RESOLUTION = 1 / 2048
Rotation = NDArray[np.float64]


def turned(seed: int) -> Rotation:
    """How a device may be fixed: any rotation."""
    found, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return np.asarray(found)


def walk(
    seconds: float, step: float = 0.55, rise: float = 0.04, rate: float = 100.0, still: float = 20.0, seed: int = 1
) -> Signal:
    """Standing, walking and standing again: the trunk rises and falls as a cosine, once a step of so many seconds."""
    noise = np.random.default_rng(seed).normal(0, 0.005, (round((seconds + 2 * still) * rate), 3))
    at = np.arange(len(noise)) / rate - still
    walking = (at >= 0) & (at < seconds)
    upward = rise / 2 * (2 * np.pi / step) ** 2 * np.cos(2 * np.pi * at / step) / GRAVITY
    body = noise + np.stack([np.zeros(len(at)), np.zeros(len(at)), 1 + upward * walking], axis=1)
    counts = np.rint(body @ turned(seed).T / RESOLUTION).astype(np.int16)
    return of(Stretch(START, SECOND / rate, counts), rate=rate)


def of(*stretches: Stretch, rate: float | None = 100.0, kind: Kind = Kind.ACCELERATION) -> Signal:
    return Signal(Channel("back", kind, "[g]" if kind is Kind.ACCELERATION else "deg/s", rate, RESOLUTION), stretches)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.42, 0.9), st.floats(0.02, 0.06), st.sampled_from([25.0, 50.0, 64.0, 100.0]), st.integers(0, 10))
def test_steps_have_their_time_and_rise_however_the_device_is_turned(
    step: float, rise: float, rate: float, seed: int
) -> None:
    if rise / 2 * (2 * np.pi / step) ** 2 / GRAVITY / np.sqrt(2) < 0.08:
        rise = 0.08 * 2 * GRAVITY * np.sqrt(2) * (step / 2 / np.pi) ** 2
    found = gait(walk(30, step, rise, rate, seed=seed))
    assert 26 / step <= len(found) <= 32 / step
    assert np.mean(found.seconds) == pytest.approx(step, rel=0.04)  # a sample of 25 Hz is a twelfth of half a second
    assert np.median(found.height) == pytest.approx(rise, rel=0.1)
    [bout] = bouts(found, leg=0.9)
    assert bout.cadence == pytest.approx(60 / step, rel=0.03)
    assert bout.stride == pytest.approx(2 * step, rel=0.06)
    length = 1.25 * 2 * np.sqrt(2 * 0.9 * rise - rise**2)
    assert bout.speed == pytest.approx(length / step, rel=0.07)


def test_a_rise_of_four_centimetres_is_a_step_of_so_many_metres() -> None:
    """2 * sqrt(2 * 0.9 * 0.04 - 0.04^2) = 0.5307 m; times 1.25."""
    found = gait(walk(40, 0.5, 0.04))
    steady = type(found)(found.start, found.bout, np.full(len(found), 0.5), np.full(len(found), 0.04))
    [bout] = bouts(steady, 0.9)
    assert bout.speed == pytest.approx(1.25 * 0.5307 / 0.5, abs=1e-3)
    [short] = bouts(steady, 0.9, factor=1.0)
    assert short.speed == pytest.approx(bout.speed / 1.25)


def test_standing_shaking_and_turning_over_are_no_walking() -> None:
    rng = np.random.default_rng(3)
    still = np.tile([0.0, 0.0, 1.0], (6000, 1)) + rng.normal(0, 0.005, (6000, 3))
    shaken = still + rng.normal(0, 0.3, (6000, 3))
    angle = np.linspace(0, np.pi, 6000)
    turning = np.stack([np.sin(angle), np.zeros(6000), np.cos(angle)], axis=1)
    for values in (still, shaken, turning):
        counts = np.rint(values / RESOLUTION).astype(np.int16)
        assert bouts(gait(of(Stretch(START, SECOND / 100, counts))), 0.9) == []
    assert len(gait(of())) == 0
    assert len(together([])) == len(NOTHING) == 0


def test_a_pause_ends_a_bout_and_a_short_one_does_not_count() -> None:
    first, second = walk(30, still=15), walk(12, still=15)
    pieces = [*first.stretches, Stretch(first.span[1], SECOND / 100, second.stretches[0].counts)]
    found = bouts(gait(of(*pieces)), 0.9)
    assert [round(each.seconds / 10) for each in found] == [3, 1]
    assert found[1].start - found[0].start > 55 * SECOND
    assert len(bouts(gait(of(*pieces)), 0.9, seconds=20)) == 1


def test_samples_with_times_of_their_own_give_the_same() -> None:
    signal = walk(30)
    [stretch] = signal.stretches
    timed = of(Stretch.at(stretch.moments(), stretch.counts))
    assert np.abs(gait(timed).start - gait(signal).start).max() <= 1
    assert gait(timed).height.tolist() == pytest.approx(gait(signal).height.tolist())


def test_it_does_not_matter_how_much_is_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    signal = walk(300)
    whole = gait(signal)
    monkeypatch.setattr(module, "PIECE", 45.0)
    monkeypatch.setattr(module, "TOGETHER", 7)
    in_pieces = gait(signal)
    assert in_pieces.start.tolist() == whole.start.tolist()
    assert in_pieces.height.tolist() == pytest.approx(whole.height.tolist(), rel=1e-9)


def test_what_cannot_be_computed_is_refused() -> None:
    slow = of(Stretch(START, SECOND / 10, np.zeros((600, 3), np.int16)), rate=10.0)
    with pytest.raises(SignalError, match="at least 20"):
        gait(slow)
    with pytest.raises(SignalError, match="a channel of acceleration"):
        gait(of(Stretch(START, SECOND / 100, np.zeros((600, 3), np.int16)), kind=Kind.ANGULAR_RATE))
    with pytest.raises(SignalError, match="metres"):
        bouts(NOTHING, leg=90.0)


def over(part: Partial, name: str) -> tuple[float | None, Reason | None]:
    found = compute(catalogue()[name], part, Period("2024-03-10", part.start, part.end))
    return found.value, found.reason


def test_gait_speed_needs_the_lower_back_and_a_leg() -> None:
    signal = walk(60, 0.5, 0.04)
    start, end = signal.span[0] // (5 * SECOND) * 5 * SECOND, signal.span[1] // (5 * SECOND) * 5 * SECOND
    wrist = partition({"back": signal}, start, end)
    assert over(wrist, "gait_speed@1") == (None, Reason.NOT_POSSIBLE)
    back = partition({"back": signal}, start, end, placements=("waist", "lower_back"))
    assert over(back, "gait_speed@1") == (None, Reason.NOT_POSSIBLE)
    cadence, reason = over(back, "gait_cadence@1")
    assert cadence == pytest.approx(120, rel=0.02)
    assert reason is Reason.TOO_LITTLE_WEAR  # less than ten hours
    assert over(back, "gait_stride_time@1")[0] == pytest.approx(1.0, rel=0.03)
    known = replace(catalogue()["gait_speed@1"], settings={"leg_length": 0.9})
    period = Period("2024-03-10", start, end)
    speed = compute(known, back, period).value
    assert speed == pytest.approx(1.25 * 0.5307 / 0.5, rel=0.06)
    assert compute(known, unpack(pack(back)), period).value == speed
    tall = replace(known, settings={"height": 0.9 / LEG})
    assert compute(tall, back, period).value == pytest.approx(speed)


def test_days_of_walking_are_joined() -> None:
    signal = walk(100, 0.5, 0.04)
    start, middle = START, START + 60 * SECOND
    pair = [
        partition({"back": signal}, begin, upto, placements=("lower_back",))
        for begin, upto in ((start, middle), (middle, START + 140 * SECOND))
    ]
    whole = joined(pair).parts["back"]
    assert isinstance(whole, Movement)
    assert whole.gait is not None
    assert np.all(np.diff(whole.gait.start) > 0)
    assert len(whole.gait) == pytest.approx(200, abs=6)
