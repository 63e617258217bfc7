"""Apple Health exports: ``export.xml``, alone or in ``export.zip``, read as a stream with the time zones that it has.

Records of heart rate, steps, glucose, weight, blood pressure and body temperature are taken, and the beats that Apple Watch
lists under heart rate variability, as intervals. A value of a span of time stands at its beginning. Several sources (a watch
and a telephone) count the same steps, so that each source has a signal of its own, that with the most records first; their
names, which are often those of people, are not taken over.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Source
from helmont.signals.recording import SECOND, Finding, Nanoseconds, Recording, Signal, Stretch, Values

MEMBER = re.compile(r"(.*/)?export\.xml")
MOST = 100_000_000  # records
ACCEPTED = "an export of Apple Health with records of heart rate, steps, glucose, weight, blood pressure or temperature"
_PREFIX = "HKQuantityTypeIdentifier"
CHANNELS = {
    "HeartRate": Channel("heart_rate", Kind.HEART_RATE, "/min", resolution=0.001),
    "StepCount": Channel("steps", Kind.STEPS, "{steps}", resolution=0.001),
    "BloodGlucose": Channel("glucose", Kind.GLUCOSE, "mg/dL", resolution=0.001),
    "BodyMass": Channel("weight", Kind.WEIGHT, "kg", resolution=1e-6),
    "BodyTemperature": Channel("temperature", Kind.TEMPERATURE, "Cel", resolution=0.001),
    "Beats": Channel("interbeat_interval", Kind.INTERBEAT_INTERVAL, "ms", resolution=0.001),
}
PRESSURES = ("BloodPressureSystolic", "BloodPressureDiastolic")
UNITS = {
    "HeartRate": {"count/min": (1.0, 0.0)},
    "StepCount": {"count": (1.0, 0.0)},
    "BloodGlucose": {"mg/dL": (1.0, 0.0), "mmol/L": (18.01559, 0.0)},
    "BodyMass": {"kg": (1.0, 0.0), "g": (1e-3, 0.0), "lb": (0.45359237, 0.0), "st": (6.35029318, 0.0)},
    "BodyTemperature": {"degC": (1.0, 0.0), "degF": (5 / 9, -160 / 9), "K": (1.0, -273.15)},
    "BloodPressureSystolic": {"mmHg": (1.0, 0.0)},
    "BloodPressureDiastolic": {"mmHg": (1.0, 0.0)},
}
_TIME = re.compile(r"(\d\d?):(\d\d):(\d\d)(?:[.,](\d{1,3}))?(?:\s?([AaPp])\.?[Mm]\.?)?")


@dataclass(slots=True)
class Series:
    """Moments and values, as they come."""

    moments: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))


class Reader:
    """Takes the XML piece by piece; raises ``SignalError`` with the line of what is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.series: dict[tuple[str, str], Series] = {}
        self.number = 0
        self._beats: tuple[datetime, str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EntityDeclHandler = self._entity

    def feed(self, chunk: bytes, last: bool) -> None:
        self._parser.Parse(chunk, last)

    def place(self) -> str:
        return f"{self.name}, line {self._parser.CurrentLineNumber}"

    def _entity(self, *_: object) -> None:
        raise SignalError(self.place(), "an entity", "XML that declares no entities")

    def _start(self, tag: str, cells: dict[str, str]) -> None:
        if tag == "Record":
            self._record(cells)
        elif tag == "InstantaneousBeatsPerMinute" and self._beats:
            self._beat(*self._beats, cells)

    def _record(self, cells: dict[str, str]) -> None:
        self._beats = None
        kind = cells.get("type", "").removeprefix(_PREFIX)
        if kind == "HeartRateVariabilitySDNN":
            self._beats = self._moment(cells), cells.get("sourceName", "")
        if kind not in UNITS:
            return
        unit = cells.get("unit", "")
        unit = "mmol/L" if unit.startswith("mmol<") and unit.endswith("/L") else unit
        if unit not in UNITS[kind]:
            raise SignalError(self.place(), f"{kind} in {unit!r}", ", ".join(UNITS[kind]))
        text = cells.get("value", "")
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,30})?([eE]-?\d{1,2})?", text):
            raise SignalError(self.place(), f"value {text[:40]!r}", "a number")
        factor, shift = UNITS[kind][unit]
        self._keep(
            kind, cells.get("sourceName", ""), clock.nanoseconds(self._moment(cells)), float(text) * factor + shift
        )

    def _keep(self, kind: str, source: str, moment: int, value: float) -> None:
        series = self.series.setdefault((kind, source), Series())
        series.moments.append(moment)
        series.values.append(value)
        self.number += 1
        if self.number > MOST:
            raise SignalError(self.place(), f"more than {MOST} records", "an export of one person")

    def _moment(self, cells: dict[str, str]) -> datetime:
        text = cells.get("startDate", "")
        try:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
        except ValueError:
            moment = None
        if moment is None or not 1970 <= moment.year <= 2200:
            raise SignalError(self.place(), f"startDate {text[:40]!r}", "YYYY-MM-DD hh:mm:ss +hhmm")
        return moment

    def _beat(self, start: datetime, source: str, cells: dict[str, str]) -> None:
        """A beat at a time of the day, with the rate since the one before."""
        match, rate = _TIME.fullmatch(cells.get("time", "").strip()), cells.get("bpm", "")
        if not match or not re.fullmatch(r"\d{1,3}(\.\d{1,9})?", rate) or not 10 <= float(rate) <= 600:
            return
        hour, minute, second = (int(match[part]) for part in (1, 2, 3))
        if match[5]:
            hour = hour % 12 + (12 if match[5] in "Pp" else 0)
        since = hour * 3600 + minute * 60 + second - (start.hour * 3600 + start.minute * 60 + start.second)
        since += 86_400 if since < -43_200 else 0
        fraction = int((match[4] or "0").ljust(3, "0")) * 1_000_000
        self._keep("Beats", source, clock.nanoseconds(start) + since * SECOND + fraction, 60_000 / float(rate))


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is the export itself."""
    return b"<HealthData" in head or (head.lstrip().startswith(b"<?xml") and b"<!DOCTYPE HealthData" in head)


def archived(archive: Archive) -> bool:
    """Whether an archive holds an export."""
    return any(MEMBER.fullmatch(member) for member in archive)


def read(source: Source) -> Recording:
    """The recording of an export. Raises ``SignalError`` with the line of what is wrong."""

    def chunks() -> Iterator[bytes]:
        with source.opened() as file:
            while chunk := file.read(1 << 20):
                yield chunk

    return _read(source.name, chunks())


def read_archive(_: Source, archive: Archive) -> Recording:
    """The recording of an export in an archive, which is unpacked as it is read."""
    member = next(member for member in archive if MEMBER.fullmatch(member))
    return _read(archive.place(member), archive.chunks(member))


def _read(name: str, chunks: Iterator[bytes]) -> Recording:
    reader = Reader(name)
    findings: list[Finding] = []
    try:
        for chunk in chunks:
            reader.feed(chunk, False)
        reader.feed(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, SignalError):
            raise
        if not reader.number:
            raise SignalError(reader.place(), str(error), ACCEPTED) from None
        findings.append(Finding(reader.place(), f"the XML ends here ({error}); what follows was left out"))
    signals: dict[str, Signal] = {}
    ordered = sorted(reader.series.items(), key=lambda item: -len(item[1].moments))
    for (kind, _), series in ordered:
        if kind in CHANNELS and series.moments:
            _add(signals, name, CHANNELS[kind], np.array(series.moments), np.array(series.values).reshape(-1, 1))
    for (kind, origin), systolic in ordered:
        if kind == PRESSURES[0] and (diastolic := reader.series.get((PRESSURES[1], origin))):
            _add(signals, name, *_pressures(systolic, diastolic))
    if not signals:
        raise SignalError(name, "no record of a kind that is kept", ACCEPTED)
    return Recording(signals, {"maker": "Apple"}, {"format": "Apple Health"}, tuple(findings))


def _pressures(systolic: Series, diastolic: Series) -> tuple[Channel, Nanoseconds, Values]:
    """Both pressures of each moment that has both."""
    low = dict(zip(diastolic.moments, diastolic.values, strict=True))
    pairs = [(m, s, low[m]) for m, s in zip(systolic.moments, systolic.values, strict=True) if m in low]
    channel = Channel("blood_pressure", Kind.BLOOD_PRESSURE, "mm[Hg]", resolution=0.001)
    moments = np.array([moment for moment, _, _ in pairs], np.int64)
    return channel, moments, np.array([(high, under) for _, high, under in pairs]).reshape(-1, 2)


def _add(signals: dict[str, Signal], name: str, channel: Channel, moments: Nanoseconds, values: Values) -> None:
    """One signal in the order of time, with a number behind its name when that is taken."""
    if not len(moments):
        return
    counts = np.rint(values / channel.resolution)
    if not (np.abs(counts) < 1 << 31).all():
        raise SignalError(f"{name}, {channel.name}", "a value too large", f"values of {channel.kind}")
    order = np.argsort(moments, kind="stable")
    number = 1 + sum(signal.channel.kind is channel.kind for signal in signals.values())
    named = channel.name if number == 1 else f"{channel.name}_{number}"
    channel = Channel(named, channel.kind, channel.unit, None, channel.resolution)
    signals[named] = Signal(channel, (Stretch.at(moments[order], counts[order].astype(np.int32)),))
