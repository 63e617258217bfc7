"""Parts of Word documents that several reports share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

WIDTH = 17.0
"""Centimetres between the margins of a page of A4."""


def contents_field(document: Document, headings: Sequence[tuple[int, str]], depth: int = 2) -> None:
    """The headings (level and text) down to ``depth``, in a field that Word gives page numbers when it opens the document.

    ISO/IEC 29500-1, 17.16.5.68. Other readers show the headings as they stand.
    """
    line = document.add_paragraph()
    for kind, text in (("begin", ""), ("", f'TOC \\o "1-{depth}" \\h'), ("separate", "")):
        _field_part(line, kind, text)
    for place, (level, text) in enumerate(each for each in headings if each[0] <= depth):
        line = document.add_paragraph() if place else line
        line.paragraph_format.left_indent, line.paragraph_format.space_after = Cm(0.6 * (level - 1)), Pt(2)
        line.add_run(text)
    _field_part(line, "end", "")


def _field_part(line: Paragraph, kind: str, text: str) -> None:
    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "begin":
            mark.set(qn("w:dirty"), "true")
    else:
        mark = OxmlElement("w:instrText")
        mark.set(qn("xml:space"), "preserve")
        mark.text = text
    line.add_run()._r.append(mark)


def add_table(
    document: Document, caption: str, heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]],
    widths: Sequence[float], points: float = 9,
) -> Table:  # fmt: skip
    """A table whose first rows are its heading on every page; ``widths`` are shares of the page."""
    document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
    texts = [*heads, *rows]
    table: Table = document.add_table(rows=len(texts), cols=len(widths), style="Table Grid")
    whole = sum(widths) or 1
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(WIDTH * width / whole)
    for place, (row, line) in enumerate(zip(table.rows, texts, strict=True)):
        for cell, text, width in zip(row.cells, line, widths, strict=True):
            cell.text, cell.width = text, Cm(WIDTH * width / whole)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)
                for run in paragraph.runs:
                    run.font.size, run.bold = Pt(points), place < len(heads)
        if place < len(heads):
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


def dated(data: bytes, moment: datetime) -> bytes:
    """The archive with every member of this moment, so that the same content is the same file."""
    stream, stamp = io.BytesIO(), max(moment.astimezone(UTC), datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:6]
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for member in read.infolist():
            entry = zipfile.ZipInfo(member.filename, date_time=stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, read.read(member))
    return stream.getvalue()
