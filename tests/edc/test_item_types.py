"""One item of every type: what may be typed, and what is kept of it."""

from typing import Any

import pytest

from helmont.core.errors import Invalid
from helmont.core.ledger.verify import verify
from tests.edc.kit import changes, complete, form, key, queries, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KINDS = key("KINDS", "SCREENING_1")
PDF = {"file": "a" * 64, "name": "ecg.pdf", "size": 1234, "type": "application/pdf"}


@pytest.mark.parametrize(
    ("item", "typed", "kept"),
    [
        ("TEXT", "  mild ", "mild"),
        ("TEXT", "Ünïcodé 漢字 🙂", "Ünïcodé 漢字 🙂"),
        ("WHOLE", "007", "7"),
        ("WHOLE", "-3", "-3"),
        ("EXACT", "1,50", "1.50"),
        ("LENGTH", {"value": "68", "unit": "[in_i]"}, {"value": "68", "unit": "[in_i]"}),
        ("DAY", "26 Dec 2013", "2013-12-26"),
        ("DAY", "2013-12", "2013-12"),
        ("CLOCK", "905", "09:05"),
        ("MOMENT", "2013-12-26 9:05", "2013-12-26T09:05"),
        ("CHOICE", "y", "Y"),
        ("CHOICES", ["HOSPITAL", "DRUG"], ["DRUG", "HOSPITAL"]),
        ("UPLOAD", PDF, PDF),
        ("WHOLE", {"not_done": "forgotten"}, {"not_done": "forgotten"}),
    ],
)
def test_a_value_is_kept_in_canonical_form_and_the_entry_holds_the_same(item: str, typed: Any, kept: Any) -> None:
    save(KINDS, **{item: typed})
    value = form(KINDS).data[item]
    assert sorted(value) == sorted(kept) if isinstance(kept, list) else value == kept
    assert changes(f"form:{KINDS}")[f"data/{item}"] == [None, value]
    assert verify().clean


@pytest.mark.parametrize(
    ("item", "typed"),
    [
        ("TEXT", "x" * 21),
        ("TEXT", "a\x00b"),
        ("WHOLE", "1.5"),
        ("EXACT", "1.555"),
        ("LENGTH", {"value": "68", "unit": "kg"}),
        ("DAY", "2013-02-30"),
        ("CLOCK", "25:00"),
        ("MOMENT", "2013-12-26"),
        ("CHOICE", "MAYBE"),
        ("CHOICES", ["DRUG", "SURGERY"]),
        ("UPLOAD", {"file": "short"}),
        ("WHOLE", ["1"]),
    ],
)
def test_what_does_not_fit_is_refused_and_the_item_named(item: str, typed: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        save(KINDS, **{item: typed})
    assert [fault.place for fault in refusal.value.faults] == [item]


def test_a_chosen_unit_is_kept_and_its_range_judged_in_the_standard_one() -> None:
    complete(KINDS, LENGTH={"value": "40", "unit": "[in_i]"})
    assert queries(KINDS) == ["LENGTH RANGE"]
    complete(KINDS, reason="misread", LENGTH={"value": "70", "unit": "[in_i]"})
    assert queries(KINDS) == []


def test_a_changed_choice_is_one_change_of_one_path() -> None:
    save(KINDS, CHOICES=["DRUG"], WHOLE="4")
    save(KINDS, CHOICES=["DRUG", "HOSPITAL"])
    assert changes(f"form:{KINDS}") == {"data/CHOICES": [["DRUG"], ["DRUG", "HOSPITAL"]]}
