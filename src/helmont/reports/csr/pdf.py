"""The report as PDF/A-2a (to be kept) and PDF/UA-1 (tagged), laid out by typst with the fonts inside it."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson
import typst

from helmont.reports.csr.contents import Report

LAYOUT = Path(__file__).parent / "csr.typ"


def report_pdf(report: Report, moment: datetime) -> bytes:
    """The report with contents and bookmarks and the ``moment`` of making; the same report is the same file."""
    contents = {
        "title": report.title, "study": report.study, "sponsor": report.sponsor, "date": report.date,
        "language": report.language, "title_page": report.title_page, "blocks": [asdict(one) for one in report.blocks],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="helmont-csr-") as place:
        folder = Path(place)
        (folder / LAYOUT.name).write_bytes(LAYOUT.read_bytes())
        (folder / "contents.json").write_bytes(orjson.dumps(contents))
        pdf = typst.compile(
            str(folder / LAYOUT.name), format="pdf", ignore_system_fonts=True, pdf_standards=["a-2a", "ua-1"],
            timestamp=int(moment.timestamp()),
        )  # fmt: skip
    assert isinstance(pdf, bytes)
    return pdf
