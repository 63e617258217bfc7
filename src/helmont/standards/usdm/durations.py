"""ISO 8601 durations in whole days, which is how Helmont plans."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_SHAPE = re.compile(
    r"([+-])?P(?=[\dT])(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_DAYS = (Fraction(36525, 100), Fraction(36525, 1200), Fraction(7), Fraction(1))
_HOURS = (Fraction(1, 24), Fraction(1, 1440), Fraction(1, 86400))
_MOST = 100 * 366


def days(text: str) -> tuple[int, bool] | None:
    """Whole days of a duration, towards zero, and whether that is exactly what it says; None when it is no duration.

    A year is 365.25 days and a month a twelfth of that, so durations in years or months are never exact.
    """
    match = _SHAPE.fullmatch(text.strip()[:100])
    if match is None:
        return None
    sign, *numbers = match.groups()
    if not any(numbers):
        return None
    parts = [Fraction(Decimal(number)) if number else Fraction(0) for number in numbers]
    total = sum((n * unit for n, unit in zip(parts, _DAYS + _HOURS, strict=True)), Fraction(0))
    whole = int(total)
    if whole > _MOST:
        return None
    return (-whole if sign == "-" else whole), whole == total and not parts[0] and not parts[1]


def duration(number: int) -> str:
    return f"P{number}D"
