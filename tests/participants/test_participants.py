"""Participants: screening, status, visits as planned, unscheduled and missed."""

from datetime import date

import pytest

from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.edc.actions.entry import SaveForm
from helmont.participants.actions import BeginEncounter, ChangeStatus, MissEncounter, ScreenParticipant
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import encounters_of, participant_for, participants_for
from helmont.studies.queries import compiled
from tests.edc.kit import CLEO, DANA, MONA, OTTO, STUDY, WHO, begin_trial, changes, do, last_entry, participant

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def trial() -> None:
    begin_trial()


def screen(number: str, day: str = "2026-02-01", site: str = "701") -> ScreenParticipant:
    return ScreenParticipant(STUDY, site, number, day)


def begin(encounter: str, day: str, number: str = "", reason: str = "") -> BeginEncounter:
    return BeginEncounter(STUDY, WHO, encounter, day, number, reason=reason)


# Screening


def test_a_participant_is_screened_at_a_site_under_its_number_and_the_studys_present_version() -> None:
    do(screen("701-002"))
    found = Participant.objects.get(number="701-002")
    assert (found.site, found.country, found.status, found.definition) == ("701", "BE", "screening", "1.0")
    assert last_entry()["record"] == f"participant:{STUDY}/701-002"


@pytest.mark.parametrize("number", ["1", "701-0002", "701/002", "701-002\n", ""])
def test_a_number_that_does_not_fit_the_studys_pattern_is_refused_with_an_example(number: str) -> None:
    with pytest.raises(Invalid) as refusal:
        do(screen(number))
    assert [(fault.place, fault.accepted) for fault in refusal.value.faults] == [("participant", "701-001")]


def test_a_number_is_given_once() -> None:
    with pytest.raises(Invalid, match="in the study already"):
        do(screen(WHO))


@pytest.mark.parametrize("day", ["2999-01-01", "2026-02", "yesterday", ""])
def test_a_date_is_whole_and_not_in_the_future(day: str) -> None:
    with pytest.raises(Invalid, match="date"):
        do(screen("701-002", day))


def test_one_screens_at_ones_own_site_and_where_there_is_one() -> None:
    with pytest.raises(NotFound):
        do(screen("701-002"), OTTO)
    with pytest.raises(NotFound):
        do(screen("703-001", site="703"))
    with pytest.raises(NotPermitted):
        do(screen("701-002"), MONA)


def test_participants_of_another_site_do_not_exist_for_its_coordinator() -> None:
    do(screen("702-001", site="702"), OTTO)
    assert [p.number for p in participants_for(CLEO, STUDY, TODAY)] == [WHO]
    assert [p.number for p in participants_for(DANA, STUDY, TODAY)] == [WHO, "702-001"]
    with pytest.raises(NotFound):
        participant_for(OTTO, STUDY, WHO, TODAY)


# Status


def test_a_participant_moves_through_the_trial() -> None:
    assert [do(ChangeStatus(STUDY, WHO, move)) for move in ("enrol", "complete")] == ["enrolled", "completed"]
    assert changes(f"participant:{STUDY}/{WHO}") == {"status": ["enrolled", "completed"]}


def test_a_move_that_is_not_possible_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused) as refusal:
        do(ChangeStatus(STUDY, WHO, "complete"))
    assert refusal.value.details == {"state": "screening", "accepted": ["fail", "enrol", "withdraw", "remove"]}
    with pytest.raises(Invalid, match="no transition"):
        do(ChangeStatus(STUDY, WHO, "teleport"))


def test_who_was_entered_by_mistake_is_taken_out_and_can_be_restored() -> None:
    with pytest.raises(ReasonRequired):
        do(ChangeStatus(STUDY, WHO, "remove"))
    assert do(ChangeStatus(STUDY, WHO, "remove", "a double")) == "removed"
    assert do(ChangeStatus(STUDY, WHO, "restore", "no double")) == "screening"
    do(ChangeStatus(STUDY, WHO, "enrol"))
    with pytest.raises(Refused, match="not possible"):
        do(ChangeStatus(STUDY, WHO, "remove", "too late"))


def test_who_has_left_comes_back_for_a_reason_only() -> None:
    do(ChangeStatus(STUDY, WHO, "withdraw"))
    with pytest.raises(ReasonRequired):
        do(ChangeStatus(STUDY, WHO, "reopen"))
    assert do(ChangeStatus(STUDY, WHO, "reopen", "changed their mind")) == "enrolled"
    assert last_entry()["reason"] == "changed their mind"


