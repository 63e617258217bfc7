"""Tables of accelerometers: exports of Axivity and of ActiGraph, raw and counted, with times and without."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.files.conftest import Reading

START = datetime(2019, 12, 23, 21, 4, 6, 690_000)
COUNTS = np.random.default_rng(5).integers(-2000, 2000, (400, 6)).astype(np.int16)


def axivity(counts: NDArray[np.int16], scales: list[float], *, unix: bool = False, rate: float = 100.0) -> bytes:
    lines = []
    for number, row in enumerate(counts.tolist()):
        moment = START + timedelta(seconds=number / rate)
        time = f"{nanoseconds(moment) / SECOND:.4f}" if unix else f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:23]
        lines.append(",".join([time, *(f"{value * scale:.6f}" for value, scale in zip(row, scales, strict=True))]))
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.mark.parametrize("unix", [True, False])
@pytest.mark.parametrize("per_g", [256, 2048, 16384])
def test_an_axivity_table_gives_the_counts_of_the_device_back(unix: bool, per_g: int, reading: Reading) -> None:
    recording = reading(axivity(COUNTS[:, :3], [1 / per_g] * 3, unix=unix))
    signal = recording.signals["acceleration"]
    assert np.array_equal(np.concatenate([part.counts for part in signal.stretches]), COUNTS[:, :3])
    assert (signal.channel.resolution, signal.channel.rate) == (1 / per_g, 100.0)
    expected = nanoseconds(START) + np.arange(400) * SECOND // 100
    assert np.abs(signal.whole()[0] - expected).max() < SECOND // 1000


def test_an_axivity_table_with_a_heading_has_angular_rate(reading: Reading) -> None:
    content = axivity(COUNTS, [1 / 4096] * 3 + [250 / 32768] * 3)
    heading = b"Time,Accel-X (g),Accel-Y (g),Accel-Z (g),Gyro-X (d/s),Gyro-Y (d/s),Gyro-Z (d/s)\r\n"
    recording = reading(heading + content, timezone="Europe/Amsterdam")
    signal = recording.signals["angular_rate"]
    assert np.array_equal(np.concatenate([part.counts for part in signal.stretches]), COUNTS[:, 3:])
    assert signal.channel.resolution == 250 / 32768
    assert signal.span[0] == nanoseconds(START) - 3600 * SECOND


def test_values_of_no_known_scale_are_kept_in_millionths(reading: Reading) -> None:
    signal = reading(axivity(COUNTS[:, :3], [0.000123] * 3)).signals["acceleration"]
    assert np.allclose(signal.whole()[1], COUNTS[:, :3] * 0.000123, rtol=0, atol=1e-9)


def test_a_pause_in_an_axivity_table_is_a_gap(reading: Reading) -> None:
    lines = axivity(COUNTS[:, :3], [1 / 256] * 3).splitlines(keepends=True)
    signal = reading(b"".join(lines[:100] + lines[250:])).signals["acceleration"]
    assert [round((end - start) / SECOND, 3) for start, end in signal.gaps(0)] == [1.5]


def test_a_row_cut_short_is_a_finding_and_a_word_an_error(reading: Reading) -> None:
    lines = axivity(COUNTS[:, :3], [1 / 256] * 3).splitlines(keepends=True)
    recording = reading(b"".join([*lines[:100], lines[100][:40]]))
    assert len(recording.signals["acceleration"]) == 100
    assert [str(finding.place) for finding in recording.findings] == ["file, line 101"]
    with pytest.raises(SignalError, match=r"^file, line 7: CSV conversion error to double: invalid value 'x'"):
        reading(b"".join([*lines[:6], lines[6][:24] + b"x,0.5,0.5\r\n", *lines[7:]]))


def actilife(*rows: str, first: str = "date format M/d/yyyy", mode: int = 13, epoch: str = "00:00:15") -> bytes:
    lines = [
        f"------------ Data File Created By ActiGraph wGT3XBT ActiLife v6.13.3 Firmware v1.8.0 {first} -----------",
        *("Serial Number: MOS2D16160581", "Start Time 21:35:00", "Start Date 8/15/2016"),
        *(f"Epoch Period (hh:mm:ss) {epoch}", "Download Time 18:59:15", "Download Date 8/24/2016"),
        *("Current Memory Address: 0", f"Current Battery Voltage: 4.03     Mode = {mode}", "-" * 50),
    ]
    return ("\r\n".join([*lines, *rows]) + "\r\n").encode()


def test_counts_without_a_heading_are_told_by_the_mode(reading: Reading) -> None:
    content = actilife("325,85,176,2,7,0,5,0,0", "181,116,91,1,8,0,5,0,0", mode=61, epoch="00:00:05")
    recording = reading(content, timezone="America/New_York")
    found = {name: signal.whole()[1].tolist() for name, signal in recording.signals.items()}
    assert found == {"activity_counts": [[325, 85, 176], [181, 116, 91]], "steps": [[2], [1]], "light": [[7], [8]]}
    assert recording.signals["steps"].span[0] == (nanoseconds(datetime(2016, 8, 15, 21, 35)) + 4 * 3600 * SECOND)
    assert recording.signals["steps"].stretches[0].step == 5 * SECOND


def test_counts_with_times_keep_them_and_their_zone(reading: Reading) -> None:
    rows = ["TimeStamp,axis1,axis2,axis3,steps,vm"]
    rows += [f"2017-09-12T15:00:0{second}Z,{second},0,0,1,{second}" for second in (0, 1, 2, 6, 7)]
    recording = reading(actilife(*rows, epoch="00:00:01"), timezone="Asia/Tokyo")
    counts = recording.signals["activity_counts"]
    start = nanoseconds(datetime(2017, 9, 12, 15))
    assert counts.span == (start, start + 8 * SECOND)
    assert list(counts.gaps(0)) == [(start + 3 * SECOND, start + 6 * SECOND)]


@pytest.mark.parametrize("heading", [True, False])
def test_raw_acceleration_is_kept_in_thousandths(heading: bool, reading: Reading) -> None:
    rows = ["Accelerometer X,Accelerometer Y,Accelerometer Z"] * heading + ["0.012,-0.997,0.003", "1.5,-8,7.999"]
    recording = reading(actilife(*rows, first="date format M/d/yyyy at 30 Hz  Filter Normal", mode=12))
    signal = recording.signals["acceleration"]
    assert signal.stretches[0].counts.tolist() == [[12, -997, 3], [1500, -8000, 7999]]
    assert (signal.span[0], signal.channel.rate) == (nanoseconds(datetime(2016, 8, 15, 21, 35)), 30.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (actilife("1,2,3", mode=13), r"line 11: 3 cells; accepted: 4 cells: axis1, axis2, axis3, steps"),
        (actilife("1,2,3,4", first="date format d.M.yy"), r"line 4: 8/15/2016 21:35:00; accepted: a date and time"),
        (actilife("1,2,3,4", epoch="99:00:00"), r"line 5: 99:00:00; accepted: an epoch of 1 second to an hour"),
        (actilife(), r"line 10: the end of the file; accepted: ten lines of ActiLife"),
        (actilife("1,2,3,4", "1,2,3,many"), r"line 12: CSV conversion error to double: invalid value 'many'"),
    ],
)
def test_a_table_that_is_not_as_announced_is_refused(content: bytes, message: str, reading: Reading) -> None:
    with pytest.raises(SignalError, match=message):
        reading(content)
