"""Tables as text in columns, page by page, as the pilot's report was printed."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from helmont.reports.display import Cell, Leaf, Line, Table


def to_text(table: Table, source: str = "") -> str:
    """The pages of a table; ``source`` is the last line of each page."""
    body = [text for line in table.lines for text in _line(table, line)]
    pages = _pages(body, table.output.page)
    return (
        "\n".join(
            text for number, page in enumerate(pages, 1) for text in _page(table, page, number, len(pages), source)
        )
        + "\n"
    )


def _pages(body: list[str], length: int) -> list[list[str]]:
    """The body cut into pages."""
    return [body[start : start + length] for start in range(0, len(body), length)] if length and body else [body]


def _page(table: Table, body: list[str], number: int, count: int, source: str) -> Iterator[str]:
    output, width = table.output, table.output.width
    if number > 1:
        yield "\f"
    page = f"Page {number:3d} of {count}"
    yield f"Protocol: {table.protocol}" + page.rjust(width - len("Protocol: ") - len(table.protocol))
    yield f"Population: {output.population}"
    yield f"{output.kind} {output.number}".center(width).rstrip()
    for line in wrap(output.title, width):
        yield line.center(width).rstrip()
    yield ""
    margin = " " * output.margin
    yield from ((margin + line).rstrip() for line in heading(table))
    yield from ((margin + line).rstrip() for line in body)
    yield from ("", "")
    for note in output.footnotes:
        yield from wrap(note, width)
    if source:
        yield source


def heading(table: Table) -> Iterator[str]:
    """The lines over the columns: headings over several with their rule, then the columns' own."""
    leaves = table.leaves
    starts = _starts(table)
    tall = max((len(span.label) for span in table.spans), default=0)
    for row in range(tall):
        line = ""
        for span in table.spans:
            first, last = starts[span.first], starts[span.last] + _width(leaves[span.last])
            text = span.label[row - tall + len(span.label)] if row - tall + len(span.label) >= 0 else ""
            line = line.ljust(first) + text.strip().center(last - first)
        yield line.rstrip()
    if any(span.rule for span in table.spans):
        line = ""
        for span in table.spans:
            first, last = starts[span.first], starts[span.last] + _width(leaves[span.last])
            line = line.ljust(first) + (span.rule or " ") * (last - first)
        yield line.rstrip()
    height = max((len(leaf.label) for leaf in leaves), default=0)
    for row in range(height):
        cells = []
        for leaf in leaves:
            place = row - height + len(leaf.label)
            text = leaf.label[place].strip() if place >= 0 else ""
            cells.append(_aligned(text, _width(leaf), leaf.column.heading))
        yield _joined(cells)


def _line(table: Table, line: Line) -> list[str]:
    if not line.cells:
        return [line.text]
    columns = [_wrapped(leaf, cell) for leaf, cell in zip(table.leaves, line.cells, strict=True)]
    height = max(len(column) for column in columns)
    lines = []
    for row in range(height):
        cells = [column[row] if row < len(column) else "" for column in columns]
        lines.append(
            _joined(
                [
                    _aligned(text, _width(leaf), leaf.column.align)
                    for text, leaf in zip(cells, table.leaves, strict=True)
                ]
            )
        )
    return lines


def _wrapped(leaf: Leaf, cell: Cell) -> list[str]:
    """The text of a cell in the lines it takes; figures are never broken."""
    text = "".join(piece.text for piece in cell)
    if leaf.column.truncate:
        text = text[: leaf.column.truncate]
    if len(text) <= _width(leaf) or any(piece.result for piece in cell):
        return [text]
    lead = len(text) - len(text.lstrip())
    return wrap(text.strip(), _width(leaf), initial_indent=" " * lead, break_on_hyphens=False) or [""]


def _width(leaf: Leaf) -> int:
    return leaf.column.width or max((len(line) for line in leaf.label), default=8)


def _starts(table: Table) -> list[int]:
    starts, place = [], 0
    for leaf in table.leaves:
        starts.append(place)
        place += _width(leaf) + 1
    return starts


def _aligned(text: str, width: int, how: str) -> str:
    return {"left": text.ljust, "right": text.rjust, "center": text.center}[how](width)


def _joined(cells: list[str]) -> str:
    return " ".join(cells).rstrip()
