"""Open mHealth data points: every measure, units and time frames checked, and what is wrong named with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from tests.signals.files.conftest import Reading

AT = {"effective_time_frame": {"date_time": "2020-02-05T07:25:00-08:00"}}
DURING = {
    "effective_time_frame": {
        "time_interval": {"start_date_time": "2020-02-05T15:25:00Z", "duration": {"value": 1, "unit": "h"}}
    }
}
MOMENT = nanoseconds(datetime(2020, 2, 5, 15, 25, tzinfo=UTC))


def pair(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit}


@pytest.mark.parametrize(
    ("body", "name", "values"),
    [
        ({"heart_rate": pair(61.5, "beats/min"), **AT}, "heart_rate", [61.5]),
        ({"blood_glucose": pair(5.5, "mmol/L"), **AT}, "glucose", [99.086]),
        (
            {"systolic_blood_pressure": pair(120, "mmHg"), "diastolic_blood_pressure": pair(80, "mmHg"), **AT},
            "blood_pressure",
            [120, 80],
        ),
        ({"step_count": pair(700, "steps"), **DURING}, "steps", [700]),
        ({"step_count": 700, **DURING}, "steps", [700]),
        ({"body_weight": pair(150, "lb"), **AT}, "weight", [68.038856]),
        ({"body_temperature": pair(98.6, "F"), **AT}, "temperature", [37.0]),
        ({"rr_interval": pair(812, "ms"), **AT}, "interbeat_interval", [812]),
        ({f"acceleration_{axis}": pair(9.8, "m/s^2") for axis in "xyz"} | AT, "acceleration", [9.8] * 3),
    ],
)
def test_every_measure_has_its_moment_and_its_unit(
    body: dict[str, Any], name: str, values: list[float], reading: Reading
) -> None:
    signal = reading(json.dumps({"header": {"id": "1"}, "body": body}).encode()).signals[name]
    assert signal.whole()[1][0].tolist() == pytest.approx(values, abs=1e-6)
    assert signal.span[0] == MOMENT


def test_lists_and_lines_are_put_in_the_order_of_time(reading: Reading) -> None:
    points = [
        {"heart_rate": pair(rate, "beats/min"), "effective_time_frame": {"date_time": f"2020-02-05T0{rate}:00:00Z"}}
        for rate in (3, 1, 2)
    ]
    for content in (json.dumps(points), "\n".join(map(json.dumps, points))):
        assert reading(content.encode()).signals["heart_rate"].whole()[1].ravel().tolist() == pytest.approx([1, 2, 3])


def test_statistics_other_than_an_average_are_left_out(reading: Reading) -> None:
    points = [
        {"heart_rate": pair(60, "beats/min"), **DURING, "descriptive_statistic": word}
        for word in ("average", "maximum")
    ]
    recording = reading(json.dumps(points).encode())
    assert len(recording.signals["heart_rate"]) == 1
    assert [finding.message for finding in recording.findings] == ["1 values that are a maximum were left out"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"heart_rate": pair(60, "beat/min"), **AT}, r"^file, heart_rate, unit: 'beat/min'; accepted: beats/min"),
        (
            {"heart_rate": pair(60, "beats/min")},
            r"^file, effective_time_frame: not there; accepted: time_interval with two",
        ),
        (
            {"step_count": {"value": "6000", "unit": "steps"}, **DURING},
            r"^file, step_count: value '6000'; accepted: a number",
        ),
        (
            {"step_count": pair(6000, "steps"), **AT},
            r"^file, effective_time_frame: .*; accepted: time_interval with two",
        ),
        ({"body_weight": {"value": 50}, **AT}, r"^file, body_weight, unit: None; accepted: mg, g, kg"),
        (
            {"heart_rate": pair(60, "beats/min"), "effective_time_frame": {"date_time": "2020-02-05"}},
            r"date_time: '2020-02-05'; accepted: a date and time",
        ),
        (
            {"heart_rate": pair(60, "beats/min"), **AT, "descriptive_statistic": "minmum"},
            r"^file, descriptive_statistic: 'minmum'; accepted: average",
        ),
        ({"heart_rate": {"value": True, "unit": "beats/min"}, **AT}, r"^file, heart_rate: value True"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(body: dict[str, Any], message: str, reading: Reading) -> None:
    with pytest.raises(SignalError, match=message):
        reading(json.dumps(body).encode())
