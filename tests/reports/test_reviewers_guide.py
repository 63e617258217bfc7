"""Reviewers' guides: what is known stands in them, what is not is marked."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import docx
from pypdf import PdfReader

from helmont.reports.guide_contents import GuideTable, Heading, blocks, unwritten
from helmont.reports.guide_model import Difference, Finding, Guide, GuideProgram, datasets_of, standards_of
from helmont.reports.reviewers_guide import guide_docx, guide_pdf
from tests.standards.define.example import ADAM, SDTM

MADE = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
GUIDE = Guide(
    "cSDRG", "CDISCPILOT01", "Safety and efficacy of xanomeline in Alzheimer’s disease", "H2Q-MC-LZZT", "2026-11-22",
    sponsor="CDISC", standards=standards_of(SDTM), acronyms=(("ADAS-Cog", "Alzheimer’s Disease Assessment Scale, cognitive"),),
    datasets=datasets_of(SDTM, {"DM": (306, 306), "VS": (29643, 254)}),
    findings=(Finding("CG0155", "VS", "warning", "VSORRESU is empty", 12, "Not recorded on the page."),),
    checks="the open rules of CDISC, 2025", texts={"overview": "All data were tabulated."},
)  # fmt: skip


def test_what_is_known_of_the_package_is_in_the_guide() -> None:
    tables = {block.caption: block for block in blocks(GUIDE) if isinstance(block, GuideTable)}
    assert ("SDTMIG", "3.4", "implementation guide") in tables["Standards and dictionaries"].rows
    assert ("MedDRA", "27.0", "dictionary") in tables["Standards and dictionaries"].rows
    first = tables["Datasets of the package"].rows[0]
    assert first == ("DM", "Demographics", "Special purpose", "One record per subject", "306", "306")
    assert tables["Findings and why they stand"].rows[0][3:] == ("VSORRESU is empty (12)", "Not recorded on the page.")
    headings = [block.text for block in blocks(GUIDE) if isinstance(block, Heading)]
    assert headings[:4] == ["1 Introduction", "1.1 Purpose", "1.2 Acronyms", "1.3 Standards and dictionaries"]
    assert "3.3.1 DM: Demographics" in headings
    assert len(unwritten(GUIDE)) == 4
    assert len(unwritten(replace(GUIDE, texts={"overview": " "}))) == 5


def test_the_pdf_and_the_word_document_say_the_same() -> None:
    reader = PdfReader(io.BytesIO(guide_pdf(GUIDE, MADE)))
    printed = "".join("".join(page.extract_text().split()) for page in reader.pages)
    document = docx.Document(io.BytesIO(guide_docx(GUIDE, MADE)))
    written = [paragraph.text for paragraph in document.paragraphs]
    written += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for block in blocks(GUIDE):
        texts = (
            [*block.heads, *(cell for row in block.rows for cell in row)]
            if isinstance(block, GuideTable)
            else [block.text]
        )
        for text in texts:
            assert text in written
            assert "".join(text.split())[:40] in printed.replace("-", "") or "".join(text.split())[:12] in printed, text
    assert reader.outline
    assert document.core_properties.title == "Clinical Study Data Reviewer’s Guide (cSDRG)"
    headings = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert headings == ["1 Introduction", "2 Protocol", "3 Subject data", "4 Conformance"]


def test_the_same_guide_is_the_same_file() -> None:
    assert guide_docx(GUIDE, MADE) == guide_docx(GUIDE, MADE)
    assert guide_pdf(GUIDE, MADE) == guide_pdf(GUIDE, MADE)


def test_the_guide_to_analysis_data_has_its_programs_and_differences() -> None:
    guide = replace(
        GUIDE, kind="ADRG", standards=standards_of(ADAM), datasets=datasets_of(ADAM), findings=(),
        differences=(Difference("Table 14-3.11", "p of the dose", "0.245", "0.255"),),
        programs=(GuideProgram("adsl.py", "ADSL"),),
    )  # fmt: skip
    document = docx.Document(io.BytesIO(guide_docx(guide, MADE)))
    headings = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert headings[-3:] == ["6 Conformance", "7 Differences", "8 Programs"]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "To be explained." in cells
    assert "The checks have no finding." in [one.text for one in document.paragraphs]
    assert len(PdfReader(io.BytesIO(guide_pdf(guide, MADE))).pages) >= 3
