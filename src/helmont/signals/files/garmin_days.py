"""Garmin's export of an account (``DI-Connect-Aggregator/UDSFile_….json``): the steps of each day.

The export says of a day how many steps there were between two moments in UTC, the participant's own day; they are one value at
its beginning. Of the heart rate it has the resting, the lowest and the highest of a day, which are no series and are left out:
the series is in the ``.fit`` files beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Source
from helmont.signals.recording import Finding, Recording, Signal, Stretch

LARGEST = 256 << 20
MEMBER = re.compile(r"(?:.*/)?UDSFile_[\w-]+\.json")
CHANNEL = Channel("steps", Kind.STEPS, "{steps}")
ACCEPTED = "Garmin's days: a list with wellnessStartTimeGmt and totalSteps of each"
LEFT_OUT = ("restingHeartRate", "minHeartRate", "maxHeartRate")


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    text = head.decode("utf-8-sig", "replace").lstrip()
    return text[:1] == "[" and '"calendarDate"' in text and '"wellnessStartTimeGmt"' in text


def archived(archive: Archive) -> bool:
    """Whether an archive holds files of days."""
    return any(MEMBER.fullmatch(member) for member in archive)


def read(source: Source) -> Recording:
    """The recording of one file. Raises ``SignalError`` with the day that is wrong."""
    if source.size() > LARGEST:
        raise SignalError(source.name, f"{source.size()} bytes", f"at most {LARGEST}")
    return _recording(source.name, [(source.name, source.head(LARGEST))])


def read_archive(source: Source, archive: Archive) -> Recording:
    """The recording of every file of days in an archive."""
    members = sorted(member for member in archive if MEMBER.fullmatch(member))
    return _recording(source.name, ((archive.place(member), archive.whole(member)) for member in members))


def _recording(name: str, contents: Iterable[tuple[str, bytes]]) -> Recording:
    days: dict[int, int] = {}
    findings: list[Finding] = []
    for place, content in contents:
        try:
            said = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise SignalError(place, str(error), "JSON") from None
        days |= dict(_days(place, said))
        if any(each.get(title) for each in said for title in LEFT_OUT):
            findings.append(Finding(place, "the resting, lowest and highest heart rate of a day were left out"))
    if not days:
        raise SignalError(name, "no day with steps", ACCEPTED)
    table = np.array(sorted(days.items()), np.int64)
    signal = Signal(CHANNEL, (Stretch.at(table[:, 0], table[:, 1:].astype(np.int32)),))
    return Recording({"steps": signal}, {"maker": "Garmin"}, {"format": "Garmin days"}, tuple(findings))


def _days(place: str, said: Any) -> Iterator[tuple[int, int]]:
    """When each day began, and its steps; days that have none are left out."""
    if not isinstance(said, list):
        raise SignalError(place, repr(said)[:60], ACCEPTED)
    for number, day in enumerate(said, start=1):
        here = f"{place}, day {number}"
        if not isinstance(day, dict):
            raise SignalError(here, repr(day)[:60], ACCEPTED)
        steps = day.get("totalSteps")
        if steps is None:
            continue
        if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps < 1_000_000:
            raise SignalError(here, f"totalSteps {steps!r}"[:80], "a whole number below a million")
        yield _moment(here, day.get("wellnessStartTimeGmt")), steps


def _moment(place: str, text: Any) -> int:
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?", str(text))
    try:
        moment = datetime.fromisoformat(match[1] if match else "")
    except ValueError:
        raise SignalError(
            place, f"wellnessStartTimeGmt {text!r}"[:80], "a moment such as 2024-03-01T23:00:00.0"
        ) from None
    if not 1970 <= moment.year <= 2200:
        raise SignalError(place, f"the year {moment.year}", "1970 to 2200")
    return clock.nanoseconds(moment)
