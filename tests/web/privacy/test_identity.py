"""Who a participant is: shown to their site, once and for a reason; to everybody else there is no such page."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.vault.actions import FIELDS, SetIdentity
from helmont.core.writer import perform
from tests import cast

pytestmark = [pytest.mark.database]

CASEBOOK = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/"
PAGE = f"{CASEBOOK}identity"
NAME, NUMBER, STREET = "Wilhelmina Vandenborre", "85.07.30-033.28", "Lange Nieuwstraat 12"
SECRETS = (NAME, "Vandenborre", NUMBER, STREET)
ENTITLED = ("coordinator", "investigator", "privacy.officer")
OTHERS = tuple(handle for handle in cast.EVERYBODY if handle not in ENTITLED)
LOOK = {"why": "contact"}


@pytest.fixture
def recorded() -> None:
    fields = {"name": NAME, "national_id": NUMBER, "address": f"{STREET}\n9000 Gent"}
    perform(SetIdentity(f"{cast.STUDY}/{cast.PARTICIPANT}", fields), cast.actor("coordinator"))


def get(handle: str, path: str = PAGE) -> HttpResponse:
    return cast.sign_in(handle).get(path)  # type: ignore[return-value]  # what the test client makes of it


def post(handle: str, data: dict[str, str], path: str = PAGE) -> HttpResponse:
    return cast.sign_in(handle).post(path, data)  # type: ignore[return-value]


def last_entry() -> dict[str, Any]:
    return list(store.read_entries(cast.STUDY))[-1].content


def changing(**fields: str) -> dict[str, str]:
    """What a browser sends from the form: every field, and what each held when it was shown."""
    shown = dict.fromkeys(FIELDS, "") | {"name": NAME, "national_id": NUMBER}
    hidden = {f"initial-{name}": text for name, text in shown.items()}
    return shown | hidden | {"reason": ""} | fields


@pytest.mark.usefixtures("recorded")
def test_the_page_asks_why_before_anything_is_decrypted() -> None:
    size = store.log_size(cast.STUDY)
    answer = get("coordinator")
    assert answer.status_code == 200
    assert not any(secret in answer.content.decode() for secret in SECRETS)
    assert store.log_size(cast.STUDY) == size
    for given in ({}, {"why": "curious"}, {"why": "other", "other": " "}):
        answer = post("coordinator", given)
        assert answer.status_code == 422
        assert not any(secret in answer.content.decode() for secret in SECRETS)
    assert store.log_size(cast.STUDY) == size


@pytest.mark.usefixtures("recorded")
def test_with_a_reason_it_is_shown_and_the_look_is_in_the_ledger() -> None:
    answer = post("coordinator", LOOK)
    content = answer.content.decode()
    assert answer.status_code == 200
    assert all(secret in content for secret in SECRETS)
    entry = last_entry()
    assert (entry["action"], entry["actor"]) == ("identity.read", "coordinator")
    assert entry["reason"] == "To reach the participant (appointment, result, reminder)"
    assert entry["read"] == ["address", "name", "national_id"]
    post("investigator", {"why": "other", "other": "asked by the general practitioner"})
    assert last_entry()["reason"] == "asked by the general practitioner"


@pytest.mark.usefixtures("recorded")
def test_no_copy_of_the_page_is_kept_and_its_title_names_nobody() -> None:
    for answer in (get("coordinator"), post("coordinator", LOOK), post("coordinator", changing(), f"{PAGE}/change")):
        assert "no-store" in answer["Cache-Control"]
        title = answer.content.decode().partition("<title>")[2].partition("</title>")[0]
        assert cast.PARTICIPANT in title
        assert not any(secret in title for secret in SECRETS)


@pytest.mark.parametrize("handle", OTHERS)
@pytest.mark.usefixtures("recorded")
def test_to_everybody_else_there_is_no_such_page(handle: str) -> None:
    size = store.log_size(cast.STUDY)
    for path in (PAGE, f"{PAGE}/change", f"{PAGE}/erase"):
        for answer in (get(handle, path), post(handle, {**LOOK, **changing(name="X")}, path)):
            assert answer.status_code == 404
            assert NAME not in answer.content.decode()
    assert store.log_size(cast.STUDY) == size
    casebook = get(handle, CASEBOOK)
    assert f'href="{PAGE}"' not in casebook.content.decode()


def test_the_casebook_leads_there_those_who_are_entitled() -> None:
    for handle in ENTITLED:
        assert f'href="{PAGE}"' in get(handle, CASEBOOK).content.decode()


@pytest.mark.usefixtures("recorded")
def test_the_privacy_officer_may_erase_and_not_read() -> None:
    content = get("privacy.officer").content.decode()
    assert f"{PAGE}/erase" in content
    assert 'name="why"' not in content
    assert post("privacy.officer", LOOK).status_code == 404
    assert post("privacy.officer", changing(name="X"), f"{PAGE}/change").status_code == 404
    assert last_entry()["action"] == "identity.change"


def test_the_site_records_an_identity() -> None:
    blank = dict.fromkeys(FIELDS, "")
    answer = post("coordinator", {**blank, "name": NAME, "contact": "Her son\r\n+32 9 000"}, f"{PAGE}/change")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    set_paths = {path for change in last_entry()["changes"] for path in change["set"]}
    assert {"fields/name", "fields/contact"} <= set_paths
    assert "fields/email" not in set_paths
    assert "Her son<br>+32 9 000" in post("coordinator", LOOK).content.decode()


@pytest.mark.usefixtures("recorded")
def test_only_what_was_changed_is_written_and_a_change_needs_a_reason() -> None:
    unexplained = post("coordinator", changing(name="W. Vandenborre"), f"{PAGE}/change")
    assert unexplained.status_code == 422
    assert "Say why this changes." in unexplained.content.decode()
    assert post("coordinator", changing(), f"{PAGE}/change").status_code == 422
    saved = post("coordinator", changing(name="W. Vandenborre", national_id="", reason="married"), f"{PAGE}/change")
    assert saved.status_code == 302
    [change] = last_entry()["changes"]
    assert set(change["set"]) == {"fields/name", "fields/national_id"}
    content = post("coordinator", LOOK).content.decode()
    assert "W. Vandenborre" in content
    assert NUMBER not in content
    assert STREET in content


@pytest.mark.usefixtures("recorded")
def test_too_long_a_text_is_refused_and_said_so_beside_the_field() -> None:
    answer = post("coordinator", changing(email="x" * 501, reason="new"), f"{PAGE}/change")
    assert answer.status_code == 422
    assert 'id="id_email_error"' in answer.content.decode()


@pytest.mark.usefixtures("recorded")
def test_erasing_takes_the_number_typed_and_a_reason() -> None:
    path = f"{PAGE}/erase"
    assert "Nothing can bring it back" in get("privacy.officer", path).content.decode()
    for given in (
        {},
        {"number": cast.OTHER_PARTICIPANT, "reason": "asked"},
        {"number": cast.PARTICIPANT, "reason": ""},
    ):
        assert post("privacy.officer", given, path).status_code == 422
    assert NAME in post("coordinator", LOOK).content.decode()
    erased = post("privacy.officer", {"number": cast.PARTICIPANT, "reason": "erasure asked"}, path)
    assert erased.status_code == 302
    assert last_entry()["action"] == "identity.erase"
    after = get("coordinator").content.decode()
    assert "nobody can read it any more" in after
    assert 'name="why"' not in after
    refused = post("coordinator", LOOK)
    assert refused.status_code == 409
    assert NAME not in refused.content.decode()
    assert get("privacy.officer", path).status_code == 404
    assert verify().clean


@pytest.mark.usefixtures("recorded")
def test_a_ciphertext_that_was_exchanged_is_not_shown() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_secret SET ciphertext = (SELECT ciphertext FROM vault_secret WHERE name = 'name')")
    answer = post("coordinator", LOOK)
    assert answer.status_code == 409
    assert "not what the ledger vouches for" in answer.content.decode()
    assert NAME not in answer.content.decode()


def test_clear_text_reaches_no_table_file_message_or_log(caplog: pytest.LogCaptureFixture, home: Path) -> None:
    blank = dict.fromkeys(FIELDS, "")
    with caplog.at_level(logging.DEBUG):
        browser = cast.sign_in("coordinator")
        browser.post(f"{PAGE}/change", {**blank, "name": NAME, "national_id": NUMBER, "address": STREET})
        assert NAME in browser.post(PAGE, LOOK).content.decode()
        browser.post(f"{PAGE}/change", changing(name=NAME + "n"))  # refused: no reason
        browser.post(f"{PAGE}/change", changing(name=NAME + "n", email="x" * 501, reason="typing error"))
        browser.post(f"{PAGE}/change", changing(name=NAME + "n", reason="typing error"))
    for path in (CASEBOOK, f"{CASEBOOK}audit", f"/studies/{cast.STUDY}/audit", PAGE):
        assert "Vandenborre" not in browser.get(path).content.decode()
    cookies = " ".join(cookie.value for cookie in browser.cookies.values())
    files = "".join(path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file())
    written = _tables() + caplog.text + cookies + files
    assert "identity.read" in written
    for secret in SECRETS:
        assert secret not in written


def _tables() -> str:
    """Every value of every table, binary ones as text too."""
    values = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                values += [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return "\n".join(values)
