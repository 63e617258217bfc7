"""The length of a leg in the record: gait speed is computed with it, says so, and is another when it is corrected."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from helmont.cli.sensors import sensors
from helmont.core.people.assignments import AssignRole
from helmont.core.people.queries import forget_actors
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.sensors import following
from helmont.sensors.compacting import compact_now
from helmont.sensors.models import EndpointResult
from helmont.sensors.queries.bases import basis_of_result
from helmont.sensors.queries.entries import provenance_of
from helmont.sensors.queries.explaining import explained
from helmont.signals.endpoints.computing import REASONS, Reason
from helmont.signals.motion.gait import GRAVITY
from helmont.study.loading import load_study
from helmont.study.model import Study
from tests import cast
from tests.sensors.sending import send
from tests.sensors.worn import (
    AFTER,
    CLEO,
    HIM,
    PACKAGE,
    TRIAL,
    WEEK_2,
    WORN,
    begin_trial,
    data,
    do,
    entered,
    entry,
    row,
    wear,
)

pytestmark = pytest.mark.database

DM = f"{HIM}/BASELINE/DM"
WALKED = "2026-03-28T11:00:00Z"
LEG = "      - {id: LEGLEN, label: {en: Leg}, type: decimal, units: [cm, '[in_i]']}\n"
SPEED = "      - {id: SPEED, label: {en: Gait speed}, type: decimal, decimals: 3, unit: m/s}\n"
CHANNEL = '  - {name: back, kind: acceleration, unit: "[g]", rate: 25, resolution: 0.0005, range: [-8, 8]}\n'
ENDPOINTS = """  - from: gait_speed@1
    id: gait_speed
    version: 2
    settings: {leg_length: {form: DM, item: LEGLEN}}
    minimum: {hours: 0}
  - from: gait_speed_visit@1
    id: gait_speed_visit
    version: 2
    settings: {leg_length: {form: DM, item: LEGLEN}}
    minimum: {hours: 0, periods: 1}
