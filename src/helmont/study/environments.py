"""Stored values as the values expressions compute with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from helmont.study.model import Item
from helmont.study.partial_dates import PartialDate
from helmont.study.units import convert
from helmont.study.values import Value, format_number

Reader = Callable[[Value], object]
"""From a canonical value to an int, float, str, list or PartialDate; ``None`` when it was not done."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2})?)?")


def value_reader(item: Item) -> Reader:
    """How the stored values of an item are read; numbers whose unit was chosen become numbers in the standard unit."""
    match item.type:
        case "integer" | "decimal" if item.units:
            return _quantity_reader(item.standard_unit or item.units[0])
        case "integer":
            return lambda value: int(value) if type(value) is str else None
        case "decimal":
            return lambda value: float(value) if type(value) is str else None
        case "date" | "datetime":
            return lambda value: PartialDate.parse(value) if type(value) is str else None
        case "calculated":
            return lambda value: _calculated(value) if type(value) is str else None
        case "file":
            return lambda value: value.get("name") if isinstance(value, Mapping) else None
        case _:
            return lambda value: None if isinstance(value, Mapping) else value


def _quantity_reader(standard: str) -> Reader:
    def read(value: Value) -> object:
        if not isinstance(value, Mapping) or "value" not in value:
            return None
        return _in_standard_unit(str(value["value"]), str(value["unit"]), standard)

    return read


@lru_cache(maxsize=65536)
def _in_standard_unit(number: str, chosen: str, standard: str) -> float:
    # Exact arithmetic is slow, and measurements repeat themselves.
    return float(number) if chosen == standard else float(convert(Decimal(number), chosen, standard))


@lru_cache(maxsize=4096)
def _calculated(text: str) -> object:
    if _NUMBER.fullmatch(text):
        return float(text)
    return PartialDate.parse(text) if _DATE.fullmatch(text) else text


def calculated_value(result: object, decimals: int | None) -> str | None:
    """What is stored of a calculation: numbers with their declared decimals, dates as ISO 8601, unknown as ``None``."""
    match result:
        case bool():
            return "true" if result else "false"
        case int() | float():
            exact = Decimal(repr(result))
            if decimals is not None:
                return format_number(exact, decimals)
            text = format(exact, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case str() | PartialDate():
            return str(result) or None
        case date():
            return result.isoformat()
        case _:
            return None
