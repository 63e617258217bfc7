"""EDF, EDF+ and BDF: counts, scales, annotations, pauses, and what is kept of a damaged file."""

from __future__ import annotations

import datetime as dt
from datetime import datetime

import edfio
import numpy as np
import pytest

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.encoders import edf
from tests.signals.encoders.edf import Notes, Track
from tests.signals.files.conftest import Reading

START = nanoseconds(datetime(2020, 8, 26, 10, 9))
COUNTS = np.random.default_rng(5).integers(-32768, 32767, (10, 256)).astype(np.int32)
HEART = Track("ECG II", "mV", COUNTS)


def test_counts_come_back_exactly_with_their_scale(reading: Reading) -> None:
    warmth = Track("Temp skin", "degC", COUNTS[:, :4], (20, 45), (-2048, 2047))
    recording = reading(edf.file([HEART, warmth]), timezone="Europe/Amsterdam")
    heart, temperature = recording.signals["ecg_ii"], recording.signals["temperature_temp_skin"]
    assert np.array_equal(heart.stretches[0].counts.ravel(), COUNTS.ravel())
    assert np.allclose(heart.whole()[1].ravel(), COUNTS.ravel() * 1e-4)
    assert np.allclose(temperature.whole()[1].ravel(), 20 + (COUNTS[:, :4].ravel() + 2048) * 25 / 4095)
    assert heart.span == (START - 7200 * SECOND, START - 7190 * SECOND)
    assert (heart.channel.rate, temperature.channel.rate) == (256.0, 4.0)
    assert (recording.findings, recording.device) == ((), {"equipment": "Holter_7"})
    assert "Somebody" not in str(recording.details)


def test_what_edfio_writes_is_read_alike(reading: Reading) -> None:
    """edfio is an independent writer and reader of EDF+."""
    values = np.sin(np.arange(2560) / 20)
    signals = [edfio.EdfSignal(values, 256, label="ECG V5", physical_dimension="mV")]
    signals += [edfio.EdfSignal(60 + np.arange(10.0), 1, label="HR", physical_dimension="bpm")]
    written = edfio.Edf(
        signals,
        recording=edfio.Recording(startdate=dt.date(2020, 8, 26), equipment_code="W1"),
        starttime=dt.time(10, 9, 0, 500_000),
        annotations=[edfio.EdfAnnotation(1.5, 2, "walk"), edfio.EdfAnnotation(3, None, "été")],
    ).to_bytes()
    recording = reading(written)
    theirs = edfio.read_edf(written)
    assert np.allclose(recording.signals["ecg_v5"].whole()[1].ravel(), theirs.signals[0].data, rtol=0, atol=1e-9)
    assert np.allclose(recording.signals["heart_rate_hr"].whole()[1].ravel(), theirs.signals[1].data, rtol=0, atol=1e-9)
    assert recording.signals["ecg_v5"].span[0] == START + SECOND // 2
    first = START + SECOND // 2  # the header has whole seconds; the annotations of records have the half
    told = [((onset - first) / SECOND, duration, text) for onset, duration, text in recording.details["annotations"]]
    assert told == [(1.5, 2.0, "walk"), (3.0, None, "été")]


def test_a_discontinuous_file_has_gaps(reading: Reading) -> None:
    onsets = [0, 1, 2, 60, 61, 62.5, 63.5, 64.5, 65.5, 66.5]
    notes = [Notes([(onset, None, [""])]) for onset in onsets]
    notes[3] = Notes([(60, None, [""]), (60.25, None, ["turned over"])])
    recording = reading(edf.file([HEART], kind="EDF+D", notes=notes))
    signal = recording.signals["ecg_ii"]
    assert [len(part) for part in signal.stretches] == [768, 512, 1280]
    assert [((a - START) / SECOND, (b - START) / SECOND) for a, b in signal.gaps(0)] == [(3, 60), (62, 62.5)]
    assert recording.details["annotations"] == [(START + round(60.25 * SECOND), None, "turned over")]


