"""Glucose of continuous monitors: exports of Dexcom Clarity and LibreView, and plain tables of ``id``, ``time`` and ``gl``.

Times are of the wall clock of the receiver or telephone. A reading that says only that it is below or above what the sensor
measures ("Low", "HI") counts as the limit of the sensor: 40 and 400 mg/dL of Dexcom, 40 and 500 of Libre. What the exports
say of the participant is not taken over.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Source
from helmont.signals.recording import Finding, Recording, Signal, Stretch

LARGEST = 256 << 20  # bytes of a table: decades of readings every five minutes
ACCEPTED = "an export of Dexcom Clarity or LibreView, or a table with columns id, time and gl"
MMOL = 30.0  # a table whose median is below this is in mmol/L: no one lives with 30 mg/dL
_TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S.%f")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?")


@dataclass(slots=True)
class Readings:
    """Readings of one kind as they are written: local time, text, and line of each."""

    times: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of one of the formats."""
    lines = head[:4000].decode("utf-8-sig", "replace").lower().splitlines()[:3]
    if not lines:
        return False
    clarity = "glucose value (" in lines[0] and "timestamp" in lines[0]
    libre = any("device timestamp" in line and "record type" in line for line in lines)
    cells = {cell.strip().strip('"') for cell in re.split("[,;\t]", lines[0])}
    return clarity or libre or {"id", "time", "gl"} <= cells


def read(source: Source) -> Recording:
    """The recording: glucose, of LibreView the scans beside it; one signal for each id of a plain table.

    Raises ``SignalError`` with the line of a time or a value that is none.
    """
    if source.size() > LARGEST:
        raise SignalError(source.name, f"{source.size()} bytes", f"at most {LARGEST}")
    rows = _rows(source)
    heading: list[str] = []
    for _, row in rows:
        heading = [cell.strip().strip("\ufeff").lower() for cell in row]
        if "device timestamp" in heading or "gl" in heading or any("glucose value (" in cell for cell in heading):
            break
    findings: list[Finding] = []
    if "device timestamp" in heading and "record type" in heading:
        return _libre(source, heading, rows, findings)
    if "gl" in heading and "time" in heading:
        return _plain(source, heading, rows, findings)
    if any("timestamp" in cell for cell in heading) and any("glucose value (" in cell for cell in heading):
        return _clarity(source, heading, rows, findings)
    raise SignalError(source.line(1), "no heading", ACCEPTED)


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """The rows with their lines; the first line tells whether cells are parted by commas, semicolons or tabs."""
    text = source.head(LARGEST).decode("utf-8-sig", "replace").replace("\0", "")
    lines = text.splitlines()
    about = "\n".join(lines[:3])
    mark = max(",;\t", key=about.count)
    reader = csv.reader(lines, delimiter=mark)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise SignalError(source.line(reader.line_num), str(error), ACCEPTED) from None


def _unit(source: Source, cell: str) -> str:
    for unit in ("mg/dL", "mmol/L"):
        if unit.lower() in cell:
            return unit
    raise SignalError(source.name, f"glucose in {cell!r}", "mg/dL or mmol/L")


def _clarity(
    source: Source, heading: list[str], rows: Iterator[tuple[int, list[str]]], findings: list[Finding]
) -> Recording:
    """An export of Dexcom Clarity: the rows of event type EGV."""
    value = next(place for place, cell in enumerate(heading) if "glucose value (" in cell)
    when = next(place for place, cell in enumerate(heading) if "timestamp" in cell)
    event = heading.index("event type") if "event type" in heading else None
    readings = Readings()
    for line, row in rows:
        if len(row) <= max(value, when) or (event is not None and row[event].strip().lower() != "egv"):
            continue
        if row[when].strip() and row[value].strip():
            _add(source, readings, line, row[when], row[value])
    signal = _signal(source, "glucose", readings, _unit(source, heading[value]), (40, 400), findings)
    return Recording({"glucose": signal}, {"maker": "Dexcom"}, {"format": "Dexcom Clarity CSV"}, tuple(findings))


def _libre(
    source: Source, heading: list[str], rows: Iterator[tuple[int, list[str]]], findings: list[Finding]
) -> Recording:
    """An export of LibreView: record type 0 is the reading every 15 minutes (or 5), 1 a scan."""
    when, kind = heading.index("device timestamp"), heading.index("record type")
    columns = {"0": ("glucose", "historic glucose"), "1": ("glucose_scan", "scan glucose")}
    places = {}
    for record, (name, title) in columns.items():
        place = next((place for place, cell in enumerate(heading) if cell.startswith(title)), None)
        if place is not None:
            places[record] = (name, place)
    found: dict[str, list[tuple[int, str, str]]] = {}
    for line, row in rows:
        cell = places.get(row[kind].strip()) if len(row) > max(when, kind) else None
        if cell and len(row) > cell[1] and row[cell[1]].strip():
            found.setdefault(cell[0], []).append((line, row[when].strip(), row[cell[1]]))
    texts = [text for entries in found.values() for _, text, _ in entries]
    first = _day_first(source, texts, findings)
    signals = {}
    for name, place in places.values():
        readings = Readings()
        for line, text, value in found.get(name, []):
            _add(source, readings, line, text, value, first)
        if readings.times:
            signals[name] = _signal(source, name, readings, _unit(source, heading[place]), (40, 500), findings)
    if not signals:
        raise SignalError(source.name, "no reading", ACCEPTED)
    return Recording(signals, {"maker": "Abbott"}, {"format": "LibreView CSV"}, tuple(findings))


