"""The report as PDF."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import orjson

from helmont.reports.csr.contents import Report
from helmont.reports.typesetting import typeset


def report_pdf(report: Report, moment: datetime) -> bytes:
    """The report with contents and bookmarks and the ``moment`` of making; the same report is the same file."""
    contents = {
        "title": report.title, "study": report.study, "sponsor": report.sponsor, "date": report.date,
        "language": report.language, "title_page": report.title_page, "blocks": [asdict(one) for one in report.blocks],
    }  # fmt: skip
    return typeset("csr/csr.typ", orjson.dumps(contents), moment)
