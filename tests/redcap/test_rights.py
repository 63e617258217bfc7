"""A study of the house through the PyCap-compatible API: who sees and does what, without a server in between."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import orjson
import pytest
from django.test import Client

from helmont.core.people.actions import CreateToken, new_secret
from helmont.core.writer import perform
from helmont.edc.models import Form
from helmont.listings.actions import SaveListing
from helmont.listings.definition import ALL, Selection
from helmont.participants.models import Participant
from tests import cast
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
RECORD = cast.PARTICIPANT


def token_of(handle: str, study: str = cast.STUDY) -> str:
    secret, digest = new_secret(short=True)
    perform(CreateToken(handle, "PyCap", digest, study=study), cast.actor(handle))
    return secret


def call(handle: str, content: str, **fields: Any) -> tuple[int, Any]:
    """Status and answer of one call by this person; ``data`` goes as JSON."""
    if "data" in fields:
        fields["data"] = orjson.dumps(fields["data"]).decode()
    body = {"token": token_of(handle), "content": content, "format": "json", "returnFormat": "json", **fields}
    pairs = "&".join(f"{name}={quoted(str(value))}" for name, value in body.items())
    answer = Client(raise_request_exception=False).post(
        "/redcap/api/", pairs, content_type="application/x-www-form-urlencoded"
    )
    return answer.status_code, orjson.loads(answer.content) if answer.content[:1] in b"[{0123456789" else answer.content


def quoted(text: str) -> str:

    return quote_plus(text)


def test_a_study_is_described_in_a_clients_words() -> None:
    _, events = call("coordinator", "event")
    names = [event["unique_event_name"] for event in events]
    assert names[0] == "baseline_arm_1"
    assert names[-1] == "logs_arm_1"
    _, arms = call("coordinator", "arm")
    assert arms == [{"arm_num": 1, "name": "Arm 1"}]
    _, dictionary = call("coordinator", "metadata")
    lines = {line["field_name"]: line for line in dictionary}
    assert dictionary[0]["field_name"] == "record_id"
    assert lines["sysbp"]["text_validation_type_or_show_slider_number"] == "integer"
    _, repeating = call("coordinator", "repeatingFormsEvents")
    assert {"event_name": "logs_arm_1", "form_name": "ae", "custom_form_label": ""} in repeating


def test_records_hold_visits_and_lines_of_logs() -> None:
    _, rows = call("coordinator", "record", type="flat")
    visit = next(row for row in rows if row["redcap_event_name"] == "baseline_arm_1")
    assert (visit["record_id"], visit["sysbp"], visit["vs_complete"]) == (RECORD, "80", "2")
    line = next(row for row in rows if row["redcap_repeat_instrument"] == "ae")
    assert (line["redcap_repeat_instance"], line["aeterm"]) == (1, "Headache")


@pytest.mark.parametrize("handle", cast.EVERYBODY[:-2])
@pytest.mark.parametrize("content", ["record", "log", "eav"])
def test_nothing_hidden_reaches_somebody_without_the_privilege(handle: str, content: str) -> None:
    kind = {"type": "eav"} if content == "eav" else {"type": "flat"}
    _, answer = call(handle, "record" if content == "eav" else content, **kind)
    text = str(answer)
    role = cast.ROLES[cast.PEOPLE[handle][0]]
    if "allocation.read" not in role.permissions:
        assert cast.ALLOCATION not in text
    if "source.read" not in role.permissions:
        assert cast.CONFIDENCE not in text


def test_a_report_is_a_listing_that_one_keeps_with_what_one_may_see() -> None:
    def keep(by: str, form: str, *columns: str, shared: bool = False) -> str:
        kept = SaveListing(cast.STUDY, form, Selection(form, columns=columns).to_json(), shared=shared)
        return str(perform(kept, cast.actor(by)).result["key"]).rsplit("/", 1)[1]

    number = keep("data.manager", "VS", "participant", "SYSBP", "DIABP")
    status, [row] = call("data.manager", "report", report_id=number)
    assert status == 200
    assert (row["record_id"], row["redcap_event_name"], row["sysbp"], row["diabp"]) == (
        RECORD,
        "baseline_arm_1",
        "80",
        "85",
    )
    assert "vsdtc" not in row
    _, [line] = call("data.manager", "report", report_id=keep("data.manager", "AE", "AETERM"))
    assert (line["redcap_repeat_instrument"], line["redcap_repeat_instance"], line["aeterm"]) == ("ae", 1, "Headache")
    for handle in ("statistician", "coordinator"):
        status, answer = call(handle, "report", report_id=number)  # not shared; and a coordinator lists nowhere
        assert (status, "no such report" in str(answer)) == (400, True)
    allocated = keep("unblinded.statistician", "RAND", "ALLOC", shared=True)
    assert cast.ALLOCATION in str(call("unblinded.statistician", "report", report_id=allocated))
    everything = keep("unblinded.statistician", ALL, shared=True)
    assert cast.ALLOCATION in str(call("unblinded.statistician", "report", report_id=everything))
    for report in (allocated, everything):
        assert cast.ALLOCATION not in str(call("data.manager", "report", report_id=report))


def test_one_sees_ones_own_site_only() -> None:
    _, rows = call("elsewhere", "record", type="flat")
    assert {row["record_id"] for row in rows} == {cast.OTHER_PARTICIPANT}
    _, rows = call("monitor", "record", type="flat")
    assert {row["record_id"] for row in rows} == {RECORD, cast.OTHER_PARTICIPANT}


def test_an_import_is_entered_with_the_rights_of_its_sender() -> None:
    row = [{"record_id": RECORD, "redcap_event_name": "baseline_arm_1", "sysbp": "120"}]
    status, answer = call("monitor", "record", data=row)
    assert (status, "error" in answer) == (403, True)
    status, answer = call("elsewhere", "record", data=row)
    assert (status, "error" in answer) == (400, True)
    assert Form.objects.get(key=cast.VS).data["SYSBP"] == "80"
    assert call("coordinator", "record", data=row) == (200, {"count": 1})
    assert Form.objects.get(key=cast.VS).data["SYSBP"] == "120"


def test_an_allocation_cannot_be_entered_blind() -> None:
    row = [{"record_id": RECORD, "redcap_event_name": "baseline_arm_1", "alloc": "PLACEBO"}]
    status, answer = call("coordinator", "record", data=row)
    assert status == 400
    assert cast.ALLOCATION not in str(answer)


def test_a_record_is_new_at_the_senders_site() -> None:
    row = [{"record_id": "701-002", "redcap_event_name": "baseline_arm_1", "vsdtc": "2026-01-13"}]
    assert call("coordinator", "record", data=row) == (200, {"count": 1})
    assert Participant.objects.get(number="701-002").site == cast.SITE
    assert call("coordinator", "record", action="delete", **{"records[0]": "701-002"}) == (200, 1)
    assert Participant.objects.get(number="701-002").status == "removed"
    _, rows = call("coordinator", "record", type="flat")
    assert "701-002" not in {row["record_id"] for row in rows}


@pytest.mark.parametrize("content", ["metadata", "event", "arm", "formEventMapping", "repeatingFormsEvents"])
def test_a_published_study_is_not_redesigned_by_a_client(content: str) -> None:
    before = Participant.objects.get(number=RECORD).definition
    status, answer = call("study.manager", content, action="import", data=[{"arm_num": 1, "name": "X"}])
    assert (status, "study package" in answer["error"]) == (400, True)
    assert Participant.objects.get(number=RECORD).definition == before


@pytest.mark.parametrize(("handle", "status"), [("sponsor", 403), ("coordinator", 403), ("study.manager", 200)])
def test_users_and_the_repository_are_for_those_in_charge(handle: str, status: int) -> None:
    assert call(handle, "user")[0] == status
    assert call(handle, "fileRepository", action="createFolder", name="Notes")[0] == status


def test_a_token_for_every_study_names_no_project() -> None:
    secret, digest = new_secret()
    perform(CreateToken("administrator", "all", digest), cast.actor("administrator"))
    answer = Client().post("/redcap/api/", {"token": secret, "content": "record", "format": "json"})
    assert (answer.status_code, b"one study" in answer.content) == (400, True)


@pytest.mark.parametrize(
    "text", ["", "{", "<x", "a,b\n1", '"', "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "[1, 2]", "\x00"]
)
@pytest.mark.parametrize("form", ["json", "csv", "xml", "pdf"])
def test_data_that_cannot_be_read_are_refused_with_a_place(text: str, form: str) -> None:
    body = {"token": token_of("coordinator"), "content": "record", "format": form, "action": "import", "data": text}
    answer = Client(raise_request_exception=False).post("/redcap/api/", body)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert b"0" in answer.content
