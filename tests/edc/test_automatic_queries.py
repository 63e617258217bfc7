"""Queries that the rules raise on completion: opened once, closed with a trace, not raised again once accepted."""

import pytest

from helmont.edc.actions.queries import AnswerQuery, CancelQuery, CloseQuery
from tests.edc.kit import DANA, MONA, changes, complete, do, form, key, queries, query, said, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS = key("VS")


def test_completing_a_form_asks_about_what_is_missing_out_of_range_or_contradictory() -> None:
    answer = complete(VS, WEIGHT="200", SYSBP_1="80", DIABP_1="90", SYSBP_2="50", DIABP_2="40")
    assert sorted(queries(VS)) == [
        "VSPERF REQUIRED",
        "VS_READ[1].SYSBP VS_PRESSURES",
        "VS_READ[2].SYSBP RANGE",
        "WEIGHT RANGE",
    ]
    assert {one["item"] for one in answer["queries"]} == {"VSPERF", "WEIGHT", "VS_READ[1].SYSBP", "VS_READ[2].SYSBP"}
    assert all(one["text"] for one in answer["queries"])


def test_a_query_is_raised_by_helmont_about_the_value_as_it_was() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    one = query(VS, "RANGE")
    assert one.messages["001"] | {"at": ""} == {"kind": "raised", "by": "helmont", "at": "", "text": "", "value": "200"}
    assert one.text == {"en": "200 is outside the expected range of 40 to 150 kg."}


def test_saving_again_does_not_ask_twice() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    complete(VS, reason="added", SYSBP_1="120")
    assert queries(VS) == ["WEIGHT RANGE"]


def test_a_corrected_value_closes_its_query_and_leaves_a_trace() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    save(VS, reason="misread", WEIGHT="100")
    one = query(VS, "RANGE")
    assert (one.status, said(one)) == ("closed", ["raised", "corrected"])
    assert (one.messages["002"]["by"], one.messages["002"]["value"]) == ("cleo.coordinator", "100")
    assert changes(f"query:{one.key}")["status"] == ["open", "closed"]


def test_an_answered_query_closes_too_when_the_value_is_corrected() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    do(AnswerQuery(query(VS, "RANGE").key, "will look it up"))
    save(VS, reason="misread", WEIGHT="100")
    assert said(query(VS, "RANGE")) == ["raised", "answered", "corrected"]


def test_another_failing_value_leaves_the_open_query_open() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    save(VS, reason="misread", WEIGHT="201")
    assert (queries(VS), said(query(VS, "RANGE"))) == (["WEIGHT RANGE"], ["raised"])


@pytest.mark.parametrize("accept", [CloseQuery, CancelQuery])
def test_a_value_that_a_person_accepted_is_not_asked_about_again(accept: type[CloseQuery] | type[CancelQuery]) -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    do(accept(query(VS, "RANGE").key, "seen in the source"), DANA)
    complete(VS, reason="added", SYSBP_1="120")
    assert queries(VS) == []


def test_a_value_changed_to_another_failing_one_is_asked_about_again() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    do(CloseQuery(query(VS, "RANGE").key, "seen in the source"), DANA)
    save(VS, reason="misread", WEIGHT="201")
    assert queries(VS) == ["WEIGHT RANGE"]


def test_an_accepted_value_stays_accepted_when_it_comes_back() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    do(CloseQuery(query(VS, "RANGE").key, "seen in the source"), DANA)
    save(VS, reason="misread", WEIGHT="100")
    save(VS, reason="was right", WEIGHT="200")
    assert queries(VS) == []


def test_a_corrected_value_that_comes_back_is_asked_about_again() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")
    save(VS, reason="misread", WEIGHT="100")
    save(VS, reason="was right", WEIGHT="200")
    assert queries(VS) == ["WEIGHT RANGE"]


def test_a_contradiction_accepted_for_one_pair_of_values_is_asked_about_again_for_another() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70", SYSBP_1="80", DIABP_1="90")
    do(CloseQuery(query(VS, "VS_PRESSURES").key, "seen in the source"), DANA)
    complete(VS, reason="added", SYSBP_2="120")
    assert queries(VS) == []
    save(VS, reason="misread", DIABP_1="140")
    assert queries(VS) == ["VS_READ[1].SYSBP VS_PRESSURES"]


def test_an_accepted_missing_value_is_not_asked_about_again() -> None:
    complete(VS, VSPERF="Y")
    do(CloseQuery(query(VS, "REQUIRED").key, "the scale was broken"), MONA)
    complete(VS, reason="added", SYSBP_1="120")
    assert queries(VS) == []


def test_a_value_in_a_skipped_item_is_asked_about_until_it_is_gone() -> None:
    complete(VS, VSPERF="N", WEIGHT="70")
    assert queries(VS) == ["WEIGHT SKIPPED"]
    save(VS, reason="not taken", WEIGHT="")
    assert queries(VS) == []


def test_skipped_items_are_not_required() -> None:
    complete(VS, VSPERF="N")
    assert queries(VS) == []
    assert form(VS).data == {"VSPERF": "N"}
