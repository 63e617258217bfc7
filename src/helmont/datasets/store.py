"""Rows of data sets as they lie in the database: packed by participant and data set, or whole as a frame."""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import nan
from operator import itemgetter
from typing import Any

import orjson
import polars as pl

from helmont.datasets.models import DatasetRows
from helmont.study.datasets.context import Facts
from helmont.study.datasets.model import Dataset, Variable
from helmont.study.datasets.rows import Row, Rows

ROW = "_row"
"""The column of a frame that holds the row's place in the data set."""
TOGETHER = 64
"""Participants whose rows become a part of a frame at a time."""


def packed(rows: Rows) -> bytes:
    """Variables, values and sources of rows, compressed; the same for the same rows."""
    variables = sorted(set[str]().union(*rows))
    content = {
        "variables": variables,
        "rows": _values(rows, variables),
        # As text: most who read rows never ask for it, and a text is passed over.
        "sources": orjson.dumps([row.sources for row in rows]).decode(),
    }
    return zlib.compress(orjson.dumps(content), 1)


def _values(rows: Rows, variables: Sequence[str]) -> Sequence[Sequence[Any]]:
    """The values of each row in the order of the variables."""
    if len(variables) > 1 and all(len(row) == len(variables) for row in rows):
        return list(map(itemgetter(*variables), rows))
    return [list(map(row.get, variables)) for row in rows]


def unpacked(body: bytes) -> Rows:
    """The rows again; their pages are not kept."""
    content = orjson.loads(zlib.decompress(body))
    variables, written = content["variables"], content["sources"]
    every = orjson.loads(written) if isinstance(written, str) else written
    return [
        Row(dict(zip(variables, values, strict=True)), tuple(map(tuple, sources)))
        for values, sources in zip(content["rows"], every, strict=True)
    ]


class Kept(dict[str, Rows]):
    """The data sets of a participant as they lie there, unpacked when they are first asked for."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        super().__init__()
        self.bodies = bodies
        self.packed: dict[str, bytes] = {}
        """What was compared with them, as it would lie there."""

    def holds(self, name: str, rows: Rows) -> bool:
        """Whether a data set lies there as it was made now; packing it is quicker than unpacking what lies there."""
        self.packed[name] = packed(rows)
        return self.packed[name] == self.bodies[name] if name in self.bodies else not rows

    def __missing__(self, name: str) -> Rows:
        rows = self[name] = unpacked(self.bodies[name]) if name in self.bodies else []
        return rows


def values_of(body: bytes, names: Iterable[str]) -> tuple[int, dict[str, list[Any]]]:
    """How many rows a body holds, and the values of variables by name."""
    names = list(names)
    count, columns = _columns(body, names)
    return count, {name: list(columns[name]) if name in columns else [None] * count for name in names}


def _columns(body: bytes, names: Container[str]) -> tuple[int, dict[str, tuple[Any, ...]]]:
    """How many rows there are, and the columns of those of ``names`` that are there."""
    content = orjson.loads(zlib.decompress(body))
    rows, variables = content["rows"], content["variables"]
    places = [place for place, variable in enumerate(variables) if variable in names]
    if not rows or not places:
        return len(rows), {}
    if 1 < len(places) < len(variables):
        rows = map(itemgetter(*places), rows)
    elif len(places) == 1:
        rows = [(row[places[0]],) for row in rows]
    columns = list(zip(*rows, strict=True))
    return len(columns[0]), dict(zip((variables[place] for place in places), columns, strict=True))


def table(dataset: Dataset, bodies: Iterable[bytes]) -> pl.DataFrame:
    """A data set as a frame, of everybody's packed rows: the variables that are kept, in their order, and ``_row``."""
    return together(dataset, (part for part, _counts in parts(dataset, bodies)))


def parts(dataset: Dataset, bodies: Iterable[bytes]) -> Iterator[tuple[pl.DataFrame, list[int]]]:
    """Packed rows as frames of a few participants each, with the number of rows of each body."""
    left = iter(bodies)
    while some := list(islice(left, TOGETHER)):
        values: dict[str, list[Any]] = {variable.name: [] for variable in dataset.variables}
        counts = []
        for body in some:
            count, columns = _columns(body, values)
            for name, column in values.items():
                column += columns.get(name) or (None,) * count
            counts.append(count)
        yield pl.DataFrame([_series(variable, values[variable.name]) for variable in dataset.variables]), counts


def tables(datasets: Sequence[Dataset], made: Iterable[Mapping[str, Rows]]) -> dict[str, pl.DataFrame]:
    """Data sets as frames, of the rows of one participant after the other; they are rows only for a while."""
    found: dict[str, list[pl.DataFrame]] = {each.id: [] for each in datasets}
    left = iter(made)
    while some := list(islice(left, TOGETHER)):
        for each in datasets:
            rows = [row for rows in some for row in rows.get(each.id, ())]
            columns = ((variable, [row.get(variable.name) for row in rows]) for variable in each.variables)
            found[each.id].append(pl.DataFrame([_series(*column) for column in columns]))
    return {each.id: together(each, found[each.id]) for each in datasets}


def together(dataset: Dataset, found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The frames under each other, and ``_row``."""
    empty = pl.DataFrame([_series(variable, []) for variable in dataset.variables])
    frame = pl.concat([empty, *found], rechunk=True)
    return frame.with_columns(pl.int_range(frame.height, dtype=pl.Int64).alias(ROW))


def _series(variable: Variable, values: list[Any]) -> pl.Series:
    """A column. A text where a number is declared is not dropped: it is NaN, which the checks of a package report."""
    kind = pl.Float64 if variable.is_number else pl.String
    column = pl.Series(variable.name, values, dtype=kind, strict=False)
    if column.null_count() == values.count(None) or not variable.is_number:
        return column
    return pl.Series(variable.name, [_number(value) for value in values], dtype=kind)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return nan


def row_of(study: str, participant: str, site: str, dataset: str, rows: Rows, body: bytes | None = None) -> DatasetRows:
    """What is stored of one participant's rows; ``participant`` is the key, empty for the protocol's.

    ``body`` are the rows if they are packed already.
    """
    return DatasetRows(
        key=f"{participant or study}/{dataset}",
        study=study,
        participant=participant,
        site=site,
        dataset=dataset,
        count=len(rows),
        body=packed(rows) if body is None else body,
    )


def facts_to_json(facts: Facts) -> dict[str, list[list[Any]]]:
    """The counts of facts as lists: the values of a category, then how many there are."""
    return {name: [[*key, number] for key, number in sorted(counts.items())] for name, counts in facts.counts.items()}


def facts_from_json(content: Mapping[str, Any]) -> Facts:
    """The facts that ``facts_to_json`` wrote."""
    return Facts({name: {tuple(entry[:-1]): entry[-1] for entry in entries} for name, entries in content.items()})
