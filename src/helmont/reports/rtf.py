"""Tables as RTF 1.9, for Word and for assembling reports.

One table a document, on landscape A4 in a font of one width, so that figures stand under each other as in the text. Titles and
headings of columns are repeated on every page by the reader (page header, ``\\trhdr``), notes stand in the page's footer. Written
here, since rtflite takes some twenty times as long for a table of many pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from helmont.reports.display import Cell, Leaf, Line, Table

PAPER, MARGIN = (16838, 11906), 850  # A4 lying, in twentieths of a point
INSIDE = PAPER[0] - 2 * MARGIN
FONT = r"{\fonttbl{\f0\fmodern\fcharset0 Courier New;}}"


def to_rtf(table: Table, source: str = "") -> str:
    """The document, in ASCII; ``source`` is the last line of each page's footer."""
    return "".join(_parts(table, source))


def _parts(table: Table, source: str) -> Iterator[str]:
    output = table.output
    size = 14 if output.width > 110 else 16  # half points
    notes = [*output.footnotes, *filter(None, [source])]
    yield rf"{{\rtf1\ansi\ansicpg1252\deff0\deflang1033{FONT}" + "\n"
    yield rf"{{\info{{\title {escaped(f'{output.kind} {output.number}: {output.title}')}}}}}" + "\n"
    yield (
        rf"\paperw{PAPER[0]}\paperh{PAPER[1]}\landscape\margl{MARGIN}\margr{MARGIN}\margt1900\margb{900 + 190 * len(notes)}"
        + "\n"
    )
    yield rf"\lndscpsxn\headery600\footery500\f0\fs{size}" + "\n"
    yield from _header(table, size)
    yield rf"{{\footer\pard\fs{size}" + "".join(rf"{escaped(note)}\par" + "\n" for note in notes) + "}\n"
    yield from _headings(table)
    last = len(table.lines) - 1
    for number, line in enumerate(table.lines):
        yield _line(table, line, last=number == last)
    yield "}\n"


def _header(table: Table, size: int) -> Iterator[str]:
    """Protocol, page and population, then the titles, on every page."""
    output = table.output
    page = r"Page {\field{\*\fldinst PAGE}{\fldrslt 1}} of {\field{\*\fldinst NUMPAGES}{\fldrslt 1}}"
    yield rf"{{\header\pard\fs{size}\tqr\tx{INSIDE} Protocol: {escaped(table.protocol)}\tab {page}\par" + "\n"
    yield rf"Population: {escaped(output.population)}\par" + "\n"
    yield (
        rf"\pard\qc\b {escaped(f'{output.kind} {output.number}')}\par {escaped(output.title)}\b0\par\pard\par}}" + "\n"
    )


def _headings(table: Table) -> Iterator[str]:
    edges = _edges(table.leaves)
    if table.spans:
        cells, borders, place = [], [], 0
        spans = {span.first: span for span in table.spans}
        while place < len(table.leaves):
            span = spans.get(place)
            cells.append(rf"\qc\b {_lines(span.label)}\b0" if span else "")
            place = span.last + 1 if span else place + 1
            borders.append((edges[place - 1], r"\clbrdrt\brdrs\brdrw10" + (r"\clbrdrb\brdrs\brdrw5" if span else "")))
        yield _row(cells, borders, r"\trhdr")
    over = "" if table.spans else r"\clbrdrt\brdrs\brdrw10"
    labels = [rf"{_justified(leaf.column.heading)}\b {_lines(leaf.label)}\b0" for leaf in table.leaves]
    yield _row(labels, [(edge, rf"{over}\clbrdrb\brdrs\brdrw10\clvertalb") for edge in edges], r"\trhdr")


def _line(table: Table, line: Line, *, last: bool) -> str:
    edges = _edges(table.leaves)
    border = r"\clbrdrb\brdrs\brdrw10" if last else ""
    if not line.cells:
        bold = r"\b " if line.text.strip("- ") else " "
        return _row([bold + escaped(line.text) + r"\b0"], [(edges[-1], border)])
    cells = [
        f"{_justified(leaf.column.align)} {escaped(_text(cell))}"
        for leaf, cell in zip(table.leaves, line.cells, strict=True)
    ]
    return _row(cells, [(edge, border) for edge in edges])


def _row(cells: list[str], edges: list[tuple[int, str]], more: str = "") -> str:
    """A row of a table: the right edge of each cell with its borders, then what is in them."""
    places = "".join(rf"{border}\cellx{edge}" for edge, border in edges)
    texts = "".join(rf"\pard\intbl{cell}\cell" + "\n" for cell in cells)
    return rf"\trowd\trgaph40\trkeep{more}{places}" + "\n" + texts + "\\row\n"


def _edges(leaves: tuple[Leaf, ...]) -> list[int]:
    """Where columns end, by their widths in characters, over all the paper between its margins."""
    widths = [leaf.column.width or max((len(line) for line in leaf.label), default=8) for leaf in leaves]
    total, done, edges = sum(widths) or 1, 0, []
    for width in widths:
        done += width
        edges.append(INSIDE * done // total)
    return edges


def _justified(how: str) -> str:
    return {"left": r"\ql", "right": r"\qr", "center": r"\qc"}[how]


def _lines(label: tuple[str, ...]) -> str:
    return r"\line ".join(escaped(line.strip()) for line in label if line.strip())


def _text(cell: Cell) -> str:
    """The text, whose leading blanks stay, as they put figures under each other."""
    return "".join(piece.text for piece in cell).rstrip()


def escaped(text: str) -> str:
    """Text for RTF: its three special characters marked, blanks kept together, others than ASCII by their code."""
    found = []
    for character in text:
        if character in "\\{}":
            found.append("\\" + character)
        elif character.isascii():
            found.append(character if character.isprintable() else " ")
        else:
            code = character.encode("utf-16-le", "surrogatepass")
            units = (int.from_bytes(code[place : place + 2], "little", signed=True) for place in range(0, len(code), 2))
            found += [rf"\u{unit}?" for unit in units]
    return "".join(found)
