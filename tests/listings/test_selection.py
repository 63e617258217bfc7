"""A listing shows what was entered, to whom it may be shown, limited and sorted as asked."""

import pytest

from helmont.core.errors import Invalid, NotFound
from helmont.core.permissions import Scope
from helmont.listings import selection
from helmont.listings.definition import ALL, Filter, Selection, from_json
from tests import cast
from tests.listings.kit import TODAY, look, save, values, week_2, where

pytestmark = pytest.mark.database
HERE = Scope(cast.STUDY, "BE", cast.SITE)
HANDLES = ("data.manager", "monitor", "statistician", "unblinded.statistician", "inspector", "medical.reviewer")


def test_the_values_of_a_form_stand_in_one_row() -> None:
    found = look(Selection("VS"))
    assert values(found, "participant", "site", "encounter", "visit_date", "SYSBP", "DIABP", "MAP") == [
        (cast.PARTICIPANT, "701", "BASELINE", "2026-01-12", "80", "85", "83")
    ]
    assert (found.total, found.pages) == (1, 1)


def test_a_log_has_a_row_for_each_line() -> None:
    assert values(look(Selection("AE")), "line", "AETERM", "AESER") == [(1, "Headache", "N")]


def test_numbers_are_compared_and_sorted_as_numbers() -> None:
    save(week_2(), SYSBP="131", DIABP="9")
    assert values(look(where("VS", sort="DIABP")), "DIABP") == [("9",), ("85",)]
    assert values(look(where("VS", sort="-DIABP")), "DIABP") == [("85",), ("9",)]
    assert values(look(where("VS", ("SYSBP", "gt", "99.5"))), "SYSBP") == [("131",)]
    assert values(look(where("VS", ("SYSBP", "is", "131,0"))), "SYSBP") == [("131",)]


@pytest.mark.parametrize("sort", ["", "value", "-value", "-visit_date", "number"])
def test_the_pages_of_a_listing_follow_each_other_to_the_last(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    save(week_2(), SYSBP="131", DIABP="9", VSDTC="2026-01-26")
    whole = look(where(ALL, sort=sort))
    assert whole.total == len(whole.rows) > 8
    monkeypatch.setattr(selection, "PAGE", 3)
    pages = [look(where(ALL, sort=sort), page=page).rows for page in range(1, -(-whole.total // 3) + 1)]
    assert [row.name for rows in pages for row in rows] == [row.name for row in whole.rows]


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        (("VSDTC", "lt", "2026-01-13"), 1),
        (("VSDTC", "is", "2026-01"), 1),
        (("VSDTC", "gt", "2026-01"), 0),
        (("VSDTC", "empty", ""), 1),
        (("VSDTC", "filled", ""), 1),
        (("SYSBP", "not_done", ""), 0),
        (("participant", "has", "001"), 2),
        (("encounter", "is", "WEEK_2"), 1),
        (("encounter", "not", "WEEK_2"), 1),
        (("site", "starts", "8"), 0),
        (("status", "is", "complete"), 2),
    ],
)
def test_conditions_limit_the_rows(condition: tuple[str, str, str], left: int) -> None:
    save(week_2(), SYSBP="131")
    assert look(where("VS", condition)).total == left


def test_a_search_looks_at_what_is_shown() -> None:
    assert look(Selection("AE", search="HEAD")).total == 1
    assert look(Selection("AE", columns=("AESER",), search="head")).total == 0


def test_a_search_finds_what_is_read_under_a_label() -> None:
    by_item = look(where(ALL, columns=("item", "value"), search="systolic"))
    assert values(by_item, "item") == [("SYSBP",)]
    assert look(where(ALL, columns=("value",), search="systolic")).total == 0
    by_code = look(where(ALL, columns=("item", "value"), search="no"))
    assert ("AESER", "N") in values(by_code, "item", "value")
    assert values(look(where("AE", columns=("AESER",), search="no")), "AESER") == [("N",)]
    assert cast.ALLOCATION not in str(look(where(ALL, columns=("item", "value"), search="a")).rows)


def test_rows_with_and_without_an_open_query() -> None:
    save(week_2(), SYSBP="131", DIABP="85")
    assert values(look(where("VS", queries="with")), "encounter") == [("BASELINE",)]
    assert values(look(where("VS", queries="without")), "encounter") == [("WEEK_2",)]
    found = look(where(ALL, queries="with"), "monitor")
    assert sorted(values(found, "form", "item")) == [("VS", "DIABP"), ("VS", "SYSBP")]
    [row] = look(Selection("VS", columns=("VSDTC", "SYSBP", "DIABP")), "monitor").rows[:1]
    assert row.queries == {1, 2}


@pytest.mark.parametrize("handle", HANDLES)
def test_values_under_a_privilege_are_not_there_without_it(handle: str) -> None:
    actor = cast.actor(handle)
    allocated, confided = (actor.may(f"{each}.read", HERE, TODAY) for each in ("allocation", "source"))
    rand = look(Selection("RAND"), handle)
    assert ("ALLOC" in {each.id for each in rand.columns}) is allocated
    assert look(Selection("RAND", search=cast.ALLOCATION), handle).total == int(allocated)
    everything = look(Selection(ALL, sort="value"), handle)
    texts = {row.values[-1] for row in everything.rows}
    assert ((cast.ALLOCATION in texts), (cast.CONFIDENCE in texts)) == (allocated, confided)
    assert look(where(ALL, ("value", "has", cast.ALLOCATION[2:6])), handle).total == int(allocated)
    if not allocated:
        with pytest.raises(Invalid):
            look(where("RAND", ("ALLOC", "starts", "Z")), handle)


def test_a_listing_is_limited_to_the_persons_places() -> None:
    with pytest.raises(NotFound):
        look(Selection("VS"), "coordinator")  # lists nowhere
    with pytest.raises(NotFound):
        look(Selection("VS"), cast.OUTSIDER)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Selection("NONE"), NotFound),
        (Selection("VS", "NONE"), NotFound),
        (where("VS", ("NONE", "is", "1")), Invalid),
        (where("VS", ("SYSBP", "has", "1")), Invalid),
        (where("VS", ("SYSBP", "gt", "many")), Invalid),
        (where("VS", ("SYSBP", "gt", "")), Invalid),
        (where("VS", ('SYSBP" OR 1=1 --', "is", "1")), Invalid),
    ],
)
def test_what_cannot_be_listed_is_refused(asked: Selection, error: type[Exception]) -> None:
    with pytest.raises(error):
        look(asked)


def test_a_condition_holds_its_value_as_a_value() -> None:
    assert look(where("AE", ("AETERM", "has", "' OR 1=1 --"))).total == 0
    assert look(where("AE", ("AETERM", "is", "headache"))).total == 1


def test_a_definition_is_kept_and_read_again() -> None:
    kept = Selection("VS", "", ("site", "SYSBP"), (Filter("SYSBP", "gt", "1"),), "-SYSBP", "x", "with")
    assert from_json(kept.to_json()) == kept
    assert from_json(kept.to_json()).sha256 == kept.sha256
    assert Selection("VS").sha256 != Selection("AE").sha256
    with pytest.raises(Invalid):
        from_json({"form": "VS", "filters": ["x"]})
