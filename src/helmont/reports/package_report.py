"""The clinical study report of a package, and which result each of its numbers is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from helmont.reports.csr import Template, report_of
from helmont.reports.csr.contents import Report
from helmont.reports.csr.pdf import report_pdf
from helmont.reports.package import Package, Point
from helmont.reports.publishing import Shown
from helmont.sharing import ask
from helmont.study.analyses.model import ReportingEvent
from helmont.study.model import Study


def write_report(
    package: Package, study: Study, template: Template, event: ReportingEvent | None, made: Mapping[str, Shown], point: Point
) -> None:  # fmt: skip
    """Write ``report/csr.pdf``, ``report/csr.docx`` and ``report/csr-results.json``."""
    package.step("Clinical study report")
    report = report_of(study, template, event, made, point)
    package.findings += report.faults
    package.later("report/csr.pdf", ask(report_pdf, report, point.moment))
    package.later("report/csr.docx", ask(_word, report, point.moment))
    bound = [asdict(one) for one in report.bound]
    package.write("report/csr-results.json", json.dumps(bound, indent=2, ensure_ascii=False).encode() + b"\n")


def _word(report: Report, moment: datetime) -> bytes:
    from helmont.reports.csr.word import report_docx  # takes half a second to load

    return report_docx(report, moment)
