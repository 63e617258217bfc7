"""Static types: find what cannot fit before a study is published, rather than when a site saves a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from helmont.study.cel.errors import CelTypeError, line_and_column
from helmont.study.cel.expression import Expression
from helmont.study.cel.functions import FUNCTIONS
from helmont.study.cel.syntax import ARITHMETIC, LOGICAL, MACROS, Node
from helmont.study.partial_dates import PartialDate


@dataclass(frozen=True)
class Type:
    """`kind` is number, text, boolean, date, list, map or any (fits everywhere).

    A list may tell the type of its `element`; a map its `fields`.
    """

    kind: str
    element: Type | None = None
    fields: Mapping[str, Type] | None = None

    def __str__(self) -> str:
        return f"list of {self.element}" if self.element else self.kind


NUMBER, TEXT, BOOLEAN, DATE, ANY = (Type(kind) for kind in ("number", "text", "boolean", "date", "any"))


def list_of(element: Type) -> Type:
    """A list whose elements all have the type `element`: a multi-select, the rows of a group, the lines of a log."""
    return Type("list", element=element)


def map_of(fields: Mapping[str, Type]) -> Type:
    """A map with exactly these fields: one row."""
    return Type("map", fields=fields)


def infer(expression: Expression, types: Mapping[str, Type]) -> Type:
    """The type of an expression whose names have `types` (whole dotted names, or maps to walk through).

    Raises CelTypeError, with line and column, for an unknown name or field and for kinds that do not fit.
    """
    return _Inference(expression.text, types).type_of(expression.tree, {})


class _Inference:
    def __init__(self, text: str, types: Mapping[str, Type]) -> None:
        self.text, self.types = text, types

    def error(self, tree: Node, message: str) -> CelTypeError:
        return CelTypeError(message, *line_and_column(self.text, tree.offset))

    def type_of(self, tree: Node, bound: Mapping[str, Type]) -> Type:
        """The type of a node where macros have bound the variables `bound`."""
        op = tree.op
        if op == "literal":
            return _type_of_literal(tree.args[0])
        if op == "name":
            return self.name(tree)
        if op == "var":
            return bound[tree.word]
        if op in MACROS:
            return self.macro(tree, bound)
        parts = [self.type_of(operand, bound) for operand in tree.operands]
        if op in ("present", "missing"):
            return BOOLEAN
        if op in LOGICAL or op == "!":
            for operand, part in zip(tree.operands, parts, strict=True):
                self.require(operand, part, {"boolean"}, op)
            return BOOLEAN
        if op in ("==", "!=", "<", "<=", ">", ">="):
            return self.relation(tree, *parts)
        if op in ARITHMETIC or op == "neg":
            return self.arithmetic(tree, parts)
        if op == "matches":
            self.require(tree.operands[0], parts[0], {"text"}, op)
            return BOOLEAN
        if op in FUNCTIONS:
            return self.call(tree, parts)
        return self.structure(tree, parts)

    def structure(self, tree: Node, parts: list[Type]) -> Type:
        """Lists, maps and what asks for a part of them; and the choice between two values."""
        if tree.op == "[]":
            # A date and a text that reads as one may stand together; `membership` looks at each.
            dated = {part.kind for part in parts} == {"date", "text"}
            return list_of(ANY if dated else self.common(tree, parts))
        if tree.op == "{}":
            keys = [arg for arg in tree.args if isinstance(arg, str)]
            return map_of(dict(zip(keys, parts, strict=True)))
        if tree.op == ".":
            return self.field(tree, parts[0], tree.word)
        if tree.op == "in":
            return self.membership(tree, *parts)
        if tree.op == "?:":
            self.require(tree.operands[0], parts[0], {"boolean"}, "?:")
            return self.common(tree, parts[1:])
        holder, index = parts
        self.require(tree.operands[0], holder, {"list", "map"}, "[]")
        if holder.kind == "list":
            self.require(tree.operands[1], index, {"number"}, "[] of a list")
            return holder.element or ANY
        if holder.kind == "map":
            self.require(tree.operands[1], index, {"text"}, "[] of a map")
            return self.common(tree, list((holder.fields or {}).values()), strict=False)
        return ANY

    def name(self, tree: Node) -> Type:
        """The type of the whole dotted name, or of the field reached from its longest known beginning."""
        steps = tree.word.split(".")
        for count in range(len(steps), 0, -1):
            found = self.types.get(".".join(steps[:count]))
            if found is not None:
                for step in steps[count:]:
                    found = self.field(tree, found, step)
                return found
        raise self.error(tree, f"there is no {tree.word}; {_accepted(tree.word, self.types)}")

    def field(self, tree: Node, holder: Type, name: str) -> Type:
        self.require(tree, holder, {"map"}, f".{name}")
        if holder.fields is None:
            return ANY
        if name not in holder.fields:
            raise self.error(tree, f"there is no field {name}; {_accepted(name, holder.fields)}")
        return holder.fields[name]

    def macro(self, tree: Node, bound: Mapping[str, Type]) -> Type:
        source = self.type_of(tree.operands[0], bound)
        self.require(tree.operands[0], source, {"list"}, tree.op)
        body = self.type_of(tree.operands[1], {**bound, tree.word: source.element or ANY})
        if tree.op == "map":
            return list_of(body)
        self.require(tree.operands[1], body, {"boolean"}, tree.op)
        return source if tree.op == "filter" else BOOLEAN

    def relation(self, tree: Node, left: Type, right: Type) -> Type:
        self.require_comparable(tree, tree.operands[0], left, tree.operands[1], right)
        unordered = {left.kind, right.kind} & ({"map"} if tree.op in ("==", "!=") else {"map", "list", "boolean"})
        if unordered:
            raise self.error(tree, f"{tree.op} has no meaning for {left} and {right}")
        return BOOLEAN

    def membership(self, tree: Node, value: Type, values: Type) -> Type:
        self.require(tree.operands[1], values, {"list", "map"}, "in")
        if values.kind == "map":
            self.require(tree.operands[0], value, {"text"}, "in a map")
        elif tree.operands[1].op == "[]":
            for operand in tree.operands[1].operands:
                self.require_comparable(tree, tree.operands[0], value, operand, values.element or ANY)
        elif values.element:
            self.require_comparable(tree, tree.operands[0], value, tree, values.element)
        return BOOLEAN

    def require_comparable(self, tree: Node, left: Node, left_type: Type, right: Node, right_type: Type) -> None:
        kinds = {left_type.kind, right_type.kind}
        if "any" in kinds or len(kinds) == 1:
            return
        if kinds == {"date", "text"} and _is_date(left if left_type.kind == "text" else right):
            return
        hint = "; write the date as YYYY-MM-DD, or date(...) around the text" if kinds == {"date", "text"} else ""
        raise self.error(tree, f"{tree.op} has no meaning for {left_type} and {right_type}{hint}")

    def arithmetic(self, tree: Node, parts: list[Type]) -> Type:
        op = "-" if tree.op == "neg" else tree.op
        if op == "+" and parts[0].kind in ("text", "list"):
            self.require(tree, parts[1], {parts[0].kind}, f"{parts[0]} +")
            return parts[0]
        for operand, part in zip(tree.operands, parts, strict=True):
            self.require(operand, part, {"number"}, op)
        return ANY if op == "+" and all(part.kind == "any" for part in parts) else NUMBER

    def call(self, tree: Node, parts: list[Type]) -> Type:
        function = FUNCTIONS[tree.op]
        for position, (operand, part) in enumerate(zip(tree.operands, parts, strict=True)):
            self.require(operand, part, function.kinds(position), f"{tree.op}, argument {position + 1},")
            if tree.op in ("min", "max", "sum") and part.element:
                self.require(operand, part.element, {"number"}, f"{tree.op} of a list")
        return Type(function.result)

    def require(self, tree: Node, found: Type, kinds: Iterable[str], operator: str) -> None:
        if found.kind != "any" and found.kind not in kinds:
            accepted = " or ".join(sorted(kinds))
            raise self.error(tree, f"{operator} has no meaning for a {found}; {accepted} is accepted")

    def common(self, tree: Node, parts: list[Type], strict: bool = True) -> Type:
        """The one type of several values."""
        certain = [part for part in parts if part.kind != "any"]
        kinds = {part.kind for part in certain}
        if len(kinds) > 1 and strict:
            raise self.error(tree, f"{' and '.join(sorted(kinds))} are mixed; values of one kind are accepted")
        return certain[0] if len(kinds) == 1 else ANY


def _type_of_literal(value: object) -> Type:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return NUMBER
    return ANY if value is None else TEXT


def _is_date(tree: Node) -> bool:
    """Whether a node is a text that reads as a date."""
    value = tree.args[0] if tree.op == "literal" else None
    if not isinstance(value, str):
        return False
    try:
        PartialDate.parse(value)
    except ValueError:
        return False
    return True


def _accepted(wrong: str, right: Iterable[str]) -> str:
    known = sorted(right)
    close = get_close_matches(wrong, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(known) or 'none'}"