"""


def study(folder: Path) -> Study:
    """The trial, in which walking is measured and the length of a leg asked for at both visits; versions are remembered."""
    shutil.copytree(PACKAGE, folder)

    def change(file: str, was: str, now: str) -> None:
        text = (folder / file).read_text()
        assert was in text
        (folder / file).write_text(text.replace(was, now))

    change("forms/dm.yaml", "    items:\n", "    items:\n" + LEG)
    change("forms/worn.yaml", "      - {id: REMARK", SPEED + "      - {id: REMARK")
    change("protocol.yaml", "PERSON: [BASELINE]", "PERSON: [BASELINE, WEEK_2]")
    change("sensors.yaml", "endpoints:\n", CHANNEL + "endpoints:\n" + ENDPOINTS)
    change("sensors.yaml", "items: {HRMEAN:", "items: {SPEED: gait_speed_visit@2, HRMEAN:")
    return replace(load_study(folder), version="walking")


@pytest.fixture(autouse=True)
def walk(db: None, home: Path, tmp_path: Path) -> None:  # noqa: ARG001 - makes the database
    """Half a minute of walking, a step each half second, between times of standing."""
    begin_trial(study(tmp_path / "study"))
    at = np.arange(90 * 25) / 25 - 30
    upward = 0.02 * (4 * np.pi) ** 2 * np.cos(4 * np.pi * at) / GRAVITY * ((at >= 0) & (at < 30))
    noise = np.random.default_rng(1).normal(0, 0.005, (len(at), 3))
    counts = np.rint((noise + np.stack([upward * 0, upward * 0, 1 + upward], axis=1)) / 0.0005).astype(int)
    send(wear(placement="lower_back"), "back", "b1", {"start": WALKED, "rate": 25, "counts": counts.tolist()})


def measured(length: str, unit: str = "cm", form: str = DM, reason: str = "") -> None:
    do(SaveForm(form, {"LEGLEN": {"value": length, "unit": unit}}, reason=reason), CLEO)


def the(endpoint: str = "gait_speed") -> EndpointResult:
    return EndpointResult.objects.get(participant=HIM, endpoint=endpoint)


def explain(*arguments: str) -> Any:
    return CliRunner().invoke(sensors, ["explain", HIM, "WEEK_2/WORN", "SPEED", *arguments])


def test_without_the_length_of_a_leg_there_is_no_speed_and_the_record_says_why() -> None:
    assert entered() == 1
    assert (the().value, the().evaluable, the().reason) == (None, False, "not_in_record")
    assert the("gait_speed_visit").reason == "not_in_record"
    assert data()["SPEED"] == {"not_done": REASONS[Reason.NOT_IN_RECORD]}
    measured("90", form=f"{WEEK_2}/DM")  # two days after the walk
    entered()
    assert the().reason == "not_in_record"


def test_the_value_is_converted_and_what_rests_on_it_says_so() -> None:
    measured("35.5", "[in_i]")
    entered()
    used = {"value": 0.9017, "unit": "m", "since": "2026-03-16", "source": f"{DM}.LEGLEN"}
    assert the().personal == the("gait_speed_visit").personal == {"leg_length": [used]}
    assert the().details["leg_length"] == 0.9017
    speed = the().value
    assert speed == pytest.approx(1.25 * 2 * np.sqrt(2 * 0.9017 * 0.04 - 0.04**2) / 0.5, rel=0.06)
    assert data()["SPEED"] == f"{speed:.3f}"
    [said] = provenance_of(WORN, "SPEED")
    assert said.rests["personal"] == {"leg_length": [used | {"value": "0.9017"}]}
    assert basis_of_result(the()).personal == the().personal
    assert explained(WORN, "SPEED").same_basis
    told = explain()
    assert told.exit_code == 0
    assert f"with      leg_length 0.9017 m, of {DM}.LEGLEN, since 2026-03-16" in told.output
    assert json.loads(explain("--json").stdout)["personal"] == {"leg_length": [used]}
    assert the("heart_rate_mean").personal == {}


def test_a_corrected_length_makes_another_result_and_nothing_else_anew() -> None:
    measured("90")
    entered()
    later = datetime.now(UTC) + timedelta(hours=1)
    assert following.waiting(later) == []
    before = the().value, the().basis, entry("SPEED").basis
    others = {each.key: each.computed for each in EndpointResult.objects.exclude(endpoint__startswith="gait_speed")}
    measured("80", reason="Read from the wrong line")
    assert following.waiting(later) == [HIM]
    told = explain()
    assert told.exit_code == 1
    assert "values of the record came since" in told.output
    assert entered(AFTER + timedelta(hours=1)) == 1
    assert the().value == pytest.approx(before[0] * np.sqrt(0.8 / 0.9), rel=0.01)
    assert the().basis != before[1]
    assert entry("SPEED").basis != before[2]
    assert data()["SPEED"] == f"{the().value:.3f}"
    assert the().computed > max(others.values())
    assert {each.key: each.computed for each in EndpointResult.objects.filter(key__in=others)} == others
    assert explain().exit_code == 0
    measured("70", form=f"{WEEK_2}/DM")  # it holds from that day on
    assert entered() == 0
    do(SaveForm(DM, {"LEGLEN": {"not_done": "He would not"}}, reason="Not his"), CLEO)
    entered()
    assert the().reason == "not_in_record"


def test_a_recomputation_of_the_archive_takes_it_from_the_record_as_well() -> None:
    measured("90")
    entered()
    compact_now(seal=True)
    endpoints = ["--endpoint", "gait_speed@2", "--endpoint", "gait_speed_visit@2"]
    asked = ["recompute", "--study", TRIAL, *endpoints, "--on", "here", "--json"]
    told = CliRunner().invoke(sensors, asked)
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)["results"]
    assert {each["participant"] for each in found} == {row().number}
    assert [each["value"] for each in found] == [the().value, the("gait_speed_visit").value]


def test_the_drawer_and_the_api_name_the_value_and_where_it_stands() -> None:
    perform(AssignRole("monitor", "monitor", TRIAL), cast.HELMONT)
    forget_actors()
    measured("90")
    entered()
    client = cast.sign_in("monitor")
    drawer = client.get(f"/studies/{TRIAL}/participants/701-001/WEEK_2/WORN/history?item=SPEED").content.decode()
    assert "0.9 m (BASELINE/DM.LEGLEN)" in drawer
    [said] = client.get(f"/api/v1/forms/{WORN}/provenance?item=SPEED").json()
    [value] = said["personal"]["leg_length"]
    assert (value["value"], value["source"]) == ("0.9", f"{DM}.LEGLEN")
