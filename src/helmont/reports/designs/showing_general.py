"""Answers that need no figure of their own: what is one number as facts, what has the same length as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helmont.reports.designs.blocks import Block, Facts, Table
from helmont.reports.designs.language import _
from helmont.reports.designs.words import figure, named, rows_of

LONG = 60
"""Rows of a table on paper; the attached file has all."""


def general(caption: str, answer: Any, each: tuple[str, tuple[Any, ...]] | None = None) -> list[Block]:
    """Any answer; ``each``: what was varied, of which the answer has one element each."""
    if each is not None:
        return _varied(caption, each[0], each[1], answer)
    if not isinstance(answer, dict):
        return [Facts("", ((caption or _("Answer"), figure(answer)),))]
    blocks: list[Block] = []
    single = tuple(
        (named(name), figure(value)) for name, value in answer.items() if _single(value) and value is not None
    )
    columns = {name: value for name, value in answer.items() if _column(value)}
    for length in dict.fromkeys(len(value) for value in columns.values()):
        alike = {name: value for name, value in columns.items() if len(value) == length}
        blocks.append(_table(caption, alike, length))
    for name, value in answer.items():
        if _matrix(value):
            blocks.append(_of_rows(_under(caption, name), value))
        elif isinstance(value, dict):
            blocks.append(Facts(_under(caption, name), _facts(value)))
    if single:
        blocks.insert(0, Facts(caption, single))
    return blocks


def _under(caption: str, name: str) -> str:
    return f"{caption}: {named(name)}" if caption else named(name)


def _facts(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((named(name), figure(value)) for name, value in content.items())


def _single(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _column(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_single(each) for each in value)


def _matrix(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, (list, dict)) for each in value)


def cut(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """As many rows as anybody reads, and a note on the others."""
    if len(rows) <= LONG:
        return tuple(rows), ()
    note = _("The first %(shown)s of %(all)s rows; the attached file has all.")
    return tuple(rows[:LONG]), (note % {"shown": LONG, "all": len(rows)},)


def _table(caption: str, columns: dict[str, list[Any]], length: int) -> Table:
    rows, notes = cut(rows_of([range(1, length + 1), *columns.values()]))
    return Table(caption, ("", *map(named, columns)), rows, notes=notes)


def _of_rows(caption: str, value: list[Any]) -> Table:
    if isinstance(value[0], dict):
        rows, notes = cut(rows_of([[row[name] for row in value] for name in value[0]]))
        return Table(caption, tuple(map(named, value[0])), rows, notes=notes)
    width = max(len(row) for row in value)
    even = [[*row, *[None] * (width - len(row))] for row in value]
    rows, notes = cut(rows_of([range(1, len(value) + 1), *zip(*even, strict=True)]))
    return Table(caption, ("", *(str(place) for place in range(1, width + 1))), rows, notes=notes)


def _varied(caption: str, name: str, values: tuple[Any, ...], answers: list[Any]) -> list[Block]:
    if not all(isinstance(answer, dict) for answer in answers):
        return [Table(caption, (named(name), _("Answer")), tuple(rows_of([values, answers])))]
    shown = [key for key, value in answers[0].items() if _single(value) and key != name]
    words = tuple(
        place for place, key in enumerate(shown, start=1) if any(isinstance(answer[key], str) for answer in answers)
    )
    rows = rows_of([values, *([answer[key] for answer in answers] for key in shown)])
    widths = (2, *(9 if key == "reason" else 3 for key in shown)) if "reason" in shown else ()
    return [Table(caption, (named(name), *map(named, shown)), tuple(rows), words, widths, english=words)]
