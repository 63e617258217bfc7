"""Who gets which page: the owner, a colleague at another site, an outsider."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from helmont.core.ledger.store import log_size
from helmont.core.people.actions import CreatePerson
from helmont.core.writer import perform
from helmont.design import PermutedBlocks
from tests import cast

STUDY = f"/studies/{cast.STUDY}"
PERSON = f"{STUDY}/participants/{cast.PARTICIPANT}"
OF_STUDY = [
    f"{STUDY}/",
    f"{STUDY}/casebooks",
    f"{STUDY}/queries",
    f"{STUDY}/queries.csv",
    f"{STUDY}/audit",
    f"{STUDY}/definition/",
    f"{STUDY}/definition/form/VS",
    f"{STUDY}/definition/review/",
    f"{STUDY}/ledger/",
]
OF_PARTICIPANT = [f"{PERSON}/", f"{PERSON}/audit"]


def text(handle: str, path: str) -> tuple[int, str]:
    answer = cast.sign_in(handle).get(path)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content.decode()


@pytest.mark.parametrize("path", OF_STUDY + OF_PARTICIPANT)
def test_the_coordinator_of_the_site_reads_the_page(path: str) -> None:
    assert text("coordinator", path)[0] == 200


@pytest.mark.parametrize("path", OF_PARTICIPANT)
def test_a_participant_elsewhere_does_not_exist(path: str) -> None:
    assert text("elsewhere", path)[0] == 404


def test_a_colleague_at_another_site_finds_no_trace_of_a_participant_in_any_list() -> None:
    for path in OF_STUDY:
        status, content = text("elsewhere", path)
        assert status == 200, path
        assert cast.PARTICIPANT not in content, path


@pytest.mark.parametrize("path", [*OF_STUDY, *OF_PARTICIPANT, f"{STUDY}/events"])
def test_to_an_outsider_the_study_does_not_exist(path: str) -> None:
    assert text(cast.OUTSIDER, path)[0] == 404


def test_without_signing_in_every_page_leads_to_the_door() -> None:
    for path in ["/", *OF_STUDY, *OF_PARTICIPANT]:
        answer = Client().get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/accounts/login/"), path


def test_who_is_unblinded_reads_it_in_the_audit_trail() -> None:
    assert cast.ALLOCATION in text("unblinded.statistician", f"{PERSON}/audit")[1]


def test_the_list_shows_ones_own_studies_with_title_and_role() -> None:
    mine = text("coordinator", "/")[1]
    assert cast.STUDY in mine
    assert "Site coordinator" in mine
    assert cast.STUDY not in text(cast.OUTSIDER, "/")[1]


def test_without_a_study_the_list_says_what_to_do() -> None:
    perform(CreatePerson("new.person", "New Person", "new@example.org"), cast.HELMONT)
    assert "helmont study publish FOLDER" in text("new.person", "/")[1]


def test_the_overview_counts_only_what_is_ones_own() -> None:
    def figures(handle: str) -> list[str]:
        return re.findall(r'<dd><a href="[^"]+">(\d+)</a></dd>', text(handle, f"{STUDY}/")[1])

    assert figures("monitor") == ["2", "2"]  # participants; open queries, the one on the allocation left out
    assert figures("coordinator") == ["1", "2"]
    assert figures("elsewhere") == ["1", "0"]


def test_the_page_is_in_the_persons_language_and_can_be_changed() -> None:
    client = cast.sign_in("coordinator")
    assert '<html lang="en"' in client.get(f"{STUDY}/").content.decode()
    answer = client.post("/language/", {"language": "nl", "next": f"{STUDY}/"})
    assert answer["Location"] == f"{STUDY}/"
    assert '<html lang="nl"' in client.get(f"{STUDY}/").content.decode()
    assert client.post("/language/", {"language": "nl", "next": "https://elsewhere.example/"})["Location"] == "/"


def test_the_definition_shows_version_hash_and_expressions() -> None:
    content = text("sponsor", f"{STUDY}/definition/")[1]
    assert cast.definition().version in content
    assert re.search(r"[0-9a-f]{64}", content)
    assert all(f"<code>{check.id}</code>" in content for check in cast.definition().checks)
    assert text("sponsor", f"{STUDY}/definition/?version=none")[0] == 404
    assert text("sponsor", f"{STUDY}/definition/form/NONE")[0] == 404


@pytest.mark.parametrize("line", ["²", "0", "01", "١", "100000", "-1"])
def test_a_line_of_a_log_has_a_plain_number(line: str) -> None:
    client = cast.sign_in("coordinator")
    assert client.get(f"{PERSON}/LOG/AE/{line}").status_code == 404
    key = f"{cast.STUDY}/{cast.PARTICIPANT}/LOG/AE/{line}"
    answer = client.put(f"/api/v1/forms/{key}", {"values": {"AETERM": "x"}}, "application/json")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [f"{STUDY}/casebooks?page=²", f"{PERSON}/audit?before=²", f"{STUDY}/audit?before=²", f"{STUDY}/ledger/?entry=²"],
)
def test_a_number_in_an_address_that_is_none_breaks_nothing(path: str) -> None:
    assert text("monitor", path)[0] == 200


@pytest.mark.parametrize(
    ("handle", "path"),
    [
        ("sponsor", f"{STUDY}/"),
        ("sponsor", f"{STUDY}/live/"),
        ("monitor", f"{STUDY}/casebooks"),
        ("monitor", f"{PERSON}/BASELINE/VS"),
    ],
)
def test_a_page_follows_the_study_from_the_moment_it_was_made(handle: str, path: str) -> None:
    status, page = text(handle, path)
    assert status == 200
    assert f"{STUDY}/events?last_event_id={log_size(cast.STUDY) - 1}" in page


def test_the_definition_shows_the_design_that_the_protocol_holds() -> None:
    design = PermutedBlocks(arms=2, sizes=(4, 6))
    status, content = text("sponsor", f"{STUDY}/definition/")
    assert status == 200
    assert design.digest in content
    assert 'href="/designs/PermutedBlocks/?arms=2' in content
