"""Trees of outside expressions as CEL.

A condition there takes an empty field for an empty text: ``a = "1"`` is false and ``a <> "1"`` true when ``a`` is empty.
CEL here has unknown for it, so each comparison is told which of its fields must have a value (``guarded``). Edit checks
and calculations are left unguarded: unknown raises no query and calculates nothing, as there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from helmont.standards.expressions.tree import Tree, Untranslatable
from helmont.study.cel import DATE, NUMBER, TEXT, CelError, Type, infer, list_of, parse

Kind = Literal["number", "text", "date", "list"]
_TYPES: Mapping[Kind, Type] = {"number": NUMBER, "text": TEXT, "date": DATE, "list": list_of(TEXT)}
_RELATIONS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC = {"+": "+", "-": "-", "*": "*", "/": "/", "mod": "%"}
_NUMERIC = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that expressions can name: its name in CEL, and what its value is."""

    cel: str
    kind: Kind


class CelWriter:
    """Writes trees whose fields are ``fields``; ``this`` is what ``.`` stands for, where the dialect has it."""

    def __init__(self, fields: Mapping[str, Field], this: str = "") -> None:
        self.fields, self.this = fields, this

    def rule(self, tree: Tree, *, guarded: bool) -> str:
        """A condition whose parts fit each other; ``Untranslatable`` when a date is compared with a word, and the like."""
        return self._fitting(self.condition(tree, guarded=guarded))

    def calculation(self, tree: Tree) -> str:
        """A value to keep; ``Untranslatable`` when it is a list, or its parts do not fit each other."""
        text, kind = self.value(tree)
        if kind == "list":
            raise Untranslatable("several answers are no value to keep", tree.column)
        return self._fitting(text)

    def _fitting(self, text: str) -> str:
        try:
            infer(parse(text), {"today": DATE} | {field.cel: _TYPES[field.kind] for field in self.fields.values()})
        except CelError as error:
            raise Untranslatable(f"it does not fit: {error}", 1) from error
        return text

    def condition(self, tree: Tree, *, guarded: bool) -> str:
        """A boolean expression; when ``guarded`` it is never unknown."""
        if tree.op in ("and", "or"):
            left, right = (self.condition(part, guarded=guarded) for part in tree.parts)
            return f"({left} {'&&' if tree.op == 'and' else '||'} {right})"
        if tree.op == "not":
            return f"!({self.condition(tree.parts[0], guarded=guarded)})"
        if tree.op in _RELATIONS:
            return self._relation(tree, guarded)
        if tree.op == "call":
            return self._truth(tree, guarded)
        raise Untranslatable("this is not a condition", tree.column)

    def _relation(self, tree: Tree, guarded: bool) -> str:
        left, right = tree.parts
        if right.op == "field" and left.op != "field":
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            left, right, op = right, left, turned.get(tree.op, tree.op)
        else:
            op = tree.op
        if right.op == "text" and right.word == "" and op in ("=", "!="):
            names = self._names(left)
            if left.op != "field" or left.code is not None:
                raise Untranslatable("only a field can be compared with nothing", tree.column)
            return f"!has({names[0]})" if op == "=" else f"has({names[0]})"
        if left.op == "field" and left.code is not None:
            return self._ticked(left, right, op)
        text = self._compare(left, right, op)
        names = list(dict.fromkeys([*self._names(left), *self._names(right)]))
        if not guarded or not names:
            return f"({text})"
        if op == "!=":
            return "(" + " || ".join([*(f"!has({name})" for name in names), text]) + ")"
        return "(" + " && ".join([*(f"has({name})" for name in names), text]) + ")"

    def _ticked(self, left: Tree, right: Tree, op: str) -> str:
        """``[field(code)] = "1"``: whether an answer of a checkbox field is ticked."""
        name = self._field(left).cel
        if right.word not in ("0", "1") or op not in ("=", "!="):
            raise Untranslatable("an answer that is ticked or not can only be = or <> 1 or 0", left.column)
        ticked = f"(has({name}) && {_quote(left.code or '')} in {name})"
        return ticked if (right.word == "1") == (op == "=") else f"!{ticked}"

    def _compare(self, left: Tree, right: Tree, op: str) -> str:
        ordered = op not in ("=", "!=")
        (one, kind), (other, other_kind) = self.value(left), self.value(right)
        if "list" in (kind, other_kind):
            raise Untranslatable("a field with several answers can only be asked for one of them", left.column)
        if {kind, other_kind} == {"number", "text"}:
            if kind == "number":
                other = self._number(right, other, kind)
            elif right.op == "number" and not ordered:
                other = _quote(right.word)
            else:
                one = self._number(left, one, kind)
        elif kind == other_kind == "text" and ordered and not {left.op, right.op} <= {"text"}:
            one, other = self._number(left, one, kind), self._number(right, other, other_kind)
        return f"{one} {_RELATIONS[op]} {other}"

    def _number(self, tree: Tree, text: str, kind: Kind) -> str:
        """The value as a number: a quoted number without its quotes, a code through ``double``."""
        if tree.op == "text":
            if not _NUMERIC.fullmatch(tree.word):
                raise Untranslatable(f"{tree.word!r} is not a number", tree.column)
            return tree.word
        return f"double({text})" if kind == "text" else text

    def _truth(self, tree: Tree, guarded: bool) -> str:
        arguments = tree.parts
        names = list(dict.fromkeys(name for part in arguments for name in self._names(part)))
        if tree.word in ("true", "false") and not arguments:
            return tree.word
        if tree.word == "selected" and len(arguments) == 2 and arguments[0].op == "field" and arguments[1].op == "text":
            field, code = self._field(arguments[0]), _quote(arguments[1].word)
            test = f"{code} in {field.cel}" if field.kind == "list" else f"{field.cel} == {code}"
        elif tree.word == "regex" and len(arguments) == 2 and arguments[1].op == "text":
            test = f"matches({self.value(arguments[0])[0]}, {_quote(f'^(?:{arguments[1].word})$')})"
        elif tree.word in ("contains", "starts-with") and len(arguments) == 2:
            name = "contains" if tree.word == "contains" else "startsWith"
            test = f"{self.value(arguments[0])[0]}.{name}({self.value(arguments[1])[0]})"
        else:
            raise Untranslatable(f"{tree.word}() cannot be taken over as a condition", tree.column)
        if not guarded:
            return f"({test})"
        return "(" + " && ".join([*(f"has({name})" for name in names), test]) + ")"

    def value(self, tree: Tree) -> tuple[str, Kind]:
        """The expression of a value and its kind."""
        if tree.op == "number":
            return (tree.word if not tree.word.startswith(".") else f"0{tree.word}").rstrip("."), "number"
        if tree.op == "text":
            return _quote(tree.word), "text"
        if tree.op == "field":
            if tree.code is not None:
                name = self._field(tree).cel
                return f"({_quote(tree.code)} in {name} ? 1 : 0)", "number"
            field = self._field(tree)
            return field.cel, field.kind
        if tree.op == "neg":
            return f"-{self._numeric(tree.parts[0])}", "number"
        if tree.op in _ARITHMETIC:
            left, right = (self._numeric(part) for part in tree.parts)
            return f"({left} {_ARITHMETIC[tree.op]} {right})", "number"
        if tree.op == "call":
            return self._call(tree)
        raise Untranslatable("a condition cannot be a value here", tree.column)

    def _numeric(self, tree: Tree) -> str:
        text, kind = self.value(tree)
        if kind in ("date", "list"):
            raise Untranslatable(f"a {kind} cannot be calculated with", tree.column)
        return self._number(tree, text, kind)

    def _call(self, tree: Tree) -> tuple[str, Kind]:
        made = _FUNCTIONS.get((tree.word, len(tree.parts))) or _FUNCTIONS.get((tree.word, -1))
        if made is None:
            raise Untranslatable(f"{tree.word}() with {len(tree.parts)} arguments cannot be taken over", tree.column)
        return made(self, tree)

    def _field(self, tree: Tree) -> Field:
        name = self.this if tree.word == "." else tree.word
        found = self.fields.get(name)
        if found is None:
            raise Untranslatable(f"{name or '.'} is not a field that was taken over", tree.column)
        return found

    def _names(self, tree: Tree) -> list[str]:
        own = [self._field(tree).cel] if tree.op == "field" else []
        return own + [name for part in tree.parts for name in self._names(part)]


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_Function = Callable[[CelWriter, Tree], tuple[str, Kind]]