def _plain(
    source: Source, heading: list[str], rows: Iterator[tuple[int, list[str]]], findings: list[Finding]
) -> Recording:
    """A table of id, time and gl, as of the iglu package."""
    who, when, value = (heading.index(name) if name in heading else -1 for name in ("id", "time", "gl"))
    people: dict[str, Readings] = {}
    missing = 0
    for line, row in rows:
        shifted = len(row) - len(heading)  # R writes the number of a row without a heading for it
        if shifted not in (0, 1):
            raise SignalError(source.line(line), f"{len(row)} cells", f"{len(heading)} cells")
        if row[value + shifted].strip().lower() in ("", "na", "nan"):
            missing += 1
            continue
        person = row[who + shifted].strip() if who >= 0 else ""
        _add(source, people.setdefault(person, Readings()), line, row[when + shifted], row[value + shifted])
    if missing:
        findings.append(Finding(source.name, f"{missing} rows without a value were left out"))
    if not people:
        raise SignalError(source.name, "no reading", ACCEPTED)
    numbers = [number for each in people.values() for text in each.texts if (number := _number(text)) is not None]
    unit = "mmol/L" if numbers and float(np.median(numbers)) < MMOL else "mg/dL"
    findings.append(Finding(source.name, f"the table does not say its unit; by its values it is {unit}"))
    names = ["glucose"] if len(people) == 1 else [f"glucose_{number}" for number in range(1, len(people) + 1)]
    pairs = zip(names, people.values(), strict=True)
    signals = {name: _signal(source, name, readings, unit, (40, 400), findings) for name, readings in pairs}
    details = {"format": "glucose table", "participants": dict(zip(names, people, strict=True))}
    return Recording(signals, {}, details, tuple(findings))


def _add(source: Source, readings: Readings, line: int, time: str, value: str, day_first: bool | None = None) -> None:
    moment = _moment(time.strip(), day_first)
    if moment is None:
        raise SignalError(source.line(line), repr(time[:40]), "a local time such as 2024-03-31 08:05:00")
    readings.times.append(moment)
    readings.texts.append(value.strip())
    readings.lines.append(line)


def _moment(text: str, day_first: bool | None) -> int | None:
    for form in _TIMES:
        try:
            moment = datetime.strptime(text, form)
        except ValueError:
            continue
        return clock.nanoseconds(moment) if 1990 <= moment.year <= 2200 else None
    match = _SLASHED.fullmatch(text)
    if not match:
        return None
    first, second, year, hour, minute, after = (int(cell or 0) for cell in match.groups()[:6])
    day, month = (first, second) if day_first else (second, first)
    if match[7]:
        hour = hour % 12 + (12 if match[7] in "Pp" else 0)
    try:
        moment = datetime(year, month, day, hour, minute, after)
    except ValueError:
        return None
    return clock.nanoseconds(moment) if 1990 <= year <= 2200 else None


def _day_first(source: Source, texts: Sequence[str], findings: list[Finding]) -> bool:
    """Whether dates begin with the day: told by a number above 12, else by whether hours are of the morning or afternoon."""
    matches = [match for text in texts if (match := _SLASHED.fullmatch(text))]
    if any(int(match[1]) > 12 for match in matches):
        return True
    if not matches or any(int(match[2]) > 12 for match in matches):
        return False
    american = any(match[7] for match in matches)
    order = "the month" if american else "the day"
    findings.append(Finding(source.name, f"no date tells whether the day or the month stands first; {order} was taken"))
    return not american


def _number(text: str) -> float | None:
    cleaned = text.replace(",", ".")
    return float(cleaned) if re.fullmatch(r"\d{1,4}(\.\d{1,6})?", cleaned) else None


def _signal(
    source: Source, name: str, readings: Readings, unit: str, limits: tuple[int, int], findings: list[Finding]
) -> Signal:
    """The readings in the order of time; texts for low and high become the limits of the sensor."""
    if not readings.times:
        raise SignalError(source.name, "no reading", ACCEPTED)
    low, high = (limit if unit == "mg/dL" else round(limit / 18.01559, 1) for limit in limits)
    values, beyond = [], 0
    for text, line in zip(readings.texts, readings.lines, strict=True):
        value = _number(text)
        if value is None:
            word = text.lower()
            if word not in ("low", "lo", "high", "hi"):
                raise SignalError(source.line(line), repr(text[:40]), f"a number of {unit}, Low or High")
            value = low if word.startswith("lo") else high
            beyond += 1
        values.append(value)
    if beyond:
        found = f"{beyond} readings of {name} only say Low or High; they count as {low} and {high} {unit}"
        findings.append(Finding(source.line(readings.lines[0]), found))
    table, local = np.array(values), np.array(readings.times, np.int64)
    if len(local) > 1 and (np.diff(local) < 0).mean() > 0.5:
        table, local = table[::-1], local[::-1]
    moments = clock.walls(local, source.timezone)
    if (np.diff(moments) < 0).any():
        findings.append(Finding(source.name, f"times of {name} go back; the readings were put in the order of time"))
    order = np.argsort(moments, kind="stable")
    whole = bool((table == np.rint(table)).all())
    size = 1.0 if whole else 0.1 if np.allclose(table * 10, np.rint(table * 10), rtol=0, atol=1e-6) else 0.001
    channel = Channel(name, Kind.GLUCOSE, unit, resolution=size)
    counts = np.rint(table[order] / size).astype(np.int32).reshape(-1, 1)
    return Signal(channel, (Stretch.at(moments[order], counts),))
