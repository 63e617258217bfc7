"""Endpoints of a device's file at the terminal: as tables, as JSON, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from helmont.cli import main
from helmont.signals.endpoints import catalogue
from helmont.signals.recording import SECOND
from tests.signals.encoders import axivity


def sensors(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sensors", *arguments], terminal_width=140)


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four minutes of a device that lies still, from 12 February 2024 23:58 by its clock."""
    counts = np.tile(np.array([[0, 0, 256]], np.int16), (4 * 60 * 100, 1))
    path = tmp_path_factory.mktemp("device") / "still.cwa"
    path.write_bytes(axivity.file(counts, datetime(2024, 2, 12, 23, 58), axivity.Setting()))
    return path


def test_the_table_has_a_column_for_each_day_with_wear_and_why_a_value_does_not_count(device: Path) -> None:
    found = sensors("endpoints", str(device), "--timezone", "Europe/Brussels")
    assert found.exit_code == 0
    assert "Recorded from 12 Feb 2024 23:58 to 13 Feb 2024 00:0" in found.output
    assert "2024-02-12" in found.output
    assert "2024-02-13" in found.output
    [row] = [line for line in found.output.splitlines() if "Mean temperature" in line]
    assert row.split("│")[2].strip() == "Cel"


def test_json_has_the_same_with_definitions_digests_and_channels(device: Path) -> None:
    found: dict[str, Any] = json.loads(sensors("endpoints", str(device), "--json").stdout)
    assert found["file"] == "still.cwa"
    assert (found["timezone"], found["start"]) == ("UTC", "2024-02-12T23:58:00+00:00")
    assert {channel["name"] for channel in found["channels"]} >= {"acceleration", "temperature"}
    assert "serial" not in json.dumps(found["device"])
    for result in found["results"]:
        definition = catalogue()[f"{result['endpoint']}@{result['version']}"]
        assert result["digest"] == definition.digest == found["definitions"][definition.key]["digest"]
        assert result["end"] > result["start"]
    days = [result for result in found["results"] if result["endpoint"] == "temperature_mean"]
    assert [day["label"] for day in days] == ["2024-02-12", "2024-02-13"]
    assert days[1]["start"] - days[0]["start"] == 86_400 * SECOND
    assert "glucose_mean@1" in found["absent"]
    assert not {result["endpoint"] for result in found["results"]} & {key.partition("@")[0] for key in found["absent"]}


def test_the_length_of_a_leg_is_a_setting_of_gait_speed(device: Path) -> None:
    asked = ("endpoints", str(device), "--worn-at", "lower_back", "--json")
    found = json.loads(sensors(*asked, "--leg", "0.92").stdout)["definitions"]
    assert found["gait_speed@1"]["settings"]["leg_length"] == 0.92
    assert found["gait_speed@1"]["digest"] != catalogue()["gait_speed@1"].digest
    assert found["gait_cadence@1"]["digest"] == catalogue()["gait_cadence@1"].digest
    refused = sensors(*asked, "--leg", "92")
    assert (refused.exit_code, "0.3 to 1.5 metres" in refused.output) == (1, True)


def test_a_device_in_another_zone_has_other_days(device: Path) -> None:
    """The device's clock is taken to run in the zone, so that the dates are those that it showed."""
    found = json.loads(sensors("endpoints", str(device), "--json", "--timezone", "America/New_York").stdout)
    assert found["start"] == "2024-02-12T23:58:00-05:00"
    assert {result["label"] for result in found["results"] if result["window"] == "day"} == {"2024-02-12", "2024-02-13"}


def test_what_was_mended_on_reading_is_told(device: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.cwa"
    cut.write_bytes(device.read_bytes()[:-700])
    told = json.loads(sensors("endpoints", str(cut), "--json").stdout)["findings"]
    assert told
    assert told[0]["message"] in sensors("endpoints", str(cut)).output


def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all")
    found = sensors("endpoints", str(letter))
    assert found.exit_code == 1
    assert "letter.txt" in found.stderr
    assert "Axivity" in found.stderr
    assert sensors("endpoints", str(tmp_path / "nothing")).exit_code == 2


def test_an_unknown_zone_is_refused(device: Path) -> None:
    found = sensors("endpoints", str(device), "--timezone", "Europe/Bruxelles")
    assert found.exit_code == 2
    assert "Europe/Bruxelles" in found.stderr
