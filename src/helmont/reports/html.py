"""Tables as HTML: a table with its caption, headings with their scope, and notes; every figure carries the id of its result.

``fragment`` is for a page of ours; ``to_html`` is a document that stands for itself, without anything from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from helmont.reports.display import Cell, Line, Piece, Table

FIGURE_SPACE = "\u2007"  # as wide as a digit, so that figures stand under each other
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c1c1c; background: #fff }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem }
h1 { font-size: 1rem; font-weight: 600; color: #444 }
.report-table { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; border-bottom: 1px solid #333 }
caption { text-align: left; padding-bottom: .75rem }
caption strong { display: block; font-size: 1.1rem }
th, td { padding: .1rem .6rem; text-align: left; vertical-align: top; white-space: pre-wrap; font-weight: normal }
thead th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid #333; text-align: center }
thead tr:first-child > * { border-top: 1px solid #333 }
thead tr:last-child > *, thead td[rowspan] { border-bottom: 1px solid #333 }
tr.section th { font-weight: 600; padding-top: .6rem }
tr.gap td { padding: .3rem 0 }
.notes { max-width: 60rem; color: #333 }
.notes p { margin: .2rem 0 }
@media (prefers-color-scheme: dark) {
  body { background: #16181b; color: #e8e8e8 }
  table, thead > tr > * { border-color: #8a8f98 !important }
  h1, .notes { color: #c8ccd2 }
}
"""


def to_html(table: Table, drawing: str = "", source: str = "") -> str:
    """A whole document; ``drawing`` is the SVG of a figure, which stands before its table, ``source`` the last line."""
    output = table.output
    name = f"{output.kind} {output.number}: {output.title}"
    last = f'<footer class="notes"><p>{escape(source)}</p></footer>\n' if source else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)} ({escape(table.protocol)})</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(table.protocol)}, {output.kind.lower()} {escape(output.number)}</h1>\n"
        f"{fragment(table, drawing)}{last}</main>\n</body>\n</html>\n"
    )


def fragment(table: Table, drawing: str = "") -> str:
    """The table with its caption and notes, in an element of class ``report-table``."""
    return "".join(_parts(table, drawing))


def _parts(table: Table, drawing: str) -> Iterator[str]:
    output = table.output
    name = escape(f"{output.kind} {output.number}")
    notes = f"notes-{output.number}"
    if drawing:
        yield f"<figure>\n{drawing}<figcaption>{name}: {escape(output.title)}</figcaption>\n</figure>\n"
    described = f' aria-describedby="{notes}"' if output.footnotes else ""
    yield f'<div class="report-table" tabindex="0" role="region" aria-label="{name}">\n<table{described}>\n'
    yield f"<caption><strong>{name}: {escape(output.title)}</strong> "
    yield f"{escape(table.protocol)}. Population: {escape(output.population)}</caption>\n"
    yield "<thead>\n"
    yield from _heading(table)
    yield "</thead>\n<tbody>\n"
    stubs = _stubs(table)
    for line in table.lines:
        yield _line(line, stubs)
    yield "</tbody>\n</table>\n</div>\n"
    if output.footnotes:
        yield f'<div class="notes" id="{notes}">\n'
        yield from (f"<p>{escape(note)}</p>\n" for note in output.footnotes)
        yield "</div>\n"


def _heading(table: Table) -> Iterator[str]:
    spans = {span.first: span for span in table.spans}
    inside = {place for span in table.spans for place in range(span.first, span.last + 1)}
    if spans:
        yield "<tr>"
        for place, leaf in enumerate(table.leaves):
            if place in spans:
                span = spans[place]
                yield f'<th scope="colgroup" colspan="{span.last - span.first + 1}">{_label(span.label)}</th>'
            elif place not in inside:
                yield _column(leaf.label, rows=2)
        yield "</tr>\n"
    yield "<tr>"
    for place, leaf in enumerate(table.leaves):
        if not spans or place in inside:
            yield _column(leaf.label)
    yield "</tr>\n"


def _column(label: tuple[str, ...], rows: int = 1) -> str:
    text, height = _label(label), f' rowspan="{rows}"' if rows > 1 else ""
    return f'<th scope="col"{height}>{text}</th>' if text else f"<td{height}></td>"


def _label(label: tuple[str, ...]) -> str:
    return "<br>".join(escape(line.strip()) for line in label if line.strip())


def _stubs(table: Table) -> int:
    """How many columns say what a row is: those before the first one with a figure."""
    with_figures = (place for line in table.lines for place, cell in enumerate(line.cells) if not _has_words_only(cell))
    return min(with_figures, default=1)


def _line(line: Line, stubs: int) -> str:
    if line.blank:
        return '<tr class="gap"><td></td></tr>\n'
    if line.text:
        if not line.text.strip("- "):
            return ""  # a line drawn under a heading in text
        return f'<tr class="section"><th scope="rowgroup" colspan="99">{escape(line.text)}</th></tr>\n'
    cells = []
    for place, cell in enumerate(line.cells):
        kind = "th" if place < stubs and cell else "td"
        scope = ' scope="row"' if kind == "th" else ""
        cells.append(f"<{kind}{scope}>{''.join(map(_piece, cell))}</{kind}>")
    return f"<tr>{''.join(cells)}</tr>\n"


def _has_words_only(cell: Cell) -> bool:
    return all(piece.result is None for piece in cell)


def _piece(piece: Piece) -> str:
    if piece.result is None:
        return escape(piece.text)
    text = piece.text.replace(" ", FIGURE_SPACE)
    return f'<span data-result="{escape(piece.result.id)}">{escape(text)}</span>'
