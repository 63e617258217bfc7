"""A value of one item as a value of another: what fits, what is converted, and what is left to people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.fitting import Misfit, fit
from helmont.study.form_rules import CompiledItem
from helmont.study.model import Item
from helmont.study.text import Text
from helmont.study.units import UNITS, convert
from helmont.study.values import value_parser

NAME = Text({"en": "Item"})


def item(**fields: Any) -> Item:
    return Item("ITEM", NAME, **{"type": "decimal", **fields})


def fitted(old: Item, new: Item, value: Any) -> Any:
    compiled = CompiledItem(new, None, value_parser(new, None), lambda _value: None, None, None, None)
    return fit(old, compiled, value, {}, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("was", "now", "value", "becomes"),
    [
        ({"unit": "kg"}, {"unit": "[lb_av]"}, "70.5", "155"),
        ({"unit": "kg"}, {"unit": "[lb_av]", "decimals": 1}, "70.52", "155.5"),
        ({"unit": "Cel"}, {"unit": "[degF]", "decimals": 1}, "37.0", "98.6"),
        ({"unit": "kg"}, {"unit": "g", "type": "integer"}, "3.25", "3250"),
        ({"unit": "10*3/uL"}, {"unit": "10*9/L"}, "6.24", "6.24"),
        ({"unit": "cm"}, {"units": ("m", "[in_i]"), "standard_unit": "m"}, "172", {"value": "1.72", "unit": "m"}),
        ({"units": ("cm", "[in_i]")}, {"unit": "cm"}, {"value": "70", "unit": "[in_i]"}, "178"),
        ({"units": ("cm", "[in_i]")}, {"units": ("cm", "[in_i]")}, {"value": "70", "unit": "[in_i]"},
         {"value": "70", "unit": "[in_i]"}),
        ({"unit": "kg"}, {"unit": "g"}, "0.0", "0"),
    ],
)  # fmt: skip
def test_a_number_in_another_unit_of_the_same_kind_is_converted(was: Any, now: Any, value: Any, becomes: Any) -> None:
    assert fitted(item(**was), item(**now), value) == becomes


@pytest.mark.parametrize(
    ("was", "now", "value"),
    [
        ({"unit": "mg/dL"}, {"unit": "mmol/L"}, "95"),  # the analyte would have to be known
        ({"unit": "kg"}, {"unit": "cm"}, "70"),
        ({}, {"unit": "kg"}, "70"),
        ({"unit": "kg"}, {}, "70"),
        ({"unit": "cm"}, {"unit": "m", "type": "integer"}, "172"),  # 2 m would be another height
    ],
)
def test_what_no_table_of_units_can_tell_is_left_to_people(was: Any, now: Any, value: Any) -> None:
    with pytest.raises(Misfit):
        fitted(item(**was), item(**now), value)


@given(st.decimals(Decimal("0.001"), 10_000, places=3), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_a_conversion_is_within_a_hundredth_of_the_exact_one_or_there_is_none(
    number: Decimal, was: str, now: str
) -> None:
    try:
        found = fitted(item(unit=was), item(unit=now), str(number))
    except Misfit:
        return
    exact = convert(number, was, now)
    assert abs(Decimal(found) - exact) <= abs(exact) / 100
