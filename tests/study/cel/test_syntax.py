"""What may be written, what is refused and where, and which names an expression reads."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.cel import CelError, CelSyntaxError, Expression, parse


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SYSBP > DIABP", {"SYSBP", "DIABP"}),
        ("at.BASELINE.VS.WEIGHT > here.DM.AGE", {"at.BASELINE.VS.WEIGHT", "here.DM.AGE"}),
        ('log.AE.exists(a, a.AESER == "Y" && a.AESTDTC >= visit.date)', {"log.AE", "visit.date"}),
        ("VS_READ.all(r, r.SYSBP > r.DIABP && OTHER.exists(o, o.X > r.SYSBP))", {"VS_READ", "OTHER"}),
        ("r > 1 && L.all(r, r > 1)", {"r", "L"}),
        ("VS_READ[0].SYSBP + previous.VS.WEIGHT.size()", {"VS_READ", "previous.VS.WEIGHT"}),
        ("days(visit.date, today) > 1", {"visit.date", "today"}),
        ("1 + 1 == 2", set()),
    ],
)
def test_names_are_the_dotted_references_without_the_variables_of_macros(text: str, names: set[str]) -> None:
    assert parse(text).names == names


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "a name, a value"),
        ("SYSBP >", 1, 8, "a name, a value"),
        ("SYSBP >\n  && DIABP", 2, 3, "'&&' is not expected"),
        ("SYSBP = 1", 1, 7, "write =="),
        ("A & B", 1, 3, "write &&"),
        ('A == "x', 1, 6, "no closing quote"),
        ("1 2", 1, 3, "an operator or the end"),
        ("(1", 1, 3, "')'"),
        ("[1 2]", 1, 4, "','"),
        ('{1: "a"}', 1, 2, "a quoted text as key"),
        ("1 < x < 5", 1, 3, "write a < b && b < c"),
        ("frobnicate(1)", 1, 1, "known are abs, all, contains"),
        ("A.frobnicate()", 1, 3, "known are abs"),
        ("__import__('os')", 1, 1, "there is no function"),
        ("round(1, 2, 3)", 1, 1, "1 or 2 are accepted"),
        ("has(1)", 1, 1, "has(SYSBP)"),
        ("all(x, true)", 1, 1, "log.AE.all"),
        ("L.all(1, true)", 1, 7, "the variable"),
        ("L.all(x)", 1, 8, "','"),
        ("A + null", 1, 5, "x == null"),
        ('A.contains("")', 1, 12, "x == null"),
        ('A.matches("(")', 1, 11, "character 2"),
        (r'A.matches(r"(?=a)")', 1, 11, "look-around"),
        (r'A.matches(r"(a)\1")', 1, 11, "not offered"),
        ("A.matches(B)", 1, 11, "a quoted text"),
        ('"\\q"', 1, 2, "stands for nothing"),
        ("12abc", 1, 1, "names begin with a letter"),
        ("9007199254740993", 1, 1, "larger than 9007199254740992"),
        ("1e999", 1, 1, "larger than"),
        ('date("2013-13-01")', 1, 6, "month"),
        ('days("yesterday", today)', 1, 6, "YYYY-MM-DD"),
        ("A ? 1", 1, 6, "':'"),
        ("in", 1, 1, "x in list"),
    ],
)
def test_a_refusal_names_the_place_and_what_is_accepted(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(CelSyntaxError) as refused:
        parse(text)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3_999,
        "-" * 3_999,
        "!" * 3_999,
        "[" * 3_999,
        "a" + "[a" * 1_900,
        "a" + ".a()" * 900,
        "a?" * 1_900,
        "a" + "+a" * 1_900,
        "a" + "[0]" * 1_300,
        "a" * 4_001,
        'matches(a, "' + "(" * 3_000 + '")',
        'matches(a, "' + "(a{999}){999}" + '")',
        "9" * 3_999,
    ],
)
def test_hostile_text_is_refused_as_syntax(text: str) -> None:
    with pytest.raises(CelSyntaxError):
        parse(text)


def test_a_long_chain_of_conditions_is_not_deep() -> None:
    expression = parse(" && ".join(f"A{i} > {i}" for i in range(300)))
    assert expression.evaluate({f"A{i}": i + 1 for i in range(300)}) is True


@given(st.text(alphabet=st.sampled_from('ab01.,()[]{}?:&|=!<>+-*/%"\\ nulithas')))
def test_any_text_is_an_expression_or_a_syntax_error(text: str) -> None:
    with suppress(CelSyntaxError):
        expression = parse(text)
        assert parse(Expression.from_json(json.loads(json.dumps(expression.to_json()))).text) == expression


@pytest.mark.parametrize(
    "data",
    [
        [],
        [1],
        {},
        ["eval", "1"],
        ["name"],
        ["name", 5],
        ["name", "a b"],
        [">", 1],
        ["var", "x"],
        ["&&", True],
        ["round"],
        ["{}", "a"],
        ["matches", "a", "(", []],
        ["all", ["[]"], 1, True],
        float("nan"),
    ],
)
def test_json_that_no_expression_writes_is_refused(data: object) -> None:
    with pytest.raises(CelSyntaxError):
        Expression.from_json(data)


def test_json_nested_too_deep_is_refused() -> None:
    data: object = 1
    for _ in range(5_000):
        data = ["neg", data]
    with pytest.raises(CelSyntaxError, match="64"):
        Expression.from_json(data)


def test_the_json_of_a_check_is_short_and_plain() -> None:
    assert parse('SYSBP > 60 && SEX == "F"').to_json() == [
        "&&",
        [">", ["name", "SYSBP"], 60],
        ["==", ["name", "SEX"], "F"],
    ]


def test_all_errors_can_be_caught_as_one() -> None:
    with pytest.raises(CelError):
        parse("1 +")
    with pytest.raises(CelError):
        parse('1 + "a"').evaluate({})
