"""A partial date stands for every day it could be, and is never compared by guessing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.partial_dates import PartialDate


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    day = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    time = f"{draw(st.integers(0, 23)):02d}:{draw(st.integers(0, 59)):02d}"
    texts = ["UNK", f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}T{time}"]
    return PartialDate.parse(draw(st.sampled_from(texts)))


@given(partial_dates())
def test_what_is_written_reads_back(one: PartialDate) -> None:
    assert PartialDate.parse(str(one)) == one


@given(partial_dates(), partial_dates())
def test_comparing_the_other_way_round_gives_the_opposite(one: PartialDate, other: PartialDate) -> None:
    forward, backward = one.compare(other), other.compare(one)
    assert (forward is None) == (backward is None)
    assert forward is None or backward is None or forward == -backward


@given(
    st.dates(date(2000, 1, 1), date(2003, 12, 31)),
    st.dates(date(2000, 1, 1), date(2003, 12, 31)),
    st.sampled_from([4, 7, 10]),
    st.sampled_from([4, 7, 10]),
)
def test_an_answer_holds_for_the_days_that_were_meant(one: date, other: date, known: int, known_other: int) -> None:
    left = PartialDate.parse(one.isoformat()[:known])
    right = PartialDate.parse(other.isoformat()[:known_other])
    assert left.earliest() <= one <= left.latest()
    answer = left.compare(right)
    if answer is not None:
        assert answer == (one > other) - (one < other)


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(0, 20_000))
def test_days_and_years_between_full_dates_are_those_of_the_calendar(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    one, other = PartialDate.of(start), PartialDate.of(end)
    assert one.days_until(other) == days
    years = one.years_until(other)
    assert years is not None
    assert years * 365 <= days < (years + 1) * 366 + 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2013-12", "2014-01", -1),
        ("2013-12", "2013-12-26", None),
        ("2013", "2013", None),
        ("2013-12-26", "2013-12-26", 0),
        ("2013-12-26T09:05", "2013-12-26T09:06", -1),
        ("2013-12-26T09:05", "2013-12-26", None),
        ("2013-12-26T09:05", "2013-12-27", -1),
        ("UNK", "2013", None),
    ],
)
def test_comparisons(one: str, other: str, expected: int | None) -> None:
    assert PartialDate.parse(one).compare(PartialDate.parse(other)) == expected


def test_differences_of_partial_dates_are_only_known_when_they_must_be() -> None:
    birth, visit = PartialDate.parse("1950-03"), PartialDate.parse("2013-12-26")
    assert birth.days_until(visit) is None
    assert birth.years_until(visit) == 63
    assert birth.years_until(PartialDate.parse("2013-03-15")) is None


@pytest.mark.parametrize(
    "text", ["", "2013-13", "2013-02-30", "13-12-26", "2013-1-1", "2013-12-26T24:00", "0000", "٢٠١٣"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the standard library's own words differ
        PartialDate.parse(text)


def test_a_day_without_its_month_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the larger ones"):
        PartialDate(2013, None, 5)
