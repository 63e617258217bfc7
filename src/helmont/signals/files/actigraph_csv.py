"""Comma-separated exports of ActiGraph's ActiLife: raw acceleration in g, or counts and steps of epochs.

Ten lines tell of the device; then, with or without a heading, rows follow. Without a heading the columns of counts are told
by the mode in those lines: 1 adds steps, 2 heart rate, 4 or 8 the other axes, 16 light and 32 the inclinometer. Rows have no
gaps, so that only their first time is needed; where rows have times of their own, those hold. Times are those of the device's
running clock, unless they are written with a ``Z``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Source
from helmont.signals.files.tables import columns
from helmont.signals.recording import SECOND, Finding, Nanoseconds, Recording, Signal, Stretch

LINES = 10
ACCEPTED = "ten lines of ActiLife, then rows of acceleration, or of counts"
FORMATS = {"M/d/yyyy": "%m/%d/%Y", "d/M/yyyy": "%d/%m/%Y", "dd/MM/yyyy": "%d/%m/%Y", "MM/dd/yyyy": "%m/%d/%Y"}
FORMATS |= {"yyyy-MM-dd": "%Y-%m-%d", "yyyy/MM/dd": "%Y/%m/%d", "dd-MM-yyyy": "%d-%m-%Y", "d-M-yyyy": "%d-%m-%Y"}
FORMATS |= {"dd.MM.yyyy": "%d.%m.%Y", "d.M.yyyy": "%d.%m.%Y", "M-d-yyyy": "%m-%d-%Y"}
ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.0+)?(Z)?")
_INCLINED = ("inclinometer_off", "inclinometer_standing", "inclinometer_sitting", "inclinometer_lying")


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return head.lstrip(b'\xef\xbb\xbf"').startswith(b"-----") and b"actigraph" in head[:200].lower()


def read(source: Source) -> Recording:
    """The recording: acceleration, or counts of epochs with steps and light where there are any.

    Raises ``SignalError`` with the line of what is not as ActiLife writes it.
    """
    head = source.head(1 << 16).decode("utf-8-sig", "replace").splitlines()
    if len(head) <= LINES:
        raise SignalError(source.line(len(head)), "the end of the file", ACCEPTED)
    about = [line.strip(' ",\r') for line in head[:LINES]]
    first = [cell.strip().strip('"') for cell in head[LINES].split(",")]
    heading = any(cell and not _number(cell) for cell in first) and not re.match(r"\d", first[0])
    raw = re.search(r" at (\d+) Hz", about[0])
    names = _named(first) if heading else _by_mode(source, about, len(first), bool(raw))
    if raw:
        return _raw(source, about, names, heading, int(raw[1]))
    return _epochs(source, about, names, heading)


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(?:\.\d+)?", text))


def _named(cells: list[str]) -> list[str]:
    """Names of columns from a heading, without capitals, spaces and hyphens."""
    names = [re.sub(r"[^a-z0-9]+", "_", cell.lower()).strip("_") for cell in cells]
    usual = {"accelerometer_x": "x", "accelerometer_y": "y", "accelerometer_z": "z", "date_time": "timestamp"}
    return [usual.get(name, name) or f"column_{number}" for number, name in enumerate(names)]


def _by_mode(source: Source, about: list[str], cells: int, raw: bool) -> list[str]:
    """Names of columns where there is no heading."""
    if raw:
        names = ["timestamp"] * (cells == 4) + ["x", "y", "z"]
    else:
        mode = int(_said(source, about, r"Mode ?= ?(\d+)", "a mode"))
        names = ["axis1", *(["axis2", "axis3"] if mode & 12 else [])]
        names += ["steps"] * (mode & 1) + ["heart_rate"] * (mode >> 1 & 1) + ["lux"] * (mode >> 4 & 1)
        names += list(_INCLINED) if mode & 32 else []
    if len(names) != cells:
        raise SignalError(source.line(LINES + 1), f"{cells} cells", f"{len(names)} cells: {', '.join(names)}")
    return names


def _said(source: Source, about: list[str], pattern: str, accepted: str) -> str:
    """What one of the ten lines says."""
    for line in about:
        if match := re.search(pattern, line):
            return match[1]
    raise SignalError(source.line(1), "none of the first lines has it", accepted)


def _start(source: Source, about: list[str]) -> int:
    """The first time, in nanoseconds of the device's clock."""
    written = _said(source, about, r"date format (\S+)", "a date format")
    date = _said(source, about, r"Start Date (\S+)", "a start date")
    time = _said(source, about, r"Start Time (\S+)", "a start time")
    try:
        return _moment(datetime.strptime(f"{date} {time}", f"{FORMATS[written]} %H:%M:%S"))
    except (KeyError, ValueError):
        accepted = f"a date and time of the format {written}, one of {', '.join(FORMATS)}"
        raise SignalError(source.line(4), f"{date} {time}", accepted) from None


def _moment(time: datetime) -> int:
    if not 1990 <= time.year <= 2100:
        raise ValueError(f"the year {time.year}")
    return clock.nanoseconds(time)


