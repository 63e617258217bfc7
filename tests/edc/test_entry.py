"""Saving a form: draft, complete, changed afterwards, not done."""

import pytest

from helmont.core.actions import Action
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.edc.actions.entry import MarkNotDone, SaveForm
from helmont.edc.models import Form
from helmont.participants.actions import MissEncounter
from tests.edc.kit import CLEO, MONA, OTTO, STUDY, VERA, ae, changes, complete, do, form, key, last_entry, queries, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, EARLY = key("VS"), key("VS", "EARLY_TERMINATION")


def test_a_draft_keeps_what_was_typed_in_canonical_form() -> None:
    answer = save(VS, VSPERF="y", WEIGHT="70,5", SYSBP_1=120)
    assert answer["status"] == "draft"
    assert form(VS).data == {"VSPERF": "Y", "WEIGHT": "70.5", "CHANGE": "0.0", "VS_READ[1].SYSBP": "120"}


def test_a_draft_is_asked_nothing() -> None:
    save(VS, WEIGHT="200")
    assert queries(VS) == []


def test_a_complete_form_stays_complete_when_it_is_saved_again() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    assert save(VS, WEIGHT="71", reason="misread")["status"] == "complete"


def test_a_change_after_completion_needs_a_reason_and_the_entry_gives_it() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    with pytest.raises(ReasonRequired) as refusal:
        save(VS, WEIGHT="71")
    assert refusal.value.details == {"places": ["WEIGHT"]}
    assert form(VS).data["WEIGHT"] == "70"
    save(VS, WEIGHT="71", reason="misread")
    assert last_entry()["reason"] == "misread"
    assert changes(f"form:{VS}")["data/WEIGHT"] == ["70", "71"]


def test_saving_the_same_values_again_changes_nothing_and_needs_no_reason() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    before = last_entry()["sequence"]
    complete(VS, VSPERF="y", WEIGHT=" 70 ")
    assert last_entry()["sequence"] == before


def test_an_emptied_item_is_gone_from_the_values_and_in_the_entry() -> None:
    save(VS, VSPERF="Y", WEIGHT="70")
    save(VS, WEIGHT="")
    assert "WEIGHT" not in form(VS).data
    assert changes(f"form:{VS}")["data/WEIGHT"] == ["70", None]


def test_an_untouched_form_leaves_no_trace() -> None:
    before = last_entry()["sequence"]
    assert save(VS)["status"] == "blank"
    assert last_entry()["sequence"] == before
    assert not Form.objects.exists()


def test_every_value_that_does_not_fit_is_named_with_what_would_be_accepted() -> None:
    with pytest.raises(Invalid) as refusal:
        save(VS, VSPERF="MAYBE", WEIGHT="heavy", NOSUCH="1", VSDTC="2999-01-01")
    faults = {fault.place: fault for fault in refusal.value.faults}
    assert set(faults) == {"VSPERF", "WEIGHT", "NOSUCH", "VSDTC"}
    assert all(fault.accepted for fault in faults.values())
    assert not Form.objects.exists()


def test_a_hard_range_refuses_the_save() -> None:
    with pytest.raises(Invalid, match="AGE"):
        save(key("DM", "SCREENING_1"), AGE="131")


def test_a_check_of_severity_refuse_stops_even_a_draft_and_says_why() -> None:
    with pytest.raises(Invalid, match="Nobody weighs 300 kg") as refusal:
        save(VS, WEIGHT="300")
    assert refusal.value.faults[0].place == "WEIGHT"
    assert not Form.objects.exists()


def test_an_item_may_be_not_done_with_a_reason_which_counts_as_an_answer() -> None:
    complete(VS, VSPERF="Y", WEIGHT={"not_done": "scale broken"})
    assert form(VS).data["WEIGHT"] == {"not_done": "scale broken"}
    assert queries(VS) == []
    with pytest.raises(Invalid, match="WEIGHT"):
        save(VS, WEIGHT={"not_done": ""}, reason="other")


def test_a_form_is_not_done_for_a_reason_and_only_while_it_is_empty() -> None:
    with pytest.raises(ReasonRequired):
        do(MarkNotDone(VS))
    do(MarkNotDone(VS, "participant refused"))
    assert (form(VS).status, form(VS).note) == ("not_done", "participant refused")
    assert last_entry()["reason"] == "participant refused"
    save(VS, VSPERF="Y")
    assert (form(VS).status, form(VS).note) == ("draft", "")
    with pytest.raises(Refused, match="Data were entered"):
        do(MarkNotDone(VS, "participant refused"))


@pytest.mark.parametrize("action", [MarkNotDone(EARLY, "refused"), SaveForm(EARLY, {"VSPERF": "Y"})])
def test_nothing_is_said_of_a_visit_that_has_not_begun(action: Action) -> None:
    with pytest.raises(Refused, match="not begun"):
        do(action)


def test_nothing_is_said_of_a_visit_that_was_missed() -> None:
    do(MissEncounter(STUDY, "701-001", "WEEK_2", "on holiday"))
    with pytest.raises(Refused, match="not begun"):
        save(key("VS", "WEEK_2"), VSPERF="Y")


@pytest.mark.parametrize(
    "place",
    [
        key("NOSUCH"),
        key("AE"),
        key("VS", "LOG", "1"),
        f"{STUDY}/701-001/LOG/AE/first",
        f"{STUDY}/701-001/BASELINE",
        f"{STUDY}/701-999/BASELINE/VS",
    ],
)
def test_a_form_that_does_not_lie_there_is_not_found(place: str) -> None:
    with pytest.raises(NotFound):
        save(place, VSPERF="Y")
    with pytest.raises((NotFound, Refused)):
        do(MarkNotDone(place, "refused"))
    assert not Form.objects.exists()


def test_the_coordinator_of_another_site_finds_nothing() -> None:
    with pytest.raises(NotFound):
        save(VS, by=OTTO, VSPERF="Y")


@pytest.mark.parametrize("reader", [MONA, VERA])
def test_who_may_only_look_is_told_so(reader: Actor) -> None:
    with pytest.raises(NotPermitted):
        save(VS, by=reader, VSPERF="Y")


def test_the_entry_names_the_form_the_person_their_role_and_the_local_time() -> None:
    save(ae(1), AETERM="headache")
    entry = last_entry()
    assert (entry["actor"], entry["role"], entry["action"]) == (CLEO.handle, "site_coordinator", "edc.save_form")
    assert entry["record"] == f"form:{ae(1)}"
    assert entry["offset"] in {"+01:00", "+02:00"}
    assert entry["sequence"] == form(ae(1)).revision
