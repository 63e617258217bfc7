"""Partial dates as they are typed and read in a field, in the language of the page: 26 Dec 2013, Dec 2013."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from babel.dates import get_month_names
from django.conf import settings
from django.utils.translation import gettext as _

from helmont.study.partial_dates import PartialDate
from helmont.web.dates import page_language

Width = Literal["wide", "abbreviated"]
WIDTHS: tuple[Width, ...] = ("wide", "abbreviated")


@lru_cache
def months(code: str, width: Width = "abbreviated") -> list[str]:
    """The names of the months; without the dot that some languages put after an abbreviation."""
    names = get_month_names(width, "format", code)
    return [names[number].rstrip(".") for number in range(1, 13)]


def month_names() -> dict[str, list[str]]:
    """What a person may type for each month: the full names and abbreviations of every language of the interface."""
    codes = [code for code, _name in settings.LANGUAGES]
    return {
        str(number): sorted({months(code, width)[number - 1].lower() for code in codes for width in WIDTHS})
        for number in range(1, 13)
    }


def written_date(text: str) -> str:
    """A canonical (partial) date as it stands in its field: 26 Dec 2013, Dec 2013, 2013; with its time, if any."""
    try:
        date = PartialDate.parse(text)
    except ValueError:
        return text
    if date.year is None:
        return text
    parts = [str(date.day or ""), months(page_language())[date.month - 1] if date.month else "", f"{date.year:04}"]
    return " ".join(part for part in (*parts, date.time or "") if part)


def described_date(text: str) -> str:
    """The same with what is not known said in words: Dec 2013, day unknown."""
    try:
        date = PartialDate.parse(text)
    except ValueError:
        return text
    if date.year is None:
        return _("Date unknown")
    if date.month is None:
        return _("%s, month and day unknown") % written_date(text)
    return written_date(text) if date.day else _("%s, day unknown") % written_date(text)
