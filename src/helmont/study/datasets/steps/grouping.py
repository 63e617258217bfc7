"""Records chosen and put together: what the analysis steps have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helmont.study.cel import Program
from helmont.study.datasets.rows import Environment, Row, Rows, Source, Subject

Key = tuple[Any, ...]


def matching(rows: Iterable[Row], subject: Subject, where: Program | None) -> Rows:
    """The records for which an expression is true, in their order; all of them without one."""
    if where is None:
        return list(rows)
    environment = Environment(subject)
    found: Rows = []
    for row in rows:
        environment.row = row
        if where(environment) is True:
            found.append(row)
    return found


def matching_of(subject: Subject, dataset: str, where: Program | None) -> list[tuple[Source, Row]]:
    """The records of a data set made before for which an expression is true, each with its place as a source."""
    environment = Environment(subject)
    found: list[tuple[Source, Row]] = []
    for position, row in enumerate(subject.datasets[dataset]):
        environment.row = row
        if where is None or where(environment) is True:
            found.append(((dataset, position), row))
    return found


def grouped(rows: Iterable[Row], by: tuple[str, ...]) -> dict[Key, Rows]:
    """The records by their values of ``by``; groups and records keep their order."""
    groups: dict[Key, Rows] = {}
    for row in rows:
        groups.setdefault(tuple(map(row.get, by)), []).append(row)
    return groups


def add_sources(row: Row, *others: tuple[Source, ...]) -> None:
    """Say that a record was also made of what others were made of; nothing is named twice."""
    row.sources = tuple(dict.fromkeys((*row.sources, *(source for other in others for source in other))))


def united(rows: Iterable[Row]) -> tuple[Source, ...]:
    """What several records were made of."""
    return tuple(dict.fromkeys(source for row in rows for source in row.sources))
