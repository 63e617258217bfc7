"""WFDB records: every format, frames, skew, missing samples, checksums and annotations."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files import read
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND, Recording
from tests.signals.encoders import wfdb

START = nanoseconds(datetime(1994, 8, 15, 17, 27, 45))
RANDOM = np.random.default_rng(5)
LEAST = {16: 15, 24: 23, 32: 31, 61: 15, 80: 7, 160: 15, 212: 11}


def record(folder: Path, files: Mapping[str, bytes | str], **options: str) -> Recording:
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(folder / "r1.hea", **options)  # type: ignore[arg-type]


def header(line: str, *signals: str) -> str:
    return "\n".join(["# a remark", line, *signals, "# another"]) + "\n"


@pytest.mark.parametrize("form", LEAST)
def test_every_format_comes_back_exactly(form: int, tmp_path: Path) -> None:
    most = 1 << LEAST[form]
    values = RANDOM.integers(-most + 1, most, (501, 3)).astype(np.int32)
    sums = [wfdb.checksum(values[:, column]) for column in range(3)]
    lines = [f"r1.dat {form} 200(-5)/mV 12 7 0 {sums[n]} 0 {name}" for n, name in enumerate(("I", "II", "V5"))]
    files = {"r1.hea": header("r1 3 360 501 17:27:45 15/08/1994", *lines), "r1.dat": wfdb.samples(form, values.ravel())}
    recording = record(tmp_path, files)
    for column, name in enumerate(("ecg_i", "ecg_ii", "ecg_v5")):
        moments, found = recording.signals[name].whole()
        assert np.array_equal(recording.signals[name].stretches[0].counts[:, 0], values[:, column])
        assert np.allclose(found[:, 0], (values[:, column] + 5.0) / 200)
        assert moments[[0, 360]].tolist() == [START, START + SECOND]
    assert recording.findings == ()


def test_frames_of_several_samples_and_skew(tmp_path: Path) -> None:
    fast, slow = RANDOM.integers(-900, 900, 400).astype(np.int32), RANDOM.integers(-900, 900, 100).astype(np.int32)
    both = np.hstack([fast.reshape(100, 4), slow.reshape(100, 1)])
    lines = [
        f"r1.dat 212x4 2000/mV 12 0 0 {wfdb.checksum(fast)} 0 MCL1",
        f"r1.dat 212:3 1000/uV 12 0 0 {wfdb.checksum(slow)} 0 ECG 2",
    ]
    files = {"r1.hea": header("r1 2 125 100", *lines), "r1.dat": wfdb.samples(212, both.ravel())}
    recording = record(tmp_path, files)
    one, two = recording.signals["ecg_mcl1"], recording.signals["ecg_2"]
    assert (one.channel.rate, two.channel.rate, two.channel.unit) == (500.0, 125.0, "uV")
    assert np.array_equal(one.stretches[0].counts[:, 0], fast)
    assert np.array_equal(two.stretches[0].counts[:, 0], slow[3:])
    assert [finding.message for finding in recording.findings] == [
        "the record has no date; its times count from 1970-01-01"
    ]


def test_missing_samples_are_gaps(tmp_path: Path) -> None:
    values = np.arange(100, dtype=np.int32)
    values[20:30] = -32768
    line = f"r1.dat 16 200/mV 16 0 0 {wfdb.checksum(values)} 0 II"
    files = {"r1.hea": header("r1 1 100 100 0:0:0 1/1/2020", line), "r1.dat": wfdb.samples(16, values)}
    signal = record(tmp_path, files).signals["ecg_ii"]
    assert [len(part) for part in signal.stretches] == [20, 70]
    assert [end - start for start, end in signal.gaps(0)] == [SECOND // 10]


def test_beats_are_read_with_the_resolution_of_their_file(tmp_path: Path) -> None:
    marks = [(18, 28), (77, 1), (370, 1), (5000, 8), (5400, 5)]
    files = {
        "r1.hea": header("r1 1 250 1000 0:0:0 1/1/2020", "r1.dat 16 200/mV 16 0 0 0 0 II"),
        "r1.dat": wfdb.samples(16, np.zeros(1000, np.int32)),
        "r1.atr": wfdb.annotations(marks, resolution=500),
    }
    recording = record(tmp_path, files)
    found = recording.details["annotations"]["atr"]
    start = nanoseconds(datetime(2020, 1, 1))
    assert "".join(found.symbols) == "+NNAV"
    assert ((found.times - start) / SECOND).tolist() == [sample / 500 for sample, _ in marks]
    moments, lengths = recording.signals["interbeat_interval"].whole()
    assert lengths[:, 0].tolist() == pytest.approx([586.0, 9260.0, 800.0])
    assert ((moments - start) / SECOND).tolist() == [0.74, 10.0, 10.8]


def test_an_annotation_file_without_its_end_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    files = {
        "r1.hea": header("r1 1 250 1000 0:0:0 1/1/2020", "r1.dat 16 200/mV 16 0 0 0 0 II"),
        "r1.dat": wfdb.samples(16, np.zeros(1000, np.int32)),
        "r1.qrs": wfdb.annotations([(100, 1), (300, 1)])[:-2],
    }
    recording = record(tmp_path, files)
    assert [finding.place for finding in recording.findings] == ["r1.hea, r1.qrs"]
    assert len(recording.signals["interbeat_interval"]) == 1


def test_a_file_that_ends_early_and_a_wrong_sum_are_findings(tmp_path: Path) -> None:
    values = np.arange(100, dtype=np.int32)
    files = {
        "r1.hea": header("r1 1 100 100 0:0:0 1/1/2020", "r1.dat 16 200/mV 16 0 0 77 0 II"),
        "r1.dat": wfdb.samples(16, values),
    }
    assert [finding.message for finding in record(tmp_path, files).findings] == [
        "the samples sum up to 4950, the header says 77"
    ]
    recording = record(tmp_path, files | {"r1.dat": wfdb.samples(16, values)[:151]})
    assert [finding.message for finding in recording.findings] == [
        "the file ends after 75 of the 100 frames that the header announces"
    ]
    assert len(recording.signals["ecg_ii"]) == 75


def test_a_record_in_a_zip_archive_and_bytes_to_pass_over(tmp_path: Path) -> None:
    values = np.arange(200, dtype=np.int32)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        lines = ["r1.mat 16+24 100/mV 16 0 0 0 0 II", "r1.mat 16+24 10/NU 16 0 0 0 0 PLETH"]
        archive.writestr("study/r1.hea", header("r1 2 250", *lines))
        archive.writestr("study/r1.mat", b"m" * 24 + wfdb.samples(16, values))
    path = tmp_path / "record.zip"
    path.write_bytes(packed.getvalue())
    signals = read(path).signals
    assert signals["ecg_ii"].stretches[0].counts[:, 0].tolist() == values[::2].tolist()
    assert signals["ppg_pleth"].stretches[0].counts[:, 0].tolist() == values[1::2].tolist()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("r1 1 250 100", "r1.dat 16 200/mV"), r"r1.dat: No such file or directory; accepted: a file that can be read"),
        (
            ("r1 1 250 100", "../r1.dat 16 200/mV"),
            r"r1.hea, line 3: file '../r1.dat'; accepted: the name of a file beside",
        ),
        (
            ("r1 1 250 100", "r1.dat 310 200/mV"),
            r"line 3: format 310; accepted: a record with signals in formats",
        ),
        (("r1 2 250 100", "r1.dat 16 200/mV"), r"line 2: 2 signals in 1 lines; accepted: one line for each"),
        (("r1 1 0 100", "r1.dat 16 200/mV"), r"line 2: 0.0 frames a second; accepted: 0.001 to 100000"),
        (("r1 1 250 100 25:00:00", "r1.dat 16 200/mV"), r"line 2: start 25:00:00 ; accepted: hh:mm:ss dd/mm/yyyy"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(lines: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(SignalError, match=message):
        record(tmp_path, {"r1.hea": header(*lines)})


def segments(layout: bool = False) -> tuple[dict[str, bytes | str], list[np.ndarray]]:
    """Two segments of a lead with 3 s between them that were not recorded; the second has another lead too."""
    parts = [RANDOM.integers(-900, 900, rows).astype(np.int32) for rows in (720, 360)]
    lines = ["s1 720", "~ 1080", "s2 360"]
    files: dict[str, bytes | str] = {
        "r1.hea": header(
            f"r1/{3 + layout} 1 360 2160 17:27:45 15/08/1994", *(["s0_layout 0"] if layout else []), *lines
        ),
        "s1.hea": header("s1 1 360 720", f"s1.dat 16 200/mV 12 0 0 {wfdb.checksum(parts[0])} 0 II"),
        "s2.hea": header("s2 2 360 360", "s2.dat 16 200/mV 12 0 0 0 0 II", "s2.dat 16 100/mV 12 0 0 0 0 V5"),
        "s1.dat": wfdb.samples(16, parts[0]),
        "s2.dat": wfdb.samples(16, np.repeat(parts[1], 2)),
    }
    return files, parts


@pytest.mark.parametrize("layout", [False, True])
def test_segments_are_one_record_with_gaps_where_nothing_was_recorded(layout: bool, tmp_path: Path) -> None:
    files, parts = segments(layout)
    recording = record(tmp_path, files)
    lead = recording.signals["ecg_ii"]
    assert [stretch.start - START for stretch in lead.stretches] == [0, 5 * SECOND]
    for stretch, part in zip(lead.stretches, parts, strict=True):
        assert np.array_equal(stretch.counts[:, 0], part)
    assert list(lead.gaps(0)) == [(START + 2 * SECOND, START + 5 * SECOND)]
    assert recording.signals["ecg_v5"].span == (START + 5 * SECOND, START + 6 * SECOND)


def test_segments_in_a_zip_archive_are_found_by_the_header_that_names_them(tmp_path: Path) -> None:
    files, _parts = segments()
    with zipfile.ZipFile(tmp_path / "record.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(f"data/{name}", content)
    assert len(read(tmp_path / "record.zip").signals["ecg_ii"]) == 1080


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"s2.hea": header("s2 1 250 360", "s2.dat 16 200/mV 12 0 0 0 0 II")}, r"s2\.hea: segments, or another rate"),
        ({"s1.hea": header("s1/1 1 360 720", "s2 360")}, r"s1\.hea: segments, or another rate"),
        ({"r1.hea": header("r1/2 1 360 2160", "s1 720", "../s2 360")}, r"line 4: '../s2 360'; accepted: the name of a"),
        (
            {"r1.hea": header("r1/9 1 360 2160", "s1 720", "s2 360")},
            "9 segments in 2 lines; accepted: one line for each",
        ),
        ({"r1.hea": header("r1/1 1 360 2160", "s7 720")}, "a file that can be read"),
    ],
)
def test_segments_that_cannot_be_read_are_refused(
    change: Mapping[str, bytes | str], message: str, tmp_path: Path
) -> None:
    files, _parts = segments()
    with pytest.raises(SignalError, match=message):
        record(tmp_path, {**files, **change})
