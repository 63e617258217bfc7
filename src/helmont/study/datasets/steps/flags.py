"""Flags: which records an analysis uses, what is treatment-emergent, who has what (ADaMIG 1.3, 3.3.8; OCCDS 1.1)."""

from __future__ import annotations

from helmont.study.datasets.rows import Environment, Rows, Subject
from helmont.study.datasets.steps.grouping import grouped, matching, matching_of
from helmont.study.datasets.vocabulary import Condition, Creates, Of, Reads, step


@step
def derive_var_worst_flag(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    of: Reads,
    by: tuple[Reads, ...],
    absolute: bool = False,
    where: Condition | None = None,
) -> Rows:
    """Flag with Y the record of each group whose value is the greatest, of equal ones the first in their order.

    ``absolute`` compares sizes without their sign. Records without a value are never flagged. Values that differ by less
    than 1e-9 are equal, so that the way a number was computed does not decide.
    """
    for row in rows:
        row[variable] = None
    candidates = [row for row in matching(rows, subject, where) if row.get(of) is not None]
    for group in grouped(candidates, by).values():
        worst = max(group, key=lambda row: round(abs(row[of]) if absolute else row[of], 9))
        worst[variable] = "Y"
    return rows


@step
def derive_var_trtemfl(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates = "TRTEMFL",
    start: Reads = "ASTDT",
    treatment_start: Reads = "TRTSDT",
    treatment_end: Reads | None = None,
    end_window: int = 0,
    otherwise: str | None = None,
) -> Rows:
    """Flag with Y what began on or after the first dose (OCCDS 1.1, 3.2.5: TRTEMFL).

    With ``treatment_end`` only what began at most ``end_window`` days after the last dose. What has no start date is not
    treatment-emergent; ``otherwise`` is the value of what is not.
    """
    for row in rows:
        begin, first = row.get(start), row.get(treatment_start)
        last = row.get(treatment_end) if treatment_end else None
        emergent = begin is not None and first is not None and begin >= first
        if emergent and last is not None:
            emergent = begin <= last + end_window
        row[variable] = "Y" if emergent else otherwise
    return rows


@step
def derive_var_ontrtfl(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates = "ONTRTFL",
    start: Reads = "ASTDT",
    end: Reads = "AENDT",
    treatment_start: Reads = "TRTSDT",
    treatment_end: Reads = "TRTEDT",
) -> Rows:
    """Flag with Y what went on during treatment: neither ended before the first dose nor began after the last
    (OCCDS 1.1, 3.2.5: ONTRTFL). An unknown start is taken as before, an unknown end as after."""
    for row in rows:
        begin, finish, first, last = (row.get(name) for name in (start, end, treatment_start, treatment_end))
        over = first is not None and finish is not None and finish < first
        later = last is not None and begin is not None and begin > last
        row[variable] = "Y" if first is not None and not over and not later else None
    return rows


@step
def derive_var_merged_exist_flag(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    dataset: Of,
    where: Condition,
    true_value: str = "Y",
    false_value: str | None = None,
) -> Rows:
    """Whether the participant has a record in another data set for which an expression is true."""
    found = matching_of(subject, dataset, where)
    for row in rows:
        row[variable] = true_value if found else false_value
        if found:
            row.sources = (*row.sources, found[0][0])
    return rows


@step
def derive_var_query(rows: Rows, subject: Subject, *, variable: Creates, name: str, where: Condition) -> Rows:
    """Give the records of a customised query its name (OCCDS 1.1, 3.2.7: CQzzNAM)."""
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        row[variable] = name if where(environment) is True else None
    return rows
