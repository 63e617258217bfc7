"""Real files of accelerometers, against what other readers find in them.

The truths of scikit-digital-health's own tests lie beside its samples, as ``.npz``. They hold every sample (none dropped or
trimmed), accelerations and angular rates rounded to 6 digits or less, and times, which differ in ways that are known:

- Axivity: it takes the time of a block for the whole second alone and counts back by the index that was made to fit, so
  that its times are true to a sample or two; the reader here puts the fraction of a second back, as the format describes,
  and draws straight lines within two samples. Its temperature is ``(raw - 171) / 3.142``, which the maker does not give.
- GENEActiv: it leaves out the zone of the header, rounds accelerations to 4 digits and light down to whole lux.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helmont.signals.files import read
from helmont.signals.recording import SECOND
from tests.signals.real import found


def on(pattern: str) -> Callable[[Any], Any]:
    """Runs a test on every such file; without one there is no test."""
    files = found(pattern)
    return pytest.mark.parametrize("path", files, ids=[file.name for file in files]) if files else lambda _: None


@on("skdh/tests/io/data/ax*_sample.cwa")
def test_axivity_agrees_with_scikit_digital_health(path: Path) -> None:
    truth = np.load(path.with_name(path.name.replace("_sample.cwa", "_data.npz")))
    recording = read(path)
    moments, values = recording.signals["acceleration"].whole()
    assert values.shape == truth["accel"].shape
    assert np.abs(values - truth["accel"]).max() <= 5.1e-7
    if "gyro" in truth:
        assert np.abs(recording.signals["angular_rate"].whole()[1] - truth["gyro"]).max() <= 1e-4
    rate = float(truth["fs"][0])
    assert recording.signals["acceleration"].channel.rate == rate
    assert np.abs(moments / SECOND - truth["time"]).max() <= 3 / rate + 0.01
    raw = recording.signals["temperature"].stretches[0].counts[:, 0]
    per_block = len(values) // len(raw)
    assert np.abs((raw - 171) / 3.142 - truth["temperature"][::per_block]).max() < 1.0
    assert recording.findings == ()


@on("skdh/tests/io/data/gnactv_sample.bin")
def test_geneactiv_agrees_with_scikit_digital_health(path: Path) -> None:
    truth = np.load(path.with_name("gnactv_data.npz"))
    recording = read(path)
    moments, values = recording.signals["acceleration"].whole()
    assert np.abs(values - truth["accel"]).max() <= 5.1e-5
    assert np.abs((moments - 4 * 3600 * SECOND) / SECOND - truth["time"]).max() < 1e-6
    assert np.array_equal(np.floor(recording.signals["light"].whole()[1][:, 0] + 1e-9), truth["light"])
    assert np.allclose(recording.signals["temperature"].whole()[1][:, 0], truth["temperature"][::300])
    assert recording.findings == ()


@on("ggir/inst/testfiles/*.gt3x")
def test_actigraph_agrees_with_a_plain_reading_of_the_records(path: Path) -> None:
    """589 activity records, of which one is a mere byte; record after record, nibble after nibble."""
    data = zipfile.ZipFile(path).read("log.bin")
    at, seconds, expected = 0, [], []
    while at < len(data):
        kind, second = data[at + 1], int.from_bytes(data[at + 2 : at + 6], "little")
        size = int.from_bytes(data[at + 6 : at + 8], "little")
        if kind == 0 and size > 1:
            digits = data[at + 8 : at + 8 + size].hex()
            triples = [int(digits[place : place + 3], 16) for place in range(0, len(digits), 3)]
            rows = np.array([value - 4096 if value > 2047 else value for value in triples]).reshape(-1, 3)
            seconds += [second] * len(rows)
            expected.append(rows[:, [1, 0, 2]] / 256)
        at += 9 + size
    recording = read(path)
    moments, values = recording.signals["acceleration"].whole()
    assert np.array_equal(values, np.concatenate(expected))
    assert len(values) == 588 * 30
    local = moments + recording.details["utc_offset_seconds"] * SECOND
    assert (local // SECOND).tolist() == seconds
    assert len(recording.details["idle_sleep"]) == 23
    assert recording.findings == ()


@on("ggir/inst/testfiles/ax*_testfile_*.csv")
def test_axivity_tables_hold_what_is_printed(path: Path) -> None:
    printed = np.genfromtxt(path, delimiter=",", dtype=str)
    recording = read(path)
    moments, values = recording.signals["acceleration"].whole()
    assert np.abs(values - printed[:, 1:4].astype(float)).max() < 1.5e-6
    unix = "unix" in path.name
    times = printed[:, 0].astype(float) if unix else printed[:, 0].astype("datetime64[ns]").astype(np.int64) / SECOND
    assert np.abs(moments / SECOND - times).max() < 0.02
    assert recording.signals["acceleration"].channel.resolution == (1 / 256 if unix else 1 / 2048)
    assert recording.findings == ()


@on("ggir/inst/testfiles/ActiGraph*.csv")
def test_actigraph_tables_hold_what_is_printed(path: Path) -> None:
    lines = path.read_text().splitlines()[10:]
    cells = [line.split(",") for line in lines if "axis" not in line]
    first = 1 if "timestamps" in path.name else 0
    recording = read(path)
    counts = [[int(cell) for cell in row[first : first + 3]] for row in cells]
    assert recording.signals["activity_counts"].whole()[1].tolist() == counts
    assert recording.signals["steps"].whole()[1].ravel().tolist() == [int(row[first + 3]) for row in cells]
    assert recording.findings == ()
