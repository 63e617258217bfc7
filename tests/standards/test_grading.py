"""Grades against a table of cases taken from the published criteria, and the notation in which criteria are written.

The cases were chosen at the limits of CTCAE v5.0 (National Cancer Institute, 27 November 2017) and of the DAIDS table v2.1
(July 2017), and agree with the machine-readable edition of the admiral project (pharmaverse, data-raw/adlb_grading).
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.standards.grading import SETS, Age, criteria_set, grades_of
from helmont.standards.grading.conditions import Measured, parse_condition
from helmont.study.units import Substance

ADULT = Age(40, 480, 2087, 14610)
NEWBORN = Age(0, 0, 0, 5)

# set, test, value, unit, LLN, ULN, baseline, baseline high -> grade and term
CASES = [
    ("CTCAE5", "ALT", "40", "U/L", "", "40", "", False, 0, ""),
    ("CTCAE5", "ALT", "40.1", "U/L", "", "40", "", False, 1, "Alanine aminotransferase increased"),
    ("CTCAE5", "ALT", "120.1", "U/L", "", "40", "", False, 2, "Alanine aminotransferase increased"),
    ("CTCAE5", "ALT", "800.1", "U/L", "", "40", "", False, 4, "Alanine aminotransferase increased"),
    ("CTCAE5", "ALT", "89", "U/L", "", "40", "60", True, 0, ""),
    ("CTCAE5", "ALT", "90", "U/L", "", "40", "60", True, 1, "Alanine aminotransferase increased"),
    ("CTCAE5", "ALT", "301", "U/L", "", "40", "60", True, 3, "Alanine aminotransferase increased"),
    ("CTCAE5", "GGT", "120", "U/L", "", "40", "60", True, 1, "GGT increased"),
    ("CTCAE5", "CREAT", "1.6", "mg/dL", "", "1.2", "1.0", False, 2, "Creatinine increased"),
    ("CTCAE5", "CREAT", "1.3", "mg/dL", "", "1.2", "", False, 1, "Creatinine increased"),
    ("CTCAE5", "CREAT", "1.1", "mg/dL", "", "1.2", "", False, 0, ""),
    ("CTCAE5", "HGB", "99", "g/L", "120", "160", "", False, 2, "Anemia"),
    ("CTCAE5", "HGB", "7.9", "g/dL", "12", "16", "", False, 3, "Anemia"),
    ("CTCAE5", "HGB", "18.1", "g/dL", "12", "16", "", False, 2, "Hemoglobin increased"),
    ("CTCAE5", "K", "5.6", "mmol/L", "3.5", "5.0", "", False, 2, "Hyperkalemia"),
    ("CTCAE5", "K", "2.4", "mmol/L", "3.5", "5.0", "", False, 4, "Hypokalemia"),
    ("CTCAE5", "SODIUM", "129", "mmol/L", "135", "145", "", False, 3, "Hyponatremia"),
    ("CTCAE5", "SODIUM", "130", "mmol/L", "135", "145", "", False, 1, "Hyponatremia"),
    ("CTCAE5", "GLUC", "39", "mg/dL", "60", "100", "", False, 3, "Hypoglycemia"),
    ("CTCAE5", "TRIG", "150", "mg/dL", "", "", "", False, 1, "Hypertriglyceridemia"),
    ("CTCAE5", "PLAT", "24", "10*9/L", "150", "400", "", False, 4, "Platelet count decreased"),
    ("CTCAE5", "LYM", "4100", "/uL", "800", "3000", "", False, 2, "Lymphocyte count increased"),
    ("CTCAE5", "FIBRINO", "1.6", "g/L", "2", "4", "3.3", False, 3, "Fibrinogen decreased"),
    ("CTCAE5", "CA", "14", "mg/dL", "8.5", "10.5", "", False, None, ""),
    ("DAIDS21", "ALT", "49", "U/L", "", "40", "", False, 0, ""),
    ("DAIDS21", "ALT", "50", "U/L", "", "40", "", False, 1, "ALT, high"),
    ("DAIDS21", "K", "6.5", "mmol/L", "", "", "", False, 3, "Potassium, high"),
    ("DAIDS21", "SODIUM", "120", "mmol/L", "", "", "", False, 4, "Sodium, low"),
    ("DAIDS21", "GLUC", "64", "mg/dL", "", "", "", False, 1, "Glucose, low"),
    ("DAIDS21", "HGB", "109", "g/L", "", "", "", False, 1, "Hemoglobin, low"),
    ("DAIDS21", "NEUT", "1", "10*9/L", "", "", "", False, 1, "Absolute neutrophil count, low"),
    ("DAIDS21", "MG", "0.8", "meq/L", "", "", "", False, 3, "Magnesium, low"),
]  # fmt: skip


def measured(value: str, unit: str, low: str = "", high: str = "", base: str = "", was_high: bool = False) -> Measured:
    low_, high_, base_ = (Decimal(text) if text else None for text in (low, high, base))
    return Measured(Decimal(value), unit, low_, high_, base_, was_high)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]} {case[2]} {case[3]}")
def test_published_limits(case: tuple[str, str, str, str, str, str, str, bool, int | None, str]) -> None:
    name, test, value, unit, low, high, base, was_high, grade, term = case
    found = grades_of(criteria_set(name), test, measured(value, unit, low, high, base, was_high), ADULT, "M", True)
    if grade is None:
        assert found == []
    else:
        assert found[0].grade == grade
        assert not grade or found[0].term == term


def test_a_newborn_is_graded_by_the_limits_for_newborns() -> None:
    daids = criteria_set("DAIDS21")
    assert grades_of(daids, "HGB", measured("125", "g/L"), NEWBORN, "F", None)[0].grade == 2
    assert grades_of(daids, "HGB", measured("125", "g/L"), ADULT, "F", None)[0].grade == 0
    assert grades_of(daids, "HGB", measured("125", "g/L"), None, "F", None) == []  # the age is not known


def test_a_grade_says_what_was_assumed_of_the_person() -> None:
    found = grades_of(criteria_set("CTCAE5"), "URATE", measured("9", "mg/dL", "2", "8"), ADULT, "M", None)
    assert (found[0].grade, found[0].assumed) == (3, "with physiologic consequences")


def test_without_a_range_only_absolute_limits_decide() -> None:
    ctcae = criteria_set("CTCAE5")
    assert grades_of(ctcae, "HGB", measured("70", "g/L"), ADULT, "M", None)[0].grade == 3
    assert grades_of(ctcae, "HGB", measured("130", "g/L"), ADULT, "M", None) == []


def test_a_limit_in_other_units_is_converted_with_the_molar_mass() -> None:
    glucose = Measured(Decimal("38"), "mg/dL", Decimal(60), substance=Substance(Decimal("180.156")))
    only_molar = parse_condition("< 2.2 mmol/L")
    assert only_molar.holds(glucose) is True
    assert only_molar.holds(measured("38", "mg/dL")) is None  # no molar mass is declared


@pytest.mark.parametrize("name", SETS)
def test_every_criterion_states_its_standing(name: str) -> None:
    found = criteria_set(name)
    assert found.source
    assert {criterion.status for criterion in found.criteria} <= {"verified", "transcribed"}
    for criterion in found.criteria:
        assert [grade for grade, *_ in criterion.grades] == sorted((g for g, *_ in criterion.grades), reverse=True)
        assert dict(criterion.assumed).keys() <= {grade for grade, *_ in criterion.grades}


@given(st.decimals("0.1", "2000", places=1), st.decimals("0.1", "100", places=1))
def test_a_higher_enzyme_is_never_graded_lower(value: Decimal, high: Decimal) -> None:
    ctcae = criteria_set("CTCAE5")
    grades = [
        grades_of(ctcae, "ALT", Measured(each, "U/L", None, high), ADULT, "M", None)[0].grade
        for each in (value, value * 2)
    ]
    assert grades == sorted(grades)


@pytest.mark.parametrize("text", ["> 3 UNL", "", "< 3", "3 ULN", "> ULN + two g/L", "fall > 25"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse_condition(text)


def test_a_result_below_the_measuring_range_is_judged_by_what_is_certain() -> None:
    below = Measured(Decimal(40), "mg/dL", Decimal(60), Decimal(100), comparator="<")
    assert parse_condition("< LLN").holds(below) is True
    assert parse_condition("< 30 mg/dL").holds(below) is None
    assert parse_condition("> ULN").holds(below) is False
