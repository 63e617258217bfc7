"""The same cases come out the same in Python, after a round trip through JSON, and in the browser's evaluator."""

from __future__ import annotations

import json
import shutil

import pytest

from helmont.study.cel import Expression, parse
from tests.study.cel.cases import CASES, Case, environment_of, expected, name_of, outcome, outcomes_in_node


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_python_gives_the_expected_outcome(case: Case) -> None:
    assert outcome(parse(str(case["expression"])), environment_of(case)) == expected(case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_an_expression_survives_json_and_being_written_as_text(case: Case) -> None:
    expression = parse(str(case["expression"]))
    again = Expression.from_json(json.loads(json.dumps(expression.to_json())))
    assert again == expression
    assert parse(again.text) == expression
    assert outcome(again, environment_of(case)) == expected(case)


def test_the_browsers_evaluator_gives_the_expected_outcomes() -> None:
    node = shutil.which("node") or ""
    pairs = [(parse(str(case["expression"])), case.get("environment", {})) for case in CASES]
    found = outcomes_in_node(node, pairs)
    wrong = [
        f"{name_of(case)} gave {result}" for case, result in zip(CASES, found, strict=True) if result != expected(case)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_tables_of_kleene_are_complete() -> None:
    for topic, rows in (("Kleene and", 9), ("Kleene or", 9), ("Kleene not", 3)):
        environments = {json.dumps(case.get("environment", {})) for case in CASES if case["topic"] == topic}
        assert len(environments) == rows