def _simple(name: str) -> _Function:
    def write(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
        return f"{name}({', '.join(writer._numeric(part) for part in tree.parts)})", "number"

    return write


def _if(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    condition = writer.condition(tree.parts[0], guarded=True)
    branches = [part for part in tree.parts[1:] if not (part.op == "text" and part.word == "")]
    kinds = {writer.value(part)[1] for part in branches}
    if len(kinds) > 1:
        raise Untranslatable("the two outcomes of if() are of different kinds", tree.column)
    texts = ["null" if part.op == "text" and part.word == "" else writer.value(part)[0] for part in tree.parts[1:]]
    return f"({condition} ? {texts[0]} : {texts[1]})", next(iter(kinds), "text")


def _dates(writer: CelWriter, tree: Tree) -> tuple[str, str]:
    found = []
    for part in tree.parts[:2]:
        if part.op == "text" and part.word.lower() in ("today", "now"):
            found.append("today")
            continue
        text, kind = writer.value(part)
        if kind != "date" and part.op != "text":
            raise Untranslatable("this is not a date", part.column)
        found.append(text)
    return found[0], found[1]


def _datediff(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    start, end = _dates(writer, tree)
    unit = tree.parts[2].word if len(tree.parts) > 2 else ""
    if unit not in ("d", "w"):
        raise Untranslatable(f"datediff in {unit or 'no unit'} cannot be taken over; d and w can", tree.column)
    signed = any(part.word.lower() == "true" for part in tree.parts[3:])
    text = f"days({start}, {end})" if signed else f"abs(days({start}, {end}))"
    return (text if unit == "d" else f"({text} / 7)"), "number"


def _rounddown(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    inner = tree.parts[0]
    whole = len(tree.parts) == 1 or tree.parts[1].word == "0"
    if (
        inner.op == "call"
        and inner.word == "datediff"
        and len(inner.parts) > 2
        and inner.parts[2].word == "y"
        and whole
    ):
        start, end = _dates(writer, inner)
        signed = any(part.word.lower() == "true" for part in inner.parts[3:])
        return (f"years({start}, {end})" if signed else f"abs(years({start}, {end}))"), "number"
    if not whole:
        raise Untranslatable("rounddown to decimals cannot be taken over", tree.column)
    return f"int({writer._numeric(inner)})", "number"


def _sum(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    return f"sum([{', '.join(writer._numeric(part) for part in tree.parts)}])", "number"


def _mean(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    if not tree.parts:
        raise Untranslatable("mean() of nothing", tree.column)
    return f"({_sum(writer, tree)[0]} / {len(tree.parts)})", "number"


def _size(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    return f"size({writer.value(tree.parts[0])[0]})", "number"


def _coalesce(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    (one, kind), (other, other_kind) = (writer.value(part) for part in tree.parts)
    if tree.parts[0].op != "field" or kind != other_kind:
        raise Untranslatable("coalesce() takes a field and a value of its kind", tree.column)
    return f"(has({one}) ? {one} : {other})", kind


def _concat(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    values = [writer.value(part) for part in tree.parts]
    if not values or any(kind == "list" for _, kind in values):
        raise Untranslatable("concat() of these cannot be taken over", tree.column)
    return "(" + " + ".join(text if kind == "text" else f"string({text})" for text, kind in values) + ")", "text"


def _text(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    return f"string({writer.value(tree.parts[0])[0]})", "text"


def _date(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    return f"date({writer.value(tree.parts[0])[0]})", "date"


def _today(_writer: CelWriter, _tree: Tree) -> tuple[str, Kind]:
    return "today", "date"


def _number(writer: CelWriter, tree: Tree) -> tuple[str, Kind]:
    text, kind = writer.value(tree.parts[0])
    return (text if kind == "number" else f"double({text})"), "number"


_FUNCTIONS: dict[tuple[str, int], _Function] = {
    ("if", 3): _if,
    ("round", 1): _simple("round"),
    ("round", 2): _simple("round"),
    ("rounddown", 1): _rounddown,
    ("rounddown", 2): _rounddown,
    ("int", 1): _rounddown,
    ("abs", 1): _simple("abs"),
    ("min", -1): _simple("min"),
    ("max", -1): _simple("max"),
    ("sum", -1): _sum,
    ("mean", -1): _mean,
    ("datediff", -1): _datediff,
    ("string-length", 1): _size,
    ("count-selected", 1): _size,
    ("coalesce", 2): _coalesce,
    ("concat", -1): _concat,
    ("string", 1): _text,
    ("number", 1): _number,
    ("date", 1): _date,
    ("today", 0): _today,
}
"""What a function becomes, by name and number of arguments (-1: any)."""
