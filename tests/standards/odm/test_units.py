"""Units of an ODM file are found however they are written."""

from __future__ import annotations

import pytest

from helmont.standards.odm.units import ucum


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("kg", "kg"),
        ("G", "g"),  # a mass, though acceleration by gravity is shown as g too
        ("MG", "mg"),
        ("m[g]", "m[g]"),
        ("°c", "Cel"),
        ("Beats/min", "{beats}/min"),
        ("10^9/L", "10*9/L"),
        ("furlong", None),
    ],
)
def test_a_unit_is_found_however_it_is_written(written: str, code: str | None) -> None:
    assert ucum(written) == code
