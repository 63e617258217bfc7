"""Rows of data sets as they lie in the database: packed by participant and data set, or whole as a frame."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import polars as pl

from helmont.datasets.models import DatasetRows
from helmont.study.datasets.context import Facts
from helmont.study.datasets.model import Dataset
from helmont.study.datasets.rows import Row, Rows

ROW = "_row"
"""The column of a frame that holds the row's place in the data set."""


def packed(rows: Rows) -> bytes:
    """Variables, values and sources of rows, compressed; the same for the same rows."""
    variables = sorted({name for row in rows for name in row})
    content = {
        "variables": variables,
        "rows": [[row.get(name) for name in variables] for row in rows],
        "sources": [row.sources for row in rows],
    }
    return zlib.compress(orjson.dumps(content), 1)


def unpacked(body: bytes) -> Rows:
    """The rows again; their pages are not kept."""
    content = orjson.loads(zlib.decompress(body))
    variables = content["variables"]
    return [
        Row(dict(zip(variables, values, strict=True)), tuple((where, what) for where, what in sources))
        for values, sources in zip(content["rows"], content["sources"], strict=True)
    ]


class Kept(dict[str, Rows]):
    """The data sets of a participant as they lie there, unpacked when they are first asked for."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        super().__init__()
        self.bodies = bodies

    def __missing__(self, name: str) -> Rows:
        rows = self[name] = unpacked(self.bodies[name]) if name in self.bodies else []
        return rows


def values_of(body: bytes, names: Iterable[str]) -> tuple[int, dict[str, list[Any]]]:
    """How many rows a body holds, and the values of variables by name."""
    content = orjson.loads(zlib.decompress(body))
    places = {name: place for place, name in enumerate(content["variables"])}
    rows = content["rows"]
    return len(rows), {
        name: [row[places[name]] for row in rows] if name in places else [None] * len(rows) for name in names
    }


def row_of(study: str, participant: str, site: str, dataset: str, rows: Rows) -> DatasetRows:
    """What is stored of one participant's rows; ``participant`` is the key, empty for the protocol's."""
    return DatasetRows(
        key=f"{participant or study}/{dataset}",
        study=study,
        participant=participant,
        site=site,
        dataset=dataset,
        count=len(rows),
        body=packed(rows),
    )


def frame(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A data set as a frame: the variables that are kept, in their order, and ``_row``."""
    found = list(rows)
    columns = {
        variable.name: pl.Series(
            variable.name,
            [row.get(variable.name) for row in found],
            dtype=pl.Float64 if variable.is_number else pl.String,
            strict=False,
        )
        for variable in dataset.variables
    }
    return pl.DataFrame({**columns, ROW: pl.Series(ROW, range(len(found)), dtype=pl.Int64)})


def facts_to_json(facts: Facts) -> dict[str, list[list[Any]]]:
    """The counts of facts as lists: the values of a category, then how many there are."""
    return {name: [[*key, number] for key, number in sorted(counts.items())] for name, counts in facts.counts.items()}


def facts_from_json(content: Mapping[str, Any]) -> Facts:
    """The facts that ``facts_to_json`` wrote."""
    return Facts({name: {tuple(entry[:-1]): entry[-1] for entry in entries} for name, entries in content.items()})
