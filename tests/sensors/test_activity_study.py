"""The demonstration study of activity and glucose: a week of samples becomes its form and its findings domain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helmont.core.permissions import service
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.datasets.queries import EVERYTHING, live
from helmont.edc.actions.entry import SaveForm
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.endpoints import bring_up_to_date
from helmont.sensors.entering import enter
from helmont.sensors.secrets import new_secret
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import check_folder, load_study
from tests.sensors.sending import follow, glucose
from tests.sensors.worn import data

PACKAGE = Path(__file__).parents[2] / "studies" / "activity01"
STUDY, WHO = "ACTIVITY01", "ACTIVITY01/801-001"
ACTIVITY = f"{WHO}/BASELINE/ACTIVITY"
AFTER = datetime(2026, 2, 20, tzinfo=UTC)
IMPORT, MANAGER = service("import", "import_service"), service("tests", "data_manager")


def test_the_package_has_no_faults_in_any_language() -> None:
    assert check_folder(PACKAGE) == []


@pytest.mark.database
@pytest.mark.usefixtures("db")
def test_a_week_of_glucose_becomes_items_and_rows() -> None:
    perform(PublishDefinition(load_study(PACKAGE)), IMPORT)
    perform(OpenSite(STUDY, "801", "Ghent", "BE", "Europe/Brussels"), IMPORT)
    perform(ScreenParticipant(STUDY, "801", "801-001", "2026-02-02"), IMPORT)
    secret, digest = new_secret()
    perform(RegisterDevice(STUDY, "G-1", "Sensor of glucose"), MANAGER)
    perform(AssignDevice(WHO, "G-1", "2026-02-02T08:00:00Z", "Europe/Brussels", digest=digest), MANAGER)
    perform(BeginEncounter(STUDY, "801-001", "BASELINE", "2026-02-12"), IMPORT)
    perform(SaveForm(f"{WHO}/BASELINE/ADVICE", {"ADVDTC": "2026-02-12"}, complete=True), IMPORT)
    begin = datetime.fromisoformat("2026-02-05T00:00:00+01:00")
    times = [(begin + timedelta(minutes=5 * number)).isoformat() for number in range(7 * 288)]
    glucose(secret, "week", times, [6.0 if number % 4 else 12.0 for number in range(len(times))])
    follow()
    bring_up_to_date(WHO, AFTER)
    assert enter(WHO, AFTER) == 1
    found = data(ACTIVITY)
    assert (found["TIR"], found["GLUC"]) == ("75.0", "135.1")
    assert [found[f"DAYS[{row}].DAYDT"] for row in range(1, 8)] == [f"2026-02-{day:02}" for day in range(5, 12)]
    assert {found[f"DAYS[{row}].DAYTIR"] for row in range(1, 8)} == {"75.0"}
    assert found["MVPA"] == {"not_done": "No channel that it can be computed from was recorded."}
    catch_up("datasets")
    frame = live(STUDY, EVERYTHING).frame("XW").filter(XWCAT="GLUCOSE")
    rows = frame.select("XWTESTCD", "XWEVLINT", "XWSTRESN", "XWORRESU", "XWDTC", "XWDY").rows()
    assert rows[:2] == [
        ("GLUC", "P1D", 135.1, "mg/dL", "2026-02-05", -7),
        ("GLUC", "P1D", 135.1, "mg/dL", "2026-02-06", -6),
    ]
    assert ("TIR", "P7D", 75.0, "%", "2026-02-12", 1) in rows
    assert len(rows) == 16
