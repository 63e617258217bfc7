"""A study's endpoints anew from the archive, at the terminal: those that follow what comes, and a table of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars
import pytest
from click.testing import CliRunner, Result

from helmont.cli import main
from helmont.sensors import keeping
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer
from helmont.sensors.compacting import compact_now
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.sensors.recomputing import plan
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import JSON
from helmont.signals.wire.moments import moment, written
from tests.cast import PARTICIPANT, STUDY
from tests.sensors.kit import BEGUN, assign, do, register

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "home")]


def recompute(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sensors", "recompute", "--on", "here", *arguments])


def sent(secret: str, hours: int = 39) -> None:
    """Readings every five minutes from the beginning of the assignment on: one of 6.2, then one of 11.2, and so on."""
    start = moment(BEGUN, "")
    times = [written(start + number * 300 * SECOND) for number in range(hours * 12)]
    values = np.where(np.arange(len(times)) % 2, 11.2, 6.2)
    said = {"times": times, "unit": "mmol/L", "values": [[value] for value in values.tolist()]}
    receive_now(find_sender(secret), Sent("cgm", "b1", JSON, "", orjson.dumps(said)), "test")


@pytest.fixture
def worn() -> str:
    register()
    key, secret = assign(starts=BEGUN)
    sent(secret)
    compact_now(seal=True)
    return key


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)["results"]
    return found


def test_days_are_computed_as_the_study_declares_them(worn: str, home: Path) -> None:
    assert worn
    found = rows(
        recompute("--study", STUDY, "--endpoint", "time_in_range@1", "--json", "--out", str(home / "all.parquet"))
    )
    assert [(each["participant"], each["label"], each["evaluable"]) for each in found] == [
        (PARTICIPANT, "2025-03-10", False),  # begins at nine by the participant's clock: too little
        (PARTICIPANT, "2025-03-11", True),
    ]
    assert found[1]["value"] == 50.0
    table = polars.read_parquet(home / "all.parquet")
    assert table["value"].to_list() == [each["value"] for each in found]
    assert table["start"].cast(polars.Int64).to_list() == [each["start"] for each in found]
    told = recompute("--study", STUDY)
    assert told.exit_code == 0
    assert told.stdout.startswith("1 participants, 2 days of channels, 468 samples, ")


def test_samples_are_corrected_before(worn: str) -> None:
    before = rows(recompute("--study", STUDY, "--endpoint", "glucose_mean@1", "--json"))
    do(CorrectClock(worn, {BEGUN: "2025-03-11T08:00:00Z"}, "A day late"), "data.manager")
    after = rows(recompute("--study", STUDY, "--endpoint", "glucose_mean@1", "--json"))
    assert [(each["label"], each["value"]) for each in after] == [
        ("2025-03-11", before[0]["value"]),
        ("2025-03-12", before[1]["value"]),
    ]
    do(CorrectWearer(worn, "2025-03-12T00:00:00Z", "2025-03-13T00:00:00Z", "Nobody wore it"), "data.manager")
    lost = rows(recompute("--study", STUDY, "--endpoint", "glucose_mean@1", "--json"))
    assert [each["label"] for each in lost if each["value"] is not None] == ["2025-03-11", "2025-03-12"]
    assert sum(each["wear"] for each in lost) < sum(each["wear"] for each in after)


def test_what_is_planned_is_that_of_the_study(worn: str) -> None:
    planned = plan(keeping.store(), STUDY)
    assert [(each.participant, each.date) for each in planned.partitions] == [
        (PARTICIPANT, "2025-03-10"),
        (PARTICIPANT, "2025-03-11"),
    ]
    assert planned.people[STUDY, PARTICIPANT].zones.first == "Europe/Brussels"
    assert planned.people[STUDY, PARTICIPANT].placements == {keeping.number_of(f"{worn}#cgm"): ("wrist",)}
    assert all(each.window != "visit window" for each in planned.definitions)
    assert plan(keeping.store(), "OTHER").partitions == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--endpoint", "happiness@1"), "happiness@1"),
        (("--store", "ftp://somewhere"), "s3://bucket/prefix"),
        (("--on", "spark"), "processes:4"),
    ],
)
def test_what_is_not_understood_is_told(arguments: tuple[str, ...], said: str) -> None:
    found = recompute("--study", STUDY, *arguments)
    assert found.exit_code == 1
    assert said in found.output
