"""Values given outright, computed, decoded and numbered; records kept and put in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helmont.study.cel import UNKNOWN
from helmont.study.cel.functions import round_half_away
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
    """Give variables the value of an expression, each after those it reads; empty where it cannot be known."""
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        if where is None or where(environment) is True:
            for variable, expression in variables.items():
                row[variable] = cell(expression(environment))
    return rows


def cell(value: Any) -> Cell:
    """The value of an expression as a value of a data set: true is Y, false is N."""
    if type(value) is float or type(value) is int:
        return value
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
    keep: bool = False,
) -> Rows:
    """Give a variable what the value of another stands for: by a codelist of the study, or by ``values``.

    A value that stands for nothing gives ``otherwise``, or with ``keep`` itself.
    """
    known = values if values is not None else subject.context.decoding(codelist or "")
    for row in rows:
        value = row.get(of)
        found = known.get(key_text(value))
        row[variable] = found if found is not None else value if keep else otherwise
    return rows


@step
def decode_number(rows: Rows, subject: Subject, *, variable: Creates, of: Reads, values: Mapping[str, str]) -> Rows:
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
    return tuple(map(_rank, map(row.get, by)))


def _rank(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (2, value) if isinstance(value, str) else (1, value)


@step
def derive_var_seq(rows: Rows, subject: Subject, *, variable: Creates, within: Reads | None = None) -> Rows:
    """Number the records of the participant in their order (SDTMIG 3.4, 4.1.5).

    ``within`` names a number from which each block of records counts on: 5000 gives 5001, 5002…
    """
    last: dict[Any, int] = {}
    for row in rows:
        block = int(row.get(within) or 0) if within else 0
        row[variable] = last[block] = last.get(block, block) + 1
    return rows


@step
def extract(rows: Rows, subject: Subject, *, variable: Creates, of: Reads, pattern: str) -> Rows:
    """Give a variable the part of a text that a regular expression finds (its first group, or all of it)."""
    search = re.compile(pattern).search
    for row in rows:
        found = search(str(row.get(of) or ""))
        row[variable] = found[found.re.groups and 1] if found else None
    return rows


@step
def format_number(rows: Rows, subject: Subject, *, variable: Creates, of: Reads, decimals: int) -> Rows:
    """A number as text with so many decimals, rounded half away from zero as SAS does."""
    for row in rows:
        value = row.get(of)
        row[variable] = None if value is None else f"{round_half_away(round(value, 9), decimals):.{decimals}f}"
    return rows


@step
def combine_records(rows: Rows, subject: Subject) -> Rows:
    """Make one record of all records of the participant; of several values of a variable the first stays."""
    if not rows:
        return rows
    values: dict[str, Any] = {}
    for row in rows:
        values.update({name: value for name, value in row.items() if value is not None and name not in values})
    return [Row(values, tuple(source for row in rows for source in row.sources), rows[0].page)]


@dataclass(frozen=True, slots=True)
class Summary:
    """What one variable of a summary holds: the first, last, least, greatest, sum or count of a variable."""

    of: Reads
    how: Literal["first", "last", "min", "max", "sum", "count"] = "first"
    where: Condition | None = None


@step
def summarise_records(rows: Rows, subject: Subject, *, values: Mapping[Creates, Summary]) -> Rows:
    """Replace the participant's records by one that sums them up; empty values are passed over."""
    environment = Environment(subject)
    made: dict[str, Any] = {}
    sources: list[Any] = []
    for variable, summary in values.items():
        found = []
        for row in rows:
            environment.row = row
            if row.get(summary.of) is not None and (summary.where is None or summary.where(environment) is True):
                found.append(row)
        made[variable] = _summary(summary, [row[summary.of] for row in found])
        sources += [source for row in found for source in row.sources]
    return [Row(made, tuple(dict.fromkeys(sources)))]


def _summary(summary: Summary, values: list[Any]) -> Any:
    if summary.how == "count":
        return len(values)
    if not values:
        return None
    match summary.how:
        case "first":
            return values[0]
        case "last":
            return values[-1]
        case "min":
            return min(values)
        case "max":
            return max(values)
    return sum(values)


@step
def drop_records_without(rows: Rows, subject: Subject, *, variables: tuple[Reads, ...]) -> Rows:
    """Leave out records in which all of these variables are empty."""
    return [row for row in rows if any(row.get(name) is not None for name in variables)]


@step
def derive_var_extreme_flag(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    by: tuple[Reads, ...],
    order: tuple[Reads, ...],
    mode: Literal["first", "last"],
    where: Condition | None = None,
) -> Rows:
    """Flag with Y the first or last record, in ``order``, of each group of records that agree in ``by``."""
    environment = Environment(subject)
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        environment.row = row
        row[variable] = None
        if where is None or where(environment) is True:
            groups.setdefault(tuple(row.get(name) for name in by), []).append(row)
    for group in groups.values():
        chosen = min if mode == "first" else _last
        chosen(group, key=lambda row: order_key(row, order))[variable] = "Y"
    return rows


def _last(rows: list[Row], key: Callable[[Row], Any]) -> Row:
    """The greatest; of equal ones the last."""
    return max(enumerate(rows), key=lambda each: (key(each[1]), each[0]))[1]


@step
def assign_empty(
    rows: Rows, subject: Subject, *, variables: tuple[Creates, ...], where: Condition | None = None
) -> Rows:
    """Leave variables empty: what the standard asks for and the trial does not have, or where an expression is true."""
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        if where is None or where(environment) is True:
            row.update(dict.fromkeys(variables))
    return rows
