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
    if frame.height > 1 or frame.width > len(fields(result)):
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


_HEADINGS = {"de_escalate": "de-escalate"}


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
