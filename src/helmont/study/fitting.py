"""Whether a value of one item can be the value of another, without changing what it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from helmont.study.form_rules import CompiledItem
from helmont.study.model import Codelist, Item
from helmont.study.values import Value, ValueFault

Misfit = ValueFault
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
            raise Misfit("measured in %(was)s, and asked in %(now)s", was=unit or "-", now=new.unit or "-")
        return number
    if unit not in new.units:
        raise Misfit("measured in %(was)s, and asked in %(now)s", was=unit or "-", now=", ".join(new.units))
    return {"value": number, "unit": unit}


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