def _raw(source: Source, about: list[str], names: list[str], heading: bool, rate: int) -> Recording:
    """Acceleration. It was printed with three decimals and is kept in thousandths of a g."""
    if not {"x", "y", "z"} <= set(names) or not 1 <= rate <= 1000:
        raise SignalError(source.line(LINES + 1), ", ".join(names), "columns x, y and z, at 1 to 1000 Hz")
    findings: list[Finding] = []
    types = {name: "number" if name in ("x", "y", "z") else "" for name in names}
    order = [name for name in names if types[name]]
    pieces = []
    for piece in columns(source, LINES + heading, types, findings):
        thousandths = np.rint(np.column_stack([piece[order.index(axis)] for axis in "xyz"]) * 1000)
        if not (np.abs(thousandths) < 1 << 15).all():
            raise SignalError(source.name, "an acceleration beyond 32 g", "accelerations in g")
        pieces.append(thousandths.astype(np.int16))
    counts = np.concatenate(pieces)
    local = _start(source, about)
    offset = clock.running(local, source.timezone)
    channel = Channel("acceleration", Kind.ACCELERATION, "[g]", float(rate), 0.001)
    signals = {"acceleration": Signal(channel, (Stretch(local - offset, SECOND / rate, counts),))}
    details = {"format": "ActiGraph raw CSV", "rate": float(rate), "utc_offset_seconds": offset // SECOND}
    return Recording(signals, _device(about), details, tuple(findings))


def _epochs(source: Source, about: list[str], names: list[str], heading: bool) -> Recording:
    """Counts and steps of epochs; each value stands at the beginning of its epoch."""
    if "axis1" not in names:
        raise SignalError(source.line(LINES + 1), ", ".join(names), "a column axis1")
    epoch = _said(source, about, r"Epoch Period \(hh:mm:ss\) (\d\d:\d\d:\d\d)", "an epoch period")
    hours, minutes, seconds = map(int, epoch.split(":"))
    length = round(timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds())
    if not 1 <= length <= 3600:
        raise SignalError(source.line(5), epoch, "an epoch of 1 second to an hour")
    findings: list[Finding] = []
    wanted = [name for name in names if name in ("axis1", "axis2", "axis3", "steps", "lux", "heart_rate")]
    types = {name: "text" if name == "timestamp" else "number" if name in wanted else "" for name in names}
    pieces = list(columns(source, LINES + heading, types, findings))
    order = [name for name in names if types[name]]
    table = dict(zip(order, (np.concatenate(column) for column in zip(*pieces, strict=True)), strict=True))
    local, zoned = _times(source, table.get("timestamp"), LINES + heading)
    number = len(table["axis1"])
    if local is None:
        local = _start(source, about) + np.arange(number, dtype=np.int64) * length * SECOND
    offset = 0 if zoned else clock.running(int(local[0]), source.timezone)
    signals = {}
    counted = Channel("activity_counts", Kind.ACTIVITY_COUNTS, "{counts}", 1 / length)
    axes = [table.get(axis, np.zeros(number)) for axis in ("axis1", "axis2", "axis3")]
    for channel, values in (
        (counted, np.column_stack(axes)),
        (Channel("steps", Kind.STEPS, "{steps}", 1 / length), table.get("steps")),
        (Channel("light", Kind.LIGHT, "lx", 1 / length), table.get("lux")),
        (Channel("heart_rate", Kind.HEART_RATE, "/min", 1 / length), table.get("heart_rate")),
    ):
        if values is not None:
            signals[channel.name] = Signal(channel, _stretches(source, local - offset, values, length))
    details = {"format": "ActiGraph counts CSV", "epoch_seconds": length, "utc_offset_seconds": offset // SECOND}
    return Recording(signals, _device(about), details, tuple(findings))


def _times(source: Source, texts: NDArray[np.object_] | None, skipped: int) -> tuple[Nanoseconds | None, bool]:
    """The times of rows that have their own, and whether they are in UTC."""
    if texts is None or not len(texts):
        return None, False
    zoned = str(texts[0]).endswith("Z")
    moments = []
    for number, text in enumerate(texts):
        try:
            match = ISO.fullmatch(text)
            if not match or zoned != bool(match[3]):
                raise ValueError(text)
            moments.append(_moment(datetime.fromisoformat(f"{match[1]}T{match[2]}")))
        except ValueError:
            accepted = "YYYY-MM-DDThh:mm:ss, all of them with a Z or none"
            raise SignalError(source.line(skipped + number + 1), repr(text), accepted) from None
    local = np.array(moments, np.int64)
    if (np.diff(local) <= 0).any():
        raise SignalError(f"{source.name}, after line {skipped}", "times that do not increase", "epochs in their order")
    return local, zoned


def _stretches(source: Source, times: Nanoseconds, values: NDArray[np.float64], length: int) -> tuple[Stretch, ...]:
    """Epochs that follow each other are one stretch."""
    counts = np.rint(values)
    if not (np.abs(counts) < 1 << 31).all():
        raise SignalError(source.name, "a count beyond 2147483647", "counts")
    whole = counts.astype(np.int32).reshape(len(times), -1)
    bounds = [0, *(np.flatnonzero(np.diff(times) != length * SECOND) + 1).tolist(), len(times)]
    return tuple(Stretch(int(times[a]), float(length * SECOND), whole[a:b]) for a, b in pairwise(bounds))


def _device(about: list[str]) -> dict[str, str]:
    device = {"maker": "ActiGraph"}
    patterns = {
        "model": r"(?i)created by actigraph (\S+)",
        "firmware": r"Firmware (v\S+)",
        "serial": r"Serial Number: (\S+)",
    }
    for name, pattern in patterns.items():
        if match := next((found for line in about if (found := re.search(pattern, line))), None):
            device[name] = match[1]
    return device
