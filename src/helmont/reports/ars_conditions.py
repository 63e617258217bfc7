"""Conditions of the study package as where-clauses of the Analysis Results Standard."""

from __future__ import annotations

from helmont.reports.conditions import ConditionError
from helmont.standards.ars import model
from helmont.study.cel import parse
from helmont.study.cel.syntax import Node

Clause = tuple[model.Condition | None, model.CompoundExpression | None]
_COMPARATORS: dict[str, model.Comparator] = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
_MIRRORED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def clause(where: str, dataset: str) -> Clause:
    """A condition, or several joined; a comparison with missing has no value. Raises ``ConditionError``."""
    return _clause(parse(where).tree, dataset, 1)


def _clause(node: Node, dataset: str, level: int) -> Clause:
    match node.op:
        case "&&":
            return None, _compound("AND", node.operands, dataset, level)
        case "||":
            return None, _compound("OR", node.operands, dataset, level)
        case "!":
            (inner,) = node.operands
            condition, _ = _clause(inner, dataset, level) if inner.op == "in" else (None, None)
            if condition is not None:
                return model.Condition(dataset, condition.variable, "NOTIN", condition.value), None
            return None, _compound("NOT", node.operands, dataset, level)
        case "missing" | "present":
            comparator: model.Comparator = "EQ" if node.op == "missing" else "NE"
            return model.Condition(dataset, node.operands[0].word, comparator), None
        case "in":
            name, values = node.operands
            return model.Condition(dataset, name.word, "IN", tuple(map(_text, values.operands))), None
        case op if op in _COMPARATORS:
            left, right = node.operands
            if left.op == "literal":
                left, right, op = right, left, _MIRRORED[op]
            if left.op == "name" and right.op == "literal":
                return model.Condition(dataset, left.word, _COMPARATORS[op], (_text(right),)), None
    raise ConditionError(f"{node.op} has no where-clause in the standard")


def _compound(
    operator: model.Operator, operands: tuple[Node, ...], dataset: str, level: int
) -> model.CompoundExpression:
    clauses = []
    for order, each in enumerate(operands, 1):
        condition, compound = _clause(each, dataset, level + 1)
        clauses.append(model.WhereClause(level + 1, order, condition, compound))
    return model.CompoundExpression(operator, tuple(clauses))


def _text(literal: Node) -> str:
    value = literal.args[0]
    return f"{value:g}" if isinstance(value, float) else str(value)
