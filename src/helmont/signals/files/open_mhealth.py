"""Data points of Open mHealth: JSON of one, of a list, or of one a line; a header and a body, or the body alone.

After the schemas of Open mHealth (openmhealth.org) for heart rate, blood glucose, blood pressure, step count, body weight,
body temperature, acceleration and RR interval. A point needs a moment or an interval between moments; a value of an interval
stands at its beginning. Of values that are a statistic, averages are kept (of steps, sums); the others are a finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Source
from helmont.signals.recording import Finding, Recording, Signal, Stretch

LARGEST = 512 << 20
ACCEPTED = "Open mHealth data points of heart_rate, blood_glucose, blood_pressure, step_count, body_weight, "
ACCEPTED += "body_temperature, acceleration or rr_interval"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")
_DURATIONS = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "sec": 1e9, "min": 60e9, "h": 3600e9, "d": 86400e9}
_DURATIONS |= {"wk": 7 * 86400e9}
_MASSES = {"mg": 1e-6, "g": 1e-3, "kg": 1.0, "Metric Ton": 1e3, "gr": 6.479891e-5, "oz": 0.028349523125}
_MASSES |= {"lb": 0.45359237, "Ton": 907.18474}
CHANNELS = {
    "heart_rate": Channel("heart_rate", Kind.HEART_RATE, "/min", resolution=0.001),
    "blood_glucose": Channel("glucose", Kind.GLUCOSE, "mg/dL", resolution=0.001),
    "blood_pressure": Channel("blood_pressure", Kind.BLOOD_PRESSURE, "mm[Hg]", resolution=0.001),
    "step_count": Channel("steps", Kind.STEPS, "{steps}"),
    "body_weight": Channel("weight", Kind.WEIGHT, "kg", resolution=1e-6),
    "body_temperature": Channel("temperature", Kind.TEMPERATURE, "Cel", resolution=0.001),
    "acceleration": Channel("acceleration", Kind.ACCELERATION, "m/s2", resolution=1e-6),
    "rr_interval": Channel("interbeat_interval", Kind.INTERBEAT_INTERVAL, "ms", resolution=0.001),
}
FIELDS = {
    "blood_pressure": ("systolic_blood_pressure", "diastolic_blood_pressure"),
    "acceleration": ("acceleration_x", "acceleration_y", "acceleration_z"),
}
"""The fields that hold the values, for measures whose value is not in a field of their own name."""

UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "heart_rate": {"beats/min": (1, 0)},
    "blood_glucose": {"mg/dL": (1, 0), "mmol/L": (18.01559, 0)},
    "blood_pressure": {"mmHg": (1, 0)},
    "step_count": {"steps": (1, 0)},
    "body_weight": {unit: (factor, 0.0) for unit, factor in _MASSES.items()},
    "body_temperature": {"C": (1, 0), "K": (1, -273.15), "F": (5 / 9, -160 / 9)},
    "acceleration": {"m/s^2": (1, 0)},
    "rr_interval": {"ms": (1, 0)},
}
"""The units of each measure: a value in the channel's unit is the factor times it, plus the shift."""

_SOURCES = "whole blood,plasma,serum,interstitial fluid,capillary blood,tears,breath,lacrimal fluid,saliva,sweat,urine"
_MEALS = "fasting,not fasting,before meal,after meal,before breakfast,after breakfast,before lunch,after lunch,"
_MEALS += "before dinner,after dinner,2 hours postprandial,not related to meals,with meal,with food"
_STATISTICS = "average,count,maximum,median,minimum,standard deviation,sum,variance,20th percentile,80th percentile,"
_STATISTICS += "lower quartile,upper quartile,quartile deviation,1st quintile,2nd quintile,3rd quintile,4th quintile"
WORDS = {
    "descriptive_statistic": _STATISTICS.split(","),
    "temporal_relationship_to_meal": _MEALS.split(","),
    "temporal_relationship_to_sleep": ["before sleeping", "during sleep", "on waking"],
    "temporal_relationship_to_physical_activity": [
        *("at rest", "active", "before exercise", "after exercise", "during exercise")
    ],
    "specimen_source": _SOURCES.split(","),
    "blood_specimen_type": ["whole blood", "plasma", "serum"],
}
"""Fields that hold one of some words, in any version of the schemas."""


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    text = head[:8000].decode("utf-8-sig", "replace").lstrip()
    names = "|".join([*CHANNELS, *(field for fields in FIELDS.values() for field in fields)])
    return text[:1] in ("{", "[") and bool(re.search(rf'"({names})"\s*:|"namespace"\s*:\s*"(omh|ieee)"', text))


def read(source: Source) -> Recording:
    """The recording: one signal of each measure. Raises ``SignalError`` with the point and field of what is wrong."""
    if source.size() > LARGEST:
        raise SignalError(source.name, f"{source.size()} bytes", f"at most {LARGEST}")
    values: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
    statistics: dict[str, int] = {}
    for place, point in _points(source):
        measure, moment, numbers, statistic = _measured(place, point)
        if statistic not in ("", "sum" if measure == "step_count" else "average"):
            statistics[statistic] = statistics.get(statistic, 0) + 1
            continue
        values.setdefault(measure, []).append((moment, numbers))
    findings = [Finding(source.name, f"{n} values that are a {name} were left out") for name, n in statistics.items()]
    if not values:
        raise SignalError(source.name, "no measurement", ACCEPTED)
    signals = {}
    for measure, entries in values.items():
        channel = CHANNELS[measure]
        entries.sort(key=lambda entry: entry[0])
        counts = np.rint(np.array([numbers for _, numbers in entries]) / channel.resolution)
        if not (np.abs(counts) < 1 << 31).all():
            raise SignalError(f"{source.name}, {measure}", "a value too large", f"values of {measure}")
        times = np.array([moment for moment, _ in entries], np.int64)
        signals[channel.name] = Signal(channel, (Stretch.at(times, counts.astype(np.int32)),))
    return Recording(signals, {}, {"format": "Open mHealth"}, tuple(findings))


