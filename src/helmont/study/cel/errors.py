"""What can be wrong with an expression.

CelError
 +- CelSyntaxError   the text is not an expression this engine accepts
 +- CelTypeError     an operator or function was given a value of a kind it has no meaning for
"""

from __future__ import annotations


class CelError(ValueError):
    """An expression that cannot be read or evaluated. `line` and `column` count from 1; None when not known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.message, self.line, self.column = message, line, column
        super().__init__(message if line is None else f"line {line}, column {column}: {message}")


class CelSyntaxError(CelError):
    """The text is not a CEL expression, or uses a name, depth or length that is not offered."""


class CelTypeError(CelError):
    """An operator met kinds of value it cannot combine, such as a number compared with a text."""


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The place of character `offset` in `text`, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
