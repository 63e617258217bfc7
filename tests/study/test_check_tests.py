"""Edit checks bring tests of their own: they are run, and one that comes out otherwise is a fault with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.demo.pilot.annotations import pilot_study
from helmont.study.check_tests import answer, run_tests, untested
from helmont.study.compiling import compile_study
from helmont.study.faults import Fault, StudyFaults
from helmont.study.loading import load_study
from helmont.study.model import CheckTest
from helmont.study.publishing import from_document, to_document

PILOT = compile_study(pilot_study())
Change = Callable[[str, str, str], list[Fault]]
SYS_DIA = "de: Systolisch muss über diastolisch liegen}\n"
WEIGHT = "de: Mehr als 5 kg zugenommen}\n"
START = "  severity: refuse\n"
SERIOUS = "de: Schwerwiegend über 80}\n"


def with_test(after: str, test: str, faults_after: Change) -> list[Fault]:
    return faults_after("checks/checks.yaml", after, f"{after}  tests:\n    - {test}\n")


@pytest.mark.parametrize(
    ("after", "test"),
    [
        (SYS_DIA, "{expect: fires, values: {SYSBP: 80, DIABP: 90}}"),
        (SYS_DIA, "{expect: holds, values: {SYSBP: 120, DIABP: 90}}"),
        (SYS_DIA, "{expect: unknown, values: {SYSBP: 120}}"),
        (SYS_DIA, "{expect: fires, values: {'VS_READ[1].SYSBP': 120, 'VS_READ[1].DIABP': 80,"
                  " 'VS_READ[2].SYSBP': 80, 'VS_READ[2].DIABP': 90}}"),
        (WEIGHT, "{expect: fires, values: {WEIGHT: '80,5'}, previous: {VS: {WEIGHT: 70}}}"),
        (WEIGHT, "{expect: holds, values: {WEIGHT: 71}, previous: {VS: {WEIGHT: 70}}}"),
        (WEIGHT, "{expect: unknown, values: {WEIGHT: not done}, previous: {VS: {WEIGHT: 70}}}"),
        (START, "{expect: fires, values: {AESTDTC: 3 Mar 1949}, at: {SCREENING_1: {DM: {BRTHDTC: 1950-01-01}}}}"),
        (SERIOUS, "{expect: fires, values: {AGE: 81}, log: {AE: [{AESER: N}, {AESER: Y}]}}"),
        (SERIOUS, "{expect: holds, values: {AGE: 81}, log: {AE: [{AESER: N}]}}"),
        (SERIOUS, "{expect: holds, values: {AGE: 81}, log: {AE: []}}"),
    ],
)  # fmt: skip
def test_a_test_that_is_right_is_no_fault(after: str, test: str, faults_after: Change) -> None:
    assert with_test(after, test, faults_after) == []


@pytest.mark.parametrize(
    ("after", "test", "message", "accepted"),
    [
        (SYS_DIA, "{expect: fires, values: {SYSBP: 120, DIABP: 80}}", "does not fire on these", "on which it fires"),
        (SYS_DIA, "{expect: holds, values: {SYSBP: 80, DIABP: 90}}", "VS_SYS_DIA fires on these", "does not fire"),
        (SYS_DIA, "{expect: holds, values: {SYSBP: 120}}", "cannot tell on these values", "does not fire"),
        (SYS_DIA, "{expect: fires, values: {SYSPB: 120}}", "SYSPB is not an item of VS", "did you mean SYSBP?"),
        (SYS_DIA, "{expect: fires, values: {SYSBP: high}}", "high is not a number", ""),
        (SYS_DIA, "{expect: fires, values: {'VS_READ[9].SYSBP': 1}}", "VS_READ[9].SYSBP is not an item", ""),
        (SYS_DIA, "{expect: fire}", "fire is not accepted here", "did you mean fires?"),
        (SYS_DIA, "{values: {SYSBP: 120}}", "expect is missing", "needs expect"),
        (SYS_DIA, "{expect: fires, at: {BASE: {VS: {}}}}", "BASE is not the id of any encounter", "BASELINE"),
        (SYS_DIA, "{expect: fires, here: {DMM: {}}}", "DMM is not the id of any form", "did you mean DM?"),
        (SYS_DIA, "{expect: fires, today: tomorrow}", "today: tomorrow is not a date", "2026-01-31"),
        (SYS_DIA, "{expect: fires, visit: {name: WEEK_2}}", "visit.name is not known", ""),
        (SYS_DIA, "{expect: fires, visit: {number: two}}", "two is not a number", "3"),
    ],
)  # fmt: skip
def test_a_test_that_is_wrong_is_named_with_its_line(
    after: str, test: str, message: str, accepted: str, faults_after: Change, tmp_path: Path
) -> None:
    [fault] = with_test(after, test, faults_after)
    assert message in fault.message
    assert accepted in fault.accepted
    assert fault.severity == "error"
    written = (tmp_path / "package" / fault.file).read_text().splitlines()[fault.line - 1]
    assert written.strip() == f"- {test}"
    with pytest.raises(StudyFaults):
        load_study(tmp_path / "package")


def test_every_check_of_the_pilot_is_tested_both_ways_and_passes() -> None:
    study = pilot_study()
    tried = run_tests(PILOT)
    assert [each for each in tried if not each.passed] == []
    assert len(tried) > 2 * len(study.checks)
    assert untested(study) == []


def test_tests_are_part_of_the_published_document() -> None:
    study = pilot_study()
    assert from_document(to_document(study)) == study
    assert [check["tests"][0]["expect"] for check in to_document(study)["checks"]] == ["fires"] * len(study.checks)


@given(st.integers(60, 250), st.integers(30, 150))
def test_a_test_says_what_the_rule_says(systolic: int, diastolic: int) -> None:
    check = next(each for each in PILOT.study.checks if each.id == "VS_SYS_DIA")
    values = {"SYSBP": str(systolic), "DIABP": str(diastolic)}
    assert answer(PILOT, check, CheckTest("fires", values)) == ("fires" if systolic <= diastolic else "holds")
