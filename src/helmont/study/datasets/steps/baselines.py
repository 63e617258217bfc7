"""Baselines and what changed since (ADaMIG 1.3, 3.3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.study.datasets.rows import Environment, Row, Rows, Subject
from helmont.study.datasets.steps.grouping import Key, add_sources, matching
from helmont.study.datasets.vocabulary import Condition, Creates, Reads, step


@step
def derive_vars_base(
    rows: Rows,
    subject: Subject,
    *,
    variables: Mapping[Creates, Reads],
    by: tuple[Reads, ...],
    baseline: Condition,
    where: Condition | None = None,
) -> Rows:
    """Give the records the values that their group has at baseline (ADaMIG 1.3, 3.3.4: BASE, BNRIND).

    ``variables`` maps each to the variable it is taken from (``BASE: AVAL``). ``baseline`` says which record is the
    baseline, usually ``ABLFL == "Y"``; of several the first counts. Every record that is given values is also made of
    what the baseline record was made of.
    """
    found: dict[Key, Row] = {}
    for row in matching(rows, subject, baseline):
        found.setdefault(tuple(map(row.get, by)), row)
    values = {key: {variable: row.get(of) for variable, of in variables.items()} for key, row in found.items()}
    for row in rows:
        for variable in variables:
            row.setdefault(variable, None)
    for row in rows if where is None else matching(rows, subject, where):
        key = tuple(map(row.get, by))
        base = found.get(key)
        row.update(values[key] if base is not None else dict.fromkeys(variables))
        if base is not None and base is not row:
            add_sources(row, base.sources)
    return rows


@step
def derive_var_chg(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates = "CHG",
    of: Reads = "AVAL",
    base: Reads = "BASE",
    where: Condition | None = None,
) -> Rows:
    """Change from baseline, ``AVAL - BASE`` (ADaMIG 1.3, 3.3.4); empty where ``where`` is not true."""
    return _changes(rows, subject, variable, of, base, where, lambda value, start: value - start)


@step
def derive_var_pchg(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates = "PCHG",
    of: Reads = "AVAL",
    base: Reads = "BASE",
    where: Condition | None = None,
) -> Rows:
    """Percent change from baseline, ``100 * (AVAL - BASE) / BASE`` (ADaMIG 1.3, 3.3.4); empty when BASE is zero."""
    return _changes(
        rows, subject, variable, of, base, where, lambda value, start: 100 * (value - start) / start if start else None
    )


def _changes(rows: Rows, subject: Subject, variable: str, of: str, base: str, where: Any, change: Any) -> Rows:
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        value, start = row.get(of), row.get(base)
        known = value is not None and start is not None and (where is None or where(environment) is True)
        row[variable] = change(value, start) if known else None
    return rows


@step
def derive_var_previous(
    rows: Rows, subject: Subject, *, variable: Creates, of: Reads, by: tuple[Reads, ...], where: Condition | None = None
) -> Rows:
    """The value that the record before has, in the order of the records, among those of the group.

    Only records for which ``where`` is true are given one, and only these count as records before. A record is then
    also made of what the one before was made of.
    """
    before: dict[Key, Row] = {}
    for row in rows:
        row[variable] = None
    for row in matching(rows, subject, where):
        key = tuple(map(row.get, by))
        previous = before.get(key)
        if previous is not None:
            row[variable] = previous.get(of)
            add_sources(row, previous.sources)
        before[key] = row
    return rows


@step
def derive_var_shift(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    from_variable: Reads,
    to_variable: Reads,
    separator: str = " to ",
) -> Rows:
    """The value at baseline and the value now in one text, ``Normal to High`` (ADaMIG 1.3, 3.3.4: SHIFTy)."""
    for row in rows:
        start, value = row.get(from_variable), row.get(to_variable)
        row[variable] = None if start is None or value is None else f"{start}{separator}{value}"
    return rows
