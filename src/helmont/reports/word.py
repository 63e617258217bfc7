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

WIDTH = 17.0
"""Centimetres between the margins of a page of A4."""


def contents_field(document: Document, depth: int = 2) -> None:
    """A field that Word and LibreOffice fill in with the headings when they are asked to (ISO/IEC 29500-1, 17.16.5.68)."""
    run = document.add_paragraph().add_run()
    for kind, text in (("begin", ""), ("", f'TOC \\o "1-{depth}" \\h'), ("separate", ""), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)


def add_table(
    document: Document, caption: str, heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]],
    widths: Sequence[float], points: float = 9,
) -> Table:  # fmt: skip
    """A table whose first rows are its heading on every page; ``widths`` are shares of the page."""
    document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
    texts = [*heads, *rows]
    table: Table = document.add_table(rows=len(texts), cols=len(widths), style="Table Grid")
    whole = sum(widths) or 1
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
