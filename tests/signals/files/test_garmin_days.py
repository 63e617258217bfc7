"""Days of Garmin's export of an account: steps at the beginning of each, and what is wrong with its place."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from tests.signals.files.conftest import Reading

DAYS = [
    {
        "calendarDate": f"2024-03-0{day}",
        "wellnessStartTimeGmt": f"2024-03-0{day}T05:00:00.0",
        "totalSteps": 1000 * day,
        "restingHeartRate": 51,
    }
    for day in (2, 1)
]


def test_days_have_their_steps_in_the_order_of_time(reading: Reading) -> None:
    recording = reading(json.dumps(DAYS).encode(), timezone="America/New_York")
    moments, values = recording.signals["steps"].whole()
    assert moments.tolist() == [nanoseconds(datetime(2024, 3, day, 5)) for day in (1, 2)]
    assert values.ravel().tolist() == [1000, 2000]
    assert recording.findings[0].message == "the resting, lowest and highest heart rate of a day were left out"


def test_an_archive_of_an_account_is_read_whole(reading: Reading) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, day in enumerate(DAYS):
            name = f"DI_CONNECT/DI-Connect-Aggregator/UDSFile_2024-03-0{number}.json"
            archive.writestr(name, json.dumps([{**day, "restingHeartRate": None}]))
        archive.writestr("DI_CONNECT/DI-Connect-User/user_profile.json", "{}")
    recording = reading(packed.getvalue())
    assert len(recording.signals["steps"]) == 2
    assert recording.findings == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"totalSteps": -1}, "^file, day 1: totalSteps -1; accepted: a whole number"),
        ({"totalSteps": True}, "^file, day 1: totalSteps True"),
        ({"wellnessStartTimeGmt": "today"}, "^file, day 1: wellnessStartTimeGmt 'today'; accepted: a moment"),
        ({"wellnessStartTimeGmt": "1024-03-01T05:00:00.0"}, "^file, day 1: the year 1024"),
    ],
)
def test_what_is_wrong_is_named_with_its_day(change: dict[str, object], message: str, reading: Reading) -> None:
    with pytest.raises(SignalError, match=message):
        reading(json.dumps([{**DAYS[0], **change}]).encode())


def test_days_without_steps_are_no_recording(reading: Reading) -> None:
    with pytest.raises(SignalError, match="no day with steps"):
        reading(json.dumps([{**DAYS[0], "totalSteps": None}]).encode())
