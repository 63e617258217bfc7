"""Assigning and delegating: who may, what is refused, and from when to when it holds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helmont.core.errors import Invalid, NotFound, NotPermitted, Refused
from helmont.core.ledger.store import read_entries
from helmont.core.people.actions import AssignRole, CreatePerson, Delegate, EndAssignment, EndDelegation
from helmont.core.people.models import Assignment
from helmont.core.people.queries import load_actor, staff
from helmont.core.permissions import Scope
from helmont.core.roles import ROLES
from helmont.core.writer import perform
from tests.people.cast import HELMONT, SITE, STUDY, administrator, assign, investigator, manager, nurse, person

HERE = Scope(STUDY, "BE", SITE)


def today() -> date:
    """On the wall of the people of these tests."""
    return datetime.now(ZoneInfo("Europe/Brussels")).date()


def day(offset: int) -> str:
    return (today() + timedelta(days=offset)).isoformat()


def test_an_assignment_of_a_study_is_described_in_the_studys_own_log() -> None:
    key = assign(person("nora.nurse").handle, "site_nurse", site=SITE)
    entry = list(read_entries(STUDY))[-1].content
    assert key.startswith(f"{STUDY}/assignments/")
    assert entry["action"] == "people.assign_role"
    assert entry["record"] == f"assignment:{key}"


def test_an_assigned_role_allows_at_its_site_and_nowhere_else() -> None:
    nurse()
    assign("nora.nurse", "site_nurse", site=SITE)
    actor = load_actor("nora.nurse")
    assert actor.may("form.enter", HERE, today())
    assert not actor.may("form.enter", Scope(STUDY, "BE", "702"), today())
    assert not actor.may("form.enter", Scope("TRIAL2", "BE", SITE), today())


def test_an_assignment_holds_from_its_first_to_its_last_day() -> None:
    nurse()
    assign("nora.nurse", "site_nurse", site=SITE, starts=day(2), ends=day(4))
    actor = load_actor("nora.nurse")
    may = [actor.may("form.enter", HERE, today() + timedelta(days=n)) for n in range(1, 6)]
    assert may == [False, True, True, True, False]


def test_a_study_manager_assigns_in_their_study_only() -> None:
    mia = manager()
    nurse()
    perform(AssignRole("nora.nurse", "site_nurse", STUDY, site=SITE), mia)
    with pytest.raises(NotFound):
        perform(AssignRole("nora.nurse", "site_nurse", "TRIAL2", site=SITE), mia)


def test_a_study_manager_cannot_make_an_administrator() -> None:
    mia = manager()
    nurse()
    with pytest.raises(NotFound):
        perform(AssignRole("nora.nurse", "administrator", "*"), mia)
    with pytest.raises(Invalid, match="whole installation"):
        perform(AssignRole("nora.nurse", "administrator", STUDY), mia)


def test_nobody_assigns_a_role_to_themselves() -> None:
    adam = administrator()
    with pytest.raises(Invalid, match="themselves"):
        perform(AssignRole(adam.handle, "data_manager", STUDY), adam)


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if role.places == "service"])
def test_the_roles_of_services_are_not_for_people(role: str) -> None:
    nurse()
    with pytest.raises(Invalid, match="no such role"):
        perform(AssignRole("nora.nurse", role, STUDY), HELMONT)


def test_a_site_role_needs_a_site() -> None:
    nurse()
    with pytest.raises(Invalid, match="role at a site"):
        assign("nora.nurse", "site_nurse")


def test_a_blinded_role_is_refused_to_whoever_sees_allocations() -> None:
    person("ulla.unblinded")
    assign("ulla.unblinded", "unblinded_statistician")
    with pytest.raises(Refused, match="stays unblinded") as refusal:
        assign("ulla.unblinded", "data_manager")
    assert "Statistician (unblinded)" in refusal.value.message


def test_an_unblinded_role_is_refused_while_a_blinded_one_is_held() -> None:
    person("ben.blinded")
    assign("ben.blinded", "statistician")
    with pytest.raises(Refused, match="end the blinded role first"):
        assign("ben.blinded", "unblinded_statistician")
    assign("ben.blinded", "unblinded_statistician", "TRIAL2")


def test_the_way_from_blinded_to_unblinded_is_open_and_the_way_back_is_not() -> None:
    person("ben.blinded")
    blinded = assign("ben.blinded", "statistician")
    perform(EndAssignment(blinded, "unblinded from tomorrow", day(0)), HELMONT)
    unblinded = assign("ben.blinded", "unblinded_statistician", starts=day(1))
    with pytest.raises(Refused, match="stays unblinded"):
        assign("ben.blinded", "statistician", starts=day(400))
    perform(EndAssignment(unblinded, "never began"), HELMONT)
    assign("ben.blinded", "statistician", starts=day(1))


def test_a_role_in_every_study_conflicts_with_one_in_any_study() -> None:
    person("ben.blinded")
    assign("ben.blinded", "statistician", "*")
    with pytest.raises(Refused, match="every study"):
        assign("ben.blinded", "unblinded_statistician", "TRIAL2")


def test_an_investigator_delegates_tasks_at_the_own_site() -> None:
    ines = investigator()
    nurse()
    perform(Delegate("nora.nurse", "site_nurse", STUDY, SITE, ("vital_signs", "data_entry"), ends=day(90)), ines)
    [row] = staff(STUDY, person="nora.nurse")
    assert row.tasks == ("vital_signs", "data_entry")
    assert row.by == "Ines Investigator"
    assert load_actor("nora.nurse").may("form.enter", HERE, today())


def test_an_investigator_cannot_delegate_at_another_site() -> None:
    ines = investigator()
    nurse()
    with pytest.raises(NotFound):
        perform(Delegate("nora.nurse", "site_nurse", STUDY, "702", ("vital_signs",)), ines)


@pytest.mark.parametrize("role", ["pharmacist", "investigator", "data_manager", "administrator"])
def test_an_investigator_cannot_give_more_than_they_have_nor_their_own_place(role: str) -> None:
    ines = investigator()
    nurse()
    with pytest.raises(NotPermitted, match="allows more than you may do"):
        perform(Delegate("nora.nurse", role, STUDY, SITE, ("vital_signs",)), ines)


def test_tasks_are_not_delegated_for_days_that_have_passed() -> None:
    ines = investigator()
    nurse()
    with pytest.raises(Invalid, match="before they are done"):
        perform(Delegate("nora.nurse", "site_nurse", STUDY, SITE, ("vital_signs",), starts=day(-3)), ines)


def test_a_nurse_delegates_nothing() -> None:
    nurse()
    person("other.one")
    assign("nora.nurse", "site_nurse", site=SITE)
    with pytest.raises(NotPermitted):
        perform(Delegate("other.one", "site_nurse", STUDY, SITE, ("vital_signs",)), load_actor("nora.nurse"))


def test_a_delegation_ends_with_a_reason_and_stays_in_the_log() -> None:
    ines = investigator()
    nurse()
    key = perform(Delegate("nora.nurse", "site_nurse", STUDY, SITE, ("vital_signs",)), ines).result["assignment"]
    with pytest.raises(Invalid, match="reason"):
        perform(EndDelegation(key, ""), ines)
    perform(EndDelegation(key, "left the hospital"), ines)
    assert Assignment.objects.get(key=key).ends == today().isoformat()
    assert list(read_entries(STUDY))[-1].content["reason"] == "left the hospital"


def test_an_assignment_cannot_be_ended_in_the_past_beyond_yesterday() -> None:
    nurse()
    key = assign("nora.nurse", "site_nurse", site=SITE, starts=day(-30))
    there = datetime.now(UTC).date()  # on the clock of whoever ends it
    before, yesterday = (str(there - timedelta(days=days)) for days in (2, 1))
    with pytest.raises(Invalid, match="cannot end on this day"):
        perform(EndAssignment(key, "left", before), HELMONT)
    perform(EndAssignment(key, "left", yesterday), HELMONT)
    assert not load_actor("nora.nurse").may("form.enter", HERE, there)


def test_an_assignment_stands_by_the_clock_of_the_person_who_has_it() -> None:
    first, last = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # where it is always a day earlier
    today_there = datetime.now(ZoneInfo(first)).date().isoformat()
    for handle, zone in (("first.nurse", first), ("last.nurse", last)):
        perform(CreatePerson(handle, handle.title(), f"{handle}@example.org", "en", zone), HELMONT)
        perform(AssignRole(handle, "site_nurse", STUDY, site=SITE, starts=today_there), HELMONT)
    assert [row.standing for handle in ("first.nurse", "last.nurse") for row in staff(STUDY, person=handle)] == [
        "active",
        "future",
    ]
