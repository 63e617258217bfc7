"""Two editions of a data set compared cell by cell, records matched by keys."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
TOLERANCE = 1e-9
"""Numbers that differ by less, relative to their size, are equal: transport files keep 56 bits of a number."""


@dataclass(slots=True)
class Difference:
    """One cell that differs: the record's key, the variable, both values."""

    key: tuple[Any, ...]
    variable: str
    ours: Any
    theirs: Any


@dataclass(slots=True)
class Comparison:
    """What comparing gave: counts of cells by variable, the differences, and the records of only one side."""

    dataset: str
    cells: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    only_ours: list[tuple[Any, ...]] = field(default_factory=list)
    only_theirs: list[tuple[Any, ...]] = field(default_factory=list)
    not_made: list[str] = field(default_factory=list)
    """Variables of theirs that ours does not have."""

    @property
    def total(self) -> int:
        """Cells of theirs: every value of every record, the empty ones as well."""
        return sum(self.cells.values())

    @property
    def equal(self) -> int:
        return self.total - len(self.differences) - len(self.only_theirs) * max(1, len(self.cells))

    def by_variable(self) -> dict[str, list[Difference]]:
        """The differences, by variable."""
        found: dict[str, list[Difference]] = defaultdict(list)
        for difference in self.differences:
            found[difference.variable].append(difference)
        return dict(found)


def compare(dataset: str, ours: Iterable[Record], theirs: Iterable[Record], keys: Sequence[str]) -> Comparison:
    """Match records by ``keys`` (records that share a key in their order) and compare every variable of theirs."""
    found = Comparison(dataset)
    left, right = _grouped(ours, keys), _grouped(theirs, keys)
    variables: list[str] = []
    for key, records in right.items():
        mine = left.pop(key, [])
        for position, record in enumerate(records):
            variables = variables or list(record)
            found.cells.update(record.keys())
            if position >= len(mine):
                found.only_theirs.append(key)
                continue
            for variable, value in record.items():
                if not same(mine[position].get(variable), value):
                    found.differences.append(Difference(key, variable, mine[position].get(variable), value))
        found.only_ours += [key] * max(0, len(mine) - len(records))
    found.only_ours += [key for key, records in left.items() for _ in records]
    return found


def _grouped(records: Iterable[Record], keys: Sequence[str]) -> dict[tuple[Any, ...], list[Record]]:
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for record in records:
        groups[tuple(_comparable(record.get(key)) for key in keys)].append(record)
    return groups


def _comparable(value: Any) -> Any:
    if isinstance(value, int | float):
        return round(float(value), 6)
    if isinstance(value, str):
        text = value.strip()
        return round(float(text), 6) if _NUMBER.fullmatch(text) else text or None
    return value


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: empty is empty, numbers within a transport file's precision, also when kept as text."""
    left, right = left if left != "" else None, right if right != "" else None
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= TOLERANCE * max(1.0, abs(left), abs(right))
    if isinstance(left, str) and isinstance(right, int | float) and _NUMBER.fullmatch(left):
        return same(float(left), right)
    if isinstance(right, str) and isinstance(left, int | float) and _NUMBER.fullmatch(right):
        return same(left, float(right))
    return bool(left == right)
