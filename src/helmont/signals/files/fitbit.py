"""Fitbit: JSON of Google Takeout (a file of a day, or the archive of all) and of the web interface's intraday series.

Takeout writes heart rate and steps in UTC as ``MM/DD/YY hh:mm:ss``; the web interface answers with a day and times of the
wall clock. Weight is not read, because neither says its unit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Source
from helmont.signals.recording import Recording, Signal, Stretch

LARGEST = 256 << 20
MEMBER = re.compile(r"(?:.*/)?(?:heart_rate|steps)-\d{4}-\d\d-\d\d\.json")
CHANNELS = {
    "heart_rate": Channel("heart_rate", Kind.HEART_RATE, "/min"),
    "steps": Channel("steps", Kind.STEPS, "{steps}"),
}
ACCEPTED = "Fitbit's JSON of heart rate or steps: dateTime with a value, or an intraday dataset"
Values = dict[str, list[tuple[int, int]]]


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    text = head[:4000].decode("utf-8-sig", "replace").lstrip()
    listed = re.match(r'\[\s*\{\s*"dateTime"\s*:\s*"\d\d/\d\d/\d\d ', text)
    return bool(listed) or (text[:1] == "{" and bool(re.search(r'"activities-(heart|steps)"\s*:', text)))


def archived(archive: Archive) -> bool:
    """Whether an archive holds files of heart rate or steps from Takeout."""
    return any(MEMBER.fullmatch(member) for member in archive)


def read(source: Source) -> Recording:
    """The recording of one file. Raises ``SignalError`` with the entry that is wrong."""
    if source.size() > LARGEST:
        raise SignalError(source.name, f"{source.size()} bytes", f"at most {LARGEST}")
    return _recording(source.name, [(source.name, source.head(LARGEST))], source.timezone)


def read_archive(source: Source, archive: Archive) -> Recording:
    """The recording of all days in an archive; a day is unpacked at a time."""
    members = sorted(member for member in archive if MEMBER.fullmatch(member))
    contents = ((archive.place(member), archive.whole(member)) for member in members)
    return _recording(source.name, contents, source.timezone)


def _recording(name: str, contents: Any, timezone: str) -> Recording:
    values: Values = {}
    for place, content in contents:
        try:
            said = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise SignalError(place, str(error), "JSON") from None
        for kind, moment, value in _listed(place, said) if isinstance(said, list) else _intraday(place, said, timezone):
            values.setdefault(kind, []).append((moment, value))
    if not values:
        raise SignalError(name, "no value", ACCEPTED)
    signals = {}
    for kind, entries in values.items():
        table = np.array(sorted(entries), np.int64)
        signals[kind] = Signal(CHANNELS[kind], (Stretch.at(table[:, 0], table[:, 1:].astype(np.int32)),))
    return Recording(signals, {"maker": "Fitbit"}, {"format": "Fitbit JSON"})


def _listed(place: str, entries: list[Any]) -> Iterator[tuple[str, int, int]]:
    """Entries of Takeout: of heart rate the value is an object, of steps a text."""
    for number, entry in enumerate(entries, start=1):
        here = f"{place}, entry {number}"
        if not isinstance(entry, dict):
            raise SignalError(here, repr(entry)[:60], ACCEPTED)
        value = entry.get("value")
        kind = "heart_rate" if isinstance(value, dict) else "steps"
        moment = _moment(here, entry.get("dateTime"), "%m/%d/%y %H:%M:%S")
        yield kind, moment, _count(here, value.get("bpm") if isinstance(value, dict) else value)


def _intraday(place: str, said: Any, timezone: str) -> Iterator[tuple[str, int, int]]:
    """The dataset of one day of the web interface."""
    for kind, title in (("heart_rate", "activities-heart"), ("steps", "activities-steps")):
        days = said.get(title) if isinstance(said, dict) else None
        series = said.get(f"{title}-intraday") if isinstance(said, dict) else None
        dataset = series.get("dataset") if isinstance(series, dict) else None
        if not isinstance(days, list) or not days or not isinstance(days[0], dict) or not isinstance(dataset, list):
            continue
        times, counts = [], []
        for number, entry in enumerate(dataset, start=1):
            here = f"{place}, {title}-intraday, entry {number}"
            if not isinstance(entry, dict):
                raise SignalError(here, repr(entry)[:60], ACCEPTED)
            times.append(_moment(here, f"{days[0].get('dateTime')} {entry.get('time')}", "%Y-%m-%d %H:%M:%S"))
            counts.append(_count(here, entry.get("value")))
        moments = clock.walls(np.array(times, np.int64), timezone).tolist()
        for moment, count in zip(moments, counts, strict=True):
            yield kind, moment, count


def _moment(place: str, text: Any, form: str) -> int:
    try:
        moment = datetime.strptime(text, form)
    except (TypeError, ValueError):
        raise SignalError(place, f"time {text!r}"[:80], f"a time as {form}") from None
    if not 1970 <= moment.year <= 2200:
        raise SignalError(place, f"the year {moment.year}", "1970 to 2200")
    return clock.nanoseconds(moment)


def _count(place: str, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,8}(\.0+)?", text):
        raise SignalError(place, f"value {text[:40]!r}", "a whole number")
    return int(float(text))
