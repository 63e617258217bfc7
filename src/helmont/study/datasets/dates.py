"""Dates of data sets: ISO 8601 text of SDTM, days since 1 January 1960 of ADaM, and the study days between."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

EPOCH = date(1960, 1, 1).toordinal()


@lru_cache(maxsize=50_000)
def days(text: str | None) -> int | None:
    """The complete date that an ISO 8601 text begins with, as days since 1960-01-01; ``None`` without one."""
    if text is None or len(text) < 10:
        return None
    try:
        return date.fromisoformat(text[:10]).toordinal() - EPOCH
    except ValueError:
        return None


def iso(number: int | float) -> str:
    """Days since 1960-01-01 as an ISO 8601 date."""
    return (date.fromordinal(EPOCH) + timedelta(days=int(number))).isoformat()


def study_day(day: int, reference: int) -> int:
    """The study day: the reference is day 1, the day before it -1, and there is no day 0 (SDTMIG 3.4, 4.4.4)."""
    return day - reference + (1 if day >= reference else 0)
