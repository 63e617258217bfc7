"""Beats in electrocardiograms and pulse waves that were made from known beats."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.heart import Beats
from helmont.signals.heart.ecg import ecg_beats
from helmont.signals.heart.ppg import ppg_beats
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch
from helmont.signals.synthetic_vitals import SyntheticHeart, synthetic_ecg, synthetic_ppg
from tests.signals.heart.agreement import Agreement, agreement

START = 1_700_000_000 * SECOND


def seconds(times: Nanoseconds) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return (times - START) / SECOND


def compared(heart: SyntheticHeart, found: Beats, within: float) -> Agreement:
    return agreement(seconds(heart.beats), seconds(found.times), within)


def changed(signal: Signal, counts: np.ndarray[tuple[int, int], np.dtype[np.int16]]) -> Signal:
    [stretch] = signal.stretches
    return Signal(signal.channel, (Stretch(stretch.start, stretch.step, counts),))


@pytest.mark.parametrize("rate", [45, 65, 110, 170])
@pytest.mark.parametrize("sampled", [128, 250, 500])
def test_every_beat_of_a_clean_electrocardiogram_is_found_to_the_millisecond(rate: float, sampled: float) -> None:
    heart = synthetic_ecg(1, START, 120, rate, sampled)
    found = compared(heart, ecg_beats(heart.signal), 0.02)
    assert (found.missed, found.false) == (0, 0)
    assert np.abs(found.distances).max() < 0.003


def test_noise_wander_and_a_lead_upside_down_change_nothing() -> None:
    heart = synthetic_ecg(2, START, 300, 72, noise=0.1)
    [stretch] = heart.signal.stretches
    wander = np.rint(300 * np.sin(np.arange(len(stretch)) / 500)).astype(np.int16)[:, None]
    for counts in (stretch.counts, stretch.counts + wander, -stretch.counts):
        found = compared(heart, ecg_beats(changed(heart.signal, counts)), 0.05)
        assert (found.missed, found.false) == (0, 0)


def test_tall_t_waves_are_no_beats() -> None:
    heart = synthetic_ecg(3, START, 120, 60, noise=0.0)
    [stretch] = heart.signal.stretches
    moments = seconds(stretch.moments())
    tall = sum(0.9 * np.exp(-0.5 * ((moments - beat - 0.28) / 0.03) ** 2) for beat in seconds(heart.beats))
    taller = stretch.counts + np.rint(np.asarray(tall) / 0.005).astype(np.int16)[:, None]
    found = compared(heart, ecg_beats(changed(heart.signal, taller)), 0.05)
    assert (found.missed, found.false) == (0, 0)


def test_after_an_artefact_and_at_a_lower_amplitude_beats_are_found_again() -> None:
    heart = synthetic_ecg(4, START, 240, 70, noise=0.005)
    [stretch] = heart.signal.stretches
    counts = stretch.counts.copy()
    counts[100 * 250 : 102 * 250] = np.where(np.arange(500)[:, None] % 60 < 30, 2000, -2000)
    counts[150 * 250 :] = np.rint(counts[150 * 250 :] * 0.25).astype(np.int16)
    found = seconds(ecg_beats(changed(heart.signal, counts)).times)
    true = seconds(heart.beats)
    for begin, end in ((0, 99), (106, 149), (162, 240)):
        part = agreement(
            true[(true > begin) & (true < end)], found[(found > begin - 0.02) & (found < end + 0.02)], 0.02
        )
        assert part.missed == 0
        assert part.false <= 1


def test_a_lead_that_came_off_has_no_beats() -> None:
    heart = synthetic_ecg(5, START, 180, 70)
    [stretch] = heart.signal.stretches
    counts = stretch.counts.copy()
    counts[60 * 250 : 120 * 250] = np.random.default_rng(5).integers(-1, 2, (60 * 250, 1))
    found = seconds(ecg_beats(changed(heart.signal, counts)).times)
    assert not np.any((found > 61) & (found < 119))
    assert np.count_nonzero(found < 59) > 60
    assert np.count_nonzero(found > 130) > 50


def test_a_recording_of_many_chunks_has_the_beats_of_its_parts() -> None:
    """Chunks are five minutes; around their edges no beat is lost and none is found twice."""
    heart = synthetic_ecg(6, START, 1000, 65, 128)
    found = compared(heart, ecg_beats(heart.signal), 0.02)
    assert (found.missed, found.false) == (0, 0)
    pulse = synthetic_ppg(6, START, 1000, 65)
    assert compared(pulse, ppg_beats(pulse.signal), 0.05)[1:3] == (0, 0)


@pytest.mark.parametrize("rate", [45, 65, 110])
def test_every_beat_of_a_pulse_wave_is_found(rate: float) -> None:
    pulse = synthetic_ppg(7, START, 300, rate, noise=0.02)
    found = compared(pulse, ppg_beats(pulse.signal), 0.05)
    assert found.missed == 0
    assert found.predictivity > 0.99
    assert abs(found.distances.mean()) < 0.01


def test_a_movement_at_one_time_hides_no_beats_at_another() -> None:
    pulse = synthetic_ppg(8, START, 400, 70)
    [stretch] = pulse.signal.stretches
    counts = stretch.counts.copy()
    counts[64 * 200 : 64 * 205] = np.where(np.arange(320)[:, None] % 64 < 32, 30_000, -30_000)
    found = seconds(ppg_beats(changed(pulse.signal, counts)).times)
    true = seconds(pulse.beats)
    for begin, end in ((0, 160), (245, 400)):
        assert agreement(true[(true > begin) & (true < end)], found, 0.05).missed == 0


def test_beats_of_different_stretches_are_of_different_runs() -> None:
    heart = synthetic_ecg(9, START, 60, 65)
    whole = heart.signal
    parts = (
        *whole.between(START, START + 20 * SECOND).stretches,
        *whole.between(START + 25 * SECOND, START + 50 * SECOND).stretches,
    )
    short = whole.between(START + 51 * SECOND, START + 60 * SECOND).stretches
    found = ecg_beats(Signal(whole.channel, (*parts, *short)))
    assert set(found.runs.tolist()) == {0, 1}, "a stretch of nine seconds teaches no threshold"
    assert len(found.between(START, START + 20 * SECOND)) == np.count_nonzero(found.runs == 0)


def test_signals_without_beats_have_none() -> None:
    channel = Channel("ecg", Kind.ECG, "mV", rate=250.0)
    flat = Signal(channel, (Stretch(START, SECOND / 250, np.zeros((250 * 30, 1), np.int16)),))
    assert len(ecg_beats(flat)) == len(ecg_beats(Signal(channel, ()))) == 0
    pulse = Channel("ppg", Kind.PPG, "1", rate=64.0)
    still = Signal(pulse, (Stretch(START, SECOND / 64, np.full((64 * 30, 1), 500, np.int16)),))
    assert len(ppg_beats(still)) == len(ppg_beats(Signal(pulse, ()))) == 0


@pytest.mark.parametrize("find", [ecg_beats, ppg_beats])
def test_a_signal_in_which_beats_cannot_be_found_is_refused(find: object) -> None:
    kind = Kind.ECG if find is ecg_beats else Kind.PPG
    unit = "mV" if find is ecg_beats else "1"
    counts = np.zeros((100, 1), np.int16)
    slow = Signal(Channel("lead", kind, unit), (Stretch(START, SECOND / 10, counts),))
    timed = Signal(Channel("lead", kind, unit), (Stretch.at(START + np.arange(100), counts),))
    other = Signal(Channel("steps", Kind.STEPS, "1"), ())
    for wrong in (slow, timed, other):
        with pytest.raises(SignalError, match=wrong.channel.name):
            find(wrong)  # type: ignore[operator]


def test_beats_that_cannot_be_are_refused() -> None:
    with pytest.raises(SignalError, match="increasing"):
        Beats(np.array([2, 1]), np.zeros(2, np.int32))
    with pytest.raises(SignalError, match="one run"):
        Beats(np.array([1, 2]), np.zeros(1, np.int32))
