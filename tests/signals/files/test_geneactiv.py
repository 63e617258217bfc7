"""GENEActiv files: exact counts with the gains and offsets of the header, and what is kept of a damaged file."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.encoders import geneactiv
from tests.signals.encoders.geneactiv import Setting
from tests.signals.files.conftest import Reading

START = datetime(2019, 5, 21, 16, 16, 43, 500_000)


def counts(samples: int) -> NDArray[np.int16]:
    return np.random.default_rng(5).integers(-2048, 2048, (samples, 3)).astype(np.int16)


def test_samples_come_back_exactly_in_the_zone_of_the_header(reading: Reading) -> None:
    written = counts(900)
    light = np.arange(900, dtype=np.int16) % 1024
    recording = reading(geneactiv.file(written, START, Setting(), light=light), timezone="Asia/Tokyo")
    signal = recording.signals["acceleration"]
    moments, values = signal.whole()
    assert np.array_equal(signal.stretches[0].counts, written)
    # (count * 100 - offset) / gain
    assert np.allclose(values, (written * 100.0 - [272, -1129, 101]) / [25522, 25457, 24829], rtol=0, atol=1e-12)
    assert moments[0] == nanoseconds(START) + 4 * 3600 * SECOND
    assert moments[-1] - moments[0] == round(899 / 50 * SECOND)
    assert np.allclose(recording.signals["light"].whole()[1].ravel(), light * (886 / 42))
    assert recording.signals["temperature"].whole()[1].ravel().tolist() == pytest.approx([28.2] * 3)
    assert recording.signals["battery"].whole()[1].ravel().tolist() == pytest.approx([4.1642] * 3)
    assert (recording.findings, recording.details["clock_drift_seconds"]) == ((), -1.459)


def test_the_participant_of_the_header_is_not_taken_over(reading: Reading) -> None:
    recording = reading(geneactiv.file(counts(300), START, Setting()))
    assert "1900" not in str(recording.details) + str(recording.device)
    assert recording.details["location"] == "left wrist"


def test_without_a_zone_the_times_are_local(reading: Reading) -> None:
    content = geneactiv.file(counts(300), START, Setting(zone=""))
    moments = reading(content, timezone="America/New_York").signals["acceleration"].whole()[0]
    assert moments[0] == nanoseconds(START) + 4 * 3600 * SECOND


def test_presses_of_the_button_have_their_times(reading: Reading) -> None:
    button = np.zeros(600, np.bool_)
    button[100:120] = button[450] = True
    recording = reading(geneactiv.file(counts(600), START, Setting(zone="GMT +00:00"), button=button))
    first = nanoseconds(START)
    assert recording.details["button_presses"] == [first + 2 * SECOND, first + 9 * SECOND]


def test_a_page_that_is_cut_off_keeps_its_whole_samples(reading: Reading) -> None:
    written = counts(900)
    content = geneactiv.file(written, START, Setting())
    recording = reading(content[: -(100 * 12 + 2 + 5)])
    assert np.array_equal(recording.signals["acceleration"].stretches[0].counts, written[:799])
    assert [finding.message for finding in recording.findings] == ["the page is cut off after 199 of 300 samples"]


def test_what_is_not_hexadecimal_ends_its_page(reading: Reading) -> None:
    written = counts(900)
    content = geneactiv.file(written, START, Setting())
    second = content.index(b"Sequence Number:1")
    at = content.index(b"50.0", second) + 6 + 12 * 250 + 3
    recording = reading(content[:at] + b"?" + content[at + 1 :])
    signal = recording.signals["acceleration"]
    assert [len(part) for part in signal.stretches] == [550, 300]
    assert [finding.message for finding in recording.findings] == ["not hexadecimal; the rest of the page was left out"]
    assert recording.findings[0].place == f"file, byte {at - 3}"


def test_a_page_without_a_time_is_left_out(reading: Reading) -> None:
    content = geneactiv.file(counts(900), START, Setting()).replace(
        b"Page Time:2019-05-21 16:16:49:500", b"Page Time:?"
    )
    recording = reading(content)
    assert [round((end - start) / SECOND, 3) for start, end in recording.signals["acceleration"].gaps(0)] == [6.0]
    assert recording.findings[0].message == "1 pages without a time, a number or a frequency were left out"


def test_a_file_that_ends_early_says_how_many_pages_are_missing(reading: Reading) -> None:
    content = geneactiv.file(counts(900), START, Setting())
    last = content.rindex(b"Recorded Data")
    recording = reading(content[:last])
    assert [finding.message for finding in recording.findings] == ["the file ends after 2 of the 3 pages it announces"]


def test_a_pause_between_pages_is_a_gap(reading: Reading) -> None:
    setting = Setting()
    none, dark = np.zeros(300, np.bool_), np.zeros(300, np.int16)
    later = geneactiv.page(counts(300), dark, none, START + timedelta(seconds=6.5), 1, setting)
    content = geneactiv.file(counts(300), START, setting) + later.encode()
    assert [end - start for start, end in reading(content).signals["acceleration"].gaps(0)] == [SECOND // 2]


def test_a_header_without_calibration_is_refused(reading: Reading) -> None:
    content = geneactiv.file(counts(300), START, Setting())
    with pytest.raises(SignalError, match=r"^file, y gain: 0; accepted: a number above 0"):
        reading(content.replace(b"y gain:25457", b"y gain:0"))
    with pytest.raises(SignalError, match=r"^file, y gain: not there; accepted: a number"):
        reading(content.replace(b"y gain:25457\r\n", b""))


def test_a_header_alone_is_refused(reading: Reading) -> None:
    content = geneactiv.header(Setting(), 0).encode()
    with pytest.raises(SignalError, match=r"no page that can be read; accepted: pages of GENEActiv"):
        reading(content)
