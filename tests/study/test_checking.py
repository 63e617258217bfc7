"""Every fault of a package is reported where it was written, in words that say what would be accepted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helmont.study.faults import Fault, StudyFaults
from helmont.study.loading import check_folder, load_study

from .conftest import MINIMAL

Change = Callable[[str, str, str], list[Fault]]

FAULTS = [
    ("forms/vs.yaml", "hint: {", "hints: {", "hints is not a key of an item", "did you mean hint?"),
    ("forms/vs.yaml", "type: datetime", "type: datetim", "datetim is not accepted here", "did you mean datetime?"),
    ("forms/vs.yaml", "codelist: NY", "codelist: NYX", "NYX is not the id of any codelist", "did you mean NY?"),
    ("forms/vs.yaml", "unit: kg,", "unit: kgs,", "kgs is not a unit Helmont knows", "did you mean kg?"),
    ("forms/vs.yaml", "standard_unit: cm", "standard_unit: kg", "cm is a length and cannot become kg", "one dimension"),
    ("forms/vs.yaml", "range: {min: 40, max: 150}", "range: {min: 400, max: 150}", "min 400 is above max 150", "min"),
    ("forms/vs.yaml", "range: {min: 120, max: 220}", "range: {min: 20}", "20 is outside the hard range 50 to 260", ""),
    ("forms/vs.yaml", "decimals: 1, unit: kg,", "decimals: one, unit: kg,", "one is not a whole number", "3"),
    ("forms/vs.yaml", "required: true", "required: maybe", "maybe is neither true nor false", "true or false"),
    ("forms/vs.yaml", "id: PULSE", "id: WEIGHT", "WEIGHT is used twice in the form VS", "an id of its own"),
    ("forms/vs.yaml", "id: PULSE", "id: pulse", "pulse is not an id", "capitals"),
    ("forms/vs.yaml", 'VSPERF == "N"', 'VSPERFF == "N"', "VSPERFF is not an item of VS", "did you mean VSPERF?"),
    ("forms/vs.yaml", 'VSPERF == "N"', 'VSPERF == ', "not an expression", ""),
    ("forms/vs.yaml", "'WEIGHT / (", "'BMI / (", "the calculation depends on itself: BMI -> BMI", "come to an end"),
    ("forms/vs.yaml", "min: 2, max: 3", "min: 4, max: 3", "from 4 to 3 rows", "0 <= min <= max"),
    ("forms/vs.yaml", "id: VSPERF,", "id: VSPERF, length: 3,", "is of type codelist and cannot have length", "text"),
    ("forms/vs.yaml", "id: VSPERF, label: {en:", "id: VSPERF, label: {xx: a, en:", "xx is not a lang", "one of: de"),
    ("forms/ae.yaml", "'{AETERM}'", "'{AETERMS}'", "AETERMS is not an item of AE", "did you mean AETERM?"),
    ("forms/dm.yaml", "id: DM\n", "id: VS\n", "the form VS is already declared in forms/dm.yaml:1", "its own"),
    ("codelists/general.yaml", 'code: "N"', 'code: "Y"', "Y is in NY twice", "each code once"),
    ("checks/checks.yaml", "item: SYSBP", "item: SYSPB", "SYSPB is not an item of VS", "did you mean SYSBP?"),
    ("checks/checks.yaml", "form: AE", "form: AEE", "AEE is not the id of any form", "did you mean AE?"),
    ("checks/checks.yaml", "at.BASELINE.VS.WEIGHT", "at.BASE.VS.WEIGHT", "BASE is not an encounter", "BASELINE"),
    ("checks/checks.yaml", "at.BASELINE.VS.WEIGHT", "at.BASELINE.VS.SYSBP", "SYSBP is not an item of VS", "one of"),
    ("checks/checks.yaml", "log.AE.exists", "log.VS.exists", "VS is not a log", "one of: AE"),
    ("checks/checks.yaml", 'visit.id == "BASELINE"', 'visit.name == "BASELINE"', "visit.name is not known", "visit."),
    ("checks/checks.yaml", "SYSBP > DIABP", "SYSBP > VSPERF", "column", "Names in expressions"),
    ("checks/checks.yaml", "SYSBP > DIABP", "SYSBP - DIABP", "the value is a number, not a boolean", "Names"),
    ("checks/checks.yaml", "a.AESER ==", "a.AESERR ==", "AESERR", ""),
    ("checks/checks.yaml", "at.BASELINE.VS.WEIGHT", "at.BASELINE.VS.WEIGHT.KG", ".KG", ""),
    ("forms/vs.yaml", "'WEIGHT / (", "'VSDTC == VSDTC || HEIGHT / (", "column", ""),
    ("protocol.yaml", "before: 2, after: 2", "before: -2, after: 2", "before is -2", "0 or more days"),
    ("protocol.yaml", "day: 15", "day: 0", "there is no study day 0", "-1 the day before it"),
    ("protocol.yaml", "anchor: BASELINE}\n  - {id: B", "anchor: BASLINE}\n  - {id: B", "BASLINE is not", "BASE"),
    ("protocol.yaml", "VITAL_SIGNS: [", "VITAL_SIGN: [", "VITAL_SIGN is not the id of any activity", "VITAL_SIGNS"),
    ("protocol.yaml", "logs: [AE]", "logs: [VS]", "VS is a visit form", "kind: log"),
    ("protocol.yaml", "forms: [DM]", "forms: [DM, AE]", "AE is a log and belongs to no visit", "list it under logs"),
    ("protocol.yaml", "encounters:", "encounters: 3\nvisits:", "expected a list, found a text", "a list"),
    ("study.yaml", r"'\d{2}-\d{3}'", r"'(\d{2}'", "not a regular expression", ""),
    ("study.yaml", "hint: 01-001", "hint: 01-1", "01-1 does not fit", "an example that fits"),
    ("study.yaml", "sponsor: Example Sponsor", "sponsor:", "expected a text, found nothing", "a text"),
    ("study.yaml", 'version: "1.0"\n', "", "version is missing", "a study needs version"),
    ("study.yaml", "phase: II", "phase: II\nphase: III", "phase is given twice", "it is also on line 5"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message", "accepted"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_fault_is_named_with_its_file_and_what_is_accepted(
    file: str, old: str, new: str, message: str, accepted: str, faults_after: Change
) -> None:
    found = [fault for fault in faults_after(file, old, new) if message in fault.message]
    assert found, "the fault is not reported"
    assert found[0].severity == "error"
    assert accepted in found[0].accepted
    assert found[0].file.endswith(".yaml")


def test_the_minimal_package_has_nothing_to_report() -> None:
    assert check_folder(MINIMAL) == []


def test_the_line_of_a_fault_is_the_line_of_the_text_at_fault(faults_after: Change) -> None:
    (fault,) = faults_after("forms/vs.yaml", "unit: kg,", "unit: kgs,")
    line = (MINIMAL / "forms/vs.yaml").read_text().splitlines()[fault.line - 1]
    assert "id: WEIGHT" in line
    assert fault.place == "forms[VS].groups[VS_HEAD].items[WEIGHT].unit"
    assert str(fault).startswith(f"forms/vs.yaml:{fault.line}: error: forms[VS]")


def test_a_missing_translation_is_a_warning_and_does_not_stop_loading(tmp_path: Path, faults_after: Change) -> None:
    (fault,) = faults_after("forms/ae.yaml", "fr: Début, ", "")
    assert (fault.severity, fault.message) == ("warning", "not translated into fr")
    study = load_study(tmp_path / "package")
    start = next(item for form in study.forms if form.id == "AE" for item in form.items() if item.id == "AESTDTC")
    assert start.label.get("fr") == ("Start", True)
    assert start.label.get("nl") == ("Begin", False)


def test_overlapping_windows_are_a_warning(faults_after: Change) -> None:
    (fault,) = faults_after("protocol.yaml", "before: 3, after: 3", "before: 14, after: 3")
    assert (fault.severity, fault.message) == ("warning", "the window overlaps that of BASELINE")


def test_a_form_nobody_uses_is_a_warning(faults_after: Change) -> None:
    found = faults_after("protocol.yaml", "forms: [DM]", "forms: []")
    assert [fault.message for fault in found] == ["no activity, log or unscheduled encounter uses DM"]


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    shutil.copytree(MINIMAL, tmp_path, dirs_exist_ok=True)
    for file, old, new in (
        ("forms/vs.yaml", "unit: kg,", "unit: kgs,"),
        ("forms/ae.yaml", "codelist: NY", "codelist: NO"),
        ("protocol.yaml", "day: 15", "day: 0"),
        ("study.yaml", "[BE, NL]", "[BE, nl]"),
    ):
        text = (tmp_path / file).read_text()
        (tmp_path / file).write_text(text.replace(old, new))
    with pytest.raises(StudyFaults) as raised:
        load_study(tmp_path)
    assert {fault.file for fault in raised.value.faults if fault.severity == "error"} == {
        "forms/vs.yaml", "forms/ae.yaml", "protocol.yaml", "study.yaml"
    }  # fmt: skip


def test_two_items_that_skip_each_other_are_an_ordinary_either_or(faults_after: Change) -> None:
    old = "type: time}"
    assert faults_after("forms/ae.yaml", old, "type: time, skip: has(AESER)}") == []


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (fault,) = check_folder(tmp_path / "nowhere")
    assert fault.message == "this is not a folder"


def test_an_empty_folder_names_what_it_misses(tmp_path: Path) -> None:
    assert {fault.file for fault in check_folder(tmp_path)} == {"study.yaml", "protocol.yaml"}
