"""Values given outright, computed, decoded and numbered; records kept and put in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.study.cel import UNKNOWN
from helmont.study.datasets.rows import Cell, Environment, Row, Rows, Subject
from helmont.study.datasets.vocabulary import Codes, Condition, Creates, Reads, step


@step
def assign(rows: Rows, subject: Subject, *, values: Mapping[Creates, str]) -> Rows:
    """Give variables the same text on every record (SDTM: assigned)."""
    for row in rows:
        row.update(values)
    return rows


@step
def assign_record(rows: Rows, subject: Subject, *, values: Mapping[Creates, str] | None = None) -> Rows:
    """Begin with one record for the participant."""
    return [*rows, Row(values or {}, ((f"participant:{subject.context.study.id}/{subject.casebook.participant}", ""),))]


@step
def compute(
    rows: Rows, subject: Subject, *, variables: Mapping[Creates, Condition], where: Condition | None = None
) -> Rows:
    """Give variables the value of an expression, one after the other; empty where it cannot be known."""
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        if where is None or where(environment) is True:
            for variable, expression in variables.items():
                row[variable] = cell(expression(environment))
    return rows


def cell(value: Any) -> Cell:
    """The value of an expression as a value of a data set: true is Y, false is N."""
    if value is UNKNOWN or value is None or value == "":
        return None
    if value is True:
        return "Y"
    if value is False:
        return "N"
    return value if isinstance(value, int | float | str) else str(value)


@step
def decode(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    of: Reads,
    codelist: Codes | None = None,
    values: Mapping[str, str] | None = None,
    otherwise: str | None = None,
) -> Rows:
    """Give a variable what the value of another stands for: by a codelist of the study, or by ``values``."""
    known = values if values is not None else subject.context.decoding(codelist or "")
    for row in rows:
        found = known.get(key_text(row.get(of)))
        row[variable] = otherwise if found is None else found
    return rows


@step
def decode_number(
    rows: Rows, subject: Subject, *, variable: Creates, of: Reads, values: Mapping[str, str]
) -> Rows:
    """Give a variable the number that the value of another stands for."""
    known = {key: float(text) for key, text in values.items()}
    for row in rows:
        row[variable] = known.get(key_text(row.get(of)))
    return rows


def key_text(value: Any) -> str:
    """A value as it is written as a key: 3.0 as ``3``."""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


@step
def convert_to_number(rows: Rows, subject: Subject, *, variables: Mapping[Creates, Reads]) -> Rows:
    """Give variables the number that a text holds; empty when it holds none."""
    for row in rows:
        for variable, of in variables.items():
            row[variable] = number(row.get(of))
    return rows


def number(text: Any) -> float | None:
    """A text as a number; ``None`` when it is none."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


@step
def filter_records(rows: Rows, subject: Subject, *, where: Condition) -> Rows:
    """Keep the records for which an expression is true."""
    environment = Environment(subject)
    kept: Rows = []
    for row in rows:
        environment.row = row
        if where(environment) is True:
            kept.append(row)
    return kept


@step
def sort_records(rows: Rows, subject: Subject, *, by: tuple[Reads, ...]) -> Rows:
    """Put the records in order; empty values come first, as in SAS."""
    return sorted(rows, key=lambda row: order_key(row, by))


def order_key(row: Mapping[str, Any], by: tuple[str, ...]) -> tuple[Any, ...]:
    """What a record is put in order by: per variable, empty before numbers before texts."""
    return tuple((0, 0) if (value := row.get(name)) is None else (2, value) if isinstance(value, str) else (1, value) for name in by)


@step
def derive_var_seq(rows: Rows, subject: Subject, *, variable: Creates, first: int = 1) -> Rows:
    """Number the records of the participant in their order (SDTMIG 3.4, 4.1.5)."""
    for sequence, row in enumerate(rows, first):
        row[variable] = sequence
    return rows


@step
def drop_records_without(rows: Rows, subject: Subject, *, variables: tuple[Reads, ...]) -> Rows:
    """Leave out records in which all of these variables are empty."""
    return [row for row in rows if any(row.get(name) is not None for name in variables)]
