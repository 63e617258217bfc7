"""The abstract syntax tree of an expression, and its form in JSON.

Every node is an operator with arguments. In JSON a node is a list `[op, ...arguments]` and a literal is itself:
`SYSBP > 60` is `[">", ["name", "SYSBP"], 60]`. The browser evaluates exactly this.

| op | arguments |
|---|---|
| `name` | dotted reference |
| `var` | variable bound by a macro |
| `.` | operand, field |
| `at` | operand, index |
| `[]` | elements |
| `{}` | key, value, key, value ... (keys are texts) |
| `&&` `||` | two or more operands |
| `!` `neg` `+` `-` `*` `/` `%` `==` `!=` `<` `<=` `>` `>=` `in` | operands |
| `?:` | condition, then, otherwise |
| `present` `missing` | operand: `has(x)`, `x != null`; `x == null` |
| `all` `exists` `exists_one` `filter` `map` | list, variable, body |
| `matches` | operand, pattern, compiled pattern |
| a function's name | arguments |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helmont.study.cel.errors import CelSyntaxError
from helmont.study.cel.functions import FUNCTIONS
from helmont.study.cel.patterns import compile_pattern
from helmont.study.cel.values import UNKNOWN, finite

Scalar = int | float | str | bool | None

MAXIMUM_DEPTH = 64
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
LOGICAL = ("&&", "||")
RELATIONS = ("<", "<=", ">", ">=", "==", "!=", "in")
ARITHMETIC = ("+", "-", "*", "/", "%")
MACROS = ("all", "exists", "exists_one", "filter", "map")

# Which arguments of an operator are plain texts, and how many arguments it takes. Elsewhere arguments are nodes.
_PLAIN = {"name": (0,), "var": (0,), ".": (1,), "matches": (1,), **dict.fromkeys(MACROS, (1,))}
_COUNT = {
    "name": 1, "var": 1, ".": 2, "at": 2, "!": 1, "neg": 1, "?:": 3, "present": 1, "missing": 1, "matches": 3,
    **dict.fromkeys(RELATIONS + ARITHMETIC, 2), **dict.fromkeys(MACROS, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One operator and its arguments; a literal is `Node("literal", (value,))`. `offset` is its place in the text."""

    op: str
    args: tuple[Node | Scalar, ...]
    offset: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)

    @property
    def operands(self) -> tuple[Node, ...]:
        """The arguments that are expressions themselves."""
        return tuple(arg for arg in self.args if isinstance(arg, Node))

    @property
    def word(self) -> str:
        """The plain text among the arguments: a name, a field, a variable or a pattern."""
        return next(arg for arg in self.args if isinstance(arg, str))


def node(op: str, *args: Node | Scalar, offset: int = 0) -> Node:
    """A node over `args`. Raises CelSyntaxError when it would be nested deeper than MAXIMUM_DEPTH."""
    depth = 1 + max((arg.depth for arg in args if isinstance(arg, Node)), default=0)
    if depth > MAXIMUM_DEPTH:
        raise CelSyntaxError(f"nested deeper than {MAXIMUM_DEPTH}; split the expression")
    return Node(op, args, offset, depth)


def names(root: Node) -> Iterator[str]:
    """The dotted references of a tree; variables bound by macros are not among them."""
    if root.op == "name":
        yield root.word
    for operand in root.operands:
        yield from names(operand)


def to_json(root: Node) -> object:
    """Lists and scalars, ready for `json.dumps`."""
    if root.op == "literal":
        return root.args[0]
    if root.op == "matches":
        return [root.op, to_json(root.operands[0]), root.word, compile_pattern(root.word).to_json()]
    return [root.op, *(to_json(arg) if isinstance(arg, Node) else arg for arg in root.args)]


def from_json(data: object, level: int = 0) -> Node:
    """The tree that `to_json` wrote. Raises CelSyntaxError for anything it would not write."""
    if data is None or isinstance(data, (str, int, float)):
        if isinstance(data, (int, float)) and finite(data) is UNKNOWN:
            raise CelSyntaxError(f"{data!r:.40} is not a number an expression can hold")
        return Node("literal", (None if data == "" else data,))
    if level >= MAXIMUM_DEPTH:
        raise CelSyntaxError(f"nested deeper than {MAXIMUM_DEPTH}")
    if not isinstance(data, (list, tuple)) or not data or not isinstance(data[0], str):
        raise CelSyntaxError(f"{data!r:.80} is not a node; [operator, arguments...] is accepted")
    op, arguments = data[0], list(data[1:])
    _require_shape(op, arguments)
    if op == "matches":
        compile_pattern(arguments[1])
        return node(op, from_json(arguments[0], level + 1), arguments[1])
    plain = _PLAIN.get(op, range(0, len(arguments), 2) if op == "{}" else ())
    return node(op, *(arg if i in plain else from_json(arg, level + 1) for i, arg in enumerate(arguments)))


def _require_shape(op: str, arguments: list[object]) -> None:
    """Refuse an unknown operator, a wrong number of arguments, or something else where a plain text belongs."""
    count = len(arguments)
    if op in FUNCTIONS and op != "matches":
        fits = FUNCTIONS[op].accepts(count)
    elif op in LOGICAL:
        fits = count >= 2
    elif op in ("[]", "{}"):
        fits = op == "[]" or count % 2 == 0
    else:
        fits = _COUNT.get(op) == count
    plain = _PLAIN.get(op, range(0, count, 2) if op == "{}" else ())
    free = op in ("{}", "matches")
    words = [arguments[i] for i in plain] if fits else []
    if not fits or not all(isinstance(word, str) and (free or _NAME.fullmatch(word)) for word in words):
        raise CelSyntaxError(f"[{op!r}, ...] with {count} arguments is not a node of an expression")
