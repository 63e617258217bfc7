"""Tables and figures as PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from helmont.reports.display import Cell, Leaf, Line, Table
from helmont.reports.html import FIGURE_SPACE
from helmont.reports.typesetting import typeset


def to_pdf(table: Table, moment: datetime, drawing: str = "", source: str = "") -> bytes:
    """The document with its ``moment`` of making; ``drawing`` is the SVG of a figure, ``source`` stands at each page's foot."""
    return typeset(*to_typeset(table, moment, drawing, source))


def to_typeset(
    table: Table, moment: datetime, drawing: str = "", source: str = ""
) -> tuple[str, bytes, datetime, dict[str, bytes]]:
    """What ``typeset`` needs for the document, to be laid out elsewhere."""
    contents = _contents(table, "drawing.svg" if drawing else "", source)
    return "table.typ", orjson.dumps(contents), moment, {"drawing.svg": drawing.encode()} if drawing else {}


def _contents(table: Table, drawing: str, source: str) -> dict[str, Any]:
    output = table.output
    widths = [leaf.column.width or 8 for leaf in table.leaves]
    return {
        "name": f"{output.kind} {output.number}: {output.title}",
        "number": f"{output.kind} {output.number}",
        "title": output.title,
        "protocol": table.protocol,
        "population": output.population,
        "size": 9 if sum(widths) <= 104 else 8,
        "widths": widths,
        "head": _head(table),
        "rows": [_row(line) for line in table.lines if not (line.text and not line.text.strip("- "))],
        "notes": output.footnotes,
        "drawing": drawing,
        "source": source,
    }


def _head(table: Table) -> list[list[dict[str, Any]]]:
    """The rows of the head: headings over columns, where there are any, then the columns'."""
    spans = {span.first: span for span in table.spans}
    inside = {place for span in table.spans for place in range(span.first, span.last + 1)}
    first: list[dict[str, Any]] = []
    for place, leaf in enumerate(table.leaves):
        if place in spans:
            span = spans[place]
            first.append(_heading(span.label, "center", colspan=span.last - span.first + 1))
        elif place not in inside and spans:
            first.append(_heading(leaf.label, _align(leaf), rowspan=2))
    last = [
        _heading(leaf.label, _align(leaf)) for place, leaf in enumerate(table.leaves) if not spans or place in inside
    ]
    return [first, last] if first else [last]


def _align(leaf: Leaf) -> str:
    return "left" if leaf.column.heading == "center" else leaf.column.heading


def _heading(label: tuple[str, ...], align: str, colspan: int = 1, rowspan: int = 1) -> dict[str, Any]:
    text = "\n".join(line.strip() for line in label if line.strip())
    return {"text": text, "align": align, "colspan": colspan, "rowspan": rowspan}


def _row(line: Line) -> dict[str, Any]:
    if line.blank:
        return {"kind": "gap"}
    if line.text:
        return {"kind": "section", "text": line.text.strip()}
    return {"kind": "cells", "cells": [_text(cell) for cell in line.cells]}


def _text(cell: Cell) -> str:
    """The text with its blanks as wide as digits, so that figures stand under each other."""
    if all(piece.result is None for piece in cell):
        text = "".join(piece.text for piece in cell)
        return FIGURE_SPACE * (len(text) - len(text.lstrip())) + text.lstrip()
    return "".join(piece.text.replace(" ", FIGURE_SPACE) for piece in cell).rstrip(FIGURE_SPACE)
