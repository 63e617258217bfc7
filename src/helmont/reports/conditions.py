"""Conditions of a study package (CEL) on the rows of a dataset.

Logic is Kleene's, as everywhere in the package: a comparison with a missing value is neither true nor false, and only rows for
which the whole condition is true are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce

import polars as pl

from helmont.study.cel import parse
from helmont.study.cel.syntax import Node

_RELATIONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "==": pl.Expr.eq,
    "!=": pl.Expr.ne,
    "<": pl.Expr.lt,
    "<=": pl.Expr.le,
    ">": pl.Expr.gt,
    ">=": pl.Expr.ge,
    "+": pl.Expr.add,
    "-": pl.Expr.sub,
    "*": pl.Expr.mul,
    "/": pl.Expr.truediv,
}


class ConditionError(ValueError):
    """The condition uses something that cannot be asked of a dataset."""


@cache
def condition(text: str) -> tuple[pl.Expr, frozenset[str]]:
    """The condition as an expression of polars, and the variables that it reads. Raises ``ConditionError``."""
    parsed = parse(text)
    return _expression(parsed.tree), parsed.names


def _expression(node: Node) -> pl.Expr:
    operands = [_expression(each) for each in node.operands] if node.op != "in" else []
    match node.op:
        case "literal":
            return pl.lit(node.args[0])
        case "name":
            return pl.col(node.word)
        case "&&":
            return reduce(pl.Expr.and_, operands)
        case "||":
            return reduce(pl.Expr.or_, operands)
        case "!":
            return operands[0].not_()
        case "neg":
            return -operands[0]
        case "present":
            return operands[0].is_not_null()
        case "missing":
            return operands[0].is_null()
        case "in":
            left, right = node.operands
            if right.op == "[]" and all(each.op == "literal" for each in right.operands):
                return _expression(left).is_in([each.args[0] for each in right.operands])
        case op if op in _RELATIONS:
            return _RELATIONS[op](operands[0], operands[1])
    raise ConditionError(f"{node.op} cannot be asked of the rows of a dataset; use comparisons, in, &&, || and !")
