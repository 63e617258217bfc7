"""What a dataset holds that Dataset-JSON does not take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import polars as pl

from helmont.standards.dataset_json.model import DATA_TYPES, DATES, Column, Dataset
from helmont.standards.sas_dates import Kind, out_of_range
from helmont.study.faults import Fault, one_of

SHOWN = 20


def dataset_findings(dataset: Dataset) -> list[Fault]:
    """Every reason why the dataset cannot be written, with variable, row (from 1) and value."""
    found = [*_columns(dataset)]
    for column in dataset.columns:
        if column.name not in dataset.frame.columns:
            found.append(
                _fault(dataset, column.name, 0, "the dataset has no such column", "a column for every variable")
            )
        else:
            found += _values(dataset, column, dataset.frame[column.name])
    return found


def _columns(dataset: Dataset) -> Iterator[Fault]:
    for what, counted in (
        ("name", Counter(column.name for column in dataset.columns)),
        ("OID", Counter(column.oid for column in dataset.columns)),
        ("place among the keys", Counter(column.key for column in dataset.columns if column.key is not None)),
    ):
        for value, number in counted.items():
            if number > 1:
                yield _fault(dataset, str(value), 0, f"the {what} is there {number} times", "every one once")
    for column in dataset.columns:
        if column.type not in DATA_TYPES:
            yield _fault(dataset, column.name, 0, f"type {column.type!r}", one_of(DATA_TYPES, column.type))
        takes = {"integer": DATES, "decimal": ("decimal",)}
        if column.target and column.type not in takes[column.target]:
            said = f"{column.type} for {column.target}"
            yield _fault(dataset, column.name, 0, said, "dates for integer, decimal for decimal")
        if any(number is not None and number < 1 for number in (column.length, column.key)):
            yield _fault(dataset, column.name, 0, "a length or place among the keys under 1", "1 or more")


def _values(dataset: Dataset, column: Column, series: pl.Series) -> Iterator[Fault]:
    if column.is_text:
        if series.dtype not in (pl.String, pl.Null):
            yield _fault(dataset, column.name, 0, f"a column of {series.dtype}", "text")
        elif column.length is not None:
            long = series.cast(pl.String).str.len_chars() > column.length
            yield from _rows(dataset, column, series, long, f"longer than {column.length} characters")
        return
    if not (series.dtype.is_numeric() or series.dtype in (pl.Null, pl.Boolean)):
        yield _fault(dataset, column.name, 0, f"a column of {series.dtype}", "numbers")
        return
    values = series.cast(pl.Float64)
    if column.type in DATES:
        kind = cast(Kind, column.type)
        yield from _rows(dataset, column, series, out_of_range(values, kind), f"no {kind} as SAS counts")
    elif column.type == "integer":
        odd = (values != values.round()) | (values.abs() > 2**53) | ~values.is_finite()
        yield from _rows(dataset, column, series, odd, "not a whole number")
    elif column.type == "boolean":
        yield from _rows(dataset, column, series, (values != 0) & (values != 1), "neither 0 nor 1")
    else:
        yield from _rows(dataset, column, series, ~values.is_finite(), "not a finite number")


def _rows(dataset: Dataset, column: Column, series: pl.Series, wrong: pl.Series, message: str) -> Iterator[Fault]:
    places = wrong.fill_null(False).arg_true()
    for place in places.head(SHOWN):
        shown = repr(series[place])[:80]
        yield _fault(dataset, column.name, place + 1, f"{shown}: {message}", _accepted(column))
    if len(places) > SHOWN:
        yield _fault(dataset, column.name, 0, f"{message} in {len(places) - SHOWN} more rows", _accepted(column))


def _accepted(column: Column) -> str:
    return f"a value of type {column.type}" + (f" of at most {column.length} characters" if column.length else "")


def _fault(dataset: Dataset, variable: str, row: int, message: str, accepted: str) -> Fault:
    return Fault(dataset.name, 0, f"{variable} row {row}" if row else variable, message, accepted)