def _points(source: Source) -> Iterator[tuple[str, Any]]:
    """The data points with their places."""
    text = source.head(LARGEST).decode("utf-8-sig", "replace")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if len(lines) < 2:
            raise SignalError(source.name, str(error), "JSON") from None
        for number, line in lines:
            try:
                point = json.loads(line)
            except (ValueError, RecursionError) as fault:
                raise SignalError(source.line(number), str(fault), "JSON, one data point a line") from None
            yield source.line(number), point
        return
    if isinstance(whole, list):
        for number, point in enumerate(whole, start=1):
            yield f"{source.name}, data point {number}", point
    else:
        yield source.name, whole


def _measured(place: str, point: Any) -> tuple[str, int, tuple[float, ...], str]:
    """The measure of a point, its moment in nanoseconds, its numbers in the channel's unit, and its statistic if it is one."""
    if not isinstance(point, dict):
        raise SignalError(place, type(point).__name__, "a data point")
    body: Any = point
    if "header" in point or "body" in point:
        body = point.get("body")
        if not isinstance(body, dict) or not isinstance(point.get("header"), dict):
            raise SignalError(place, "a point without header or body", "a data point with both")
    for measure in CHANNELS:
        fields = FIELDS.get(measure, (measure,))
        if any(field in body for field in fields):
            break
    else:
        raise SignalError(place, f"fields {', '.join(list(body)[:8]) or 'none'}", ACCEPTED)
    for field, words in WORDS.items():
        if field in body and body[field] not in words:
            raise SignalError(f"{place}, {field}", repr(body[field])[:60], ", ".join(words))
    numbers = tuple(_value(f"{place}, {field}", body.get(field), measure) for field in fields)
    moment = _moment(f"{place}, effective_time_frame", body.get("effective_time_frame"), measure == "step_count")
    return measure, moment, numbers, str(body.get("descriptive_statistic", ""))


def _value(place: str, cell: Any, measure: str) -> float:
    """A number with its unit; steps of the first versions are a bare number."""
    units = UNITS[measure]
    if measure == "step_count" and _numeric(cell):
        return float(cell)
    if not isinstance(cell, dict) or not _numeric(cell.get("value")):
        found = repr(cell.get("value") if isinstance(cell, dict) else cell)[:60]
        raise SignalError(place, f"value {found}", f"a number and a unit: {', '.join(units)}")
    if not isinstance(cell.get("unit"), str) or cell["unit"] not in units:
        raise SignalError(f"{place}, unit", repr(cell.get("unit"))[:60], ", ".join(units))
    factor, shift = units[cell["unit"]]
    return float(cell["value"]) * factor + shift


def _numeric(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 1e15 and isfinite(cell)


def _moment(place: str, frame: Any, interval: bool) -> int:
    """The moment of a time frame, or the beginning of its interval."""
    accepted = "time_interval with two of start_date_time, end_date_time, duration" + (
        "" if interval else "; or date_time"
    )
    if isinstance(frame, dict) and "date_time" in frame and not interval:
        return _instant(f"{place}, date_time", frame["date_time"])
    span = frame.get("time_interval") if isinstance(frame, dict) else None
    if not isinstance(span, dict) or sum(key in span for key in ("start_date_time", "end_date_time", "duration")) < 2:
        raise SignalError(place, repr(frame)[:80] if frame is not None else "not there", accepted)
    length = 0
    if "duration" in span:
        cell = span["duration"]
        unit = cell.get("unit") if isinstance(cell, dict) else None
        if not isinstance(unit, str) or unit not in _DURATIONS or not _numeric(cell.get("value")) or cell["value"] < 0:
            raise SignalError(f"{place}, duration", repr(cell)[:60], ", ".join(_DURATIONS))
        nanoseconds = cell["value"] * _DURATIONS[unit]
        if nanoseconds > 1e18:
            raise SignalError(f"{place}, duration", repr(cell)[:60], "at most 30 years")
        length = round(nanoseconds)
    end = _instant(f"{place}, end_date_time", span["end_date_time"]) if "end_date_time" in span else None
    start = _instant(f"{place}, start_date_time", span["start_date_time"]) if "start_date_time" in span else None
    if start is None:
        return int(end or 0) - length
    if end is not None and end < start:
        raise SignalError(place, repr(span)[:120], "an interval that ends after it begins")
    return start


def _instant(place: str, text: Any) -> int:
    if isinstance(text, str) and _MOMENT.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            moment = None
        if moment and 1970 <= moment.year <= 2200:
            return clock.nanoseconds(moment)
    raise SignalError(place, repr(text)[:60], "a date and time with its offset from UTC, after RFC 3339")