def test_bdf_has_24_bits(reading: Reading) -> None:
    wide = COUNTS * 200
    track = Track("EKG", "uV", wide, (-262144, 262143), (-8388608, 8388607))
    recording = reading(edf.file([track], kind="BDF"))
    (signal,) = recording.signals.values()
    assert np.array_equal(signal.stretches[0].counts.ravel(), wide.ravel())
    assert (signal.channel.kind, signal.channel.unit) == (Kind.ECG, "uV")


def test_three_axes_are_one_acceleration(reading: Reading) -> None:
    tracks = [Track(f"ACC {axis}", "g", COUNTS[:, 10 * n : 10 * n + 10]) for n, axis in enumerate("XYZ")]
    recording = reading(edf.file(tracks))
    (signal,) = recording.signals.values()
    assert (signal.channel.name, signal.channel.kind) == ("acceleration_acc", Kind.ACCELERATION)
    assert np.array_equal(signal.stretches[0].counts[:10], COUNTS[0, :30].reshape(3, 10).T)


def test_signals_of_no_kind_are_said_to_be_left_out(reading: Reading) -> None:
    recording = reading(edf.file([HEART, Track("EEG Fpz-Cz", "uV", COUNTS), Track("Resp", "mV", COUNTS)]))
    assert list(recording.signals) == ["ecg_ii"]
    assert [finding.place for finding in recording.findings] == ["file, 'EEG Fpz-Cz'", "file, 'Resp'"]


def test_a_file_that_ends_early_keeps_its_whole_records(reading: Reading) -> None:
    recording = reading(edf.file([HEART])[:-700])
    assert len(recording.signals["ecg_ii"]) == 8 * 256
    assert [finding.message for finding in recording.findings] == [
        "the file ends within a record, which was left out",
        "8 whole records, although the header announces 10",
    ]


def test_a_number_of_records_that_was_never_filled_in_is_no_fault(reading: Reading) -> None:
    recording = reading(edf.file([HEART], announced=-1))
    assert (len(recording.signals["ecg_ii"]), recording.findings) == (2560, ())


@pytest.mark.parametrize(
    ("start", "year"), [("01.01.85 00.00.00", 1985), ("01.01.99 00.00.00", 1999), ("01.01.84 00.00.00", 2084)]
)
def test_two_digits_of_a_year_are_of_the_century_that_edf_says(start: str, year: int, reading: Reading) -> None:
    recording = reading(edf.file([HEART], start=start, recording=""))
    assert recording.signals["ecg_ii"].span[0] == nanoseconds(datetime(year, 1, 1))


@pytest.mark.parametrize(
    ("place", "cell", "message"),
    [
        (252, b"99  ", r"byte 5632: the end of the file; accepted: a header of 25600 bytes"),
        (252, b"many", r"byte 252: number of signals 'many'; accepted: a whole number from 1 to 2000"),
        (184, b"999     ", r"byte 184: bytes of the header '999'; accepted: a whole number from 512 to 512"),
        (168, b"41.13.20", r"byte 168: start '41.13.20' '10.09.00'; accepted: dd.mm.yy and hh.mm.ss"),
        (244, b"-1      ", r"byte 244: records of 512 bytes, -1.0 s; accepted: records of samples"),
        (
            256 + 104,
            b"5       5       ",
            r"byte 360: 5.0 to 5.0 stored as -32768.0 to 32767.0; accepted: two different",
        ),
        (256 + 216, b"x       ", r"byte 472: samples of 'ECG II' in a record 'x'; accepted: a whole number"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_its_place(
    place: int, cell: bytes, message: str, reading: Reading
) -> None:
    content = edf.file([HEART], recording="")
    with pytest.raises(SignalError, match=message):
        reading(content[:place] + cell + content[place + len(cell) :])


def test_a_file_without_a_signal_of_a_kind_is_refused(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"signals of no kind that is kept: EEG Cz; accepted: a signal of ECG"):
        reading(edf.file([Track("EEG Cz", "uV", COUNTS)]))
