"""Values from outside: what counts as missing, as a number, and what is no value at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import pytest

from helmont.study.cel import UNKNOWN, CelTypeError, parse, value_from_json, value_to_json
from helmont.study.partial_dates import PartialDate


def test_unknown_refuses_to_be_true_or_false() -> None:
    with pytest.raises(TypeError, match="is UNKNOWN"):
        bool(UNKNOWN)


def test_a_decimal_counts_as_the_number_the_browser_has() -> None:
    assert parse("A == 98.6").evaluate({"A": Decimal("98.6")}) is True


@pytest.mark.parametrize("value", [None, "", float("nan"), float("inf"), Decimal("NaN"), 10**400])
def test_what_is_empty_or_no_number_is_unknown(value: object) -> None:
    assert parse("A").evaluate({"A": value}) is UNKNOWN


def test_a_calendar_day_counts_as_a_complete_date() -> None:
    assert parse('today == "2013-12-26"').evaluate({"today": date(2013, 12, 26)}) is True


def test_an_object_that_is_no_value_is_named() -> None:
    with pytest.raises(CelTypeError, match="bytes"):
        parse("A == 1").evaluate({"A": b"1"})


def test_a_mismatch_names_operator_and_kinds() -> None:
    with pytest.raises(CelTypeError, match="> has no meaning for text and number"):
        parse("SEX > 1").evaluate({"SEX": "F"})


def test_only_the_names_that_are_read_are_asked_of_the_environment() -> None:
    asked: list[str] = []

    class Environment(Mapping[str, object]):
        def __getitem__(self, name: str) -> object:
            asked.append(name)
            raise KeyError(name)

        def __iter__(self) -> Iterator[str]:
            return iter(())

        def __len__(self) -> int:
            return 0

    assert parse("SYSBP > 1").evaluate(Environment()) is UNKNOWN
    assert asked == ["SYSBP"]


def test_an_environment_survives_json() -> None:
    environment = {"A": 1, "D": PartialDate(2013, 12), "L": [{"X": "a", "D": PartialDate(None)}], "M": None}
    assert value_from_json(value_to_json(environment)) == environment


def test_the_innermost_of_two_variables_of_one_name_wins() -> None:
    assert parse("[1].all(x, [2].all(x, x == 2) && x == 1)").evaluate({}) is True
