"""A study's endpoints anew from the archive, at the terminal: those that follow what comes, and a table of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars
import pytest
from click.testing import CliRunner, Result

from helmont.cli import main
from helmont.core.permissions import service
from helmont.core.writer import perform
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.sensors import keeping
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.compacting import compact_now
from helmont.sensors.endpoints import bring_up_to_date
from helmont.sensors.models import Day, EndpointResult
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.sensors.recomputing import plan
from helmont.sensors.secrets import new_secret
from helmont.signals.channels import Kind
from helmont.signals.endpoints import catalogue
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import JSON
from helmont.signals.wire.moments import moment, written
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study
from helmont.study.model import Study
from tests.cast import PARTICIPANT, STUDY
from tests.sensors.kit import BEGUN, assign, do, register
from tests.sensors.sending import follow, glucose, send

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "home")]

ACTIVITY = Path(__file__).parents[2] / "studies" / "activity01"


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


def held(seed: int, minutes: int = 20, rate: int = 25) -> list[list[int]]:
    """Counts of a wrist that lies in one position after another, and is shaken now and then; 2 % off."""
    rng = np.random.default_rng(seed)
    rows = minutes * 60 * rate
    directions = rng.normal(size=(rows // 1000 + 1, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    still = np.repeat(directions, 1000, axis=0)[:rows] * 1.02
    shaken = np.repeat(rng.random(rows // 1500 + 1) < 0.3, 1500)[:rows, None]
    values = still + rng.normal(0, 0.008, (rows, 3)) + shaken * rng.normal(0, 0.4, (rows, 3))
    counts: list[list[int]] = np.clip(np.rint(values * 256), -2048, 2047).astype(int).tolist()
    return counts


def with_everything() -> Study:
    """The study of activity with a channel of temperature, and every endpoint of the catalogue that may be computed of it."""
    study = load_study(ACTIVITY)
    said: dict[str, Any] = dict(study.sensors or {})
    said["channels"] = (*said["channels"], {"name": "skin", "kind": "temperature", "unit": "Cel", "resolution": "0.1"})
    kinds = {Kind.ACCELERATION, Kind.GLUCOSE, Kind.TEMPERATURE}
    said["endpoints"] = tuple(key for key, each in catalogue().items() if kinds & set(each.kinds))
    return replace(study, version="9.0", sensors=said)


def give(participant: str, label: str, starts: str, placement: str = "") -> str:
    secret, digest = new_secret()
    manager = service("tests", "data_manager")
    perform(RegisterDevice("ACTIVITY01", label, "A band"), manager)
    perform(AssignDevice(participant, label, starts, "Europe/Brussels", placement=placement, digest=digest), manager)
    return secret


def shaken_on(secret: str, day: int, seed: int, first: str = "09") -> None:
    body = {"start": f"2026-02-{day:02}T{first}:30:00Z", "rate": 25, "counts": held(seed)}
    send(secret, "wrist", f"w{day}-{first}", body)


def test_results_are_those_of_the_server_to_the_last_digit() -> None:
    one, two = "ACTIVITY01/801-001", "ACTIVITY01/801-002"
    importer = service("import", "import_service")
    perform(PublishDefinition(with_everything()), importer)
    perform(OpenSite("ACTIVITY01", "801", "Ghent", "BE", "Europe/Brussels"), importer)
    for number in ("801-001", "801-002"):
        perform(ScreenParticipant("ACTIVITY01", "801", number, "2026-02-02"), importer)
        perform(BeginEncounter("ACTIVITY01", number, "BASELINE", "2026-02-12"), importer)
    first, second = give(one, "A-1", "2026-02-02T08:00:00Z"), give(one, "A-2", "2026-02-09T10:00:00Z", "lower_back")
    lent = give(two, "A-3", "2026-02-02T08:00:00Z")
    for day in (2, 3, 8, 9):  # what day 9 is calibrated by begins with day 3
        shaken_on(first, day, day)
    for day in (9, 10):
        shaken_on(second, day, 20 + day, "10")
    shaken_on(lent, 5, 30)
    shaken_on(lent, 11, 31)
    times = [f"2026-02-{day:02}T{hour:02}:00:00+01:00" for day in (10, 11) for hour in range(24)]
    glucose(second, "g", times, [6.0 + number % 7 for number in range(len(times))])
    warm = [f"2026-02-10T10:{minute:02}:00Z" for minute in range(20, 60)]
    degrees = [20.0 + number / 3 for number in range(len(warm))]
    send(second, "skin", "s", {"times": warm, "values": degrees, "unit": "Cel"})
    manager = service("tests", "data_manager")
    clock = {"2026-02-02T08:00:00Z": "2026-02-02T08:00:00Z", "2026-02-09T08:00:00Z": "2026-02-09T08:04:00Z"}
    perform(CorrectClock("ACTIVITY01/devices/A-1/1", clock, "A slow clock"), manager)
    worn_by_him = CorrectWearer(
        "ACTIVITY01/devices/A-3/1", "2026-02-05T00:00:00Z", "2026-02-06T00:00:00Z", "Swapped", participant=one
    )
    perform(worn_by_him, manager)
    follow()
    for key in (one, two):
        bring_up_to_date(key, datetime(2026, 2, 20, tzinfo=UTC))
    compact_now(seal=True)
    server = {
        (row.participant, row.endpoint, row.version, row.window, row.label): (
            (row.start * 1000, row.end * 1000, row.value, row.evaluable, row.reason, row.wear),
            (row.channel, row.digest, row.details),
        )
        for row in EndpointResult.objects.filter(study="ACTIVITY01")
    }
    again = {
        (f"ACTIVITY01/{row['participant']}", row["endpoint"], row["version"], row["window"], row["label"]): (
            (row["start"], row["end"], row["value"], row["evaluable"], row["reason"] or "", row["wear"]),
            (row["channel"] or "", row["digest"], row["details"]),
        )
        for row in rows(recompute("--study", "ACTIVITY01", "--json"))
    }
    assert again == server
    visit = {key[1]: found[0][2] for key, found in again.items() if key[3] == "visit window" and key[0] == one}
    assert visit.keys() == {f"{name}_visit" for name in ("enmo_mean", "mvpa", "steps", "time_in_range", "glucose_mean")}
    assert visit["glucose_mean_visit"] is not None
    assert {name for _, name, _, window, label in again if window == "day" and label == "2026-02-10"} >= {
        "nonwear_time_detach", "steps", "gait_speed", "mvpa_bouts", "glucose_mage"
    }  # fmt: skip
    calibrated = {day.date: day.calibrations for day in Day.objects.filter(participant=one)}
    assert all("gain" in each for found in calibrated.values() for each in found.values())
    assert len(calibrated["2026-02-09"]) == 2
    assert len({tuple(found["gain"]) for day in calibrated.values() for found in day.values()}) == 7
