"""The report as a Word document, for those who complete it."""

from __future__ import annotations

import io
from datetime import datetime

import docx
from docx.enum.text import WD_BREAK
from docx.shared import Cm, Pt, RGBColor

from helmont.reports.csr.blocks import Heading, Paragraph
from helmont.reports.csr.contents import Report
from helmont.reports.word import add_table, contents_field, dated


def report_docx(report: Report, moment: datetime) -> bytes:
    """The report with headings, contents to which Word adds the pages, and marked gaps; the same report is the same file."""
    document = docx.Document()
    about = document.core_properties
    about.title, about.subject = f"Clinical study report, {report.study}", report.title
    about.author, about.last_modified_by = report.sponsor or "Helmont", "Helmont"
    about.language, about.created, about.modified = report.language, moment, moment
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    document.styles["Normal"].font.size = Pt(10.5)
    document.add_heading("Clinical study report", level=0)
    document.add_paragraph(report.title)
    add_table(document, "Title page", [("Field", "Content")], report.title_page, (38, 62))
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_heading("3 Table of contents", level=1)
    contents_field(document, [(each.level, each.text) for each in report.blocks if isinstance(each, Heading)], 3)
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    for block in report.blocks:
        if isinstance(block, Heading):
            document.add_heading(block.text, level=block.level)
            if block.about:
                run = document.add_paragraph().add_run(block.about)
                run.font.size, run.font.color.rgb = Pt(8), RGBColor(0x5A, 0x5A, 0x5A)
        elif isinstance(block, Paragraph):
            run = document.add_paragraph(style="List Bullet" if block.item else None).add_run(block.text)
            if block.open:
                run.italic, run.font.color.rgb = True, RGBColor(0x8A, 0x4B, 0x08)
        else:
            add_table(document, block.caption, block.heads, block.rows, block.widths, 7.5 if block.small else 9)
            for note in block.notes:
                document.add_paragraph().add_run(note).font.size = Pt(8)
            document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return dated(stream.getvalue(), moment)
