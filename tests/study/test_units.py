"""Units convert exactly within a dimension, and not at all across."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.units import UNITS, UnitFault, convert, unit_text


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("68.0", "[in_i]", "cm", "172.72"),  # the international inch is 2.54 cm
        ("150", "[lb_av]", "kg", "68.0388555"),  # the avoirdupois pound is 0.45359237 kg
        ("98.6", "[degF]", "Cel", "37"),
        ("-40", "Cel", "[degF]", "-40"),
        ("0", "Cel", "K", "273.15"),
        ("120", "mm[Hg]", "kPa", "15.99864"),  # UCUM: 1 m[Hg] is 133.322 kPa
        ("1", "a", "d", "365.25"),  # UCUM: the Julian year
        ("2", "wk", "d", "14"),
        ("72", "/min", "Hz", "1.2"),
        ("13.5", "g/dL", "g/L", "135"),
        ("7.2", "10*3/uL", "10*9/L", "7.2"),
        ("5.5", "mmol/L", "umol/L", "5500"),
    ],
)
def test_conversions_from_the_tables(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source, target) == Decimal(expected)


@pytest.mark.parametrize(("source", "target"), [("kg", "cm"), ("mg/dL", "mmol/L"), ("U/L", "g/L"), ("h", "/h")])
def test_different_dimensions_are_refused(source: str, target: str) -> None:
    with pytest.raises(UnitFault, match="no conversion exists"):
        convert(Decimal(1), source, target)


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(UnitFault, match="furlong"):
        convert(Decimal(1), "furlong", "m")


PAIRS = [(a, b) for a in UNITS for b in UNITS if UNITS[a].dimension == UNITS[b].dimension]


@given(st.sampled_from(PAIRS), st.decimals(-10_000, 10_000, places=3))
def test_there_and_back_gives_the_same_number(pair: tuple[str, str], value: Decimal) -> None:
    there = convert(value, *pair)
    back = convert(there, pair[1], pair[0])
    scale = max(abs(float(value)), 1000.0)
    assert abs(float(back - value)) <= scale * 1e-9 or UNITS[pair[0]].dimension == "temperature"


def test_codes_are_labelled_and_positive() -> None:
    assert all(unit.code == code and unit.factor > 0 for code, unit in UNITS.items())
    assert UNITS["mm[Hg]"].label == "mmHg"


@pytest.mark.parametrize(
    ("code", "shown"), [("[lb_av]", "lb"), ("Cel", "°C"), ("m[g]", "mg"), ("{steps}", "steps"), ("{bouts}", "bouts")]
)
def test_a_unit_is_shown_as_people_write_it(code: str, shown: str) -> None:
    assert unit_text(code) == shown
