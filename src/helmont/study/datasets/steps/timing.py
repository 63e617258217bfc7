"""Dates and study days."""

from __future__ import annotations

from collections.abc import Mapping

from helmont.study.datasets.dates import days, study_day
from helmont.study.datasets.rows import Environment, Rows, Subject
from helmont.study.datasets.vocabulary import Condition, Creates, Reads, step


@step
def derive_vars_dy(rows: Rows, subject: Subject, *, variables: Mapping[Creates, Reads], reference: Condition) -> Rows:
    """Study days: whole days from the reference date, which is day 1; there is no day 0 (SDTMIG 3.4, 4.4.4).

    ``variables`` maps each day to its date (``AESTDY: AESTDTC``). Empty when either date is incomplete.
    """
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        begin = as_days(reference(environment))
        for variable, dated in variables.items():
            day = as_days(row.get(dated))
            row[variable] = None if begin is None or day is None else study_day(day, begin)
    return rows


def as_days(value: object) -> int | None:
    """A date of either kind as days since 1960-01-01: complete ISO 8601 text, or such a number."""
    if isinstance(value, str):
        return days(value)
    return int(value) if isinstance(value, int | float) else None


@step
def convert_dtc_to_dt(rows: Rows, subject: Subject, *, variables: Mapping[Creates, Reads]) -> Rows:
    """Complete ISO 8601 dates as numbers (days since 1960-01-01); empty when the date is incomplete."""
    for row in rows:
        for variable, dated in variables.items():
            row[variable] = days(row.get(dated))
    return rows
