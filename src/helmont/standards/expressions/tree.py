"""The tree of an outside expression, and a parser that two small dialects share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_LENGTH = 4_000
MAX_DEPTH = 40


class Untranslatable(ValueError):
    """An expression that is not understood, or says what CEL cannot; ``column`` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (column {column})")
        self.message, self.column = message, column


@dataclass(frozen=True, slots=True)
class Tree:
    """``op`` is text, number, field, call, not, neg, or a binary operator; ``word`` the text, number or name.

    Binary operators are ``and or = != < <= > >= + - * / mod``. ``code`` is the answer that a checkbox field asks about.
    """

    op: str
    word: str = ""
    parts: tuple[Tree, ...] = ()
    column: int = 1
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a language writes things; ``field`` matches a reference: group ``name`` (none: ``.``), perhaps group ``code``."""

    field: re.Pattern[str]
    operators: Mapping[str, str]


_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SIGNS = ("<>", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",")
_TIGHTNESS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "mod"), 5),
}


def parse(text: str, dialect: Dialect) -> Tree:
    """The tree of an expression; ``Untranslatable`` where it is not one."""
    if len(text) > MAX_LENGTH:
        raise Untranslatable(f"the expression is longer than {MAX_LENGTH} characters", 1)
    parser = _Parser(_tokens(text, dialect), len(text) + 1)
    tree = parser.expression(0, 0)
    if parser.kind:
        raise Untranslatable(f"{parser.word} is not expected here", parser.column)
    return tree


_Token = tuple[str, str, int, str | None]


def _tokens(text: str, dialect: Dialect) -> list[_Token]:
    """Tokens as kind, word, column and the code of a checkbox field."""
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        column = at + 1
        if match := dialect.field.match(text, at):
            parts = match.groupdict()
            found.append(("field", parts["name"] or ".", column, parts.get("code")))
        elif match := _NUMBER.match(text, at):
            found.append(("number", match.group(), column, None))
        elif match := _TEXT.match(text, at):
            found.append(("text", match.group()[1:-1], column, None))
        elif match := _WORD.match(text, at):
            word = match.group()
            operator = dialect.operators.get(word.lower())
            calls = text[match.end() :].lstrip().startswith("(")
            # an operator that could be a name is one only between two things
            is_operator = operator is not None and (not calls or (bool(found) and found[-1][0] in _ENDS))
            found.append(("sign", operator, column, None) if operator and is_operator else ("word", word, column, None))
        else:
            sign = next((each for each in _SIGNS if text.startswith(each, at)), None)
            if sign is None:
                raise Untranslatable(f"{text[at]!r} is not understood", column)
            found.append((")" if sign == ")" else "sign", "!=" if sign == "<>" else sign, column, None))
            at += len(sign)
            continue
        at = match.end()
    return found


_ENDS = ("field", "number", "text", ")")


class _Parser:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens, self.at, self.end = tokens, 0, end

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    @property
    def word(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"

    @property
    def column(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else self.end

    def expression(self, tightness: int, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise Untranslatable("nested too deeply", self.column)
        left = self._operand(depth)
        while self.kind == "sign" and _TIGHTNESS.get(self.word, 0) > tightness:
            op, column = self.word, self.column
            self.at += 1
            right = self.expression(_TIGHTNESS[op], depth + 1)
            left = Tree(op, parts=(left, right), column=column)
        return left

    def _operand(self, depth: int) -> Tree:
        kind, word, column = self.kind, self.word, self.column
        code = self.tokens[self.at][3] if kind else None
        self.at += 1
        if kind in ("text", "number", "field"):
            return Tree(kind, word, column=column, code=code)
        if kind == "sign" and word == "-":
            return Tree("neg", parts=(self.expression(5, depth + 1),), column=column)
        if kind == "sign" and word == "(":
            inner = self.expression(0, depth + 1)
            self._take(")")
            return inner
        if kind == "word" and word.lower() == "not" and self.word != "(":
            return Tree("not", parts=(self.expression(2, depth + 1),), column=column)
        if kind == "word" and self.word == "(":
            self.at += 1
            arguments = self._arguments(depth)
            return Tree(
                "not" if word.lower() == "not" and len(arguments) == 1 else "call", word.lower(), arguments, column
            )
        raise Untranslatable(f"{word} is not expected here", column)

    def _arguments(self, depth: int) -> tuple[Tree, ...]:
        arguments: list[Tree] = []
        while self.kind != ")":
            if arguments:
                self._take(",")
            arguments.append(self.expression(0, depth + 1))
        self._take(")")
        return tuple(arguments)

    def _take(self, sign: str) -> None:
        if self.word != sign or self.kind not in ("sign", ")"):
            raise Untranslatable(f"expected {sign}, found {self.word}", self.column)
        self.at += 1
