"""The functions an expression may call. All but `has` are strict: an unknown argument makes the result unknown.

Results the two sides must agree on to the last digit (text of a number, rounding) start from the shortest decimal that
reads back as the same double: 1.005 rounds to 1.01, as people expect who see 1.005 on the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import floor, trunc

from helmont.study.cel.errors import CelTypeError
from helmont.study.cel.values import NUMBERS, UNKNOWN, finite, kind_of, known
from helmont.study.partial_dates import PartialDate

MAXIMUM_DECIMALS = 15
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its name, the kinds each parameter takes, what it returns, and how it is computed.

    Kinds are those of `values.kind_of`. The last `optional` parameters may be left out; `variadic` repeats the last.
    """

    name: str
    parameters: tuple[frozenset[str], ...]
    result: str
    compute: Callable[..., object]
    optional: int = 0
    variadic: bool = False

    def accepts(self, count: int) -> bool:
        """Whether it can be called with `count` arguments."""
        least = len(self.parameters) - self.optional
        return count >= least and (self.variadic or count <= len(self.parameters))

    def kinds(self, position: int) -> frozenset[str]:
        """The kinds taken as argument number `position` (from 0)."""
        return self.parameters[min(position, len(self.parameters) - 1)]

    def call(self, *arguments: object) -> object:
        """The result for known arguments. Raises CelTypeError naming the argument of a kind it does not take."""
        for position, argument in enumerate(arguments):
            kind = kind_of(argument)
            if kind not in self.kinds(position):
                accepted = " or ".join(sorted(self.kinds(position)))
                raise CelTypeError(f"{self.name}: argument {position + 1} is a {kind}; {accepted} is accepted")
        return self.compute(*arguments)


def text_of_number(number: int | float) -> str:
    """The shortest decimal that reads back as `number`, never with an exponent: `120`, `0.1`, `-3`."""
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_SURE, _NEAR = 1e9, 1e-6
"""Below this size, and this far from a half, doubles round as their decimals do."""


def round_half_away(number: int | float, decimals: int | float = 0) -> object:
    """`number` with so many decimals, halves away from zero, judged on its shortest decimal form."""
    if decimals != int(decimals) or not 0 <= decimals <= MAXIMUM_DECIMALS:
        raise CelTypeError(f"round: {decimals} decimals; a whole number from 0 to {MAXIMUM_DECIMALS} is accepted")
    if type(number) is int:
        return number
    power = 10 ** int(decimals)
    scaled = abs(number) * power
    if scaled < _SURE and abs(scaled % 1 - 0.5) > _NEAR:  # no half: what is nearest is what the decimals say
        nearest = floor(scaled + 0.5) / power
        rounded = nearest if number >= 0 else -nearest
        return number if decimals and rounded == number else _plain(rounded)
    text = repr(number)
    if "e" not in text and len(text) - text.find(".") - 1 <= decimals:
        return number
    exact = Decimal(text)
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= decimals:
        return number
    # ROUND_HALF_UP of the decimal module rounds halves away from zero.
    return _plain(float(exact.quantize(Decimal(1).scaleb(-int(decimals)), rounding=ROUND_HALF_UP)))


def _plain(number: float) -> int | float:
    """Whole numbers as int: the page shows 3, not 3.0."""
    return int(number) if number == trunc(number) and abs(number) < 2**53 else number


def _size(value: str | list[object] | Mapping[str, object]) -> object:
    return len(value)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of_number(value) if isinstance(value, (int, float)) else str(value)


def _double(value: object) -> object:
    if isinstance(value, str):
        return finite(float(value)) if _NUMBER.fullmatch(value) else UNKNOWN
    return value


def _int(value: object) -> object:
    if isinstance(value, str):
        return finite(int(value)) if len(value) <= 20 and _INTEGER.fullmatch(value) else UNKNOWN
    assert isinstance(value, (int, float))
    return _plain(float(trunc(value))) if isinstance(value, float) else value


def _date(value: object) -> object:
    if isinstance(value, PartialDate):
        return value
    try:
        return PartialDate.parse(str(value))
    except ValueError:
        return UNKNOWN


def _days(start: object, end: object) -> object:
    return _between(start, end, PartialDate.days_until)


def _years(start: object, end: object) -> object:
    return _between(start, end, PartialDate.years_until)


def _between(start: object, end: object, count: Callable[[PartialDate, PartialDate], int | None]) -> object:
    start, end = _date(start), _date(end)
    if not isinstance(start, PartialDate) or not isinstance(end, PartialDate):
        return UNKNOWN
    answer = count(start, end)
    return UNKNOWN if answer is None else answer


def _numbers(name: str, arguments: tuple[object, ...]) -> list[int | float] | None:
    """The numbers given, as arguments or as one list; None when one of them is unknown."""
    values = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], (list, tuple)) else arguments
    found = [known(value) for value in values]
    for value in found:
        if value is not UNKNOWN and type(value) not in NUMBERS:
            raise CelTypeError(f"{name}: an element is a {kind_of(value)}; number is accepted")
    if any(value is UNKNOWN for value in found):
        return None
    return found  # type: ignore[return-value]


def _sum(values: object) -> object:
    numbers = _numbers("sum", (values,))
    if numbers is None:
        return UNKNOWN
    total: int | float = 0
    # Plain addition from the left, as the browser does; Python's sum() compensates since 3.12.
    for number in numbers:
        step = finite(total + number)
        if step is UNKNOWN:
            return UNKNOWN
        total = step  # type: ignore[assignment]
    return total


def _min(*arguments: object) -> object:
    numbers = _numbers("min", arguments)
    return min(numbers) if numbers else UNKNOWN


def _max(*arguments: object) -> object:
    numbers = _numbers("max", arguments)
    return max(numbers) if numbers else UNKNOWN


def _kinds(*names: str) -> frozenset[str]:
    return frozenset(names)


_N, _T, _D, _L = _kinds("number"), _kinds("text"), _kinds("date", "text"), _kinds("list")

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("size", (_kinds("text", "list", "map"),), "number", _size),
        Function("matches", (_T, _T), "boolean", lambda text, pattern: pattern.search(text)),
        Function("startsWith", (_T, _T), "boolean", str.startswith),
        Function("endsWith", (_T, _T), "boolean", str.endswith),
        Function("contains", (_T, _T), "boolean", str.__contains__),
        Function("round", (_N, _N), "number", round_half_away, optional=1),
        Function("abs", (_N,), "number", abs),
        Function("min", (_N | _L, _N), "number", _min, optional=1, variadic=True),
        Function("max", (_N | _L, _N), "number", _max, optional=1, variadic=True),
        Function("sum", (_L,), "number", _sum),
        Function("double", (_N | _T,), "number", _double),
        Function("int", (_N | _T,), "number", _int),
        Function("string", (_kinds("number", "text", "boolean", "date"),), "text", _text),
        Function("date", (_D,), "date", _date),
        Function("days", (_D, _D), "number", _days),
        Function("years", (_D, _D), "number", _years),
    )
}
"""Every function by name. `has` and the macros are syntax, not functions."""
