"""Incomplete dates completed, and how long something lasted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.dates import days, iso
from helmont.study.datasets.steps.imputing import derive_vars_dt, derive_vars_duration
from tests.study.datasets.analysis_kit import column, rows, subject


@pytest.mark.parametrize(
    ("text", "highest", "impute", "expected"),
    [
        ("2014-01-03", "none", "first", ("2014-01-03", None)),
        ("2014-01-03T10:30", "day", "first", ("2014-01-03", None)),
        ("2014-02", "day", "first", ("2014-02-01", "D")),
        ("2012-02", "day", "last", ("2012-02-29", "D")),
        ("2014", "month", "first", ("2014-01-01", "M")),
        ("2014", "month", "last", ("2014-12-31", "M")),
        ("2014", "day", "first", (None, None)),
        ("2014-02", "none", "first", (None, None)),
        ("2014---03", "month", "first", (None, None)),
        ("-----03", "month", "first", (None, None)),
        ("2014-13", "day", "first", (None, None)),
        (None, "month", "first", (None, None)),
    ],
)
def test_a_date_is_completed_as_far_as_it_may_be(
    text: str | None, highest: str, impute: str, expected: tuple[str | None, str | None]
) -> None:
    (row,) = derive_vars_dt(
        rows({"D": text}),
        subject(),
        date="ASTDT",
        of="D",
        flag="ASTDTF",
        highest=highest,
        impute=impute,  # type: ignore[arg-type]
    )
    found = iso(row["ASTDT"]) if row["ASTDT"] is not None else None
    assert (found, row["ASTDTF"]) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from([4, 7, 10]))
def test_what_is_completed_begins_and_ends_the_period(day: date, known: int) -> None:
    text = day.isoformat()[:known]
    first, last = (
        derive_vars_dt(rows({"D": text}), subject(), date="X", of="D", highest="month", impute=impute)[0]["X"]  # type: ignore[arg-type]
        for impute in ("first", "last")
    )
    there = days(day.isoformat())
    assert there is not None
    assert first <= there <= last
    assert iso(first)[:known] == iso(last)[:known] == text


def test_durations_count_both_days_or_not() -> None:
    record = {"S": days("2010-04-30"), "E": days("2013-12-26")}
    made = derive_vars_duration(
        rows(record), subject(), variable="N", start="S", end="E", unit_variable="U", unit_value="DAY"
    )
    assert column(made, "N", "U") == [(1337, "DAY")]
    made = derive_vars_duration(rows(record), subject(), variable="N", start="S", end="E", unit="MONTHS", decimals=1)
    assert column(made, "N") == [43.9]
    made = derive_vars_duration(
        rows({"S": None, "E": 3}), subject(), variable="N", start="S", end="E", unit_variable="U"
    )
    assert column(made, "N", "U") == [(None, None)]
    made = derive_vars_duration(rows({"S": 1, "E": 3}), subject(), variable="N", start="S", end="E", add_one=False)
    assert column(made, "N") == [2]
