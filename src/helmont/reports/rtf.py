"""Tables as RTF, for Word and for assembling reports, by rtflite."""

from __future__ import annotations

import polars as pl
import rtflite

from helmont.reports.display import Cell, Table
from helmont.reports.text import heading_cells

MONOSPACED = 9  # rtflite's number of Courier New: columns stand as in the text


def to_rtf(table: Table, source: str = "") -> str:
    """The document on landscape paper: titles, headings of the columns, rows and notes on every page."""
    output = table.output
    widths = [float(leaf.column.width or 8) for leaf in table.leaves]
    names = [f"c{place}" for place in range(len(table.leaves))]
    rows = [_row(line.cells, line.text, len(names)) for line in table.lines]
    frame = pl.DataFrame(rows or [[""] * len(names)], schema=dict.fromkeys(names, pl.String), orient="row")
    size = 8 if output.width <= 108 else 7
    document = rtflite.RTFDocument(
        df=frame,
        rtf_page=rtflite.RTFPage(orientation="landscape", nrow=max(output.page, 24) + 8),
        rtf_page_header=rtflite.RTFPageHeader(text=f"Protocol: {table.protocol}    Population: {output.population}"),
        rtf_title=rtflite.RTFTitle(text=[f"{output.kind} {output.number}", output.title], text_font=[MONOSPACED]),
        rtf_column_header=[
            rtflite.RTFColumnHeader(
                text=row,
                col_rel_width=widths,
                text_font=[MONOSPACED],
                text_font_size=[size],
                text_justification=["l"] + ["c"] * (len(widths) - 1),
                border_left=[""],
                border_right=[""],
                border_bottom=["single" if number == last else ""],
                border_top=["single" if number == 0 else ""],
            )
            for rows_of_head in [heading_cells(table)]
            for last in [len(rows_of_head) - 1]
            for number, row in enumerate(rows_of_head)
        ],
        rtf_body=rtflite.RTFBody(
            col_rel_width=widths,
            text_font=[MONOSPACED],
            text_font_size=[size],
            text_justification=["l"],
            border_left=[""],
            border_right=[""],
            border_top=[""],
            border_bottom=[""],
        ),
        rtf_footnote=rtflite.RTFFootnote(text=list(output.footnotes), text_font_size=[7]) if output.footnotes else None,
        rtf_source=rtflite.RTFSource(text=[source], text_font_size=[7]) if source else None,
    )
    encoded: str = document.rtf_encode()
    return encoded


def _row(cells: tuple[Cell, ...], text: str, width: int) -> list[str]:
    if not cells:
        return [text, *[""] * (width - 1)]
    return ["".join(piece.text for piece in cell).rstrip() for cell in cells]
