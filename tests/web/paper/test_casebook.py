"""A casebook on paper: a PDF/A document, tagged, in the reader's language, with what the reader may see and no more."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from tests import cast

pytestmark = [pytest.mark.database]
ADDRESS = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/do/casebook"


def document(handle: str) -> PdfReader:
    answer = cast.sign_in(handle).post(ADDRESS)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert f"{cast.STUDY}-{cast.PARTICIPANT}-casebook-" in answer["Content-Disposition"]
    return PdfReader(io.BytesIO(answer.content))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_is_an_archival_document_that_a_screen_reader_can_follow() -> None:
    reader = document("coordinator")
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"].value
    assert catalogue["/Lang"] == "en"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value
    described = reader.xmp_metadata
    assert described is not None
    xmp = described.stream.get_data().decode()
    for said in (
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert said in xmp, said
    titles = [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)]
    assert {"Baseline", "Audit trail"} <= set(titles)


def test_it_says_what_was_entered_who_did_it_and_what_seals_it() -> None:
    text = text_of(document("coordinator"))
    for said in (cast.PARTICIPANT, "Headache", "80 mmHg", "Please check the cuff", "saved", "Coordinator"):
        assert said in text, said
    assert f"Entries in the ledger {store.log_size(cast.STUDY)}" in text
    assert verify().clean


def test_taking_it_is_itself_in_the_ledger() -> None:
    document("coordinator")
    last = store.read_entry(cast.STUDY, store.log_size(cast.STUDY) - 1)
    assert last is not None
    assert (last.action, last.actor) == ("edc.print_casebook", "coordinator")
    assert last.participant == f"{cast.STUDY}/{cast.PARTICIPANT}"


def test_what_is_hidden_from_a_reader_is_not_in_their_document() -> None:
    monitor, blind = text_of(document("unblinded.monitor")), text_of(document("data.manager"))
    assert cast.ALLOCATION in monitor
    assert cast.CONFIDENCE in text_of(document("coordinator"))
    assert cast.ALLOCATION not in text_of(document("coordinator"))
    assert cast.ALLOCATION not in blind
    assert cast.CONFIDENCE not in blind


def test_a_reader_without_the_audit_trail_gets_the_casebook_without_it() -> None:
    text = text_of(document("sponsor"))
    assert "Headache" in text
    assert "Audit trail" not in text
