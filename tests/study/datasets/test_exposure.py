"""Doses as planned, and values in categories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.steps.categories import Category, derive_vars_cat
from helmont.study.datasets.steps.exposure import Period, derive_var_planned_dose
from tests.study.datasets.analysis_kit import cel, column, rows, subject

TITRATED = (Period(cel("54"), cel("V4")), Period(cel("81"), cel("V12")), Period(cel("54")))


def dose(**record: int | None) -> float | None:
    made = derive_var_planned_dose(
        rows(record), subject(), variable="CUMDOSE", start="S", end="E", periods=TITRATED, where=cel("S > 0")
    )
    value: float | None = made[0]["CUMDOSE"]
    return value


@pytest.mark.parametrize(
    ("end", "visit_4", "visit_12", "expected"),
    [
        (10, None, None, 10 * 54),  # left before visit 4
        (14, 14, None, 14 * 54),
        (20, 14, None, 14 * 54 + 6 * 81),
        (180, 14, 172, 14 * 54 + 158 * 81 + 8 * 54),  # participant 01-701-1028: 13,986 mg
        (12, 14, 172, 12 * 54),  # the last dose was before the visit
    ],
)
def test_doses_by_period(end: int, visit_4: int | None, visit_12: int | None, expected: float) -> None:
    assert dose(S=1, E=end, V4=visit_4, V12=visit_12) == expected


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 300))
def test_every_day_of_treatment_has_one_dose(end: int, first: int, second: int) -> None:
    found = dose(S=1, E=end, V4=first, V12=second)
    assert found is not None
    assert end * 54 <= found <= end * 81


def test_without_dates_or_condition_there_is_no_dose() -> None:
    assert dose(S=None, E=3) is None
    assert dose(S=0, E=3) is None


def test_the_first_category_that_is_true() -> None:
    categories = (
        Category(cel("AGE < 65"), "<65", 1),
        Category(cel("AGE <= 80"), "65-80", 2),
        Category(cel("AGE > 80"), ">80", 3),
    )
    made = derive_vars_cat(
        rows({"AGE": 64}, {"AGE": 65}, {"AGE": 80}, {"AGE": 81}, {"AGE": None}),
        subject(),
        variable="AGEGR1",
        number="AGEGR1N",
        categories=categories,
    )
    assert column(made, "AGEGR1", "AGEGR1N") == [("<65", 1), ("65-80", 2), ("65-80", 2), (">80", 3), (None, None)]