# Visits


def test_a_visit_date_is_corrected_for_a_reason() -> None:
    with pytest.raises(ReasonRequired):
        do(begin("WEEK_2", "2026-02-03"))
    do(begin("WEEK_2", "2026-02-03", reason="misread"))
    assert Encounter.objects.get(oid="WEEK_2").date == "2026-02-03"
    assert changes(f"encounter:{STUDY}/{WHO}/WEEK_2")["date"] == ["2026-02-02", "2026-02-03"]


def test_a_visit_of_no_protocol_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="WEEK_9") as refusal:
        do(begin("WEEK_9", "2026-02-03"))
    assert "EARLY_TERMINATION" in refusal.value.faults[0].accepted


def test_a_visit_does_not_end_before_it_begins() -> None:
    with pytest.raises(Invalid, match="ended"):
        do(BeginEncounter(STUDY, WHO, "EARLY_TERMINATION", "2026-02-03", ended="2026-02-02"))


def test_unscheduled_visits_are_numbered_after_the_visit_they_follow() -> None:
    assert do(begin("UNSCHEDULED", "2026-01-20")) == f"{STUDY}/{WHO}/UNSCHEDULED_2.1"
    assert do(begin("UNSCHEDULED", "2026-01-22")) == f"{STUDY}/{WHO}/UNSCHEDULED_2.2"
    assert do(begin("UNSCHEDULED", "2026-02-22")) == f"{STUDY}/{WHO}/UNSCHEDULED_3.1"
    assert do(begin("UNSCHEDULED", "2026-01-01")) == f"{STUDY}/{WHO}/UNSCHEDULED_0.1"


def test_the_tenth_unscheduled_visit_lies_after_the_ninth() -> None:
    numbers = [do(begin("UNSCHEDULED", "2026-01-20")).rsplit("_", 1)[1] for _ in range(11)]
    assert numbers[8:] == ["2.9", "2.91", "2.92"]
    assert sorted(numbers, key=float) == numbers


def test_an_unscheduled_visit_may_bring_its_own_number() -> None:
    assert do(begin("UNSCHEDULED", "2026-01-20", "7.3")).endswith("UNSCHEDULED_7.3")
    with pytest.raises(Invalid, match="not a visit number"):
        do(begin("UNSCHEDULED", "2026-01-20", "seven"))


def test_a_planned_visit_is_missed_for_a_reason_and_may_take_place_after_all() -> None:
    with pytest.raises(ReasonRequired):
        do(MissEncounter(STUDY, WHO, "EARLY_TERMINATION"))
    do(MissEncounter(STUDY, WHO, "EARLY_TERMINATION", "moved house"))
    found = Encounter.objects.get(oid="EARLY_TERMINATION")
    assert (found.status, found.date, found.reason) == ("missed", "", "moved house")
    do(begin("EARLY_TERMINATION", "2026-02-10"))
    assert Encounter.objects.get(oid="EARLY_TERMINATION").status == "begun"


def test_a_visit_with_data_was_not_missed() -> None:
    do(SaveForm(f"{STUDY}/{WHO}/WEEK_2/VS", {"VSPERF": "Y"}))
    with pytest.raises(Refused, match="Data were entered"):
        do(MissEncounter(STUDY, WHO, "WEEK_2", "moved house"))


def test_visits_stand_in_order_each_with_its_window() -> None:
    do(begin("UNSCHEDULED", "2026-01-20"))
    rows = list(Encounter.objects.filter(participant=participant()))
    found = encounters_of(participant(), compiled(STUDY, "1.0"), rows, "en", TODAY)
    assert [(e.oid, e.standing) for e in found] == [
        ("SCREENING_1", "begun"),
        ("BASELINE", "begun"),
        ("UNSCHEDULED_2.1", "begun"),
        ("WEEK_2", "begun"),
        ("EARLY_TERMINATION", "planned"),
    ]
    week_2 = found[3]
    assert (week_2.target, week_2.earliest, week_2.latest) == ("2026-02-02", "2026-01-30", "2026-02-05")
    assert not week_2.out_of_window
    do(begin("WEEK_2", "2026-02-20", reason="misread"))
    rows = list(Encounter.objects.filter(participant=participant()))
    assert encounters_of(participant(), compiled(STUDY, "1.0"), rows, "en", TODAY)[3].out_of_window
