"""Visits: which one a record belongs to, what it is called, when it was."""

from __future__ import annotations

from helmont.study.datasets.rows import Row, Rows, Source, Subject, Visit
from helmont.study.datasets.vocabulary import Creates, step


@step
def collect_visits(
    rows: Rows, subject: Subject, *, start: Creates, end: Creates, reason: Creates | None = None
) -> Rows:
    """A record for every visit that took place, with its dates (SDTMIG 3.4, 5.4 Subject Visits).

    ``VISITNUM`` and the rest come with derive_vars_visit.
    """
    made = list(rows)
    for visit in subject.casebook.visits:
        values = {start: visit.date, end: visit.end or visit.date, "VISITNUM": number_of(visit, subject)}
        if reason:
            values[reason] = visit.reason
        made.append(Row(values, (source_of(visit),)))
    return made


@step
def derive_vars_visit(
    rows: Rows,
    subject: Subject,
    *,
    number: Creates = "VISITNUM",
    name: Creates | None = "VISIT",
    day: Creates | None = "VISITDY",
    date: Creates | None = None,
    encounter: str | None = None,
    unscheduled: str = "UNSCHEDULED {number}",
) -> Rows:
    """Number, name and planned day of the visit, from the protocol (SDTMIG 3.4, 4.4.5).

    A record belongs to the visit of its page, unless it has a number already; ``encounter`` names the visit of records
    that are not collected at one (medical history). ``date`` receives the date of the visit where it is empty.
    """
    planned, by_number = subject.context.encounters, subject.context.by_number
    held = {number_of(visit, subject): visit for visit in subject.casebook.visits}
    for row in rows:
        value = row.get(number)
        if value is None and encounter:
            value = planned[encounter].number
        if value is None and row.page and row.page.visit:
            value = number_of(row.page.visit, subject)
        row[number] = value
        known = by_number.get(value) if value is not None else None
        if name:
            row[name] = known.name if known else None if value is None else unscheduled.format(number=f"{value:g}")
        if day:
            row[day] = known.day if known else None
        if date and row.get(date) is None:
            visit = row.page.visit if row.page and row.page.visit else held.get(value) if value is not None else None
            row[date] = visit.date if visit else None
            if visit:
                row.sources = (*row.sources, source_of(visit))
    return rows


def number_of(visit: Visit, subject: Subject) -> float:
    """``VISITNUM``: of the protocol, or the number that an unscheduled visit was given."""
    if visit.number:
        return float(visit.number)
    return subject.context.encounters[visit.encounter].number


def source_of(visit: Visit) -> Source:
    """The record of the encounter, as a source."""
    return visit.key, "date"
