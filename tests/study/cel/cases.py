"""The conformance cases: one list for Python, for the browser and for cel-python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from helmont.study.cel import UNKNOWN, CelTypeError, Expression, value_from_json, value_to_json

HERE = Path(__file__).parent
CEL_JS = HERE.parents[2] / "src/helmont/web/static/helmont/cel.js"

Case = dict[str, object]
CASES: list[Case] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))


def name_of(case: Case) -> str:
    environment = json.dumps(case["environment"], ensure_ascii=False) if "environment" in case else ""
    return f"{case['topic']}: {case['expression']} {environment}".strip()


def expected(case: Case) -> Case:
    """The part of a case that says what comes out: value, unknown or error."""
    return {key: case[key] for key in ("value", "unknown", "error") if key in case}


def environment_of(case: Case) -> dict[str, object]:
    environment = value_from_json(case.get("environment", {}))
    assert isinstance(environment, dict)
    return environment


def outcome(expression: Expression, environment: dict[str, object]) -> Case:
    """What Python makes of an expression, in the form of `expected`."""
    try:
        value = expression.evaluate(environment)
    except CelTypeError:
        return {"error": True}
    return {"unknown": True} if value is UNKNOWN else {"value": value_to_json(value)}


def outcomes_in_node(node: str, pairs: list[tuple[Expression, object]]) -> list[Case]:
    """What the browser's evaluator makes of expressions in environments (as JSON), all in one run of node."""
    cases = [{"tree": expression.to_json(), "environment": environment} for expression, environment in pairs]
    run = subprocess.run(
        [node, str(HERE / "conformance.mjs"), str(CEL_JS)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    results: list[Case] = json.loads(run.stdout)
    return [{"error": True} if "error" in result else result for result in results]
