"""Canonical JSON is RFC 8785, checked against the independent package `rfc8785`."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from helmont.core.ledger.tlog.canonical import JSON, MAX_INTEGER, CanonicalError, dumps

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_bytes_are_those_of_the_peer_library(value: JSON) -> None:
    assert dumps(value) == rfc8785.dumps(value)


def test_an_entry_has_sorted_keys_and_no_white_space() -> None:
    entry: JSON = {
        "sequence": 7,
        "log": "CDISCPILOT01",
        "changes": [{"set": {"data/SYSBP": [None, "131"]}}],
        "a": "é\n",
    }
    expected = '{"a":"é\\n","changes":[{"set":{"data/SYSBP":[null,"131"]}}],"log":"CDISCPILOT01","sequence":7}'
    assert dumps(entry) == expected.encode()


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (98.6, "float"),
        (1.0, "float"),
        (math.nan, "float"),
        (("a", "b"), "tuple"),
        (b"x", "bytes"),
        ({"set"}, "set"),
        (2**53, "out of range"),
        (-(2**53), "out of range"),
        (10**30, "out of range"),
        ("ok\ud800", "lone surrogate at character 2"),
        ({1: "x"}, "not text"),
        ({"é": "x"}, "not ASCII"),
    ],
)
def test_a_refusal_names_the_path_and_what_is_wrong(bad: object, problem: str) -> None:
    with pytest.raises(CanonicalError, match=problem) as caught:
        dumps({"changes": [{"set": {"data/SYSBP": [None, bad]}}]})  # type: ignore[list-item]
    assert caught.value.path == 'changes[0].set["data/SYSBP"][1]'


def test_text_that_only_resembles_a_number_is_taken() -> None:
    assert dumps({"time": "2026-11-22T09:30:00.123456Z", "reason": '":1.5,2.5'})


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[JSON] = []
    endless.append(endless)
    with pytest.raises(CanonicalError, match="nested too deeply"):
        dumps(endless)
