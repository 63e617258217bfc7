"""What people type becomes the one canonical value, or a refusal that says what would be accepted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.model import Codelist, FileRule, Item, ItemType, Range, Term
from helmont.study.text import Text
from helmont.study.values import ValueFault, format_number, parse, value_parser

TODAY = date(2014, 1, 10)
NY = Codelist("NY", tuple(Term(code, Text({"en": code})) for code in ("Y", "N", "NA")))
DIGEST = "a" * 64
PDF = {"file": DIGEST, "name": "ecg.pdf", "size": 1234, "type": "application/pdf"}


def item(kind: ItemType, **keys: Any) -> Item:
    return Item("X", Text({"en": "X"}), kind, **keys)


def entered(question: Item, raw: object) -> object:
    return parse(question, raw, today=TODAY, codelist=NY)


DECIMAL = item("decimal", decimals=1, hard_range=Range(Decimal(0), Decimal(400)), unit="kg")
HEIGHT = item("decimal", decimals=1, units=("cm", "[in_i]"), hard_range=Range(Decimal(50), Decimal(260)))
PARTIAL = item("date", partial="month")

ACCEPTED = [
    (item("integer"), "131", "131"),
    (item("integer"), " 0131 ", "131"),
    (item("integer"), 131, "131"),
    (item("integer"), "-0", "0"),
    (DECIMAL, "98,6", "98.6"),
    (DECIMAL, "98.0", "98.0"),
    (DECIMAL, ".5", "0.5"),
    (DECIMAL, 98.6, "98.6"),
    (DECIMAL, Decimal("98.6"), "98.6"),
    (item("decimal", decimals=2), "98.60", "98.60"),
    (item("decimal"), "−1.25", "-1.25"),
    (HEIGHT, {"value": "68,0", "unit": "[in_i]"}, {"value": "68.0", "unit": "[in_i]"}),
    (HEIGHT, {"value": "", "unit": "cm"}, None),
    (item("text"), "  two\r\nlines ", "two\nlines"),
    (item("text"), "e\u0301", "é"),
    (item("text"), "   ", None),
    (item("date"), "2013-12-26", "2013-12-26"),
    (item("date"), "2013-1-6", "2013-01-06"),
    (item("date"), "26 Dec 2013", "2013-12-26"),
    (item("date"), "26-DEC-2013", "2013-12-26"),
    (item("date", future=True), "2030-01-01", "2030-01-01"),
    (PARTIAL, "2013-12", "2013-12"),
    (PARTIAL, "Dec 2013", "2013-12"),
    (PARTIAL, "2014", "2014"),
    (item("date", partial="year"), "unk", "UNK"),
    (item("datetime"), "2013-12-26 9:05", "2013-12-26T09:05"),
    (item("datetime"), "2013-12-26T09:05", "2013-12-26T09:05"),
    (item("datetime"), "26 Dec 2013 09:05", "2013-12-26T09:05"),
    (item("datetime", partial="day"), "2013-12-26", "2013-12-26"),
    (item("time"), "9:05", "09:05"),
    (item("time"), "0905", "09:05"),
    (item("codelist"), "y", "Y"),
    (item("codelist"), "NA", "NA"),
    (item("multiselect"), ["N", "Y", "N"], ["Y", "N"]),
    (item("multiselect"), "n", ["N"]),
    (item("multiselect"), [], None),
    (item("file"), PDF, PDF),
    (item("integer"), {"not_done": " refused "}, {"not_done": "refused"}),
    (item("integer"), None, None),
    (item("integer"), "", None),
]

REFUSED = [
    (DECIMAL, "98,65", "98,65: at most 1 decimal(s); write like 98.6"),
    (DECIMAL, "401", "401 is not possible here; 0 to 400 kg"),
    (DECIMAL, "1e2", "1e2 is not a number"),
    (DECIMAL, "1,234.5", "is not a number"),
    (DECIMAL, "nan", "is not a number"),
    (DECIMAL, True, "True is not a number"),
    (item("integer"), "12.0", "12.0 is not a whole number; a whole number such as 12"),
    (item("integer"), "١٢", "is not a number"),
    (item("integer"), "1" * 16, "too many digits"),
    (HEIGHT, "68", "68 has no unit; a number and one of: cm, [in_i]"),
    (HEIGHT, {"value": "68", "unit": "m"}, "m is not a unit to choose here; one of: cm, [in_i]"),
    (HEIGHT, {"value": "10", "unit": "[in_i]"}, "10 [in_i] is not possible here; 50 to 260 cm"),
    (item("text", length=3), "four", "4 characters are too many; at most 3 characters"),
    (item("text"), "a\x00b", "cannot be shown"),
    (item("text"), 5, "5 is not a text"),
    (item("date"), "26/12/2013", "26/12/2013 is not a date; YYYY-MM-DD, such as 2013-12-26"),
    (item("date"), "2013-02-30", "is not a date"),
    (item("date"), "2013-12", "2013-12 is not complete; YYYY-MM-DD"),
    (item("date", partial="day"), "2013", "2013 is not complete; YYYY-MM-DD, such as 2013-12-26, or 2013-12"),
    (PARTIAL, "UNK", "UNK is not complete"),
    (item("date"), "2014-01-11", "2014-01-11 is in the future; at most 2014-01-10"),
    (PARTIAL, "2014-02", "2014-02 is in the future"),
    (item("datetime"), "2013-12-26", "2013-12-26 has no time"),
    (item("time"), "24:00", "24:00 is not a time"),
    (item("codelist"), "X", "X is not one of the answers; one of: Y, N, NA"),
    (item("multiselect"), ["Y", "X"], "X is not one of the answers"),
    (item("file", file=FileRule(("image/png",))), PDF, "application/pdf files are not accepted; one of: image/png"),
    (item("file", file=FileRule((), 1)), PDF | {"size": 2_000_000}, "The file is too large; at most 1 MB"),
    (item("file"), PDF | {"file": "short"}, "This is not a file"),
    (item("file"), "ecg.pdf", "This is not a file"),
    (item("integer"), {"not_done": " "}, "Not done needs a reason"),
    (item("calculated"), "3", "This is calculated and cannot be entered"),
]


@pytest.mark.parametrize(("question", "raw", "value"), ACCEPTED)
def test_accepted(question: Item, raw: object, value: object) -> None:
    assert entered(question, raw) == value


@pytest.mark.parametrize(("question", "raw", "words"), REFUSED)
def test_refused_in_clear_words(question: Item, raw: object, words: str) -> None:
    with pytest.raises(ValueFault) as raised:
        entered(question, raw)
    assert words in str(raised.value)


@pytest.mark.parametrize(("question", "raw", "value"), ACCEPTED)
def test_a_canonical_value_is_accepted_as_it_is(question: Item, raw: object, value: object) -> None:  # noqa: ARG001
    assert entered(question, value) == value


QUESTIONS = [question for question, *_ in ACCEPTED]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "unit", "not_done", "file"]), inner)
    ),
    max_leaves=4,
)


@given(st.sampled_from(QUESTIONS), ANYTHING)
def test_anything_entered_is_a_stable_value_or_a_fault(question: Item, raw: object) -> None:
    parser = value_parser(question, NY)
    value: object
    try:
        value = parser(raw, TODAY)
    except ValueFault as refused:
        value = refused
    if isinstance(value, ValueFault):
        assert value.message
        assert value.accepted
    else:
        assert parser(value, TODAY) == value


@given(st.decimals(0, 400, places=1))
def test_decimals_are_kept_as_typed(number: Decimal) -> None:
    assert entered(DECIMAL, str(number).replace(".", ",")) == str(number)


@pytest.mark.parametrize(
    ("number", "decimals", "text"), [("2.675", 2, "2.68"), ("-2.5", 0, "-3"), ("-0.04", 1, "0.0"), ("127", 1, "127.0")]
)
def test_calculated_numbers_round_halves_away_from_zero(number: str, decimals: int, text: str) -> None:
    assert format_number(Decimal(number), decimals) == text
