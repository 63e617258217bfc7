"""Two people on one form: what does not collide merges, what collides is refused with both values."""

import pytest

from helmont.core.errors import Conflict
from tests.edc.kit import CLEO, NORA, complete, form, key, last_entry, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS = key("VS")


def test_two_people_who_change_different_items_both_succeed() -> None:
    save(VS, VSPERF="Y", WEIGHT="70", HEIGHT={"value": "170", "unit": "cm"})
    save(VS, by=CLEO, seen={"WEIGHT": "70"}, WEIGHT="71")
    save(VS, by=NORA, seen={"HEIGHT": {"value": "170", "unit": "cm"}}, HEIGHT={"value": "171", "unit": "cm"})
    assert (form(VS).data["WEIGHT"], form(VS).data["HEIGHT"]["value"]) == ("71", "171")


def test_two_people_who_change_the_same_item_are_shown_both_values_and_nothing_is_lost() -> None:
    save(VS, VSPERF="Y", WEIGHT="70")
    save(VS, by=CLEO, seen={"WEIGHT": "70"}, WEIGHT="71")
    before = last_entry()["sequence"]
    with pytest.raises(Conflict) as refusal:
        save(VS, by=NORA, seen={"WEIGHT": "70", "VSPERF": "Y"}, WEIGHT="72", VSPERF="N")
    assert refusal.value.details["items"] == {"WEIGHT": {"yours": "72", "theirs": "71"}}
    assert refusal.value.details["revision"] == form(VS).revision
    assert (form(VS).data["WEIGHT"], form(VS).data["VSPERF"]) == ("71", "Y")
    assert last_entry()["sequence"] == before


def test_a_value_that_somebody_emptied_meanwhile_is_a_conflict_too() -> None:
    save(VS, VSPERF="Y", WEIGHT="70")
    save(VS, by=CLEO, WEIGHT="")
    with pytest.raises(Conflict) as refusal:
        save(VS, by=NORA, seen={"WEIGHT": "70"}, WEIGHT="72")
    assert refusal.value.details["items"] == {"WEIGHT": {"yours": "72", "theirs": None}}


def test_two_people_who_fill_the_same_empty_item_collide() -> None:
    save(VS, VSPERF="Y")
    save(VS, by=CLEO, seen={"WEIGHT": ""}, WEIGHT="70")
    with pytest.raises(Conflict):
        save(VS, by=NORA, seen={"WEIGHT": ""}, WEIGHT="71")


def test_two_people_who_enter_the_same_value_agree() -> None:
    save(VS, VSPERF="Y")
    save(VS, by=CLEO, seen={"WEIGHT": ""}, WEIGHT="70")
    save(VS, by=NORA, seen={"WEIGHT": ""}, WEIGHT="70")
    assert form(VS).data["WEIGHT"] == "70"


def test_a_merge_after_completion_still_needs_a_reason_of_its_own() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    save(VS, by=CLEO, seen={"WEIGHT": "70"}, reason="misread", WEIGHT="71")
    save(VS, by=NORA, seen={"HEIGHT": None}, reason="forgotten", HEIGHT={"value": "170", "unit": "cm"})
    assert form(VS).data["WEIGHT"] == "71"
    assert last_entry()["reason"] == "forgotten"
