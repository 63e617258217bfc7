"""A form on paper that two people copy: neither sees the other's entry, what agrees is saved, what differs is decided."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from helmont.core.errors import Invalid, NotPermitted, Refused
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.double_entry.actions.adjudicating import Adjudicate
from helmont.double_entry.actions.transcribing import Transcribe
from helmont.double_entry.models import Transcription
from helmont.double_entry.queries.rates import rates
from helmont.double_entry.queries.waiting import waiting
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form, Query
from tests import cast
from tests.double_entry.kit import PAPER, VS, WHO, build, page

pytestmark = [pytest.mark.database]
READ = {"VSDTC": "2026-01-12", "SYSBP": "120", "DIABP": "85"}


@pytest.fixture(autouse=True)
def _paper(_cast_built: None) -> None:
    build()


def enter(handle: str, complete: bool = True, **values: str) -> None:
    perform(Transcribe(VS, {**READ, **values}, complete=complete), cast.actor(handle))


def standing() -> list[tuple[int, str, str]]:
    rows = Transcription.objects.filter(form=VS).order_by("number")
    return [(row.number, row.by, row.status) for row in rows]


def test_two_entries_that_say_the_same_become_the_form() -> None:
    enter("coordinator")
    assert not Form.objects.filter(key=VS).exists()
    enter("nurse")
    row = Form.objects.get(key=VS)
    assert (row.status, row.data["SYSBP"]) == ("complete", "120")
    assert standing() == [(1, "coordinator", "agreed"), (2, "nurse", "agreed")]
    assert verify().clean


def test_checks_run_on_what_was_accepted() -> None:
    enter("coordinator", SYSBP="80")
    enter("nurse", SYSBP="80")  # systolic below diastolic
    assert Query.objects.filter(form=VS, status="open").exists()


def test_the_form_cannot_be_saved_past_the_two_entries() -> None:
    with pytest.raises(Refused, match="two people"):
        perform(SaveForm(VS, READ, complete=True), cast.actor("coordinator"))
    enter("coordinator")
    with pytest.raises(Refused, match="two people"):
        perform(SaveForm(VS, READ), cast.actor("nurse"))
    enter("nurse")
    with pytest.raises(Refused, match="accepted"):
        enter("investigator")
    perform(SaveForm(VS, {"SYSBP": "121"}, reason="misread"), cast.actor("nurse"))
    assert Form.objects.get(key=VS).data["SYSBP"] == "121"


def test_a_form_that_is_not_on_paper_is_entered_once() -> None:
    with pytest.raises(Refused, match="once"):
        perform(Transcribe(cast.VS, READ), cast.actor("coordinator"))


def test_one_person_makes_one_entry_and_no_third_is_made() -> None:
    enter("coordinator", complete=False)
    enter("coordinator")
    with pytest.raises(Refused, match="somebody else"):
        enter("coordinator")
    enter("nurse", complete=False, SYSBP="130")
    with pytest.raises(Refused, match="Two people"):
        enter("investigator")


def test_what_differs_is_decided_by_a_third_person_with_a_reason() -> None:
    enter("coordinator")
    enter("nurse", SYSBP="180", DIABP="86")
    assert not Form.objects.filter(key=VS).exists()
    assert standing() == [(1, "coordinator", "differs"), (2, "nurse", "differs")]
    officer = cast.actor("data.manager")
    with pytest.raises(Invalid, match="not decided"):
        perform(Adjudicate(VS, {"SYSBP": "120"}, {"SYSBP": "clear on the scan"}), officer)
    with pytest.raises(Invalid, match="Say why"):
        perform(Adjudicate(VS, {"SYSBP": "120", "DIABP": "87"}, {"SYSBP": "clear on the scan"}), officer)
    reasons = dict.fromkeys(("SYSBP", "DIABP", "VSDTC"), "why not")
    with pytest.raises(Invalid, match="does not differ"):
        perform(Adjudicate(VS, {"SYSBP": "120", "DIABP": "87", "VSDTC": "2026-01-13"}, reasons), officer)
    with pytest.raises(NotPermitted):
        perform(Adjudicate(VS, {"SYSBP": "120", "DIABP": "87"}, {}), cast.actor("monitor"))
    decision = {"SYSBP": "120", "DIABP": "87"}
    perform(Adjudicate(VS, decision, {"SYSBP": "clear on the scan", "DIABP": "neither: it is a 7"}), officer)
    row = Form.objects.get(key=VS)
    assert {key: row.data[key] for key in ("VSDTC", "SYSBP", "DIABP")} == {"VSDTC": "2026-01-12", **decision}
    second = Transcription.objects.get(form=VS, number=2)
    assert second.decided["DIABP"] == {"value": "87", "reason": "neither: it is a 7", "by": "data.manager"}
    assert verify().clean


def test_how_often_entries_differ_is_counted_by_form_and_by_who_had_it_wrong() -> None:
    enter("coordinator")
    enter("nurse", SYSBP="180", DIABP="86")
    reasons = {"SYSBP": "clear on the scan", "DIABP": "neither"}
    perform(Adjudicate(VS, {"SYSBP": "120", "DIABP": "87"}, reasons), cast.actor("data.manager"))
    by_form, by_person = rates(PAPER)
    assert [(rate.name, rate.compared, rate.differing) for rate in by_form] == [("VS", 3, 2)]
    assert [(rate.name, rate.differing) for rate in by_person] == [("coordinator", 1), ("nurse", 2)]
    assert waiting(cast.actor("data.manager"), PAPER, datetime.now(UTC).date()) == []


FORM = f"/participants/{WHO}/BASELINE/VS"


def test_the_second_person_sees_nothing_of_the_first_entry_anywhere() -> None:
    enter("coordinator", DIABP="73171")
    audit = f"/participants/{WHO}/audit"
    for path in (FORM, audit, "/audit", "/double-entry", f"{FORM}/history?item=DIABP"):
        assert "73171" not in page("nurse", path), path
    client = cast.sign_in("nurse")
    entries = client.get(f"/api/v1/studies/{PAPER}/participants/{WHO}/audit")
    assert b"73171" not in entries.content
    assert "73171" in page("coordinator", audit), "who entered it sees it"
    enter("nurse", DIABP="73171")
    assert "73171" in page("nurse", audit), "once it is settled it is a record like any other"


def test_the_page_says_whose_turn_it_is() -> None:
    assert "First entry" in page("coordinator", FORM)
    assert f"/api/v1/transcriptions/{VS}" in page("coordinator", FORM)
    enter("coordinator")
    assert "Your entry is complete" in page("coordinator", FORM)
    assert "Second entry" in page("nurse", FORM)
    enter("nurse", SYSBP="121")
    assert "The two entries differ" in page("nurse", FORM)
    assert f"/studies/{PAPER}/double-entry/{WHO}/BASELINE/VS" in page("data.manager", FORM)
    assert "a decision on 1 item" in page("data.manager", "/double-entry")


def test_saving_from_the_page_and_deciding_on_it() -> None:
    for handle, systolic in (("coordinator", "120"), ("nurse", "121")):
        body = {"values": {**READ, "SYSBP": systolic}, "complete": True}
        client = cast.sign_in(handle)
        answer = client.put(f"/api/v1/transcriptions/{VS}", orjson.dumps(body), "application/json")
        assert (answer.status_code, answer.json()["status"]) == (200, "done")
    officer = cast.sign_in("data.manager")
    address = f"/studies/{PAPER}/double-entry/{WHO}/BASELINE/VS"
    assert "120" in officer.get(address).content.decode()
    refused = officer.post(address, {"choose-0": "second", "reason-0": ""})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
    assert officer.post(address, {"choose-0": "other", "other-0": "122", "reason-0": "a 2"}).status_code == 302
    assert Form.objects.get(key=VS).data["SYSBP"] == "122"
    assert officer.get(address).status_code == 404
    assert cast.sign_in("nurse").get(address).status_code == 404
