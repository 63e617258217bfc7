"""What is due to be verified follows from the plan in force, and nothing that was verified is lost when it changes."""

from typing import Any

import pytest

from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.edc.actions.review import VerifyItems
from helmont.edc.actions.verification import ChangeVerificationPlan
from helmont.edc.queries.audit import participant_audit
from helmont.edc.queries.forms import form_view
from helmont.edc.queries.verification import due_items, latest_plan, plan_of, progress_by, standings
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.studies.models import Study
from tests.edc.kit import (
    CLEO,
    DANA,
    MONA,
    OTTO,
    PHIL,
    SAM,
    STUDY,
    TODAY,
    WHO,
    changes,
    complete,
    do,
    form,
    key,
    person,
    save,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, IP = key("VS"), key("IP")
UNA = person("una.monitor", "unblinded_monitor")
CM = {"value": "170", "unit": "cm"}


@pytest.fixture
def vs() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70", HEIGHT=CM)


def change(
    by: Any = SAM, reason: str = "central monitoring found a trend", seen: int | None = None, **plan: Any
) -> Any:
    return do(ChangeVerificationPlan(STUDY, plan, reason, seen), by)


def due(*, person: Any = MONA) -> dict[str, set[str]]:
    """Form id -> the items due, as far as the person may see."""
    return {each.form: set(each.due) for each in standings(person, Study.objects.get(key=STUDY), TODAY) if each.due}


@pytest.mark.usefixtures("vs")
def test_before_anybody_changes_it_the_critical_items_are_due() -> None:
    assert due() == {"VS": {"WEIGHT", "HEIGHT"}}
    do(VerifyItems(VS), MONA)
    assert due() == {}


@pytest.mark.usefixtures("vs")
def test_a_plan_changes_what_is_due_and_keeps_what_was_verified() -> None:
    do(VerifyItems(VS), MONA)
    assert change(default="all")["version"] == 1
    assert due() == {"VS": {"VSPERF"}}  # what is calculated has no source
    assert sorted(form(VS).verified) == ["HEIGHT", "WEIGHT"]
    change(default="none")
    assert due() == {}
    assert sorted(form(VS).verified) == ["HEIGHT", "WEIGHT"]
    change(default="critical", rules=[{"id": "NOT_AT_BASELINE", "require": "none", "encounters": ["BASELINE"]}])
    assert due() == {}
    latest = latest_plan(STUDY)
    assert latest is not None
    assert (latest.version, latest.by, latest.reason) == (3, "sam.manager", "central monitoring found a trend")
    assert plan_of(Study.objects.get(key=STUDY)).rules[0].id == "NOT_AT_BASELINE"


@pytest.mark.usefixtures("vs")
def test_verifying_a_form_verifies_what_the_plan_requires() -> None:
    change(default="none", rules=[{"id": "HEIGHTS", "require": "all", "items": ["VS.HEIGHT"]}])
    assert do(VerifyItems(VS), MONA)["verified"] == ["HEIGHT"]


@pytest.mark.usefixtures("vs")
def test_a_value_changed_after_verification_is_due_again_and_says_why() -> None:
    do(VerifyItems(VS), MONA)
    save(VS, reason="misread", WEIGHT="71")
    save(VS, reason="misread again", WEIGHT="72")
    assert due() == {"VS": {"WEIGHT"}}
    [item] = due_items(MONA, Study.objects.get(key=STUDY), TODAY, VS)
    assert (item.item, item.was, item.value) == ("WEIGHT", "70", "72")
    assert (item.verified_by, item.changed_by) == ("mona.monitor", "cleo.coordinator")
    assert item.changed_at > item.verified_at
    assert item.entry is not None
    do(VerifyItems(VS), MONA)
    assert (due(), form(VS).lapsed) == ({}, {})


@pytest.mark.usefixtures("vs")
def test_the_entry_that_ends_a_verification_says_so() -> None:
    do(VerifyItems(VS), MONA)
    save(VS, reason="misread", WEIGHT="71")
    said = changes(f"form:{VS}")
    assert said["verified/WEIGHT"][1] is None
    assert said["lapsed/WEIGHT"][1]["verified_by"] == "mona.monitor"


def test_the_first_participants_of_each_site_and_every_fifth() -> None:
    for number in range(2, 7):
        do(ScreenParticipant(STUDY, "701", f"701-{number:03}", "2026-01-06"))
        do(BeginEncounter(STUDY, f"701-{number:03}", "BASELINE", "2026-01-20"))
        complete(VS.replace(WHO, f"701-{number:03}"), VSPERF="Y", WEIGHT="70", HEIGHT=CM)
    do(ScreenParticipant(STUDY, "702", "702-001", "2026-01-06"), OTTO)
    do(BeginEncounter(STUDY, "702-001", "BASELINE", "2026-01-20"), OTTO)
    complete(VS.replace(WHO, "702-001"), by=OTTO, VSPERF="Y", WEIGHT="70", HEIGHT=CM)

    def whose(**who: Any) -> list[str]:
        change(default="none", rules=[{"id": "SOME", "require": "critical", "participants": who}])
        return [each.number for each in standings(MONA, Study.objects.get(key=STUDY), TODAY)]

    assert whose(first=2) == ["701-002", "702-001"]  # 701-001 is the first of its site and has no form
    assert whose(every=3) == ["701-003", "701-006"]
    assert whose(sample=100, seed="a") == [*(f"701-{n:03}" for n in range(2, 7)), "702-001"]
    change(default="none", rules=[{"id": "NL", "require": "critical", "countries": ["NL"]}])
    assert [each.number for each in standings(MONA, Study.objects.get(key=STUDY), TODAY)] == ["702-001"]
    assert do(VerifyItems(VS.replace(WHO, "702-001")), MONA)["verified"]
    assert do(VerifyItems(VS.replace(WHO, "701-002")), MONA)["verified"] == []
    do(VerifyItems(VS.replace(WHO, "702-001"), ("WEIGHT", "HEIGHT"), verified=False), MONA)
    change(default="none", site_risk={"702": "high"}, rules=[{"id": "R", "require": "all", "risk": ["high"]}])
    counted = progress_by(standings(MONA, Study.objects.get(key=STUDY), TODAY), lambda each: each.site)
    assert {site: (each.required, each.due, each.forms_due) for site, each in counted.items()} == {"702": (3, 3, 1)}


@pytest.mark.usefixtures("vs")
def test_a_plan_is_changed_for_a_reason_by_who_may_and_only_if_it_is_one() -> None:
    with pytest.raises(ReasonRequired):
        change(reason=" ", default="all")
    for somebody in (MONA, DANA, CLEO):
        with pytest.raises((NotPermitted, NotFound)):
            change(somebody, default="all")
    with pytest.raises(Invalid, match="VX is not the id of any form"):
        change(rules=[{"id": "A", "require": "all", "forms": ["VX"]}])
    change(default="all", seen=0)
    with pytest.raises(Refused, match="in the meantime"):
        change(default="none", seen=0)


def test_a_value_that_a_person_may_not_see_is_not_among_those_due_to_them() -> None:
    complete(IP, TAKEN="2", by=CLEO)
    complete(IP, DOSE="5", by=PHIL, reason="allocated")
    change(default="all")
    assert due() == {"IP": {"TAKEN"}}
    assert due(person=UNA) == {"IP": {"TAKEN", "DOSE"}}
    do(VerifyItems(IP), UNA)
    complete(IP, DOSE="6", by=PHIL, reason="misread")
    assert due() == {}
    assert due(person=UNA) == {"IP": {"DOSE"}}
    assert [item.item for item in due_items(MONA, Study.objects.get(key=STUDY), TODAY, IP)] == []
    view = form_view(MONA, STUDY, WHO, "BASELINE", "IP", "", TODAY)
    assert view.row is not None
    assert view.row.lapsed == {}
    written = participant_audit(MONA, STUDY, WHO, TODAY)[0]
    assert not [each for entry in written for each in entry.changes if each.item in {"DOSE", "TOTAL"}]
