"""Values under a privilege: who lacks it neither writes nor reads them, in whatever way they are looked at."""

import re

import orjson
import pytest

from helmont.core.errors import Conflict, Invalid, NotFound
from helmont.core.permissions import Actor
from helmont.edc.actions.queries import AnswerQuery, RaiseQuery, WriteComment
from helmont.edc.actions.review import VerifyItems
from helmont.edc.queries.audit import form_history, item_history, participant_audit
from helmont.edc.queries.eligibility import eligibility
from helmont.edc.queries.forms import form_view
from helmont.edc.queries.matrix import matrix
from helmont.edc.queries.surroundings import surroundings
from helmont.edc.queries.worklist import query_for, worklist
from tests.edc.kit import (
    CLEO,
    INES,
    MONA,
    PHIL,
    STUDY,
    TODAY,
    VERA,
    WHO,
    complete,
    do,
    form,
    key,
    participant,
    query,
    save,
)
from tests.edc.kit import person as acting_as

pytestmark = [pytest.mark.django_db, pytest.mark.database]
IP = key("IP")
SECRET = "47"  # a dose out of range, so that the rules speak of it
BLINDED = [CLEO, INES, MONA]
INSPECTOR = acting_as("ivo.inspector", "inspector")


@pytest.fixture(autouse=True)
def dispensed() -> None:
    """The pharmacist enters the dose, the coordinator what was taken; a remark is made in confidence."""
    complete(IP, by=PHIL, DOSE=SECRET)
    complete(IP, by=CLEO, reason="counted", TAKEN="3", CONFIDED="drinks")
    do(WriteComment(IP, "CONFIDED", "said in tears"), CLEO)


def text(thing: object) -> str:
    return orjson.dumps(thing, default=lambda one: getattr(one, "__dict__", None) or str(one)).decode()


def tells(shown: object) -> bool:
    """Whether what was shown gives away the dose or the total, or so much as names the items."""
    return re.search(r'"(47|141)"|\b47 is|\bDOSE\b|\bTOTAL\b', text(shown)) is not None


def asked(actor: Actor) -> list[str]:
    return sorted(one.item for one in worklist(actor, STUDY, "1.0", TODAY).queries)


def view(actor: Actor) -> object:
    seen = form_view(actor, STUDY, WHO, "BASELINE", "IP", "", TODAY)
    assert seen.row is not None
    return [
        seen.data,
        seen.row.data,
        seen.row.verified,
        [vars(q) for q in seen.queries],
        [vars(c) for c in seen.comments],
    ]


def test_the_pharmacist_sees_the_dose_and_what_follows_from_it() -> None:
    assert form(IP).data == {"TAKEN": "3", "DOSE": "47", "TOTAL": "141", "CONFIDED": "drinks"}
    assert tells(view(PHIL))
    assert asked(PHIL) == ["DOSE", "TAKEN"]


@pytest.mark.parametrize("actor", BLINDED, ids=lambda actor: actor.handle)
def test_a_blinded_person_does_not_see_it_on_the_form(actor: Actor) -> None:
    assert not tells(view(actor))
    assert form_view(actor, STUDY, WHO, "BASELINE", "IP", "", TODAY).hidden >= {"DOSE", "TOTAL"}


@pytest.mark.parametrize("actor", BLINDED, ids=lambda actor: actor.handle)
def test_a_blinded_person_does_not_see_it_in_the_audit_trail(actor: Actor) -> None:
    do(VerifyItems(IP, ("DOSE", "TAKEN")), INSPECTING_PHARMACIST)
    entries, _ = participant_audit(actor, STUDY, WHO, TODAY)
    assert not tells([vars(entry) for entry in entries])
    assert not tells([vars(entry) for entry in form_history(actor, participant(), IP, TODAY)])
    assert item_history(actor, participant(), IP, "DOSE", TODAY) == []
    assert participant_audit(actor, STUDY, WHO, TODAY, item="DOSE")[0] == []
    assert len(item_history(PHIL, participant(), IP, "DOSE", TODAY)) == 2


