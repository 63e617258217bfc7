"""Values during evaluation: what is known, what kind it is, and how two of them compare.

All numbers are IEEE 754 doubles (integers exact up to 2**53), so that Python and the browser agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Final, NoReturn

from helmont.study.cel.errors import CelTypeError
from helmont.study.partial_dates import PartialDate


class Unknown(Enum):
    """The value of what is missing. It is neither true nor false, and asking for its truth is an error."""

    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("UNKNOWN is neither true nor false; compare with `is UNKNOWN`, `is True` or `is False`")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

EXACT: Final = 2**53
"""Up to here every integer is a double of its own."""

NUMBERS: Final = frozenset((int, float))


def known(value: object) -> object:
    """A value from outside as the engine sees it: None, empty text and NaN are UNKNOWN, a Decimal is a double.

    Raises CelTypeError for an object that is no number, text, boolean, date, list or map.
    """
    kind = type(value)
    if kind is str:
        return value or UNKNOWN
    if kind is int or kind is float:
        return finite(value)  # type: ignore[arg-type]
    if value is None:
        return UNKNOWN
    if kind is bool or kind is PartialDate or value is UNKNOWN or isinstance(value, (list, tuple, Mapping)):
        return value
    if isinstance(value, Decimal):
        return finite(float(value))
    if isinstance(value, str):
        return str(value) or UNKNOWN
    if type(value) is date:
        return PartialDate.of(value)
    raise CelTypeError(
        f"a {kind.__name__} is not a value; int, float, Decimal, str, bool, list, dict, PartialDate are accepted"
    )


def finite(number: int | float) -> object:
    """`number` as a double; UNKNOWN when it is too large or no number at all."""
    if -EXACT <= number <= EXACT:
        return number
    try:
        number = float(number)
    except OverflowError:
        return UNKNOWN
    return number if isfinite(number) else UNKNOWN


def kind_of(value: object) -> str:
    """The kind of a known value, in the words used for people: number, text, boolean, date, list or map."""
    kind = type(value)
    if kind in NUMBERS:
        return "number"
    if kind is str:
        return "text"
    if kind is bool:
        return "boolean"
    if kind is PartialDate:
        return "date"
    return "map" if isinstance(value, Mapping) else "list"


def mismatch(operator: str, *values: object) -> CelTypeError:
    """The error for an operator that has no meaning for values of these kinds."""
    return CelTypeError(f"{operator} has no meaning for {' and '.join(kind_of(value) for value in values)}")


def equal(left: object, right: object, operator: str = "==") -> object:
    """Whether two values are equal: True, False or UNKNOWN. Raises CelTypeError when their kinds differ."""
    left, right = known(left), known(right)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    kind, other = kind_of(left), kind_of(right)
    if "date" in (kind, other):
        return _equal_dates(*_dates(operator, left, right))
    if kind != other or kind == "map":
        raise mismatch(operator, left, right)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return _equal_lists(left, right, operator)
    return left == right


def contained(value: object, values: Sequence[object]) -> object:
    """Whether `value` is one of `values`: True, False, or UNKNOWN when a missing element could have been it."""
    answer: object = False
    for element in values:
        same = equal(value, element, "in")
        if same is True:
            return True
        if same is UNKNOWN:
            answer = UNKNOWN
    return answer


def relation(operator: str, left: object, right: object) -> object:
    """`<`, `<=`, `>` or `>=` of two values: True, False or UNKNOWN. Raises CelTypeError for kinds without an order."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    or_equal = operator[-1] == "="
    if isinstance(left, PartialDate) or isinstance(right, PartialDate):
        one, other = _dates(operator, left, right)
        return _date_precedes(or_equal, *((one, other) if operator[0] == "<" else (other, one)))
    before, after = (left, right) if operator[0] == "<" else (right, left)
    if isinstance(before, str) and isinstance(after, str):
        return before <= after if or_equal else before < after
    if type(before) in NUMBERS and type(after) in NUMBERS:
        return before <= after if or_equal else before < after  # type: ignore[operator]
    raise mismatch(operator, left, right)


def _dates(operator: str, left: object, right: object) -> tuple[PartialDate, PartialDate]:
    """Both sides as dates; a text beside a date is read as one, so that `VSDTC >= "2013-12-26"` works."""
    found = []
    for side in (left, right):
        try:
            found.append(side if isinstance(side, PartialDate) else PartialDate.parse(side))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise mismatch(operator, left, right) from None
    return found[0], found[1]


def _equal_dates(left: PartialDate, right: PartialDate) -> object:
    order = left.compare(right)
    return UNKNOWN if order is None else order == 0


def _date_precedes(or_equal: bool, left: PartialDate, right: PartialDate) -> object:
    order = left.compare(right)
    if order is not None:
        return order <= 0 if or_equal else order < 0
    # Overlapping days may still decide: all of 2013-12 is on or before 2013-12-31, and none of it is before 2013-12-01.
    if left.time is None and right.time is None:
        if or_equal and left.latest() <= right.earliest():
            return True
        if not or_equal and left.earliest() >= right.latest():
            return False
    return UNKNOWN


def _equal_lists(left: Sequence[object], right: Sequence[object], operator: str) -> object:
    if len(left) != len(right):
        return False
    answer: object = True
    for one, other in zip(left, right, strict=True):
        same = equal(one, other, operator)
        if same is False:
            return False
        if same is UNKNOWN:
            answer = UNKNOWN
    return answer
