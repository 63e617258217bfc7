"""Following a row's sources: back to the items it was made of, and forward from an item to every row it reaches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from helmont.study.datasets.rows import Rows

Place = tuple[str, int]
"""A data set and the place of a row among the participant's, counted from 0."""
Item = tuple[str, str]
"""A record of the ledger (``form:STUDY/…``) and an item of it."""


def is_item(where: str) -> bool:
    """Whether a source names a record of the ledger; a data set has no colon in its name."""
    return ":" in where


def parents(datasets: Mapping[str, Rows], place: Place) -> list[Place]:
    """The rows that one was made of directly."""
    return [
        (where, int(what))
        for where, what in _sources(datasets, place)
        if not is_item(where) and int(what) < len(datasets.get(where, ()))
    ]


def items_behind(datasets: Mapping[str, Rows], start: Place) -> list[Item]:
    """Every item that a row rests on, directly or through other rows, in the order in which they are met."""
    found: dict[Item, None] = {}
    met = {start}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        for where, what in _sources(datasets, place):
            if is_item(where):
                found[where, str(what)] = None
            elif (where, int(what)) not in met:
                met.add((where, int(what)))
                waiting.append((where, int(what)))
    return list(found)


def rows_reached(datasets: Mapping[str, Rows], item: Item) -> list[Place]:
    """Every row that was made of an item, directly or through other rows: the nearest first."""
    children: dict[Place, list[Place]] = {}
    first: list[Place] = []
    for name, rows in datasets.items():
        for place, row in enumerate(rows):
            for where, what in row.sources:
                if not is_item(where):
                    children.setdefault((where, int(what)), []).append((name, place))
                elif (where, what) == item:
                    first.append((name, place))
    return _spread(first, children)


def _spread(first: Iterable[Place], children: Mapping[Place, list[Place]]) -> list[Place]:
    found = dict.fromkeys(first)
    waiting = deque(found)
    while waiting:
        for child in children.get(waiting.popleft(), ()):
            if child not in found:
                found[child] = None
                waiting.append(child)
    return list(found)


def _sources(datasets: Mapping[str, Rows], place: Place) -> tuple[tuple[str, str | int], ...]:
    name, number = place
    rows = datasets.get(name, [])
    return rows[number].sources if number < len(rows) else ()
