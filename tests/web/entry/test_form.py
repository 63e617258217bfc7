"""The form page as the server writes it: what is asked, what was answered, and who sees what."""

from __future__ import annotations

import re

import pytest

from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
CASEBOOK = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}"
VS, RAND, LOG = f"{CASEBOOK}/BASELINE/VS", f"{CASEBOOK}/BASELINE/RAND", f"{CASEBOOK}/LOG/AE/"


def page(handle: str, path: str) -> str:
    answer = cast.sign_in(handle).get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_form_reads_like_paper_question_answer_unit() -> None:
    text = page("coordinator", VS)
    assert "Systolic" in text
    assert 'value="80"' in text
    assert "mmHg" in text
    assert "12 Jan 2026" in text


def test_who_cannot_enter_data_reads_answers_and_finds_no_controls() -> None:
    text = page("statistician", VS)
    assert "80 mmHg" in text
    assert 'name="SYSBP"' not in text
    assert "data-save" not in text


@pytest.mark.parametrize("handle", [cast.OUTSIDER, "elsewhere"])
def test_a_form_elsewhere_does_not_exist(handle) -> None:
    for path in (VS, LOG, f"{LOG}1", f"{LOG}new", f"{VS}/history?item=SYSBP"):
        assert cast.sign_in(handle).get(path).status_code == 404, path


@pytest.mark.parametrize("handle", ["coordinator", "monitor", "data.manager", "statistician", "sponsor"])
def test_what_a_person_may_not_know_is_nowhere_on_the_page(handle) -> None:
    client = cast.sign_in(handle)
    for path in (VS, RAND, f"{RAND}/history?item=ALLOC", f"{RAND}/history?item=KIT"):
        text = client.get(path).content.decode()
        assert cast.ALLOCATION not in text, path
        assert not re.search(r"\b499\b", text), path
        assert "Allocated arm" not in text, path


def test_what_was_said_in_confidence_stays_at_the_site_and_with_who_verifies_it() -> None:
    assert cast.CONFIDENCE in page("coordinator", VS)
    assert cast.CONFIDENCE in page("monitor", VS)
    assert cast.CONFIDENCE not in page("data.manager", VS)
    assert "Told in confidence" not in page("data.manager", VS)


def test_a_query_stands_below_its_item_and_offers_what_the_person_may_do() -> None:
    site, monitor = page("coordinator", VS), page("monitor", VS)
    assert "Please check the cuff" in site
    assert 'data-query-verb="answer"' in site
    assert 'data-query-verb="close"' not in site
    assert 'data-query-verb="close"' in monitor
    assert 'data-query-verb="answer"' not in monitor


def test_verification_is_offered_to_monitors_alone() -> None:
    assert 'data-verify="SYSBP"' in page("monitor", VS)
    assert "data-verify" not in page("coordinator", VS)


def test_signing_is_offered_to_the_investigator_alone() -> None:
    assert "data-sign" in page("investigator", VS)
    assert "data-sign" not in page("coordinator", VS)


def test_the_history_of_an_item_names_who_when_what_and_the_entry_that_proves_it() -> None:
    text = page("monitor", f"{VS}/history?item=SYSBP")
    assert "Coordinator" in text
    assert "Site coordinator" in text
    assert "80 mmHg" in text
    assert f"/api/v1/ledger/{cast.STUDY}/entries/" in text


def test_the_trail_is_for_those_who_may_see_it() -> None:
    text = page("sponsor", f"{VS}/history?item=SYSBP")
    assert "/proof" not in text


def test_a_history_of_no_item_does_not_exist() -> None:
    assert cast.sign_in("monitor").get(f"{VS}/history?item=NOTHING").status_code == 404


def test_a_log_lists_its_lines_with_their_answers() -> None:
    text = page("coordinator", LOG)
    assert "Headache" in text
    assert "No" in text
    assert f"{LOG}new" in text
    assert f"{LOG}new" not in page("statistician", LOG)


def test_the_filter_of_a_log_searches_what_is_shown() -> None:
    assert "Headache" in page("coordinator", f"{LOG}?q=head")
    assert "Headache" not in page("coordinator", f"{LOG}?q=fracture")


def test_a_line_that_was_never_written_does_not_exist() -> None:
    assert cast.sign_in("coordinator").get(f"{LOG}7").status_code == 404


def test_a_missing_translation_is_marked() -> None:
    client = cast.sign_in("coordinator")
    client.post("/language/", {"language": "fr", "next": "/"})
    text = client.get(VS).content.decode()
    assert 'class="fallback"' in text
    assert 'class="fallback"' not in page("monitor", VS)


def test_without_scripts_the_page_says_what_it_is_good_for() -> None:
    assert "<noscript>" in page("coordinator", VS)
