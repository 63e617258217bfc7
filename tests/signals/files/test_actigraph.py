"""ActiGraph archives: both packings, sleep, light, heart and battery, of present devices and of the older ones."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.encoders import actigraph
from tests.signals.files.conftest import Reading

START = datetime(2020, 8, 26, 10, 9)
FIRST = nanoseconds(START) // SECOND


def counts(samples: int) -> NDArray[np.int16]:
    return np.random.default_rng(5).integers(-2048, 2048, (samples, 3)).astype(np.int16)


def archive(log: bytes, **options: object) -> bytes:
    return actigraph.archive({"info.txt": actigraph.info(START, **options), "log.bin": log})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [0, 26])
@pytest.mark.parametrize("rate", [25, 30, 100])
def test_samples_come_back_exactly(kind: int, rate: int, reading: Reading) -> None:
    written = counts(20 * rate)
    recording = reading(archive(actigraph.log(written, FIRST, rate, kind=kind), rate=rate, zone="02:00:00"))
    signal = recording.signals["acceleration"]
    (stretch,) = signal.stretches
    assert np.array_equal(stretch.counts, written)
    assert np.array_equal(signal.whole()[1], written / 256)
    assert (stretch.start, stretch.step) == ((FIRST - 7200) * SECOND, SECOND / rate)
    assert recording.findings == ()


def test_the_example_of_the_format_description_is_read(reading: Reading) -> None:
    """ActiGraph's description of the activity record: three samples of y, x, z and what they are in g, at 341 a g."""
    payload = bytes.fromhex("00600 8EBD007009EBF007008EBF0".replace(" ", ""))
    recording = reading(archive(actigraph.record(0, FIRST, payload), scale="", serial="NEO1C16110020"))
    values = recording.signals["acceleration"].whole()[1]
    expected = [[0.023, 0.018, -0.947], [0.026, 0.021, -0.941], [0.023, 0.021, -0.941]]
    assert np.round(values, 3).tolist() == expected


def test_seconds_of_idle_sleep_are_a_gap(reading: Reading) -> None:
    log = actigraph.log(counts(20 * 30), FIRST, 30, asleep=(FIRST + 10, FIRST + 70))
    recording = reading(archive(log, zone="-05:00:00"))
    local = (FIRST + 5 * 3600) * SECOND
    asleep = (local + 10 * SECOND, local + 70 * SECOND)
    assert list(recording.signals["acceleration"].gaps(0)) == [asleep]
    assert recording.details["idle_sleep"] == [asleep]


def test_what_lies_beside_activity_is_read(reading: Reading) -> None:
    beats = bytes([0b0001_0000, 61]) + (1024).to_bytes(2, "little") + (900).to_bytes(2, "little")
    log = actigraph.record(2, FIRST, (4037).to_bytes(2, "little")) + actigraph.record(
        5, FIRST, (12).to_bytes(2, "little")
    )
    log += actigraph.record(4, FIRST + 1, bytes([72])) + actigraph.record(14, FIRST + 2, beats)
    log += actigraph.record(0, FIRST + 3, b"\x00") + actigraph.log(counts(60), FIRST + 4, 30)
    found = {name: signal.whole()[1].ravel().tolist() for name, signal in reading(archive(log)).signals.items()}
    assert (found["battery"], found["light"], found["heart_rate"]) == ([4037], [12], [72, 61])
    assert found["interbeat_interval"] == [1.0, 900 / 1024]


def test_records_of_other_sensors_are_left_out_and_told(reading: Reading) -> None:
    log = (
        actigraph.log(counts(60), FIRST, 30)
        + actigraph.record(25, FIRST, bytes(20))
        + actigraph.record(25, FIRST, b"\1")
    )
    [finding] = reading(archive(log)).findings
    assert finding.message == "2 records of gyroscope, magnetometer and temperature (SENSOR_DATA) were left out"


