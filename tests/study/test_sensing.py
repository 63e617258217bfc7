"""A study says which channels of devices it takes: read from sensors.yaml, published, compared channel by channel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helmont.core.roles import ROLES as ROLES_OF_PEOPLE
from helmont.signals.channels import Channel, Kind
from helmont.study.amending import check_against
from helmont.study.comparing.compare import compare
from helmont.study.faults import StudyFaults
from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import content_hash, from_document, to_document
from helmont.study.roles import ROLES
from helmont.study.sensing import channels_of, sensors_of
from helmont.study.writing import write_package

MINIMAL = Path(__file__).parent / "packages" / "minimal"
WRIST = '- {name: wrist, kind: acceleration, unit: "[g]", rate: 50, resolution: 0.00390625, range: [-8, 8]}'
SENSORS = (
    f"channels:\n  {WRIST}\n  - {{name: cgm, kind: glucose, unit: mmol/L, resolution: 0.1, range: [1.1, 33.3]}}\n"
    "endpoints:\n  - time_in_range@1\n"
)


def package(folder: Path, sensors: str) -> Path:
    shutil.copytree(MINIMAL, folder)
    (folder / "sensors.yaml").write_text(sensors)
    return folder


def test_channels_are_those_of_the_file_and_survive_publishing_and_writing(tmp_path: Path) -> None:
    study = load_study(package(tmp_path / "study", SENSORS))
    channels = channels_of(study)
    assert channels["wrist"] == Channel("wrist", Kind.ACCELERATION, "[g]", 50.0, 1 / 256, (-8.0, 8.0))
    assert channels["cgm"].rate is None
    assert channels_of(load_study(MINIMAL)) == {}
    assert [each.key for each in sensors_of(study).endpoints] == ["time_in_range@1"]  # type: ignore[union-attr]
    again = from_document(to_document(study))
    assert sensors_of(again) == sensors_of(study)
    private = load_study(package(tmp_path / "private", SENSORS.replace("resolution: 0.1", "privilege: allocation")))
    assert sensors_of(from_document(to_document(private))).privileges == {"cgm": "allocation"}  # type: ignore[union-attr]
    write_package(study, tmp_path / "again")
    assert content_hash(load_study(tmp_path / "again")) == content_hash(study)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (SENSORS.replace("acceleration", "sound"), 2, "acceleration"),
        (SENSORS.replace("mmol/L", "mmol"), 3, "mmol/L"),
        (SENSORS.replace("resolution: 0.1", "privilege: arm"), 3, "allocation, source"),
        (SENSORS.replace("rate: 50", "rate: fast"), 2, "number"),
        (SENSORS.replace("rate: 50", "hertz: 50"), 2, "rate"),
        (SENSORS.replace("[-8, 8]", "[8, -8]"), 2, "lower one first"),
        (SENSORS.replace("name: wrist", "name: Left wrist"), 2, "letter"),
        (SENSORS.replace("time_in_range@1", "time_in_range@99"), 5, "time_in_range@1"),
        ("places: {}\n", 1, "channels"),
        ("channels: []\n", 1, "at least one channel"),
    ],
)
def test_what_no_channel_can_be_is_a_fault_at_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    folder = package(tmp_path / "study", text)
    [fault] = [each for each in check_folder(folder) if each.severity == "error"]
    assert (fault.file, fault.line) == ("sensors.yaml", line)
    assert said in fault.accepted
    with pytest.raises(StudyFaults):
        load_study(folder)


def test_versions_are_compared_channel_by_channel(tmp_path: Path) -> None:
    old = load_study(package(tmp_path / "old", SENSORS))
    new = load_study(package(tmp_path / "new", SENSORS.replace("rate: 50", "rate: 100")))
    [change] = compare(old, new).changes
    assert (change.module, change.old, change.new) == ("sensors", "50", "100")
    assert "rate" in (change.place + change.what)


@pytest.mark.parametrize(
    ("was", "now", "line", "place", "said"),
    [
        ("resolution: 0.1", "resolution: 0.01", 3, "channels[1].resolution", "resolution: 0.1, as samples that came"),
        ("unit: mmol/L, resolution: 0.1, range: [1.1, 33.3]", "unit: mg/dL", 3, "channels[1].unit", "unit: mmol/L"),
        ("kind: acceleration", "kind: angular_rate", 2, "channels[0].kind", "kind: acceleration"),
        (", settings: {at_most: {mg/dL: 140}}", ", settings: {at_most: {mg/dL: 150}}", 5, "endpoints[0].version", "2"),
    ],
)
def test_a_version_does_not_change_what_samples_and_results_that_came_mean(
    tmp_path: Path, was: str, now: str, line: int, place: str, said: str
) -> None:
    written = SENSORS.replace(
        "- time_in_range@1", "- {from: time_in_range@1, id: in_range, version: 1, settings: {at_most: {mg/dL: 140}}}"
    )
    old = load_study(package(tmp_path / "old", written))
    unit = "rad/s" if "angular" in now else "[g]"
    folder = package(tmp_path / "new", written.replace(was, now).replace("[g]", unit))
    found = {fault.place: fault for fault in check_against(old, load_study(folder), folder)}
    fault = found[f"sensors.{place}"]
    assert (fault.file, fault.line) == ("sensors.yaml", line)
    assert "version" in fault.message
    assert said in fault.accepted
    assert check_against(old, load_study(folder))[0].line == 0


def test_rate_range_and_channels_may_be_other_ones(tmp_path: Path) -> None:
    old = load_study(package(tmp_path / "old", SENSORS))
    other = SENSORS.replace("rate: 50", "rate: 100").replace("[-8, 8]", "[-16, 16]").replace("name: cgm", "name: cgm2")
    assert check_against(old, load_study(package(tmp_path / "new", other))) == []
    assert check_against(old, load_study(MINIMAL)) == check_against(load_study(MINIMAL), old) == []


def test_an_alert_is_for_roles_that_there_are(tmp_path: Path) -> None:
    alerts = "alerts:\n  - {kind: silent, hours: 24, roles: [monitor, investigater]}\n"
    [fault] = [each for each in check_folder(package(tmp_path / "study", SENSORS + alerts)) if each.severity == "error"]
    assert (fault.line, fault.place) == (7, "sensors.alerts[0].roles[1]")
    assert (fault.message, fault.accepted) == ("investigater is not a role", "did you mean investigator?")


def test_the_roles_that_a_package_may_name_are_those_that_people_have_in_a_study() -> None:
    assert {role.name for role in ROLES_OF_PEOPLE.values() if role.places in ("site", "study")} == set(ROLES)
