"""The annotated CRF of the pilot: boxes, pages and bookmarks, as a reader of the PDF finds them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from helmont.reports.annotated_crf import AnnotatedCrf, annotated_crf
from helmont.reports.annotation import NOT_SUBMITTED, annotation, domains_of, legend, said, unit_variable
from helmont.reports.bookmarks import Bookmark, with_bookmarks
from helmont.reports.crf_contents import Contents, Words
from helmont.standards.define.documents import DocumentRef, Pages
from helmont.standards.define.model import Origin
from helmont.study.loading import load_study
from helmont.study.model import Form, Group, Item, Sdtm, Study
from helmont.study.text import Text

MADE = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


KEPT = ("AE", "DM", "DS", "LBCH", "LBHE", "SC", "VS")


@pytest.fixture(scope="module")
def study() -> Study:
    """The pilot with seven of its forms: every kind of question and annotation is among them."""
    whole = load_study(Path(__file__).parents[2] / "studies" / "cdiscpilot01")
    protocol = whole.protocol

    def kept(forms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(form for form in forms if form in KEPT)

    assert protocol.unscheduled is not None
    protocol = replace(
        protocol,
        activities=tuple(replace(one, forms=kept(one.forms)) for one in protocol.activities),
        logs=kept(protocol.logs),
        unscheduled=replace(protocol.unscheduled, forms=kept(protocol.unscheduled.forms)),
    )
    return replace(whole, forms=tuple(form for form in whole.forms if form.id in KEPT), protocol=protocol)


@pytest.fixture(scope="module")
def crf(study: Study) -> AnnotatedCrf:
    return annotated_crf(study, "de", MADE, Words(forms="Formulare"))


@pytest.fixture(scope="module")
def reader(crf: AnnotatedCrf) -> PdfReader:
    return PdfReader(io.BytesIO(crf.pdf))


def test_annotations_are_in_the_words_of_sdtm() -> None:
    assert said(Sdtm("VS", "VSORRES", {"VSTESTCD": "SYSBP"})) == "VSORRES when VSTESTCD = SYSBP"
    assert said(Sdtm("SUPPDS", "QVAL", {"QNAM": "ENTCRIT"})) == "ENTCRIT in SUPPDS"
    assert said(Sdtm("RELREC", "RELID")) == "RELREC: RELID"
    assert said(Sdtm("DM", "SEX")) == "SEX"
    assert said(Sdtm("DM", "SEX"), several=True) == "DM.SEX"
    assert said(Sdtm("DS", "DSTERM"), several=True) == "DSTERM"


def test_a_unit_has_a_variable_of_its_own() -> None:
    def of(variable: str, unit: str | None = "mg") -> str | None:
        return unit_variable(Item("I", Text({"en": "x"}), "decimal", unit=unit, sdtm=Sdtm("EX", variable)))

    assert (of("VSORRES"), of("EXDOSE"), of("AGE"), of("VSORRES", None)) == ("VSORRESU", "EXDOSU", None, None)


def test_a_domain_has_one_colour_on_a_form_and_its_supplement_the_same() -> None:
    items = tuple(
        Item(f"I{number}", Text({"en": "x"}), "text", sdtm=target)
        for number, target in enumerate([Sdtm("DS", "DSTERM"), Sdtm("AE", "AETERM"), Sdtm("SUPPDS", "QVAL", {"QNAM": "A"}), None])
    )  # fmt: skip
    form = Form("F", Text({"en": "F"}), (Group("G", items),))
    colours = domains_of(form)
    assert list(colours) == ["DS", "AE"]
    first, second, supplement, none = (annotation(item, colours) for item in items)
    assert first.colour == supplement.colour != second.colour
    assert (none.text, none.style) == (NOT_SUBMITTED, "dashed")
    assert [one.text for one in legend(form)] == ["DS (Disposition)", "AE (Adverse Events)"]


def test_every_question_is_on_the_page_that_is_said(study: Study, crf: AnnotatedCrf, reader: PdfReader) -> None:
    texts = ["".join(page.extract_text().split()) for page in reader.pages]
    assert set(crf.pages) == {(form.id, item.id) for form in study.forms for item in form.items()}
    for form in study.forms:
        domains = domains_of(form)
        for item in form.items():
            page = texts[crf.pages[form.id, item.id] - 1]
            assert "".join(annotation(item, domains).text.split()) in page, (form.id, item.id)
            assert "".join(item.label.get("de")[0].split())[:12] in page, (form.id, item.id)


def test_pages_of_a_variable(study: Study, crf: AnnotatedCrf) -> None:
    vitals = crf.pages["VS", "SYSBP"]
    assert crf.variable_pages(study, "VS", "VSORRES", {"VSTESTCD": "SYSBP"}) == (vitals,)
    assert crf.variable_pages(study, "VS", "VSORRESU", {"VSTESTCD": "SYSBP"}) == (vitals,)
    assert crf.variable_pages(study, "VS", "VSORRES", {"VSTESTCD": "NONE"}) == ()
    origin = crf.origin(study, "LF.acrf", "AE", "AETERM")
    assert origin == Origin("Collected", "Investigator", documents=(DocumentRef("LF.acrf", (Pages((2,)),)),))
    assert crf.origin(study, "LF.acrf", "AE", "AEDECOD") is None
    assert len(crf.variable_pages(study, "LB", "LBORRES")) == 2
    assert crf.variable_pages(study, "XX", "XXORRES") == ()


def outline(reader: PdfReader, items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if isinstance(item, list):
            found[-1] = (*found[-1][:2], outline(reader, item))
        else:
            found.append((item.title, (reader.get_destination_page_number(item) or 0) + 1, []))
    return found


def test_bookmarks_lead_to_forms_by_visit_and_by_name(study: Study, crf: AnnotatedCrf, reader: PdfReader) -> None:
    _, visits, forms = outline(reader, reader.outline)
    assert (visits[0], forms[0]) == ("Forms by visit", "Formulare")
    assert [title for title, _, _ in forms[2]] == sorted(title for title, _, _ in forms[2])
    assert len(forms[2]) == len(study.forms)
    baseline = next(one for one in visits[2] if one[0] == "Baseline")
    assert ("Vitalzeichen", crf.pages["VS", "SYSBP"], []) in baseline[2]
    assert visits[2][-1][0] == "Logs"


def test_it_says_that_it_is_tagged_and_kept_for_decades(reader: PdfReader) -> None:
    assert reader.trailer["/Root"]["/Lang"] == "de"
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1" in metadata


def test_a_study_without_visits_has_its_forms(study: Study) -> None:
    small = replace(
        study, forms=study.forms[:1], protocol=replace(study.protocol, encounters=(), logs=(), unscheduled=None)
    )
    paper = Contents(small, "fr", Words()).paper()
    assert (paper.visits, [form.title for form in paper.forms]) == ((), ["Événements indésirables"])
    made = annotated_crf(small, "fr", MADE)
    assert made.pdf == annotated_crf(small, "fr", MADE).pdf
    reader = PdfReader(io.BytesIO(made.pdf))
    assert [title for title, _, _ in outline(reader, reader.outline)] == ["Annotated case report form", "Forms by name"]


def test_bookmarks_are_added_without_touching_a_byte() -> None:
    pdf = typst.compile(b"= One\n#pagebreak()\n= Two\n== Part\n", format="pdf")
    assert isinstance(pdf, bytes)
    made = with_bookmarks(
        pdf, [Bookmark("Zwei (2) \U0001f600", 1, (Bookmark("Eins", 0), Bookmark("Zwei", 1))), Bookmark("Ende", 1)]
    )
    assert made.startswith(pdf)
    reader = PdfReader(io.BytesIO(made), strict=True)
    assert outline(reader, reader.outline) == [
        ("Zwei (2) \U0001f600", 2, [("Eins", 1, []), ("Zwei", 2, [])]), ("Ende", 2, []),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no trailer"):
        with_bookmarks(b"%PDF-1.7", [])
