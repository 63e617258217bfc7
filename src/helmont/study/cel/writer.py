"""A tree back to text, with only the parentheses it needs."""

from __future__ import annotations

import json

from helmont.study.cel.syntax import LOGICAL, MACROS, RELATIONS, Node

_TIGHTNESS = {"?:": 1, "||": 2, "&&": 3, **dict.fromkeys(RELATIONS, 4), "missing": 4, "present": 4}
_TIGHTNESS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "!": 7, "neg": 7}
_TIGHTEST = 8


def write(tree: Node) -> str:
    """Text that parses to `tree`."""
    op, operands = tree.op, tree.operands
    if op == "literal":
        return json.dumps(tree.args[0], ensure_ascii=False)
    if op in ("name", "var"):
        return tree.word
    if op in LOGICAL:
        return f" {op} ".join(_inside(operand, _TIGHTNESS[op] + 1) for operand in operands)
    if op == "?:":
        condition, then, otherwise = operands
        return f"{_inside(condition, 2)} ? {write(then)} : {write(otherwise)}"
    if op in ("!", "neg"):
        return ("!" if op == "!" else "-") + _inside(operands[0], _TIGHTEST)
    if op == "present" and operands[0].op in ("name", "var", ".", "at"):
        return f"has({write(operands[0])})"
    if op in ("missing", "present"):
        return f"{_inside(operands[0], 5)} {'==' if op == 'missing' else '!='} null"
    if op in _TIGHTNESS:
        # Relations do not chain; arithmetic groups from the left.
        left = _TIGHTNESS[op] + (op in RELATIONS)
        return f"{_inside(operands[0], left)} {op} {_inside(operands[1], _TIGHTNESS[op] + 1)}"
    if op == ".":
        return f"{_inside(operands[0], _TIGHTEST)}.{tree.word}"
    if op == "at":
        return f"{_inside(operands[0], _TIGHTEST)}[{write(operands[1])}]"
    if op in MACROS:
        return f"{_inside(operands[0], _TIGHTEST)}.{op}({tree.word}, {write(operands[1])})"
    if op == "{}":
        keys = [json.dumps(arg, ensure_ascii=False) for arg in tree.args if isinstance(arg, str)]
        return "{" + ", ".join(f"{key}: {write(value)}" for key, value in zip(keys, operands, strict=True)) + "}"
    arguments = [write(operand) for operand in operands]
    if op == "matches":
        arguments.append(json.dumps(tree.word, ensure_ascii=False))
    return f"[{', '.join(arguments)}]" if op == "[]" else f"{op}({', '.join(arguments)})"


def _inside(tree: Node, tightness: int) -> str:
    """`tree` as an operand of something that binds with `tightness`."""
    negative = tree.op == "literal" and isinstance(tree.args[0], (int, float)) and tree.args[0] < 0
    own = 7 if negative else _TIGHTNESS.get(tree.op, _TIGHTEST)
    return f"({write(tree)})" if own < tightness else write(tree)
