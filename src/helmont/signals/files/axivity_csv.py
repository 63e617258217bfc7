"""Comma-separated exports of Axivity devices: a time, acceleration in g and, of an AX6, angular rate in degrees a second.

Open Movement's converters write times as local ``YYYY-MM-DD hh:mm:ss.sss`` or as seconds since 1970 of the same local clock;
both are read as the device's running clock. Values are turned back into the counts of the device they were printed from.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Source
from helmont.signals.files.tables import columns, counted, rows
from helmont.signals.files.timeline import Timeline
from helmont.signals.recording import SECOND, Finding, Recording, Signal

RATES = (6.25, 12.5, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0)
DECIMALS = 6
LATEST = 4_102_444_800  # seconds since 1970: the year 2100
ACCEPTED = "rows of a time and 3 values (g), or 6 (g, degrees a second), with or without a heading"
_NUMBER = rb"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?"
_ROW = re.compile(rb"(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?|\d{9,10}\.\d+)((?:, ?" + _NUMBER + rb"){3,9})\r?\n")
_HEADING = re.compile(rb"Time, ?Accel-?X[^\r\n]*\r?\n|Time, ?A?x ?\(g\)[^\r\n]*\r?\n", re.IGNORECASE)


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return bool(_ROW.match(head, _begin(head)))


def _begin(head: bytes) -> int:
    """Where the first row begins."""
    heading = _HEADING.match(head)
    return heading.end() if heading else 0


def read(source: Source) -> Recording:
    """The recording: acceleration and, of files with six values a row, angular rate.

    Raises ``SignalError`` with the line of a cell that is no number or no time.
    """
    head = source.head(1 << 16)
    first = _ROW.match(head, _begin(head))
    if not first:
        raise SignalError(source.line(1), "no row", ACCEPTED)
    values = first[1].count(b",")
    written = b"-" in head[_begin(head) : _begin(head) + 8]
    turning = values >= 6
    names = ["x", "y", "z", *(("turning_x", "turning_y", "turning_z") if turning else ())]
    types = {"time": "time" if written else "number"} | dict.fromkeys(names, "number")
    types |= {f"other_{number}": "" for number in range(values - len(names))}
    findings: list[Finding] = []
    pieces = list(columns(source, 1 if _begin(head) else 0, types, findings))
    table = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    if not written and not (np.abs(table[0]) < LATEST).all():
        raise SignalError(source.name, "a time that is none", "seconds since 1970, before 2100")
    times = table[0] if written else np.rint(table[0] * 1e6).astype(np.int64) * 1000
    timeline, rate = rows(times, RATES)
    if not timeline.pieces:
        raise SignalError(source.name, "no row has a time", "times from the year 2000 on")
    offset = clock.running(timeline.pieces[0].start, source.timezone)
    timeline = timeline.shifted(-offset)
    findings += [Finding(source.name, message) for message in timeline.messages()]
    scales = [2.0**-power for power in range(8, 15)]
    signals = {"acceleration": _signal("acceleration", Kind.ACCELERATION, "[g]", rate, table[1:4], scales, timeline)}
    if turning:
        scales = [degrees / 32768 for degrees in (125, 250, 500, 1000, 2000)]
        kind = Kind.ANGULAR_RATE
        signals["angular_rate"] = _signal("angular_rate", kind, "deg/s", rate, table[4:7], scales, timeline)
    details = {"format": "Axivity CSV", "rate": rate, "utc_offset_seconds": offset // SECOND}
    return Recording(signals, {"maker": "Axivity"}, details, tuple(findings))


def _signal(
    name: str,
    kind: Kind,
    unit: str,
    rate: float,
    table: list[NDArray[np.float64]],
    scales: list[float],
    timeline: Timeline,
) -> Signal:
    values = np.column_stack(table)
    found = counted(values, DECIMALS, [*scales, 10.0**-DECIMALS]) if np.isfinite(values).all() else None
    if not found:
        raise SignalError(name, "numbers that are infinite, too large or of more than 6 decimals", ACCEPTED)
    counts, size = found
    narrow = np.abs(counts).max(initial=0) < 1 << 15
    channel = Channel(name, kind, unit, rate, size)
    return Signal(channel, timeline.stretches(counts.astype(np.int16) if narrow else counts))
