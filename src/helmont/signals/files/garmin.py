"""Garmin ``.fit``: heart rate and temperature of activities and of all-day monitoring, in UTC, through ``fitdecode``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Source
from helmont.signals.recording import SECOND, Finding, Recording, Signal, Stretch

LARGEST = 256 << 20
ACCEPTED = "a FIT file with records of heart rate or temperature"
CHANNELS = {
    "heart_rate": Channel("heart_rate", Kind.HEART_RATE, "/min"),
    "temperature": Channel("temperature", Kind.TEMPERATURE, "Cel"),
}


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return head[8:12] == b".FIT" and head[:1] in (b"\x0c", b"\x0e")


def read(source: Source) -> Recording:
    """The recording of a file; damage is a finding, and what comes before it is kept, as is what has another checksum.

    Raises ``SignalError`` without values.
    """
    import fitdecode

    if source.size() > LARGEST:
        raise SignalError(source.name, f"{source.size()} bytes", f"at most {LARGEST}")
    values: dict[str, list[tuple[int, int]]] = {}
    findings: list[Finding] = []
    last = 0
    try:
        with (
            source.opened() as file,
            fitdecode.FitReader(
                file, check_crc=fitdecode.CrcCheck.READONLY, error_handling=fitdecode.ErrorHandling.RAISE
            ) as frames,
        ):
            for frame in frames:
                if isinstance(frame, fitdecode.FitDataMessage) and frame.name in ("record", "monitoring"):
                    last = _noted(frame, last, values)
                elif isinstance(frame, fitdecode.FitCRC) and not frame.matched:
                    message = f"the checksum {frame.crc:#06x} is not that of the content; some values may be wrong"
                    findings.append(Finding(source.name, message))
    except (
        fitdecode.FitError,
        ValueError,
        ArithmeticError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
    ) as error:
        findings.append(Finding(source.name, f"the file is damaged ({error}); what follows was left out"[:300]))
    if not values:
        raise SignalError(source.name, findings[0].message if findings else "no value", ACCEPTED)
    signals = {}
    for name, entries in values.items():
        table = np.array(sorted(entries), np.int64)
        signals[name] = Signal(CHANNELS[name], (Stretch.at(table[:, 0] * SECOND, table[:, 1:].astype(np.int32)),))
    return Recording(signals, {"maker": "Garmin"}, {"format": "FIT"}, tuple(findings))


def _noted(frame: Any, last: int, values: dict[str, list[tuple[int, int]]]) -> int:
    """Keeps the values of a message and returns its second; monitoring writes only the lower 16 bits of most times."""
    whole = frame.get_value("timestamp", fallback=None)
    part = frame.get_value("timestamp_16", fallback=None)
    if isinstance(whole, datetime):
        last = clock.nanoseconds(whole) // SECOND
    elif isinstance(part, int) and last:
        fit = last - FIT_EPOCH
        last = FIT_EPOCH + fit + ((part - fit) & 0xFFFF)
    if not last:
        return last
    for name in CHANNELS:
        value = frame.get_value(name, fallback=None)
        if isinstance(value, int | float) and (name != "heart_rate" or 0 < value < 255) and abs(value) < 1000:
            values.setdefault(name, []).append((last, round(value)))
    return last


FIT_EPOCH = 631_065_600  # seconds since 1970: 1989-12-31, from which FIT counts
