"""Which results of devices become items: read from sensors.yaml, checked against the forms, compared between versions."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helmont.study.comparing.compare import compare
from helmont.study.faults import StudyFaults
from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import from_document, to_document
from helmont.study.sensing import sensors_of
from helmont.study.writing import write_package

WORN = Path(__file__).parents[1] / "packages" / "worn"
SENSORS = (WORN / "sensors.yaml").read_text()
DAYS, ITEMS, DAILY = 17, 18, 19


def package(folder: Path, was: str = "", now: str = "", file: str = "sensors.yaml") -> Path:
    """The package, with one text of a file replaced by another."""
    shutil.copytree(WORN, folder)
    text = (folder / file).read_text()
    assert was in text
    (folder / file).write_text(text.replace(was, now))
    return folder


def test_items_and_their_windows_are_those_of_the_file_and_survive_publishing_and_writing(tmp_path: Path) -> None:
    study = load_study(WORN)
    sensors = sensors_of(study)
    assert sensors is not None
    [entry] = sensors.record
    assert (entry.form, entry.encounters, entry.first, entry.last, entry.days) == ("WORN", ("WEEK_2",), -3, -1, 3)
    assert dict(entry.items) == {"HRMEAN": "heart_rate_mean_visit@2", "TIR": "time_in_range_visit@1"}
    assert entry.endpoints == ("heart_rate_mean_visit@2", "time_in_range_visit@1")
    assert entry.daily is not None
    assert (entry.daily.group, entry.daily.date) == ("DAYS", "DAYDT")
    assert sensors_of(from_document(to_document(study))) == sensors
    write_package(study, tmp_path / "again")
    assert sensors_of(load_study(tmp_path / "again")) == sensors


@pytest.mark.parametrize(
    ("was", "now", "line", "message", "accepted"),
    [
        ("days: [-3, -1]", "days: [-3, -1]\n    after: 2 d", 18, "2 d", "a mapping"),
        ("days: [-3, -1]", "days: [-3, -1]\n    after: {weeks: 2}", 18, "unknown entry", "hours, days"),
        ("days: [-3, -1]", "days: [-3, -1]\n    after: {hours: -1}", 18, "-1", "at least 0"),
        ("days: [-3, -1]", "days: [-3, -1]\n    after: {hours: 1, days: 1}", 18, "'days': 1", "such as {days: 3}"),
        ("days: [-3, -1]", "days: [-3, -1]\n    after: {days: 400}", 18, "400", "at most 366 days"),
        ("form: WORN", "form: WARN", 15, "not a form", "WORN"),
        ("form: WORN", "form: DM", 16, "does not have the form DM", "BASELINE"),
        ("[WEEK_2]", "[WEEK_3]", 16, "not an encounter", "WEEK_2"),
        ("[-3, -1]", "[-1, -3]", DAYS, "[-1, -3]", "the first day and the last one"),
        ("[-3, -1]", "[-3]", DAYS, "[-3]", "the first day and the last one"),
        ("[-3, -1]", "[-400, -1]", DAYS, "-400", "-366"),
        ("[-3, -1]", "[-4, -1]", DAILY, "4 days and DAYS at most 3 rows", "max: 4"),
        ("{HRMEAN:", "{HRMIN:", ITEMS, "HRMIN is not an item of WORN", "HRMEAN"),
        ("{HRMEAN:", "{HRHOUR:", ITEMS, "of type calculated", "integer or decimal"),
        ("{HRMEAN:", "{REMARK:", ITEMS, "of type text", "integer or decimal"),
        ("{HRMEAN:", "{DAYHR:", ITEMS, "in rows of DAYS", "daily"),
        ("HRMEAN: heart_rate_mean_visit@2", "HRMEAN: time_in_range_visit@1", ITEMS, "the endpoint %", "unit: '%'"),
        ("HRMEAN: heart_rate_mean_visit@2", "HRMEAN: heart_rate_mean_visit@1", ITEMS, "visit@1", "visit@2"),
        ("HRMEAN: heart_rate_mean_visit@2", "HRMEAN: heart_rate_mean@2", ITEMS, "over a day", "visit window"),
        ("DAYHR: heart_rate_mean@2", "DAYHR: heart_rate_mean_visit@2", DAILY, "over a visit window", "day or night"),
        ("group: DAYS", "group: WORN_MAIN", DAILY, "not a repeating group", "DAYS"),
        ("date: DAYDT", "date: DAYHR", DAILY, "not a date of DAYS", "DAYDT"),
        ("{DAYHR:", "{TIR:", DAILY, "TIR is not an item of WORN.DAYS", "DAYHR"),
        ("range: [20, 250]}", "range: [20, 250], privilege: allocation}", ITEMS, "HRMEAN is not", "privilege: allocation"),
        ("minimum: {hours: 1}", "minimum: {hours: 1, periods: 4}\n    each: day\n    summary: mean", 19, "too few", "4 days"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_is_a_fault_at_its_line(
    tmp_path: Path, was: str, now: str, line: int, message: str, accepted: str
) -> None:
    folder = package(tmp_path / "study", was, now)
    faults = [each for each in check_folder(folder) if each.severity == "error"]
    [fault] = [each for each in faults if each.line == line]
    assert fault.file == "sensors.yaml"
    assert message in fault.message
    assert accepted in fault.accepted
    with pytest.raises(StudyFaults):
        load_study(folder)


@pytest.mark.parametrize(("written", "hours"), [("", 24), ("after: {days: 3}", 72), ("after: {hours: 1.5}", 1.5)])
def test_how_long_samples_are_waited_for(tmp_path: Path, written: str, hours: float) -> None:
    folder = package(tmp_path / "study", "days: [-3, -1]\n", f"days: [-3, -1]\n    {written}\n")
    sensors = sensors_of(load_study(folder))
    assert sensors is not None
    assert sensors.record[0].after == hours


def test_an_item_is_filled_by_one_entry_and_an_endpoint_has_one_window_at_an_encounter(tmp_path: Path) -> None:
    second = "  - {form: WORN, days: [-2, -1], items: {HRMEAN: heart_rate_mean_visit@2}}\n"
    (package(tmp_path / "study") / "sensors.yaml").write_text(SENSORS + second)
    faults = check_folder(tmp_path / "study")
    assert {(fault.line, fault.message) for fault in faults} == {
        (20, "HRMEAN of WEEK_2 is filled by another entry as well"),
        (20, "heart_rate_mean_visit@2 has another window at WEEK_2 in another entry"),
    }


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("title: {en: Devices}\n", "title: {en: Devices}\nkind: log\n", "a log, which lies at no encounter"),
        ("title: {en: Devices}\n", "title: {en: Devices}\nentry: double\n", "typed from paper by two people"),
    ],
)
def test_a_log_and_a_form_typed_by_two_people_are_not_filled_by_devices(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    folder = package(tmp_path / "study", was, now, "forms/worn.yaml")
    assert (15, said) in {(fault.line, fault.message.partition("WORN is ")[2]) for fault in check_folder(folder)}


def test_versions_are_compared_entry_by_entry(tmp_path: Path) -> None:
    old = load_study(WORN)
    new = load_study(package(tmp_path / "new", "[-3, -1]", "[-2, -1]"))
    [change] = compare(old, new).changes
    assert (change.module, change.place) == ("sensors", "record.WORN WEEK_2.days")
    assert (change.old, change.new) == ("-3, -1", "-2, -1")
    without = load_study(package(tmp_path / "without", SENSORS[SENSORS.index("record:") :], ""))
    assert [change.kind for change in compare(old, without).changes] == ["removed"]


WALKING = """
  - {name: back, kind: acceleration, unit: "[g]", rate: 50, resolution: 0.001}
