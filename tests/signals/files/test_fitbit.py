"""Fitbit's JSON: days of Takeout in UTC, days of the web interface in local time, and what is wrong with its place."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.files.conftest import Reading

START = nanoseconds(datetime(2024, 3, 1, 10))
HEART = [{"dateTime": f"03/01/24 10:00:0{n}", "value": {"bpm": 60 + n, "confidence": 2}} for n in range(3)]
STEPS = [{"dateTime": f"03/01/24 10:0{n}:00", "value": str(n)} for n in range(3)]


def intraday(title: str) -> dict[str, object]:
    dataset = [{"time": "10:00:00", "value": 61}, {"time": "10:01:00", "value": 62}]
    return {
        title: [{"dateTime": "2024-03-01", "value": "x"}],
        f"{title}-intraday": {"dataset": dataset, "datasetInterval": 1},
    }


def test_days_of_takeout_are_in_utc(reading: Reading) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Takeout/Fitbit/heart_rate-2024-03-01.json", json.dumps(HEART))
        archive.writestr("Takeout/Fitbit/steps-2024-03-01.json", json.dumps(STEPS))
        archive.writestr("Takeout/Fitbit/profile.csv", "name")
    signals = reading(packed.getvalue(), timezone="Asia/Tokyo").signals
    moments, values = signals["heart_rate"].whole()
    assert ((moments - START) / SECOND).tolist() == [0, 1, 2]
    assert values.ravel().tolist() == [60, 61, 62]
    assert signals["steps"].whole()[1].ravel().tolist() == [0, 1, 2]


@pytest.mark.parametrize(("title", "name"), [("activities-heart", "heart_rate"), ("activities-steps", "steps")])
def test_days_of_the_web_interface_are_local(title: str, name: str, reading: Reading) -> None:
    signal = reading(json.dumps(intraday(title)).encode(), timezone="Europe/Amsterdam").signals[name]
    assert (signal.span[0], signal.whole()[1].ravel().tolist()) == (START - 3600 * SECOND, [61, 62])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dateTime": "03/01/24 10:00", "value": "5"}, r"^file, entry 4: time '03/01/24 10:00'; accepted: a time as"),
        ({"dateTime": "03/01/24 10:00:00", "value": "-5"}, r"^file, entry 4: value '-5'; accepted: a whole number"),
        ("text", r"^file, entry 4: 'text'; accepted: Fitbit's JSON"),
    ],
)
def test_what_is_wrong_is_named_with_its_entry(entry: object, message: str, reading: Reading) -> None:
    with pytest.raises(SignalError, match=message):
        reading(json.dumps([*STEPS, entry]).encode())
