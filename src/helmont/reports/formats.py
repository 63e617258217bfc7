"""Numbers as a table prints them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from helmont.study.analyses.model import Format
from helmont.study.analyses.templates import NUMBER_FORMAT


def printed(value: float, decimals: int) -> str:
    """The number with so many decimals, rounded half away from zero as SAS's formats do; a minus stays before a zero (-0.0)."""
    number = Decimal(f"{value:.11e}")
    if abs(value) < 1e-11:
        number = Decimal(0)
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
    return text + named.mark if named.mark_below and value < float(named.mark_below) else text
