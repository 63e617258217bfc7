"""Laws that hold for every expression, tried on random ones.

Monotony: learning a missing value, or the missing part of a date, never changes an answer that was already known.
It holds for every operator but those that ask about missingness itself (`has`, `== null`) and `string` of a date.
"""

from __future__ import annotations

import json
import shutil

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.study.cel import UNKNOWN, Expression, parse, value_to_json
from helmont.study.partial_dates import PartialDate
from tests.study.cel.cases import outcome, outcomes_in_node

Tree = st.SearchStrategy[object]

NUMBERS = st.one_of(st.integers(-10, 10), st.floats(-1e6, 1e6), st.sampled_from([0.5, 1.005, -2.5, 1e-9]))
TEXTS = st.sampled_from(["a", "b", "ab", "Y", "12"])
X_OF_MACRO: Tree = st.just(["var", "x"])
DAYS = st.dates().map(PartialDate.of)
FULL = st.fixed_dictionaries(
    {"A": st.booleans(), "B": st.booleans(), "X": NUMBERS, "Y": NUMBERS, "S": TEXTS, "T": TEXTS, "P": DAYS, "Q": DAYS}
    | {"L": st.lists(NUMBERS, max_size=3)}
)


def named(*names: str) -> Tree:
    return st.sampled_from([["name", name] for name in names])


def nodes(operators: list[str], *operands: Tree) -> Tree:
    return st.tuples(st.sampled_from(operators), *operands).map(list)


def booleans(depth: int) -> Tree:
    leaf = st.one_of(st.booleans(), named("A", "B"))
    if depth == 0:
        return leaf
    less, number, text, date = booleans(depth - 1), numbers(depth - 1), texts(depth - 1), dates()
    return st.one_of(
        leaf,
        nodes(["&&", "||"], less, less),
        nodes(["!"], less),
        nodes(["?:"], less, less, less),
        nodes(["<", "<=", ">", ">=", "==", "!="], number, number),
        nodes(["<", "<=", ">", ">=", "==", "!="], text, text),
        nodes(["<", "<=", ">", ">=", "==", "!="], date, date),
        nodes(["in"], number, lists(depth - 1)),
        nodes(
            ["all", "exists", "exists_one"], lists(depth - 1), st.just("x"), nodes([">"], st.just(["var", "x"]), number)
        ),
        nodes(["startsWith", "contains"], text, text),
    )


def numbers(depth: int) -> Tree:
    leaf = st.one_of(NUMBERS, named("X", "Y"))
    if depth == 0:
        return leaf
    less = numbers(depth - 1)
    return st.one_of(
        leaf,
        nodes(["+", "-", "*", "/", "%", "min", "max"], less, less),
        nodes(["neg", "abs", "int"], less),
        nodes(["round"], less, st.integers(0, 4)),
        nodes(["?:"], booleans(depth - 1), less, less),
        nodes(["sum", "size", "max"], lists(depth - 1)),
        nodes(["days", "years"], dates(), dates()),
    )


def texts(depth: int) -> Tree:
    leaf = st.one_of(TEXTS, named("S", "T"))
    return leaf if depth == 0 else st.one_of(leaf, nodes(["string"], numbers(depth - 1)), nodes(["+"], leaf, leaf))


def dates() -> Tree:
    return st.one_of(named("P", "Q"), nodes(["date"], st.sampled_from(["2013", "2013-12", "2012-02-29"])))


def lists(depth: int) -> Tree:
    made = st.lists(numbers(depth), max_size=3).map(lambda elements: ["[]", *elements])
    kept = nodes(["filter"], st.just(["name", "L"]), st.just("x"), nodes([">"], X_OF_MACRO, named("X")))
    return st.one_of(made, named("L"), kept)


EXPRESSIONS = st.one_of(booleans(3), numbers(3)).map(Expression.from_json)


@st.composite
def gaps(draw: st.DrawFn) -> tuple[dict[str, object], dict[str, object]]:
    """A full environment, and the same one with values missing and parts of dates unknown."""
    full: dict[str, object] = dict(draw(FULL))
    partial: dict[str, object] = {}
    for name, value in full.items():
        known = draw(st.sampled_from(["all", "part", "none"]))
        if known == "part" and isinstance(value, PartialDate):
            partial[name] = PartialDate(value.year, draw(st.sampled_from([value.month, None])))
        elif known == "part" and isinstance(value, list):
            partial[name] = [draw(st.sampled_from([element, None])) for element in value]
        elif known != "none":
            partial[name] = value
    return full, partial


@given(EXPRESSIONS, gaps())
def test_json_and_text_keep_the_meaning(expression: Expression, environments: tuple[dict[str, object], ...]) -> None:
    again = Expression.from_json(json.loads(json.dumps(expression.to_json())))
    assert again == expression
    assert outcome(parse(expression.text), environments[1]) == outcome(expression, environments[1])


@given(EXPRESSIONS, gaps())
@settings(max_examples=300)
def test_learning_a_missing_value_never_changes_a_known_answer(
    expression: Expression, environments: tuple[dict[str, object], dict[str, object]]
) -> None:
    full, partial = environments
    before = expression.evaluate(partial)
    if before is not UNKNOWN:
        assert expression.evaluate(full) == before


@given(EXPRESSIONS, gaps())
def test_an_expression_without_gaps_in_what_it_reads_needs_nothing_else(
    expression: Expression, environments: tuple[dict[str, object], dict[str, object]]
) -> None:
    full, _ = environments
    only = {name: full[name] for name in expression.names}
    assert outcome(expression, only) == outcome(expression, full)


@given(st.lists(st.tuples(EXPRESSIONS, gaps()), min_size=30, max_size=60))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_browser_agrees_on_random_expressions(
    pairs: list[tuple[Expression, tuple[dict[str, object], dict[str, object]]]],
) -> None:
    node = shutil.which("node") or ""
    asked = [(expression, value_to_json(partial)) for expression, (_, partial) in pairs]
    here = [outcome(expression, partial) for expression, (_, partial) in pairs]
    for (expression, environment), ours, theirs in zip(asked, here, outcomes_in_node(node, asked), strict=True):
        assert theirs == ours, f"{expression.text} in {environment}"
