"""Whether a value of one item can be the value of another, without changing what it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from helmont.study.form_rules import CompiledItem
from helmont.study.model import Codelist, Item
from helmont.study.units import UnitFault, convert
from helmont.study.values import Value, ValueFault

Misfit = ValueFault
LEAST_DIGITS = 3
"""A converted number keeps as many digits as were read, and at least these."""
COARSE = Decimal("0.01")
"""A conversion that rounding changes by more than this part is left to people."""
NUMERIC = frozenset({"integer", "decimal", "calculated"})
_READ = ("type", "unit", "units", "standard_unit", "hard_range", "length", "decimals", "partial", "future", "file")


def reads_alike(old: Item, new: Item, old_list: Codelist | None, new_list: Codelist | None) -> bool:
    """Whether every value that ``old`` accepted is one that ``new`` accepts, for as far as the definition tells."""
    if old is new:
        return True
    if any(getattr(old, name) != getattr(new, name) for name in _READ):
        return False
    if old_list is new_list or old_list is None or new_list is None:
        return old_list is new_list
    return {term.code for term in old_list.terms} <= {term.code for term in new_list.terms}


def fit(old: Item, new: CompiledItem, value: Value, terms: Mapping[str, str], today: date) -> Value:
    """``value`` of ``old`` as a value of ``new``; raises ``ValueFault`` saying why it cannot be one.

    ``terms`` says which code takes the place of a retired one. What was not done, and what was redacted, fits anywhere.
    """
    if isinstance(value, Mapping) and ("not_done" in value or "redacted" in value):
        if new.calculation is not None:
            raise Misfit("this is calculated now")
        return value
    if new.calculation is not None:
        if old.type == "calculated":
            return value
        raise Misfit("this is calculated now")
    fitted = new.parse(_written(old, new.item, value, terms), today)
    if fitted is None:
        raise Misfit("nothing is left of it")
    return fitted


def _written(old: Item, new: Item, value: Value, terms: Mapping[str, str]) -> Any:
    """The value as one would enter it for ``new``."""
    match new.type:
        case "codelist" | "multiselect":
            codes = [terms.get(code, code) for code in (value if isinstance(value, list) else [str(value)])]
            if isinstance(value, Mapping):
                raise Misfit("a quantity or a file is not one of the answers")
            if new.type == "codelist" and len(codes) > 1:
                raise Misfit("%(count)s answers were chosen, and one is asked for", count=len(codes))
            return codes if new.type == "multiselect" else codes[0]
        case "integer" | "decimal":
            return _quantity(old, new, value)
        case "text":
            return _text(old, value)
        case "file":
            return value
    if not isinstance(value, str):
        raise Misfit("this is not a text")
    return value


def _quantity(old: Item, new: Item, value: Value) -> Any:
    number, unit = (value, old.unit or "") if isinstance(value, str) else _measured(value)
    if not new.units:
        if (old.type in NUMERIC or unit) and unit != (new.unit or ""):
            return _converted(number, unit, new.unit or "", new)
        return number
    if unit not in new.units:
        standard = new.standard_unit or new.units[0]
        return {"value": _converted(number, unit, standard, new), "unit": standard}
    return {"value": number, "unit": unit}


def _converted(number: str, was: str, now: str, new: Item) -> str:
    """The number in another unit of the same dimension, with as many digits as it had or as the item takes."""
    why = Misfit("measured in %(was)s, and asked in %(now)s", was=was or "-", now=now or "-")
    if not was or not now:
        raise why
    try:
        read = Decimal(number)
        exact = convert(read, was, now)
    except (UnitFault, InvalidOperation):
        raise why from None
    if not exact:
        return "0"
    digits = max(len(read.as_tuple().digits), LEAST_DIGITS)
    decimals = max(0, digits - 1 - exact.adjusted())
    most = 0 if new.type == "integer" else new.decimals
    decimals = decimals if most is None else min(decimals, most)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    if abs(rounded - exact) > abs(exact) * COARSE:
        raise Misfit(
            "%(value)s %(now)s cannot be written exactly enough here", value=format(exact.normalize(), "f"), now=now
        )
    return format(rounded, "f")


def _measured(value: Value) -> tuple[Any, str]:
    if isinstance(value, Mapping) and "value" in value and "unit" in value:
        return value["value"], str(value["unit"])
    raise Misfit("this is not a number")


def _text(old: Item, value: Value) -> str:
    if isinstance(value, str):
        return f"{value} {old.unit}" if old.unit and old.type in NUMERIC else value
    if isinstance(value, list):
        return ", ".join(value)
    number, unit = _measured(value)
    return f"{number} {unit}"
