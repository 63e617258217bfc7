"""Redaction of one value by the privacy officer, and what the privacy page tells of redactions and looks."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.http import HttpResponse

from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.vault.actions import SetIdentity
from helmont.core.vault.queries import read_identity
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.queries import AnswerQuery, RaiseQuery, WriteComment
from helmont.edc.models import Form, Query
from tests import cast

pytestmark = [pytest.mark.database]

STUDY = f"/studies/{cast.STUDY}"
AUDIT = f"{STUDY}/participants/{cast.PARTICIPANT}/audit"
SLIP, FIXED = "Headache of Wilhelmina Vandenborre", "Headache, severe"
OTHERS = tuple(handle for handle in cast.EVERYBODY if handle != "privacy.officer")
REASON = "a name was typed"


def address(path: str = "data/AETERM", record: str = f"form:{cast.AE}", keep: str = "") -> str:
    return f"{STUDY}/redactions/new?record={quote(record)}&path={quote(path)}{keep}"


def get(path: str, handle: str = "privacy.officer") -> HttpResponse:
    return cast.sign_in(handle).get(path)  # type: ignore[return-value]  # what the test client makes of it


def text(path: str, handle: str = "privacy.officer") -> str:
    answer = get(path, handle)
    assert answer.status_code == 200, path
    return answer.content.decode()


def redact(path: str, reason: str = REASON) -> HttpResponse:
    seen = re.search(r'name="seen" value="([\d,]+)"', text(path))
    assert seen is not None
    return cast.sign_in("privacy.officer").post(path, {"seen": seen[1], "reason": reason})  # type: ignore[return-value]


def bodies() -> dict[int, str]:
    return {entry.sequence: entry.body for entry in store.read_entries(cast.STUDY)}


@pytest.fixture
def slip() -> int:
    """A name in the term of an adverse event; the number of its entry."""
    nurse = cast.actor("nurse")
    saved = perform(SaveForm(cast.AE, {"AETERM": SLIP, "AESER": "N"}, complete=True, reason="more exact"), nurse)
    assert saved.sequence is not None
    return saved.sequence


def test_the_audit_trail_leads_from_the_entry_to_the_value(slip: int) -> None:
    assert f'href="{STUDY}/redactions/entries/{slip}"' in text(AUDIT)
    content = text(f"{STUDY}/redactions/entries/{slip}")
    assert SLIP in content
    assert f"path={quote('data/AETERM', safe='')}" in content
    assert f"path={quote('@reason', safe='')}" in content
    assert "path=status" not in content
    assert "redactions/entries" not in text(AUDIT, "data.manager")


def test_the_page_names_the_entries_that_will_lose_their_body(slip: int) -> None:
    content = text(address())
    first = min(sequence for sequence, body in bodies().items() if "data/AETERM" in body)
    assert f'name="seen" value="{first},{slip}"' in content
    assert "These 2 entries lose their bodies" in content
    for said in ("leaf hash of each entry stays", "backups, exports", "queries and their answers"):
        assert said in content


def test_redacting_removes_the_text_and_the_audit_trail_says_so(slip: int) -> None:
    leaves = {entry.sequence: entry.leaf for entry in store.read_entries(cast.STUDY)}
    answer = redact(address())
    assert (answer.status_code, answer["Location"]) == (302, f"{STUDY}/redactions")
    after = bodies()
    assert [sequence for sequence, body in after.items() if not body][-1] == slip
    assert not any("Vandenborre" in body for body in after.values())
    assert all(
        entry.leaf == leaves[entry.sequence] for entry in store.read_entries(cast.STUDY) if entry.sequence in leaves
    )
    assert verify().clean
    trail = text(AUDIT)
    assert "Vandenborre" not in trail
    assert "[redacted]" in trail
    assert REASON in trail
    assert "more exact" in trail  # what else the entry said is restated
    assert "Vandenborre" not in text(f"{STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/1", "coordinator")
    assert "[redacted]" in text(f"{STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/", "coordinator")


def test_what_was_redacted_is_not_offered_again(slip: int) -> None:
    redact(address())
    content = text(f"{STUDY}/redactions/entries/{slip}")
    assert f"path={quote('data/AETERM', safe='')}" not in content
    assert "Nothing is left to redact" in text(address())


def test_a_text_that_was_corrected_first_keeps_the_correction(slip: int) -> None:
    perform(
        SaveForm(cast.AE, {"AETERM": FIXED, "AESER": "N"}, complete=True, reason="a name"), cast.actor("coordinator")
    )
    assert "Earlier values only" in text(address())
    redact(address(keep="&keep=1"))
    assert Form.objects.get(key=cast.AE).data["AETERM"] == FIXED
    trail = text(AUDIT)
    assert "Vandenborre" not in trail
    assert FIXED in trail
    assert not bodies()[slip]
    assert verify().clean


def test_reasons_and_comments_can_be_redacted_too() -> None:
    comment = perform(WriteComment(cast.VS, "SYSBP", SLIP), cast.actor("nurse"))
    assert comment.sequence is not None
    link = re.search(
        r'redactions/new\?record=(comment[^&]+)&amp;path=text"', text(f"{STUDY}/redactions/entries/{comment.sequence}")
    )
    assert link is not None
    redact(f"{STUDY}/redactions/new?record={link[1]}&path=text")
    values = {"VSDTC": "2026-01-12", "SYSBP": "131", "DIABP": "85", "CONFIDE": cast.CONFIDENCE}
    perform(SaveForm(cast.VS, values, complete=True, reason=SLIP), cast.actor("coordinator"))
    redact(address("@reason", f"form:{cast.VS}"))
    assert not any("Vandenborre" in body for body in bodies().values())
    assert "Vandenborre" not in text(AUDIT, "coordinator")
    assert verify().clean


def test_without_a_reason_or_when_entries_came_in_between_nothing_is_redacted(slip: int) -> None:
    assert redact(address(), reason=" ").status_code == 422
    stale = cast.sign_in("privacy.officer").post(address(), {"seen": str(slip), "reason": REASON})
    assert stale.status_code == 422
    assert "Look again before you redact" in stale.content.decode()
    assert all(bodies().values())


@pytest.mark.parametrize(
    "path",
    [
        address("status"),
        address("data/AETERM", "form:OTHER1/701-001/LOG/AE/1"),
        address("data/ALLOC", f"form:{cast.RAND}"),
        address("data/CONFIDE", f"form:{cast.VS}"),
        address("data/AETERM", f"form:{cast.AE}9"),
        address("password", "person:coordinator"),
        address("", ""),
        f"{STUDY}/redactions/entries/99999",
    ],
)
def test_what_the_officer_may_not_read_or_redact_is_not_there(path: str) -> None:
    assert get(path).status_code == 404


def test_the_officer_sees_the_audit_of_participants_and_nothing_hidden(slip: int) -> None:
    pages = [AUDIT, f"{STUDY}/redactions", address(), *(f"{STUDY}/redactions/entries/{n}" for n in range(slip + 1))]
    for path in pages:
        content = get(path).content.decode()
        assert cast.ALLOCATION not in content
        assert cast.CONFIDENCE not in content


@pytest.mark.parametrize("handle", OTHERS)
def test_to_everybody_else_there_are_no_such_pages(handle: str, slip: int) -> None:
    for path in (f"{STUDY}/redactions", f"{STUDY}/redactions/entries/{slip}", address()):
        assert get(path, handle).status_code == 404
    answer = cast.sign_in(handle).post(address(), {"seen": str(slip), "reason": REASON})
    assert answer.status_code == 404
    assert all(bodies().values())
    assert f"{STUDY}/redactions" not in get(f"{STUDY}/", handle).content.decode()


def test_the_privacy_page_lists_redactions_and_who_looked_at_whom(slip: int) -> None:
    participant = f"{cast.STUDY}/{cast.PARTICIPANT}"
    perform(SetIdentity(participant, {"name": "Wilhelmina Vandenborre"}), cast.actor("coordinator"))
    read_identity(cast.actor("investigator"), participant, "appointment letter")
    redact(address())
    assert f'href="{STUDY}/redactions"' in text(f"{STUDY}/")
    content = text(f"{STUDY}/redactions")
    redacted, looked = content.split('id="looks"')
    for said in ("Privacy Officer", REASON, f"{STUDY}/ledger/entries/{slip}"):
        assert said in redacted
    for said in ("Investigator", "appointment letter", "Looked at", cast.PARTICIPANT, "Recorded or changed", ">Name<"):
        assert said in looked
    assert "Vandenborre" not in content
    assert "no-store" in get(f"{STUDY}/redactions")["Cache-Control"]


def test_after_a_redaction_the_form_is_read_saved_and_answered_anew() -> None:
    redact(address("data/SYSBP", f"form:{cast.VS}"))
    page = f"{STUDY}/participants/{cast.PARTICIPANT}/BASELINE/VS"
    for handle in ("coordinator", "monitor"):
        assert get(page, handle).status_code == 200
    perform(SaveForm(cast.VS, {"DIABP": "84"}, reason="misread"), cast.actor("coordinator"))
    assert Form.objects.get(key=cast.VS).data["SYSBP"] == {"redacted": True}
    perform(SaveForm(cast.VS, {"SYSBP": "131"}, reason="asked again"), cast.actor("coordinator"))
    assert Form.objects.get(key=cast.VS).data["SYSBP"] == "131"
    assert "131" in text(AUDIT, "monitor")
    assert verify().clean


def test_a_name_given_as_the_reason_of_a_look_can_be_redacted() -> None:
    participant = f"{cast.STUDY}/{cast.PARTICIPANT}"
    perform(SetIdentity(participant, {"name": "Wilhelmina Vandenborre"}), cast.actor("coordinator"))
    read_identity(cast.actor("coordinator"), participant, "Vandenborre called")
    look = store.log_size(cast.STUDY) - 1
    assert f'href="{STUDY}/redactions/entries/{look}"' in text(AUDIT)
    assert "Vandenborre called" in text(f"{STUDY}/redactions/entries/{look}")
    redact(address("@reason", f"identity:{participant}/identity"))
    looked = text(f"{STUDY}/redactions").split('id="looks"')[1]
    assert "Vandenborre" not in looked
    assert "Looked at" in looked
    assert not any("Vandenborre" in body for body in bodies().values())
    assert verify().clean


def asked() -> str:
    """A query about the term of the adverse event, raised while it held the slip, whose answer says the name again."""
    raised = perform(RaiseQuery(cast.AE, "AETERM", "Is this one term?"), cast.actor("monitor")).result["key"]
    perform(AnswerQuery(raised, f"Yes, {SLIP}"), cast.actor("nurse"))
    return str(raised)


@pytest.mark.usefixtures("slip")
def test_a_query_that_keeps_the_value_or_quotes_it_is_redacted_message_by_message() -> None:
    query = asked()
    redact(address())
    assert "Vandenborre" in "".join(bodies().values())
    copied, quoted = "messages/001/value", "messages/002/text"
    assert f"path={quote(copied, safe='')}" in text(address()), "the page of the item leads to the copies"
    answered = max(bodies())
    assert f"path={quote(quoted, safe='')}" in text(f"{STUDY}/redactions/entries/{answered - 1}")
    for path in (copied, quoted, "messages/002/value"):
        assert redact(address(path, f"query:{query}")).status_code == 302, path
    assert "Vandenborre" not in "".join(bodies().values())
    assert "What else keeps what this item held" not in text(address())
    messages = Query.objects.get(key=query).messages
    assert messages["001"]["text"] == "Is this one term?"
    assert (messages["002"]["text"], messages["002"]["kind"], messages["002"]["by"]) == (
        "[redacted]",
        "answered",
        "nurse",
    )
    assert verify().clean
    assert "Vandenborre" not in text(f"{STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/1", "coordinator")


@pytest.mark.usefixtures("slip")
@pytest.mark.parametrize("path", ["messages/001", "messages/001/kind", "messages/009/text", "status", "item"])
def test_only_what_somebody_typed_into_a_query_can_go(path: str) -> None:
    answer = get(address(path, f"query:{asked()}"))
    assert answer.status_code == 404 or "Nothing is left to redact" in answer.content.decode()
