"""Reviewers' guides (cSDRG, ADRG) as PDF and as Word: a skeleton with everything that is known already, from one small model.

The PDF is what is submitted; the Word document is what people complete. Both come from ``guide_contents.blocks``.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import datetime

import docx
import orjson
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.shared import Cm, Pt, RGBColor

from helmont.reports.guide_contents import Heading, Paragraph, blocks, name_of
from helmont.reports.guide_model import Guide
from helmont.reports.typesetting import typeset
from helmont.reports.word import add_table, contents_field, dated


def guide_pdf(guide: Guide, moment: datetime) -> bytes:
    """The guide as PDF/A-2a and PDF/UA-1, with contents, bookmarks and the ``moment`` of making."""
    contents = {
        "name": name_of(guide), "study": guide.study, "title": guide.title, "protocol": guide.protocol,
        "sponsor": guide.sponsor, "date": guide.date, "language": guide.language,
        "blocks": [asdict(block) for block in blocks(guide)],
    }  # fmt: skip
    return typeset("reviewers_guide.typ", orjson.dumps(contents), moment)


def guide_docx(guide: Guide, moment: datetime) -> bytes:
    """The guide as a Word document, with headings, a table of contents that Word fills in, and marked gaps.

    The same guide and moment give the same bytes.
    """
    document = docx.Document()
    _page(document, guide, moment)
    for block in blocks(guide):
        if isinstance(block, Heading):
            document.add_heading(block.text, level=block.level)
        elif isinstance(block, Paragraph):
            _paragraph(document, block)
        else:
            add_table(document, block.caption, [block.heads], block.rows, block.widths)
            document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return dated(stream.getvalue(), moment)


def _page(document: Document, guide: Guide, moment: datetime) -> None:
    about = document.core_properties
    about.title, about.subject, about.author = name_of(guide), guide.title, guide.sponsor or "Helmont"
    about.language, about.created, about.modified = guide.language, moment, moment
    about.last_modified_by = "Helmont"
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    document.styles["Normal"].font.size = Pt(10.5)
    document.add_heading(name_of(guide), level=0)
    for text in (
        guide.title,
        f"{guide.study} · {guide.protocol}",
        " · ".join(filter(None, (guide.sponsor, guide.date))),
    ):
        document.add_paragraph(text)
    contents_field(document, [(one.level, one.text) for one in blocks(guide) if isinstance(one, Heading)])
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _paragraph(document: Document, block: Paragraph) -> None:
    run = document.add_paragraph().add_run(block.text)
    if block.open:
        run.italic = True
        run.font.color.rgb = RGBColor(0x8A, 0x4B, 0x08)
