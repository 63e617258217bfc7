"""A REDCap project in a ZIP: its events become encounters, its designations the schedule, what repeats a log."""

import pytest

from helmont.standards.importing import Imported
from helmont.standards.redcap import read_redcap
from helmont.study.protocol import Encounter
from tests.standards.test_definitions import archive

DICTIONARY = """field_name,form_name,field_type,field_label
id,demographics,text,Id
age,demographics,text,Age
sys,vitals,text,Systolic
term,adverse_events,text,Event
extra,leftover,text,Extra
"""
EVENTS = """event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name
Baseline,1,0,0,0,baseline_arm_1
Week 2,1,14,-3,3,week_2_arm_1
Early stop,1,,,,early_stop_arm_1
"""
DESIGNATIONS = """arm_num,unique_event_name,form
1,baseline_arm_1,demographics
1,baseline_arm_1,vitals
1,week_2_arm_1,vitals
1,week_2_arm_1,adverse_events
1,early_stop_arm_1,vitals
1,week_2_arm_1,unknown_form
"""
REPEATING = "form_name,custom_form_label\nadverse_events,[term]\n"


def read(**files: str) -> Imported:
    return read_redcap(archive(**{f"{name}.csv": text.encode() for name, text in files.items()}), "project.zip")


def test_events_become_encounters_and_designations_the_schedule() -> None:
    imported = read(dictionary=DICTIONARY, events=EVENTS, mapping=DESIGNATIONS, repeating=REPEATING)
    assert imported.study is not None, imported.errors
    protocol = imported.study.protocol
    assert [(each.id, each.day, each.anchor) for each in protocol.encounters] == [
        ("BASELINE_ARM_1", 1, None),
        ("EARLY_STOP_ARM_1", None, None),
        ("WEEK_2_ARM_1", 15, "BASELINE_ARM_1"),
    ]
    week: Encounter = protocol.encounters[2]
    assert (week.label.by_language["en"], week.window.before, week.window.after) == ("Week 2", 3, 3)
    assert {name: set(at) for name, at in protocol.schedule.items()} == {
        "DEMOGRAPHICS": {"BASELINE_ARM_1"},
        "VITALS": {"BASELINE_ARM_1", "WEEK_2_ARM_1", "EARLY_STOP_ARM_1"},
    }
    assert protocol.logs == ("ADVERSE_EVENTS",)
    said = {(fault.file, fault.line): fault.message for fault in imported.findings if fault.line}
    assert said["mapping.csv", 7] == "the dictionary gives no instrument unknown_form"
    assert said["repeating.csv", 2].startswith("adverse_events repeats and became a log")


def test_events_of_several_arms_are_told_apart() -> None:
    events = EVENTS + "Baseline,2,0,0,0,baseline_arm_2\n"
    imported = read(dictionary=DICTIONARY, events=events, mapping=DESIGNATIONS + "2,baseline_arm_2,demographics\n")
    assert imported.study is not None, imported.errors
    labels = [each.label.by_language["en"] for each in imported.study.protocol.encounters]
    assert {"Baseline (arm 1)", "Baseline (arm 2)"} <= set(labels)
    assert any("2 arms" in fault.message for fault in imported.findings)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"mapping": DESIGNATIONS}, "there is no data dictionary in the archive"),
        ({"dictionary": DICTIONARY, "mapping": 'unique_event_name,form\n"a' + "x" * 140_000}, "not CSV"),
    ],
)
def test_a_project_that_cannot_be_read_is_refused(files: dict[str, str], message: str) -> None:
    imported = read(**files)
    assert imported.study is None
    assert any(message in fault.message for fault in imported.errors)


def test_a_dictionary_in_an_archive_without_events_is_read_alone() -> None:
    imported = read(dictionary=DICTIONARY, notes="a,b\n1,2\n")
    assert imported.study is not None
    assert [each.id for each in imported.study.protocol.encounters] == ["EVENT_1"]
    assert any(fault.file == "notes.csv" for fault in imported.findings)