@pytest.mark.parametrize("actor", BLINDED, ids=lambda actor: actor.handle)
def test_a_blinded_person_is_not_told_of_questions_about_it(actor: Actor) -> None:
    hidden = query(IP, "RANGE")
    assert asked(actor) == ["TAKEN"]
    assert matrix(actor, STUDY, "1.0", TODAY).rows[0].cells["BASELINE"].queries == 0
    assert matrix(PHIL, STUDY, "1.0", TODAY).rows[0].cells["BASELINE"].queries == 1
    with pytest.raises(NotFound):
        query_for(actor, hidden.key, "1.0", TODAY)


def test_a_blinded_person_neither_asks_nor_answers_about_it() -> None:
    with pytest.raises(NotFound):
        do(AnswerQuery(query(IP, "RANGE").key, "what is this?"), CLEO)
    with pytest.raises(Invalid, match="no item"):
        do(RaiseQuery(IP, "DOSE", "what is this?"), MONA)
    with pytest.raises(Invalid, match="no item"):
        do(WriteComment(IP, "DOSE", "what is this?"), CLEO)


def test_a_blinded_person_does_not_write_it_and_learns_nothing_by_trying() -> None:
    for seen in (None, {"DOSE": "1"}):
        with pytest.raises(Invalid) as refusal:
            save(IP, by=CLEO, reason="guess", seen=seen, DOSE="5")
        assert refusal.value.details["faults"] == [
            {"place": "DOSE", "message": "This form has no such item.", "accepted": ""}
        ]
    assert form(IP).data["DOSE"] == SECRET


def test_the_answer_to_a_blinded_persons_save_says_nothing_of_it() -> None:
    answer = complete(IP, by=CLEO, reason="counted again", TAKEN="4")
    assert form(IP).data["TOTAL"] == "188"
    assert (answer["calculated"], answer["queries"]) == ({}, [])
    assert complete(IP, by=PHIL, reason="other batch", DOSE="48")["calculated"] == {"TOTAL": "192"}


def test_a_conflict_shows_a_blinded_person_only_what_they_changed_themselves() -> None:
    with pytest.raises(Conflict) as refusal:
        save(IP, by=CLEO, reason="x", seen={"TAKEN": "1", "DOSE": "1"}, TAKEN="2")
    assert refusal.value.details["items"] == {"TAKEN": {"yours": "2", "theirs": "3"}}


def test_a_check_on_it_that_refuses_says_only_that_something_unseen_disagrees() -> None:
    with pytest.raises(Invalid) as refusal:
        save(IP, by=CLEO, reason="counted", TAKEN="30")
    assert not tells(refusal.value.to_dict())
    assert "lethal" not in refusal.value.message
    with pytest.raises(Invalid, match="lethal"):
        save(IP, by=PHIL, reason="counted", DOSE="999")


def test_a_blinded_person_verifies_the_rest() -> None:
    do(VerifyItems(IP, ("DOSE",)), INSPECTING_PHARMACIST)
    assert do(VerifyItems(IP, ("TAKEN",)), MONA)["verified"] == ["TAKEN"]
    with pytest.raises(Invalid, match="no value"):
        do(VerifyItems(IP, ("DOSE",), verified=False), MONA)
    assert sorted(form(IP).verified) == ["DOSE", "TAKEN"]


def test_rules_shown_to_a_blinded_person_do_not_run_on_it() -> None:
    seen = form_view(CLEO, STUDY, WHO, "BASELINE", "IP", "", TODAY)
    assert not tells(surroundings(CLEO, seen, TODAY).outcome.calculated["TOTAL"])
    assert {c.id: c.holds for c in eligibility(CLEO, participant(), TODAY, "en")}["EXCL_02"] is None
    assert {c.id: c.holds for c in eligibility(PHIL, participant(), TODAY, "en")}["EXCL_02"] is True


def test_what_was_said_in_confidence_stays_between_the_site_and_those_who_check_the_source() -> None:
    for reader in (CLEO, MONA, INSPECTOR):
        assert "drinks" in text(view(reader))
        assert "tears" in text(view(reader))
    for reader in (PHIL, VERA):
        assert "drinks" not in text(view(reader))
        assert "tears" not in text(view(reader))


def test_the_privilege_counts_where_it_is_held_and_nowhere_else() -> None:
    elsewhere = Actor("uma.unblinded", (*CLEO.grants, *acting_as("x", "pharmacist", "702").grants))
    assert not tells(view(elsewhere))
    assert asked(elsewhere) == ["TAKEN"]


INSPECTING_PHARMACIST = acting_as("ursula.unblinded", "unblinded_monitor")
