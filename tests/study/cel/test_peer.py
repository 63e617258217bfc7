"""Where no value is missing and nothing departs from the specification, cel-python, another's engine, agrees."""

from __future__ import annotations

import json

import celpy
import pytest
from celpy.adapter import json_to_cel

from helmont.study.cel import parse
from helmont.study.cel.functions import FUNCTIONS
from helmont.study.cel.syntax import Node
from tests.study.cel.cases import CASES, Case, environment_of, name_of

STANDARD = {"size", "startsWith", "endsWith", "contains", "matches", "int", "double", "string"}


def is_common(case: Case) -> bool:
    """Whether a case is about what both engines offer: nothing missing, no dates, functions of the specification."""
    if "value" not in case or "deviates" in case or "$date" in json.dumps(case):
        return False
    expression, environment = parse(str(case["expression"])), environment_of(case)
    reachable = all(name in environment or name.split(".")[0] in environment for name in expression.names)
    return reachable and operators(expression.tree) <= STANDARD and None not in environment.values()


def operators(tree: Node) -> set[str]:
    """The functions a tree calls."""
    return ({tree.op} & set(FUNCTIONS)).union(*(operators(operand) for operand in tree.operands))


COMMON = [case for case in CASES if is_common(case)]


def test_the_two_engines_have_much_in_common() -> None:
    assert len(COMMON) >= 150


@pytest.mark.parametrize("case", COMMON, ids=name_of)
def test_cel_python_agrees(case: Case) -> None:
    peer = celpy.Environment()
    program = peer.program(peer.compile(str(case["expression"])))
    environment = case.get("environment", {})
    assert isinstance(environment, dict)
    found = program.evaluate({name: json_to_cel(value) for name, value in environment.items()})
    value = case["value"]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert float(found) == value  # type: ignore[arg-type]
    else:
        assert found == json_to_cel(value)  # type: ignore[arg-type]
