"""Days, months, moments and percentages as the pages of each language write them."""

from datetime import date

import pytest
from django.utils import translation

from helmont.web.dates import day_text, moment_text, month_text
from helmont.web.templatetags.house import day, percent


@pytest.mark.parametrize(
    ("language", "written", "month"),
    [
        ("en", "22 Nov 2026", "Nov 2026"),
        ("nl", "22 nov 2026", "nov 2026"),
        ("fr", "22 nov. 2026", "nov. 2026"),
        ("de", "22. Nov. 2026", "Nov. 2026"),
    ],
)
def test_a_day_has_its_month_in_letters_of_the_reader_s_language(language: str, written: str, month: str) -> None:
    with translation.override(language):
        assert day_text(date(2026, 11, 22)) == written
        assert day("2026-11-22") == written
        assert month_text(date(2026, 11, 1)) == month


def test_a_partial_date_and_no_date_are_shown_as_they_are() -> None:
    assert [day("2026-11"), day("2026"), day(""), day(None)] == ["2026-11", "2026", "", ""]


def test_a_moment_is_on_the_reader_s_clock() -> None:
    with translation.override("nl"):
        assert moment_text("2026-03-31T23:30:00.000000Z", "Europe/Brussels") == "1 apr 2026, 01:30 CEST"


@pytest.mark.parametrize(("language", "written"), [("en", "62%"), ("nl", "62%"), ("fr", "62\xa0%"), ("de", "62\xa0%")])
def test_a_percentage_is_rounded_down_and_never_parted_from_its_sign(language: str, written: str) -> None:
    with translation.override(language):
        assert percent(629, 1000) == written
        assert percent(1, 0) == "–"
