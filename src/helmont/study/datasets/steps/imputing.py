"""Dates of analysis: incomplete ones completed by a rule, and how long something lasted (ADaMIG 1.3, 3.3.3)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Literal

from helmont.study.cel.functions import round_half_away
from helmont.study.datasets.dates import EPOCH, days
from helmont.study.datasets.rows import Rows, Subject
from helmont.study.datasets.vocabulary import Creates, Reads, step

Highest = Literal["none", "day", "month"]
DAYS_PER = {"DAYS": 1.0, "WEEKS": 7.0, "MONTHS": 365.25 / 12, "YEARS": 365.25}


@step
def derive_vars_dt(
    rows: Rows,
    subject: Subject,
    *,
    date: Creates,
    of: Reads,
    flag: Creates | None = None,
    highest: Highest = "none",
    impute: Literal["first", "last"] = "first",
) -> Rows:
    """An ISO 8601 date as a number, its missing parts completed, and which part was (ADaMIG 1.3, 3.3.3: *DT, *DTF).

    ``highest`` is the most that may be missing: the ``day``, or the ``month`` as well. What is missing becomes the
    ``first`` or the ``last`` of the period; the flag is D or M for the highest part that was completed.
    """
    for row in rows:
        number, imputed = _completed(row.get(of), highest, impute)
        row[date] = number
        if flag:
            row[flag] = imputed
    return rows


@lru_cache(maxsize=20_000)
def _completed(text: str | None, highest: Highest, impute: str) -> tuple[int | None, str | None]:
    """Days since 1960-01-01 and the letter of what was completed."""
    if text is None:
        return None, None
    known = days(text)
    if known is not None:
        return known, None
    parts = text.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 2 or len(parts[0]) != 4:
        return None, None
    missing = {2: "day", 1: "month"}[len(parts)]
    if highest == "none" or (missing == "month" and highest == "day"):
        return None, None
    first = impute == "first"
    year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 1 if first else 12
    if not (1 <= month <= 12 and year):
        return None, None
    day = 1 if first else monthrange(year, month)[1]
    return date(year, month, day).toordinal() - EPOCH, "D" if missing == "day" else "M"


@step
def derive_vars_duration(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    start: Reads,
    end: Reads,
    unit: Literal["DAYS", "WEEKS", "MONTHS", "YEARS"] = "DAYS",
    add_one: bool = True,
    decimals: int | None = None,
    unit_variable: Creates | None = None,
    unit_value: str | None = None,
) -> Rows:
    """How long it was from one date to another; with ``add_one`` both days count (ADaMIG 1.3, 3.3.3: ADURN, TRTDURD).

    A month is a twelfth of 365.25 days. ``decimals`` rounds half away from zero. The unit is written where there is a
    duration.
    """
    for row in rows:
        begin, finish = row.get(start), row.get(end)
        value: float | None = None
        if begin is not None and finish is not None:
            length = finish - begin
            value = (length + 1 if add_one else length) / DAYS_PER[unit]
            if decimals is not None:
                value = float(round_half_away(value, decimals))  # type: ignore[arg-type]
        row[variable] = value
        if unit_variable:
            row[unit_variable] = (unit_value or unit) if value is not None else None
    return rows
