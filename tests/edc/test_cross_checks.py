"""Rules that look at other forms, other visits and logs are run again when what they look at changes."""

import pytest

from helmont.edc.actions.entry import RemoveLine
from helmont.participants.actions import BeginEncounter, ChangeStatus
from tests.edc.kit import STUDY, WHO, ae, changes, complete, do, key, last_entry, queries, query, said, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, IP, WEEK_2, DM = key("VS"), key("IP"), key("VS", "WEEK_2"), key("DM", "SCREENING_1")


def test_a_check_on_a_form_of_the_same_visit_follows_that_form() -> None:
    complete(VS, VSPERF="Y", WEIGHT="45")
    complete(IP, TAKEN="3")
    assert "TAKEN IP_WEIGHT" in queries(IP)
    save(VS, reason="misread", WEIGHT="54")
    assert "TAKEN IP_WEIGHT" not in queries(IP)
    one = query(IP, "IP_WEIGHT")
    assert said(one) == ["raised", "corrected"]
    assert f"query:{one.key}" in [change["record"] for change in last_entry()["changes"]]


def test_a_check_on_the_previous_visit_follows_that_visit() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="75")
    save(VS, reason="misread", WEIGHT="64")
    assert "WEIGHT VS_GAIN" in queries(WEEK_2)
    save(VS, reason="misread again", WEIGHT="70")
    assert queries(WEEK_2) == []


def test_an_unscheduled_visit_in_between_becomes_the_previous_one() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="81")
    assert "WEIGHT VS_GAIN" in queries(WEEK_2)
    between = do(BeginEncounter(STUDY, WHO, "UNSCHEDULED", "2026-01-25"))
    complete(f"{between}/VS", VSPERF="Y", WEIGHT="79")
    assert "WEIGHT VS_GAIN" not in queries(WEEK_2)
    save(f"{between}/VS", reason="misread", WEIGHT="60")
    assert "WEIGHT VS_GAIN" in queries(WEEK_2)


def test_an_unscheduled_visit_follows_the_planned_one_before_it() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    after = do(BeginEncounter(STUDY, WHO, "UNSCHEDULED", "2026-01-25"))
    complete(f"{after}/VS", VSPERF="Y", WEIGHT="75")
    assert queries(f"{after}/VS") == []
    save(VS, reason="misread", WEIGHT="60")
    assert "WEIGHT VS_GAIN" in queries(f"{after}/VS")


def test_a_line_of_a_log_follows_the_form_it_looks_at() -> None:
    complete(DM, BRTHDTC="1960-01-01", AGE="66")
    complete(ae(1), AETERM="fall", AESTDTC="1990")
    assert queries(ae(1)) == []
    save(DM, reason="misread", BRTHDTC="1996-01-01")
    assert queries(ae(1)) == ["AESTDTC AE_BIRTH"]


def test_a_form_follows_the_lines_of_a_log_also_when_they_are_removed_and_restored() -> None:
    complete(DM, BRTHDTC="1950-01-01", AGE="76")
    complete(ae(1), AETERM="stroke", AESER="Y")
    assert queries(DM) == ["AGE DM_SERIOUS"]
    do(RemoveLine(ae(1), reason="another participant's"))
    assert queries(DM) == []
    do(RemoveLine(ae(1), restore=True, reason="was right"))
    assert queries(DM) == ["AGE DM_SERIOUS"]


def test_lines_of_one_log_look_at_each_other() -> None:
    complete(ae(1), AETERM="headache")
    complete(ae(2), AETERM="fall")
    assert queries(ae(1)) == queries(ae(2)) == []
    save(ae(2), reason="misread", AETERM="headache")
    assert queries(ae(1)) == queries(ae(2)) == ["AETERM AE_TWICE"]


def test_rules_follow_a_corrected_visit_date() -> None:
    complete(VS, VSPERF="Y", VSDTC="2026-01-19", WEIGHT="70")
    do(BeginEncounter(STUDY, WHO, "BASELINE", "2026-01-20", reason="misread"))
    assert queries(VS) == ["VSDTC VS_DATE"]
    assert changes(f"encounter:{STUDY}/{WHO}/BASELINE") == {
        "date": ["2026-01-19", "2026-01-20"],
        "reason": [None, "misread"],
    }
    do(BeginEncounter(STUDY, WHO, "BASELINE", "2026-01-19", reason="was right"))
    assert queries(VS) == []


def test_a_visit_that_moves_before_another_changes_what_was_previous() -> None:
    complete(VS, VSPERF="Y", WEIGHT="60")
    complete(WEEK_2, VSPERF="Y", WEIGHT="75")
    assert "WEIGHT VS_GAIN" in queries(WEEK_2)
    do(BeginEncounter(STUDY, WHO, "WEEK_2", "2026-01-10", reason="misread"))
    assert "WEIGHT VS_GAIN" not in queries(WEEK_2)


def test_rules_follow_the_participants_status() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    do(ChangeStatus(STUDY, WHO, "withdraw"))
    assert queries(VS) == ["VSPERF VS_LEFT"]


def test_a_draft_is_not_asked_because_another_form_changed() -> None:
    save(IP, TAKEN="3")
    complete(VS, VSPERF="Y", WEIGHT="45")
    assert queries(IP) == []
