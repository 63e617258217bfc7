"""Answers of a design at the terminal."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from helmont.design.results import Result


def shown(result: Result, whole: bool) -> None:
    """A result as a table and, below it, what is one number; or as JSON."""
    if whole:
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False))
        return
    frame = result.frame()
    if frame.width > _WIDE and frame.height <= _FEW:
        _turned(frame)
    elif frame.height > 1 or frame.width > len(fields(result)):
        _table(frame)
    for name, value in result.to_dict().items():
        if isinstance(value, (int, float, str)) and name not in frame.columns[: frame.width if frame.height > 1 else 0]:
            click.echo(f"{name.replace('_', ' ')}: {_text(value)}")


def _table(frame: pl.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*(_HEADINGS.get(name, name.replace("_", " ")) for name in frame.columns))
    for row in frame.iter_rows():
        table.add_row(*map(_text, row))
    Console(highlight=False).print(table)


def _turned(frame: pl.DataFrame) -> None:
    """A table with more columns than a terminal has room for: its rows side by side, each number with its standard error."""
    from rich.console import Console
    from rich.table import Table

    first, *names = frame.columns
    table = Table(first.replace("_", " "), *map(_text, frame[first]))
    for name in names:
        if name.removesuffix("_error") in names and name.endswith("_error"):
            continue
        values = [_text(value) for value in frame[name]]
        if f"{name}_error" in names:
            errors = [f" ± {error:.2g}" if error is not None else "" for error in frame[f"{name}_error"]]
            values = [value + error for value, error in zip(values, errors, strict=True)]
        table.add_row(name.replace("_", " "), *values)
    Console(highlight=False).print(table)


_WIDE, _FEW = 10, 12
"""Columns that have no room beside each other, rows that have."""
_HEADINGS = {"de_escalate": "de-escalate"}


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
