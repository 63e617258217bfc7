"""Axivity files: exact counts, the times that the device meant, and what is kept of a damaged file."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.encoders import axivity
from tests.signals.encoders.axivity import Setting
from tests.signals.files.conftest import Reading

START = datetime(2024, 3, 1, 10, 0, 0, 250_000)
AX3 = Setting(packed=True)
AX6 = Setting(per_g=4096, degrees=1000)


def counts(samples: int, axes: int = 3, most: int = 500) -> NDArray[np.int16]:
    return np.random.default_rng(5).integers(-most, most, (samples, axes)).astype(np.int16)


@pytest.mark.parametrize("rate", [12.5, 50.0, 100.0, 200.0])
@pytest.mark.parametrize("packed", [True, False])
def test_samples_come_back_exactly_at_the_times_of_their_blocks(rate: float, packed: bool, reading: Reading) -> None:
    setting = Setting(packed=packed, rate=rate)
    written = counts(7 * setting.capacity + 11)
    recording = reading(axivity.file(written, START, setting, at=(0, 17, 40)))
    signal = recording.signals["acceleration"]
    moments, values = signal.whole()
    assert np.array_equal(np.concatenate([part.counts for part in signal.stretches]), written)
    assert np.array_equal(values, written / 256)
    expected = nanoseconds(START) + np.rint(np.arange(len(written)) / rate * SECOND).astype(np.int64)
    assert np.abs(moments - expected).max() <= SECOND // 32768 + 2  # the fraction has 15 bits
    assert (recording.findings, len(signal.stretches)) == ((), 1)


def test_large_packed_values_keep_their_exponent(reading: Reading) -> None:
    written = np.array([[4088, -4096, 8], [1020, 4, -1024], [511, -512, 0]] * 40, np.int16)
    recording = reading(axivity.file(written, START, AX3))
    assert np.array_equal(recording.signals["acceleration"].stretches[0].counts, written)


def test_an_ax6_has_angular_rate_in_front_of_acceleration(reading: Reading) -> None:
    written = counts(200, 6, 20_000)
    recording = reading(axivity.file(written, START, AX6))
    acceleration, turning = recording.signals["acceleration"], recording.signals["angular_rate"]
    assert np.array_equal(turning.whole()[1], written[:, :3] * (1000 / 32768))
    assert np.array_equal(acceleration.whole()[1], written[:, 3:] / 4096)
    assert recording.device == {"maker": "Axivity", "model": "AX6", "serial": "51888", "firmware": "45"}


def test_temperature_light_and_battery_are_in_units(reading: Reading) -> None:
    recording = reading(axivity.file(counts(240), START, Setting(packed=True, light=682, temperature=256, battery=200)))
    found = {name: signal.whole()[1].ravel().tolist() for name, signal in recording.signals.items()}
    assert found["temperature"] == [25.0, 25.0]  # 256 * 75/256 - 50
    assert found["light"] == pytest.approx([99.6] * 2)  # two decades of 341.3
    assert found["battery"] == [4.171875] * 2  # (200 + 512) * 6/1024


@pytest.mark.parametrize("rate", [97.3, 101.9])
def test_a_sensor_that_is_fast_or_slow_keeps_the_times_of_the_clock(rate: float, reading: Reading) -> None:
    written = counts(300 * 80)
    recording = reading(axivity.file(written, START, Setting(), rate=rate))
    signal = recording.signals["acceleration"]
    expected = nanoseconds(START) + np.rint(np.arange(len(written)) / rate * SECOND).astype(np.int64)
    assert np.abs(signal.whole()[0] - expected).max() < 100_000
    assert (len(signal.stretches), list(signal.gaps(0))) == (1, [])


def test_older_firmware_without_fractions_is_true_to_a_sample(reading: Reading) -> None:
    written = counts(240)
    start = START.replace(microsecond=0)
    content = axivity.file(written, start, AX3, at=(100, 80), fractional=False)
    moments = reading(content).signals["acceleration"].whole()[0]
    assert abs(int(moments[0]) - nanoseconds(start)) <= SECOND // 100


def test_a_block_with_a_wrong_checksum_is_left_out_and_said(reading: Reading) -> None:
    content = bytearray(axivity.file(counts(10 * 120), START, AX3))
    content[1024 + 4 * 512 + 100] ^= 1
    recording = reading(bytes(content))
    signal = recording.signals["acceleration"]
    assert [len(part) for part in signal.stretches] == [480, 600]
    assert [round((end - start) / SECOND, 3) for start, end in signal.gaps(0)] == [1.2]
    (finding,) = recording.findings
    assert finding.place == "file, byte 3072"
    assert finding.message == "1 blocks with a wrong checksum were left out"


def test_a_file_cut_off_within_a_block_keeps_the_others(reading: Reading) -> None:
    recording = reading(axivity.file(counts(10 * 120), START, AX3)[:-100])
    assert len(recording.signals["acceleration"]) == 9 * 120
    assert [finding.place for finding in recording.findings] == ["file, byte 5632"]


def test_a_time_that_jumps_and_comes_back_is_mended(reading: Reading) -> None:
    content = bytearray(axivity.file(counts(10 * 120), START, AX3))
    stray = axivity.block(counts(120), START + timedelta(days=400), AX3, 4)
    content[1024 + 4 * 512 : 1024 + 5 * 512] = stray
    recording = reading(bytes(content))
    signal = recording.signals["acceleration"]
    assert (len(signal), list(signal.gaps(0))) == (1200, [])
    assert signal.span[1] - signal.span[0] == pytest.approx(12 * SECOND, abs=SECOND // 1000)
    assert [finding.message[:32] for finding in recording.findings] == ["1 blocks had a time that jumped "]


def test_a_clock_that_goes_back_loses_only_what_overlaps(reading: Reading) -> None:
    before = axivity.file(counts(10 * 120), START, AX3)
    after = axivity.file(counts(10 * 120), START + timedelta(seconds=6), AX3)[1024:]
    recording = reading(before + after)
    signal = recording.signals["acceleration"]
    assert signal.span[1] - signal.span[0] == pytest.approx(18 * SECOND, abs=SECOND // 1000)
    assert len(signal) == 15 * 120
    assert [finding.message[:39] for finding in recording.findings] == ["5 blocks were left out because their ti"]


def test_a_second_session_is_a_stretch_of_its_own(reading: Reading) -> None:
    before = axivity.file(counts(240), START, AX3)
    after = axivity.file(counts(240), START + timedelta(hours=2), AX3)[1024:]
    signal = reading(before + after).signals["acceleration"]
    assert [len(part) for part in signal.stretches] == [240, 240]
    assert [round((end - start) / SECOND, 3) for start, end in signal.gaps(SECOND)] == [7197.6]


def test_a_running_clock_keeps_the_offset_of_the_day_it_was_configured(reading: Reading) -> None:
    """Daylight saving time began in Amsterdam on 31 March 2024 at 02:00; the device's clock ran on."""
    start = datetime(2024, 4, 1, 9, 0)
    content = axivity.file(counts(120), start, AX3, configured=datetime(2024, 3, 29, 15, 0))
    recording = reading(content, timezone="Europe/Amsterdam")
    assert recording.signals["acceleration"].span[0] == nanoseconds(start) - 3600 * SECOND
    content = axivity.file(counts(120), start, AX3)
    recording = reading(content, timezone="Europe/Amsterdam")
    assert recording.signals["acceleration"].span[0] == nanoseconds(start) - 2 * 3600 * SECOND
    assert recording.details["utc_offset_seconds"] == 7200


def test_a_file_without_a_whole_block_is_refused(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"^week 1, byte 1024: 0 blocks, none of them whole; accepted: blocks of 512"):
        reading(axivity.header(AX3), name="week 1")


def test_axes_that_are_not_known_are_refused(reading: Reading) -> None:
    block = bytearray(axivity.block(counts(10), START, AX3, 0))
    block[25] = 0x44
    with pytest.raises(SignalError, match=r"byte 1048: 4 axes stored in way 4; accepted: blocks of 512 bytes"):
        reading(axivity.header(AX3) + axivity.sealed(block))
