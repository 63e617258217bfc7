"""Records taken from data sets made before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helmont.study.datasets.rows import Environment, Row, Rows, Subject
from helmont.study.datasets.steps.assigning import cell, order_key
from helmont.study.datasets.vocabulary import Condition, Creates, Of, ReadsOther, step, step_making


def _all_of(study: Any, arguments: Any) -> set[str]:
    """Every variable of the data set that is read."""
    other = next((each for each in study.datasets if each.id == arguments.dataset), None)
    return {variable.name for variable in other.variables} if other else set()


@step_making(_all_of)
def from_dataset(rows: Rows, subject: Subject, *, dataset: Of, where: Condition | None = None) -> Rows:
    """Add a copy of every record of a data set made before, or of those for which an expression is true."""
    environment = Environment(subject)
    made = list(rows)
    for position, row in enumerate(subject.datasets[dataset]):
        environment.row = row
        if where is None or where(environment) is True:
            made.append(Row(row, ((dataset, position),), row.page))
    return made


@step
def derive_vars_merged(
    rows: Rows,
    subject: Subject,
    *,
    dataset: Of,
    variables: Mapping[Creates, ReadsOther],
    by: tuple[str, ...] = (),
    where: Condition | None = None,
    order: tuple[ReadsOther, ...] = (),
    mode: str = "first",
) -> Rows:
    """Add variables of the one matching record of another data set; of several the first or last in ``order``.

    ``by`` are the variables that must agree besides the participant; ``variables`` maps new names to theirs.
    """
    found = _indexed(subject, dataset, by, where, order, mode)
    for row in rows:
        match = found.get(tuple(row.get(name) for name in by))
        if match is None:
            for variable in variables:
                row.setdefault(variable, None)
            continue
        position, other = match
        for variable, theirs in variables.items():
            row[variable] = other.get(theirs)
        row.sources = (*row.sources, (dataset, position))
    return rows


def _indexed(
    subject: Subject, dataset: str, by: tuple[str, ...], where: Any, order: tuple[str, ...], mode: str
) -> dict[tuple[Any, ...], tuple[int, Row]]:
    environment = Environment(subject)
    candidates = []
    for position, row in enumerate(subject.datasets[dataset]):
        environment.row = row
        if where is None or where(environment) is True:
            candidates.append((position, row))
    if order:
        candidates.sort(key=lambda candidate: order_key(candidate[1], order))
    found: dict[tuple[Any, ...], tuple[int, Row]] = {}
    for position, row in candidates:
        key = tuple(row.get(name) for name in by)
        if mode == "last" or key not in found:
            found[key] = (position, row)
    return found


@dataclass(frozen=True, slots=True)
class Made:
    """A record to be made of a record: when, and the values of its variables."""

    values: Mapping[Creates, Condition]
    where: Condition | None = None


@step
def expand_records(rows: Rows, subject: Subject, *, records: tuple[Made, ...]) -> Rows:
    """Replace each record by several, in the order given, each made where its expression is true."""
    environment = Environment(subject)
    made: Rows = []
    for row in rows:
        environment.row = row
        for record in records:
            if record.where is None or record.where(environment) is True:
                values = {variable: cell(expression(environment)) for variable, expression in record.values.items()}
                made.append(row.derived(**values))
    return made


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that may be the earliest or latest: a variable of a data set, where an expression is true."""

    dataset: Of
    variable: ReadsOther
    where: Condition | None = None


@step
def derive_var_extreme_dtc(
    rows: Rows, subject: Subject, *, variable: Creates, dates: tuple[Candidate, ...], mode: str = "last"
) -> Rows:
    """The earliest or latest date of the participant among several data sets, as ISO 8601 text.

    Of a date and the same date with a time, the one with the time is later.
    """
    environment = Environment(subject)
    found: list[tuple[str, tuple[str, int]]] = []
    for candidate in dates:
        for position, record in enumerate(subject.datasets[candidate.dataset]):
            environment.row = record
            text = record.get(candidate.variable)
            if text and (candidate.where is None or candidate.where(environment) is True):
                found.append((text, (candidate.dataset, position)))
    chosen = (max(found) if mode == "last" else min(found)) if found else None
    for row in rows:
        row[variable] = chosen[0] if chosen else None
        if chosen:
            row.sources = (*row.sources, chosen[1])
    return rows
