"""Dates and times as people read them on every page: 22 Nov 2026, 22. Nov. 2026, 22 nov. 2026; 10:42 CET."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from django.conf import settings
from django.utils.translation import get_language

# English dates have the day first: Helmont's English is written, and read, outside the United States too.
LOCALES = {"en": "en_GB"}


def page_language() -> str:
    """The language of this page, without a region."""
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def locale() -> str:
    """The name of the CLDR locale whose customs this page follows."""
    return LOCALES.get(page_language(), page_language())


def day_text(value: date) -> str:
    """A day with its month in letters, which nobody can mistake: 22 Nov 2026."""
    return _written(date(value.year, value.month, value.day), "yMMMd", locale())


def month_text(value: date) -> str:
    """A month: Nov 2026."""
    return _written(value, "yMMM", locale())


def moment_text(time: str, zone: str) -> str:
    """A UTC time stamp on a clock in ``zone``: 22 Nov 2026, 10:42 CET."""
    local = datetime.fromisoformat(time).astimezone(ZoneInfo(zone))
    return f"{day_text(local)}, {local:%H:%M} {local.tzname()}"


@lru_cache(maxsize=4096)
def _written(value: date, skeleton: str, code: str) -> str:
    return format_skeleton(skeleton, value, locale=code)
