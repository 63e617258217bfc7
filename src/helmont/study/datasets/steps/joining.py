"""Records taken from data sets made before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.study.datasets.rows import Environment, Row, Rows, Subject
from helmont.study.datasets.steps.assigning import order_key
from helmont.study.datasets.vocabulary import Condition, Creates, Of, ReadsOther, step, step_making


def _all_of(study: Any, dataset: Any, arguments: Any) -> set[str]:
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