def test_a_clock_in_utc_says_so_in_its_metadata(reading: Reading) -> None:
    said = actigraph.metadata(FIRST, MetadataType="LocalTimeLog", UsedUtc=True)
    recording = reading(archive(said + actigraph.log(counts(30), FIRST, 30), zone="-06:00:00"), timezone="Asia/Tokyo")
    assert recording.signals["acceleration"].span[0] == FIRST * SECOND


def test_a_clock_of_no_stated_zone_is_local(reading: Reading) -> None:
    recording = reading(archive(actigraph.log(counts(30), FIRST, 30)), timezone="Europe/Amsterdam")
    assert recording.signals["acceleration"].span[0] == (FIRST - 7200) * SECOND


def test_the_scale_stands_in_the_parameters_when_not_in_the_info(reading: Reading) -> None:
    parameters = actigraph.record(21, FIRST, np.array([55 << 16, actigraph.ssp(2048.0)], "<u4").tobytes())
    log = parameters + actigraph.log(counts(30), FIRST, 30)
    recording = reading(archive(log, scale="", serial="TAS1D48140206"))
    assert recording.signals["acceleration"].scale == (1 / 2048,) * 3


def test_a_damaged_record_is_left_out_and_zeros_between_records_are_not(reading: Reading) -> None:
    records = [actigraph.record(26, FIRST + n, actigraph.sixteen(counts(30))) for n in range(5)]
    broken = bytearray(records[2])
    broken[50] ^= 4
    recording = reading(archive(records[0] + b"\x00\x00\x00" + records[1] + bytes(broken) + records[3] + records[4]))
    signal = recording.signals["acceleration"]
    assert [len(part) for part in signal.stretches] == [60, 60]
    (finding,) = recording.findings
    assert finding.place == f"file, log.bin, byte {3 + 2 * len(records[0])}"
    assert finding.message.endswith("bytes that belong to no whole record were left out")


def test_a_record_that_is_cut_off_is_left_out(reading: Reading) -> None:
    log = actigraph.log(counts(90), FIRST, 30)
    recording = reading(archive(log[:-20]))
    assert len(recording.signals["acceleration"]) == 60
    assert len(recording.findings) == 1


def test_an_older_device_has_one_row_of_samples_and_light_by_the_second(reading: Reading) -> None:
    """Light as in the description of lux.bin: below 20 and 65535 are dark, at most 2500, 1.25 lux each."""
    written = counts(95)
    light = bytes.fromhex("00001300FFFF98084C04")
    members = {
        "info.txt": actigraph.info(START, serial="NEO1C16110020", scale=""),
        "activity.bin": actigraph.twelve(written),
        "lux.bin": light,
    }
    recording = reading(actigraph.archive(members))
    signal = recording.signals["acceleration"]
    assert np.array_equal(signal.stretches[0].counts, written)
    first, last = (int(moment) for moment in signal.whole()[0][[0, 94]])
    assert (first, last - first) == (FIRST * SECOND, pytest.approx(94 / 30 * SECOND, abs=2))
    assert signal.scale == (1 / 341,) * 3
    assert recording.signals["light"].whole()[1].ravel().tolist() == [0, 0, 0, 2500, 1375]


@pytest.mark.parametrize("rate", ["0", "many", "100000"])
def test_a_sample_rate_that_is_none_is_refused(rate: str, reading: Reading) -> None:
    info = actigraph.info(START).replace("Sample Rate: 30", f"Sample Rate: {rate}")
    with pytest.raises(
        SignalError, match=rf"^file, info.txt, Sample Rate: '{rate}'; accepted: 1 to 256 samples a second"
    ):
        reading(actigraph.archive({"info.txt": info, "log.bin": actigraph.log(counts(30), FIRST, 30)}))


def test_a_log_without_activity_is_refused(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"^file, log.bin: no activity; accepted: info.txt with log.bin"):
        reading(archive(actigraph.record(2, FIRST, b"\x00\x10")))
