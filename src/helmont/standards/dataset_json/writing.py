"""Dataset-JSON as a file: JSON, or NDJSON of one line for the description and one for every row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, cast

import orjson
import polars as pl

from helmont.standards.dataset_json.checking import dataset_findings
from helmont.standards.dataset_json.model import DATES, Column, Dataset
from helmont.standards.sas_dates import Kind, to_iso
from helmont.study.faults import StudyFaults

VERSION = "1.1.0"
PIECE = 20_000
"""Rows that are in memory as values at a time."""


def write_json(dataset: Dataset, stream: IO[bytes], created: datetime) -> None:
    """The dataset as one JSON object, a row on each line. Raises ``StudyFaults`` before anything is written."""
    _check(dataset)
    stream.write(orjson.dumps(head(dataset, created))[:-1] + b',"rows":[')
    between = b"\n"
    for piece in _rows(dataset):
        stream.write(between + b",\n".join(map(orjson.dumps, piece)))
        between = b",\n"
    stream.write(b"\n]}\n")


def write_ndjson(dataset: Dataset, stream: IO[bytes], created: datetime) -> None:
    """The dataset as NDJSON: its description on the first line, then a row on each. Raises ``StudyFaults`` as above."""
    _check(dataset)
    stream.write(orjson.dumps(head(dataset, created)) + b"\n")
    for piece in _rows(dataset):
        stream.write(b"\n".join(map(orjson.dumps, piece)) + b"\n")


def head(dataset: Dataset, created: datetime) -> dict[str, Any]:
    """Everything but the rows, as the schema names it."""
    system = dataset.system and {"name": dataset.system.name, "version": dataset.system.version}
    said = {
        "datasetJSONCreationDateTime": created.isoformat(timespec="seconds"),
        "datasetJSONVersion": VERSION,
        "fileOID": dataset.file,
        "dbLastModifiedDateTime": dataset.modified,
        "originator": dataset.originator,
        "sourceSystem": system,
        "studyOID": dataset.study,
        "metaDataVersionOID": dataset.version,
        "metaDataRef": dataset.reference,
        "itemGroupOID": dataset.oid,
        "records": dataset.frame.height,
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(column) for column in dataset.columns],
    }
    return {key: value for key, value in said.items() if value is not None}


def _column(column: Column) -> dict[str, Any]:
    said = {
        "itemOID": column.oid,
        "name": column.name,
        "label": column.label,
        "dataType": column.type,
        "targetDataType": column.target,
        "length": column.length,
        "displayFormat": column.format,
        "keySequence": column.key,
    }
    return {key: value for key, value in said.items() if value is not None}


def _check(dataset: Dataset) -> None:
    if found := dataset_findings(dataset):
        raise StudyFaults(found)


def _rows(dataset: Dataset) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, dataset.frame.height, PIECE):
        piece = dataset.frame[start : start + PIECE]
        yield pl.DataFrame([_values(column, piece[column.name]) for column in dataset.columns]).rows()


def _values(column: Column, series: pl.Series) -> pl.Series:
    """The values as JSON takes them."""
    if column.is_text:
        return series.cast(pl.String).fill_null("")
    if column.type in DATES:
        return to_iso(series.cast(pl.Float64), cast(Kind, column.type)).alias(series.name)
    kinds: dict[str, type[pl.DataType]] = {"integer": pl.Int64, "boolean": pl.Boolean}
    values = series.cast(kinds.get(column.type, pl.Float64))
    return values.cast(pl.String) if column.type == "decimal" else values
