"""A study says which channels of devices it takes: read from sensors.yaml, published, compared channel by channel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helmont.signals.channels import Channel, Kind
from helmont.study.comparing.compare import compare
from helmont.study.faults import StudyFaults
from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import content_hash, from_document, to_document
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
