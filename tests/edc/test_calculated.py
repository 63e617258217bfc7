"""Calculated values are stored, and follow whatever they are calculated from, across forms and visits."""

import pytest

from helmont.core.ledger.verify import verify
from helmont.edc.actions.review import FreezeForm, ReviewForm, VerifyItems
from helmont.edc.models import Form
from tests.edc.kit import DANA, MONA, changes, complete, do, form, key, last_entry, queries, save, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, WEEK_2, SUM = key("VS"), key("VS", "WEEK_2"), key("SUM", "WEEK_2")


def calculated(form_key: str, item: str) -> str | None:
    value: str | None = form(form_key).data.get(item)
    return value


def test_what_is_calculated_is_answered_stored_and_in_the_entry() -> None:
    answer = save(VS, VSPERF="Y", WEIGHT="70", HEIGHT={"value": "68.9", "unit": "[in_i]"}, SYSBP_1="120", DIABP_1="80")
    assert answer["calculated"] == {
        "BMI": "22.9", "CHANGE": "0.0", "VS_READ[1].MAP": "93", "VS_READ[2].MAP": None,
    }  # fmt: skip
    assert calculated(VS, "BMI") == "22.9"
    assert changes(f"form:{VS}")["data/VS_READ[1].MAP"] == [None, "93"]


def test_what_can_no_longer_be_calculated_is_empty() -> None:
    save(VS, VSPERF="Y", SYSBP_3="120", DIABP_3="80")
    assert calculated(VS, "VS_READ[3].MAP") == "93"
    save(VS, SYSBP_3="", DIABP_3="")
    assert calculated(VS, "VS_READ[3].MAP") is None


def test_nobody_enters_a_calculated_value() -> None:
    save(VS, VSPERF="Y", WEIGHT="70", HEIGHT={"value": "175", "unit": "cm"}, BMI="12")
    assert calculated(VS, "BMI") == "22.9"


def test_a_value_calculated_from_its_own_form_under_the_name_of_its_visit_sees_what_is_being_saved() -> None:
    save(VS, VSPERF="Y", WEIGHT="70")
    save(VS, WEIGHT="80")
    assert calculated(VS, "CHANGE") == "0.0"


def test_a_value_calculated_from_another_visit_follows_it_and_the_entry_names_both_forms() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="73")
    assert calculated(WEEK_2, "CHANGE") == "3.0"
    complete(VS, reason="misread", WEIGHT="71")
    assert calculated(WEEK_2, "CHANGE") == "2.0"
    assert last_entry()["record"] == f"form:{VS}"
    assert changes(f"form:{WEEK_2}") == {"data/CHANGE": ["3.0", "2.0"]}
    assert form(WEEK_2).revision == form(VS).revision == last_entry()["sequence"]
    assert verify().clean


def test_a_chain_of_calculations_through_several_forms_is_followed_to_its_end() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="77")
    complete(SUM, VERDICT="good")
    assert calculated(SUM, "PERDAY") == "0.5"
    complete(VS, reason="misread", WEIGHT="84")
    assert (calculated(WEEK_2, "CHANGE"), calculated(SUM, "PERDAY")) == ("-7.0", "-0.5")
    assert changes(f"form:{SUM}") == {"data/PERDAY": ["0.5", "-0.5"]}


def test_a_draft_is_calculated_anew_as_well() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    save(WEEK_2, VSPERF="Y", WEIGHT="73")
    complete(VS, reason="misread", WEIGHT="71")
    assert (calculated(WEEK_2, "CHANGE"), form(WEEK_2).status) == ("2.0", "draft")


def test_a_calculated_value_that_leaves_its_range_is_asked_about() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="73")
    complete(VS, reason="misread", WEIGHT="90")
    assert queries(WEEK_2) == ["CHANGE RANGE"]


def test_marks_on_the_other_form_end_where_its_value_changed() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="73")
    do(VerifyItems(WEEK_2, ("WEIGHT",)), MONA)
    do(ReviewForm(WEEK_2), DANA)
    sign(WEEK_2)
    complete(VS, reason="misread", WEIGHT="71")
    other = form(WEEK_2)
    assert (list(other.verified), other.reviewed, other.signed) == (["WEIGHT"], {}, "broken")


def test_marks_on_the_other_form_stay_where_nothing_of_it_changed() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="73")
    sign(WEEK_2)
    complete(VS, reason="added", SYSBP_1="120")
    assert form(WEEK_2).signed == "valid"


def test_a_frozen_form_keeps_still_and_catches_up_when_it_is_opened() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="77")
    complete(SUM, VERDICT="good")
    do(FreezeForm(WEEK_2), DANA)
    complete(VS, reason="misread", WEIGHT="84")
    assert (calculated(WEEK_2, "CHANGE"), calculated(SUM, "PERDAY")) == ("7.0", "0.5")
    do(FreezeForm(WEEK_2, undo=True, reason="baseline was corrected"), DANA)
    assert (calculated(WEEK_2, "CHANGE"), calculated(SUM, "PERDAY")) == ("-7.0", "-0.5")
    said = changes(f"form:{WEEK_2}")
    assert (said["lock"], said["data/CHANGE"]) == (["frozen", "open"], ["7.0", "-7.0"])


def test_an_empty_form_has_no_row_because_of_another() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    assert list(Form.objects.values_list("key", flat=True)) == [VS]
