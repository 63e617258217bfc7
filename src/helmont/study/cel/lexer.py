"""Text of an expression to tokens, after the CEL specification, section "Syntax" (lexis)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import float_info

from helmont.study.cel.errors import CelSyntaxError, line_and_column
from helmont.study.cel.values import EXACT

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r\n]|//[^\n]*)+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?P<tail>[A-Za-z_]?))
      | (?P<text>[rR]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, text, name, sign or end; `value` is what it stands for; `offset` counts characters from 0."""

    kind: str
    value: int | float | str
    offset: int


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, the last of kind `end`. Raises CelSyntaxError at the first character that fits nowhere."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise _stray(text, at)
        kind = match.lastgroup if match.lastgroup != "tail" else "number"
        if kind == "number":
            found.append(Token("number", _number(text, match), at))
        elif kind == "text":
            found.append(Token("text", _unescape(text, match), at))
        elif kind in ("name", "sign"):
            found.append(Token(kind, match.group(), at))
        at = match.end()
    return [*found, Token("end", "the end", len(text))]


def _stray(text: str, at: int) -> CelSyntaxError:
    hints = {
        "=": "write == to compare",
        "&": "write && for and",
        "|": "write || for or",
        '"': "the text has no closing quote on this line",
        "'": "the text has no closing quote on this line",
    }
    hint = hints.get(text[at], "names, numbers, quoted texts and operators are accepted")
    return CelSyntaxError(f"{text[at]!r} is not part of an expression; {hint}", *line_and_column(text, at))


def _number(text: str, match: re.Match[str]) -> int | float:
    digits = match.group("number")
    if match.group("tail"):
        raise CelSyntaxError(
            f"{digits!r} is neither a number nor a name; names begin with a letter",
            *line_and_column(text, match.start()),
        )
    # Beyond 17 digits the double tells well enough that it is too large; int() would refuse thousands of them.
    value = int(digits) if digits.isdigit() and len(digits) <= 17 else float(digits)
    largest = EXACT if digits.isdigit() else float_info.max
    if value > largest:
        raise CelSyntaxError(f"{digits:.40} is larger than {largest}", *line_and_column(text, match.start()))
    return value


def _unescape(text: str, match: re.Match[str]) -> str:
    quoted = match.group()
    if quoted[0] in "rR":
        return quoted[2:-1]

    def replace(escape: re.Match[str]) -> str:
        code = escape.group(1)
        if len(code) > 1 and int(code[1:], 16) <= 0x10FFFF and not 0xD800 <= int(code[1:], 16) <= 0xDFFF:
            return chr(int(code[1:], 16))
        if code in _CONTROL:
            return _CONTROL[code]
        if code in "\\\"'`?":
            return code
        raise CelSyntaxError(
            rf"\{code} stands for nothing; \n, \t, \r, \\, \xHH, \uHHHH and quotes are accepted, or a raw text r'...'",
            *line_and_column(text, match.start() + 1 + escape.start()),
        )

    return _ESCAPE.sub(replace, quoted[1:-1])
