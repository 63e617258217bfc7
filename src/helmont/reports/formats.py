"""Numbers as a table prints them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from helmont.study.analyses.model import Format
from helmont.study.analyses.templates import NUMBER_FORMAT


def printed(value: float, decimals: int) -> str:
    """The number with so many decimals, rounded half away from zero as SAS's formats do; a minus stays before a zero (-0.0).

    A number is taken as the decimal that it shows in 15 digits, which is as many as a double holds: 0.285 (0.28499999999999998)
    is printed 0.29, and a difference of -0.44999999999998863 as -0.4, which is what table 14-7.03 has. A mean of
    changes of -2e-16 is printed -0.0, as in table 14-6.01.
    """
    number = Decimal(f"{value:.14e}")
    text = f"{abs(number).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}"
    return f"-{text}" if number < 0 else text


class Formatter:
    """The formats of a reporting event by id, and ``width.decimals``."""

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self._formats = {each.id: each for each in formats}

    def print(self, value: float | None, spec: str) -> str:
        """The number as ``spec`` says; blanks as wide as it for a value that is missing."""
        named = self._formats.get(spec)
        if named is None:
            width, decimals = _numeric(spec)
            return " " * width if value is None else printed(value, decimals).rjust(width)
        if value is None:
            return " " * named.width
        return _special(value, named).rjust(named.width)


def _numeric(spec: str) -> tuple[int, int]:
    found = NUMBER_FORMAT.fullmatch(spec) if spec else None
    if found is None:
        return 0, 0
    if found["whole"]:
        return int(found["whole"]), 0
    return int(found["width"] or 0), int(found["decimals"])


def _special(value: float, named: Format) -> str:
    if (named.least and value < float(named.least) and value != 0) or (named.least and value == 0 and named.mark):
        text = named.least_text
    elif named.most and value > float(named.most):
        text = named.most_text
    else:
        text = printed(value, named.decimals)
    if named.mark_below and value < float(named.mark_below):
        return text + named.mark
    return text.rstrip("0").rstrip(".") if named.trim and "." in text else text
