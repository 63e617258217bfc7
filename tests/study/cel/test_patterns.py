"""Patterns match as Python's `re` does where the two mean the same, and in linear time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.cel import CelSyntaxError
from helmont.study.cel.patterns import compile_pattern

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[b-d]", r"\d", r"\w", r"\S", r"\.", "^"])
REPEATS = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)


@given(PATTERNS, st.booleans(), st.text(alphabet="abc1.", max_size=8))
def test_the_automaton_agrees_with_re(pattern: str, anchored: bool, text: str) -> None:
    whole = pattern + ("$" if anchored else "")
    assert compile_pattern(whole).search(text) == bool(re.search(whole.replace("$", r"\Z"), text))


def test_a_pattern_that_makes_others_backtrack_is_answered_at_once() -> None:
    assert not compile_pattern("^(a|a)*(a+)+$").search("a" * 2_000 + "b")


@pytest.mark.parametrize(
    "pattern", ["(", ")", "[a", "*", "a**", "a{2", "a{3,1}", "a{999}{2}", "(?<n>a)", r"\b", "[b-a]", "\\"]
)
def test_what_is_not_offered_is_refused(pattern: str) -> None:
    with pytest.raises(CelSyntaxError, match="offered are"):
        compile_pattern(pattern)
