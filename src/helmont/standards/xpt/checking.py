"""What a table holds that a transport file cannot, or that the agencies do not take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from helmont.standards.xpt.floats import LARGEST, SMALLEST
from helmont.standards.xpt.model import Column, Table, parse_format
from helmont.study.faults import Fault, Severity, StudyFaults

MAX_NAME, MAX_LABEL, MAX_TEXT = 8, 40, 200
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
ASCII = ("ascii", "us-ascii")
SHOWN = 20
"""So many values of one column are named; of the rest the count."""


def table_findings(table: Table, encoding: str = "ascii") -> list[Fault]:
    """Every reason why the table cannot be written, and warnings, each with dataset, variable, row (from 1) and value.

    ``encoding`` is ``ascii`` for the FDA and EMA; other agencies take others (such as Shift-JIS).
    """
    found = [*_head(table)]
    for column in table.columns:
        found += _column(table, column)
        if column.name not in table.frame.columns:
            found.append(_fault(table, column.name, 0, "the dataset has no such column", "a column for every variable"))
    return found if found else [*frame_findings(table, table.frame, encoding)]


def frame_findings(table: Table, frame: pl.DataFrame, encoding: str = "ascii", before: int = 0) -> Iterator[Fault]:
    """What is wrong with the values of ``frame``, whose first row is row ``before`` + 1 of the table."""
    fitting = frame.select(_fits(frame, column) for column in table.columns) if encoding in ASCII else None
    for column in table.columns:
        series = frame[column.name]
        if fitting is not None and fitting[column.name].item():
            continue
        if column.type == "text":
            yield from _texts(table, column, series, encoding, before)
        else:
            yield from _numbers(table, column, series, before)


def _fits(frame: pl.DataFrame, column: Column) -> pl.Expr:
    """Whether every value can be written in US-ASCII, found in one go: most columns are in order."""
    values, kind = pl.col(column.name), frame.schema[column.name]
    if column.type == "text" and kind == pl.String:
        size = values.str.len_bytes()
        fits = (size.max() <= column.length) & (size.sum() == values.str.len_chars().sum())
        return (fits & ~values.str.contains("[\x00-\x1f\x7f]").any()).fill_null(False)
    if column.type == "number" and kind == pl.Float64:
        size = values.abs()
        inside = values.is_finite() & (size <= LARGEST) & ((size == 0) | (size >= SMALLEST))
        return inside.all().alias(column.name)
    return pl.lit(False).alias(column.name)


def refused(findings: Iterable[Fault]) -> None:
    """Raises ``StudyFaults`` with the findings when one of them is an error."""
    found = [*findings]
    if any(one.severity == "error" for one in found):
        raise StudyFaults(found)


def _head(table: Table) -> Iterator[Fault]:
    if not _NAME.fullmatch(table.name):
        yield _fault(table, "", 0, f"name {table.name!r}", "1 to 8 capitals, digits and _, a letter first")
    yield from _label(table, "", table.label)
    if not table.columns:
        yield _fault(table, "", 0, "no variables", "at least one")
    names = [column.name for column in table.columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _fault(table, name, 0, "the variable is there twice", "every name once")


def _column(table: Table, column: Column) -> Iterator[Fault]:
    if not _NAME.fullmatch(column.name):
        yield _fault(table, column.name, 0, f"name {column.name!r}", "1 to 8 capitals, digits and _, a letter first")
    yield from _label(table, column.name, column.label)
    least, most = (1, MAX_TEXT) if column.type == "text" else (2, 8)
    if not least <= column.length <= most:
        yield _fault(table, column.name, 0, f"length {column.length}", f"{least} to {most} bytes")
    for text in (column.format, column.informat):
        if text and parse_format(text) is None:
            yield _fault(table, column.name, 0, f"format {text!r}", "a SAS format such as DATE9. or 8.2")


def _label(table: Table, variable: str, label: str) -> Iterator[Fault]:
    if len(label) > MAX_LABEL:
        yield _fault(table, variable, 0, f"label of {len(label)} characters: {label!r}", f"at most {MAX_LABEL}")
    if not label.isascii() or not label.isprintable():
        yield _fault(table, variable, 0, f"label {label!r} has characters outside US-ASCII", "US-ASCII")


def _texts(table: Table, column: Column, series: pl.Series, encoding: str, before: int) -> Iterator[Fault]:
    if series.dtype not in (pl.String, pl.Null):
        yield _fault(table, column.name, 0, f"a column of {series.dtype}", "text")
        return
    texts = series.cast(pl.String)
    plain = encoding in ASCII
    # Only what has more bytes than characters is outside US-ASCII, so one look at two counts finds it.
    sizes = texts.str.len_bytes()
    foreign = sizes != texts.str.len_chars()
    if not plain and foreign.any():
        foreign, sizes = _in_encoding(texts, foreign.fill_null(False).arg_true(), sizes, encoding)
    control = texts.str.contains("[\x00-\x1f\x7f]") & ~foreign
    zero = texts.str.contains("\x00", literal=True) & ~foreign
    accepted = "US-ASCII" if plain else encoding
    yield from _rows(table, column, series, foreign, before, f"characters outside {accepted}", accepted)
    yield from _rows(table, column, series, zero, before, "holds a zero character", "text that can be printed")
    yield from _rows(
        table,
        column,
        series,
        control & ~zero,
        before,
        "line breaks or control characters",
        "text on one line",
        "warning",
    )
    yield from _rows(
        table, column, series, (sizes > column.length) & ~foreign, before, f"longer than {column.length} bytes",
        f"at most {column.length} bytes, the length of the variable",
    )  # fmt: skip


def _in_encoding(texts: pl.Series, places: pl.Series, sizes: pl.Series, encoding: str) -> tuple[pl.Series, pl.Series]:
    """Which of the texts at ``places`` cannot be written, and the size of every text in bytes."""
    wrong, lengths = [], []
    for place in places:
        encoded = _encoded(texts[place], encoding)
        lengths.append(0 if encoded is None else len(encoded))
        if encoded is None:
            wrong.append(place)
    foreign = pl.Series([False]).new_from_index(0, len(texts)).scatter(wrong, True)
    return foreign, sizes.scatter(places, lengths)


def _encoded(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return None


def _numbers(table: Table, column: Column, series: pl.Series, before: int) -> Iterator[Fault]:
    if not (series.dtype.is_numeric() or series.dtype in (pl.Null, pl.Boolean)):
        yield _fault(table, column.name, 0, f"a column of {series.dtype}", "numbers")
        return
    values = series.cast(pl.Float64)
    size = values.abs()
    within = "0, or a size of 5.4e-79 to 7.2e75"
    yield from _rows(table, column, series, ~values.is_finite(), before, "not a finite number", "a number, or missing")
    outside = values.is_finite() & ((size > LARGEST) | ((size > 0) & (size < SMALLEST)))
    yield from _rows(table, column, series, outside, before, "outside the range of the format", within)


def _rows(
    table: Table, column: Column, series: pl.Series, wrong: pl.Series, before: int, message: str, accepted: str,
    severity: Severity = "error",
) -> Iterator[Fault]:  # fmt: skip
    places = wrong.fill_null(False).arg_true()
    for place in places.head(SHOWN):
        yield _fault(table, column.name, before + place + 1, f"{_shown(series[place])}: {message}", accepted, severity)
    if len(places) > SHOWN:
        more = len(places) - SHOWN
        yield _fault(table, column.name, 0, f"{message} in {more} more rows", accepted, severity)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _fault(table: Table, variable: str, row: int, message: str, accepted: str, severity: Severity = "error") -> Fault:
    place = " ".join(part for part in (variable, f"row {row}" if row else "") if part)
    return Fault(table.name, 0, place, message, accepted, severity)
