"""FIT files: heart rate and temperature of an activity, and what is kept of a damaged file."""

from __future__ import annotations

import struct

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from tests.signals.files.conftest import Reading

FIRST = 1_709_287_200  # 2024-03-01T10:00:00Z


def fit(rows: int) -> bytes:
    """A header, the definition of a record (timestamp, heart rate, temperature), records and their checksum."""
    body = bytes([0x40, 0, 0]) + struct.pack("<HB", 20, 3) + bytes([253, 4, 0x86, 3, 1, 2, 13, 1, 1])
    for row in range(rows):
        body += b"\x00" + struct.pack("<IBb", FIRST - 631_065_600 + row, 60 + row, -2 + row)
    head = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT")
    whole = head + struct.pack("<H", checksum(head)) + body
    return whole + struct.pack("<H", checksum(whole))


def checksum(data: bytes) -> int:
    """CRC-16 with the polynomial 0x8005, reflected (that of ARC), which FIT uses."""
    found = 0
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return found


def test_an_activity_has_heart_rate_and_temperature(reading: Reading) -> None:
    recording = reading(fit(3))
    signals = recording.signals
    assert recording.findings == ()
    moments, values = signals["heart_rate"].whole()
    assert moments.tolist() == [(FIRST + second) * SECOND for second in range(3)]
    assert values.ravel().tolist() == [60, 61, 62]
    assert signals["temperature"].whole()[1].ravel().tolist() == [-2, -1, 0]


def test_a_value_that_was_changed_shows_by_the_checksum(reading: Reading) -> None:
    data = bytearray(fit(3))
    data[-4] += 40
    recording = reading(bytes(data))
    assert recording.signals["heart_rate"].whole()[1].ravel().tolist() == [60, 61, 102]
    assert "is not that of the content" in recording.findings[0].message


def test_a_file_that_is_cut_off_keeps_what_came_before(reading: Reading) -> None:
    recording = reading(fit(9)[:-20])
    assert 5 <= len(recording.signals["heart_rate"]) < 9
    assert "what follows was left out" in recording.findings[0].message


def test_a_file_without_values_is_refused(reading: Reading) -> None:
    with pytest.raises(SignalError, match="accepted: a FIT file with records"):
        reading(fit(0))
