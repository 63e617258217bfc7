"""A table of the analyses as it stands in the text of a report."""

from __future__ import annotations

from helmont.reports.csr.blocks import Grid
from helmont.reports.display import Table


def grid_of(table: Table) -> Grid:
    """The table with its headings, rows and notes; lines left empty are left out."""
    columns = len(table.leaves)
    rows = []
    for line in table.lines:
        if line.blank or (line.text and not line.text.strip("- ")):
            continue
        if line.cells:
            cells = ["".join(piece.text for piece in cell) for cell in line.cells]
            rows.append([_indented(cells[0]), *(cell.strip() for cell in cells[1:])])
        else:
            rows.append([_indented(line.text), *[""] * (columns - 1)])
    output = table.output
    return Grid(
        caption=f"{output.kind} {output.number}: {output.title} ({output.population})",
        heads=_heads(table),
        rows=rows,
        widths=[max(leaf.column.width or 8, 6) for leaf in table.leaves],
        notes=list(output.footnotes),
        small=True,
    )


def _indented(text: str) -> str:
    """The text with its indent as spaces that are kept."""
    lead = len(text) - len(text.lstrip())
    return "\u00a0" * min(lead, 8) + text.strip()


def _heads(table: Table) -> list[list[str]]:
    """A row of headings over several columns, where there are any, each over its first, and the columns' own."""
    over = [""] * len(table.leaves)
    for span in table.spans:
        over[span.first] = " ".join(line.strip() for line in span.label).strip()
    own = [" ".join(line.strip() for line in leaf.label).strip() for leaf in table.leaves]
    return [over, own] if any(over) else [own]
