"""The fold of the changes is the state; a broken chain is named; product and verifier agree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from helmont.core.ledger import verifier
from helmont.core.ledger.tlog.fold import Fold, FoldFault, same

from .exports import FORM, HISTORY, STATE, entry


def folded(*entries: dict[str, Any] | None) -> Fold:
    """The fold of the entries; None stands for a redacted one."""
    fold = Fold()
    for each in entries:
        if each is None:
            fold.skip()
        else:
            fold.apply(each)
    return fold


def test_the_state_is_the_fold_of_the_changes() -> None:
    fold = folded(*HISTORY)
    assert fold.faults == []
    assert [{"record": record, "fields": fields} for record, fields in fold.state.items()] == STATE


def test_a_change_to_null_removes_the_path_and_an_empty_record() -> None:
    assert folded(entry(0, {"a": [None, "1"], "b": [None, "2"]}), entry(1, {"a": ["1", None]})).state == {
        FORM: {"b": "2"}
    }
    assert folded(entry(0, {"a": [None, "1"]}), entry(1, {"a": ["1", None]})).state == {}


def test_a_wrong_old_value_is_a_fault_and_the_new_value_stands() -> None:
    fold = folded(entry(0, {"a": [None, "1"]}), entry(1, {"a": ["2", "3"]}))
    assert fold.faults == [FoldFault(1, FORM, "a", "1", "2")]
    assert str(fold.faults[0]) == f"entry 1: {FORM} a: the old value is given as '2', the entries before it leave '1'"
    assert fold.state == {FORM: {"a": "3"}}


def test_what_a_redacted_entry_may_have_changed_is_not_a_fault_once() -> None:
    fold = folded(entry(0, {"a": [None, "1"]}), None, entry(2, {"a": ["2", "3"]}), entry(3, {"a": ["4", "5"]}))
    assert fold.unverifiable == 1
    assert fold.faults == [FoldFault(3, FORM, "a", "3", "4")]
    assert fold.certain(FORM, "a")
    assert not fold.certain(FORM, "b")


def test_equality_is_that_of_json() -> None:
    assert same({"a": ["1", None]}, {"a": ["1", None]})
    assert not same(True, 1)
    assert not same([True], [1])
    assert not same({"a": False}, {"a": 0})
    assert not same({"a": None}, {})


VALUES = st.sampled_from([None, "", "1", 0, 1, True, False, [], ["A"], [1], [True], {"value": "1", "unit": "kg"}])
FIELDS = st.dictionaries(st.sampled_from(["status", "data/A", "data/B"]), st.tuples(VALUES, VALUES).map(list))
HISTORIES = st.lists(st.none() | st.tuples(st.sampled_from(["form:1", "form:2"]), FIELDS), max_size=12)


@given(HISTORIES)
def test_product_and_verifier_agree(history: list[tuple[str, dict[str, Any]] | None]) -> None:
    product, independent, independent_faults = Fold(), verifier.Fold(), []
    for sequence, each in enumerate(history):
        if each is None:
            product.skip()
            independent.skip()
        else:
            body = entry(sequence, each[1], record=each[0])
            product.apply(body)
            independent_faults += list(independent.apply(body))
    assert product.state == independent.state
    assert product.unverifiable == independent.unverifiable
    assert [str(fault).split(": the old")[0] for fault in product.faults] == [
        text.split(": the old")[0] for text in independent_faults
    ]
