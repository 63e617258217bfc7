"""The clinical study report: no number is typed by hand, each one is a result, and it follows the data."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import docx
import polars as pl
import pytest
from pypdf import PdfReader

from helmont.reports.csr import Report, read_templates, report_of
from helmont.reports.csr.blocks import Grid, Heading, Paragraph
from helmont.reports.csr.outline import OUTLINE
from helmont.reports.csr.pdf import report_pdf
from helmont.reports.csr.word import report_docx
from helmont.reports.package import Point
from helmont.reports.publishing import shown
from helmont.study.loading import load_study
from helmont.study.model import Study
from tests.reports.kit import PACKAGE, event, pilot

MOMENT = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
POINT = Point("CDISCPILOT01", "1.0", 23_656, "ab" * 32, "", MOMENT)
WORDS = """# 10.1

On placebo {{ result("14-1.01", "N", "n", "PBO", ".0") }} people took part;
{{ said("Week 24") }} ended for {{ result("14-1.01", "WEEK24", "n", "TOTAL", ".0") }}.

{{ table("14-1.01") }}
"""


@cache
def _study() -> Study:
    return load_study(PACKAGE)


def report(folder: Path, words: str, frames: dict[str, pl.DataFrame] | None = None) -> Report:
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "csr.md").write_text(words, encoding="utf-8")
    template, faults = read_templates(folder)
    assert not faults
    made = {one.output.number: one for one in shown(event(), frames or pilot(), {"14-1.01"})}
    return report_of(_study(), template, event(), made, POINT)


def test_numbers_are_results_and_follow_the_data(tmp_path: Path) -> None:
    found = report(tmp_path, WORDS)
    assert not [one for one in found.faults if one.severity == "error"]
    texts = [one.text for one in found.blocks if isinstance(one, Paragraph)]
    assert "On placebo 86 people took part; Week 24 ended for 118." in texts  # table 14-1.01 of the pilot's report
    assert [(one.text, one.result) for one in found.bound] == [
        ("86", "14-1.01/N/n/ARM=PBO"),
        ("118", "14-1.01/WEEK24/n/ARM=TOTAL"),
    ]
    fewer = pilot() | {"ADSL": pilot()["ADSL"].filter(pl.col("USUBJID") != "01-701-1015")}  # on placebo, to week 24
    changed = report(tmp_path, WORDS, fewer)
    assert [one.text for one in changed.bound] == ["85", "117"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("# 13\n\nOf 86 people", "a number typed by hand"),
        ("# 13\n\nOf twelve people", "a number typed by hand, in words"),
        ("# 13\n\nOf {{ result('x' }} people", "this is no binding"),
        ("# 13\n\nOf {{ 86 }} people", "this is no binding"),
        ("# 13\n\nOf {{ people", "braces that begin or end no binding"),
        ("# 99\n\nWords", "99 is no section that is written"),
        ("Words", "words before any section"),
    ],
)
def test_what_cannot_stand_is_found_with_its_line(tmp_path: Path, words: str, said: str) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "csr.md").write_text(words, encoding="utf-8")
    _, faults = read_templates(tmp_path)
    assert said in [one.message for one in faults]
    assert {one.line for one in faults} == {1 if words in ("Words",) or words.startswith("# 99") else 3}


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        ('result("14-1.01", "N", "n", "NOBODY", ".0")', "has no result"),
        ('result("99", "N", "n", "PBO", ".0")', "is no output that was made"),
        ('result("14-1.01", "N", "n", "PBO", "ODD")', "is no format"),
        ('said("Week 2400")', "stands nowhere in the study definition"),
        ('table("99")', "is no table that was made"),
        ('study("price")', "is no field of the study"),
        ("schedule()", ""),
    ],
)
def test_a_binding_that_stands_for_nothing_is_an_error(tmp_path: Path, binding: str, said: str) -> None:
    found = report(tmp_path, f"# 13\n\n{{{{ {binding} }}}}\n")
    errors = [one.message for one in found.faults if one.severity == "error"]
    assert [said in one for one in errors] == ([True] if said else [])


def test_every_section_stands_and_gaps_say_who_fills_them(tmp_path: Path) -> None:
    found = report(tmp_path, WORDS)
    headings = [one.text for one in found.blocks if isinstance(one, Heading)]
    assert headings == [f"{one.number} {one.title}" for one in OUTLINE]
    gaps = [one.text for one in found.blocks if isinstance(one, Paragraph) and one.open]
    assert any("the sponsor and the investigators" in one for one in gaps)


def test_pdf_and_word_say_the_same_and_are_the_same_again(tmp_path: Path) -> None:
    found = report(tmp_path, WORDS)
    data = report_pdf(found, MOMENT)
    printed = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages)
    document = docx.Document(io.BytesIO(report_docx(found, MOMENT)))
    written = {one.text for one in document.paragraphs}
    for block in found.blocks:
        text = block.caption if isinstance(block, Grid) else block.text
        assert text in written
        assert "".join(text.split())[:30] in printed.replace("-", "") or "".join(text.split())[:12] in printed
    assert report_pdf(found, MOMENT) == data
    assert report_docx(found, MOMENT) == report_docx(found, MOMENT)


def test_the_words_of_the_pilot_have_no_fault() -> None:
    template, faults = read_templates(PACKAGE)
    assert not faults
    assert {"2", "10.1", "11.4.1", "12.2"} <= template.sections.keys()