endpoints:
  - from: gait_speed@1
    id: gait_speed
    version: 2
    settings:
      leg_length: {form: BODY, item: LEG}"""
BODY = """id: BODY
title: {en: Body}
groups:
  - id: MAIN
    items:
      - {id: LEG, label: {en: Leg}, type: decimal, units: [cm, '[in_i]']}
      - {id: ARM, label: {en: Arm}, type: decimal, unit: kg}
      - {id: SECRET, label: {en: Secret}, type: decimal, unit: cm, privilege: allocation}
      - {id: WORDS, label: {en: Words}, type: text}
  - id: AGAIN
    repeats: {max: 3}
    items: [{id: EACH, label: {en: Each}, type: decimal, unit: cm}]
"""


@pytest.mark.parametrize(
    ("item", "message", "accepted"),
    [
        ("form: BODY, item: LEG", "", ""),
        ("form: TORSO, item: LEG", "TORSO is not a form of a visit", "BODY"),
        ("form: BODY, item: LEGG", "LEGG is not a number that BODY has once", "LEG"),
        ("form: BODY, item: WORDS", "WORDS is not a number", "LEG"),
        ("form: BODY, item: EACH", "EACH is not a number that BODY has once", "LEG"),
        ("form: BODY, item: ARM", "ARM has kg", "a unit that becomes m"),
        ("form: BODY, item: SECRET", "SECRET is under a privilege", "another item"),
    ],
)
def test_an_item_that_endpoints_are_computed_with_is_a_length_that_there_is_once(
    tmp_path: Path, item: str, message: str, accepted: str
) -> None:
    folder = package(tmp_path / "study", "\nendpoints:", WALKING.replace("form: BODY, item: LEG", item))
    (folder / "forms" / "body.yaml").write_text(BODY)
    protocol = (folder / "protocol.yaml").read_text()
    (folder / "protocol.yaml").write_text(protocol.replace("forms: [DM]", "forms: [DM, BODY]"))
    faults = [each for each in check_folder(folder) if each.severity == "error"]
    if not message:
        assert faults == []
        return
    [fault] = faults
    assert (fault.file, fault.line) == ("sensors.yaml", 10)
    assert message in fault.message
    assert accepted in fault.accepted
