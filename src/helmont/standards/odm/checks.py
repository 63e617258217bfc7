"""RangeCheck in both directions of thought: limits of an item, and rules that are more than limits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from helmont.standards.odm.xml import Element, child, children, content, texts

if TYPE_CHECKING:
    from helmont.standards.odm.definitions import Definitions
    from helmont.standards.odm.overlay import Lined

Checks = list[dict[str, Any]]
_SIGNS = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "EQ": "==", "NE": "!="}


def range_checks(definitions: Definitions, element: Element, item: Lined) -> Checks:
    """Put the inclusive limits of an ItemDef into ``item`` (``range``, ``hard_range``); what remains are checks.

    A check here has no form yet, and an id only when the ItemDef names it.
    """
    numeric = item.get("type") in ("integer", "decimal", "calculated")
    limits: dict[str, dict[str, str]] = {}
    found: Checks = []
    for check in children(element, "RangeCheck"):
        hard = check.get("SoftHard") == "Hard"
        comparator = check.get("Comparator", "")
        values = [content(one) for one in children(check, "CheckValue")]
        message = texts(child(check, "ErrorMessage"), definitions.language)
        side = {"GE": "min", "LE": "max"}.get(comparator)
        name = "hard_range" if hard else "range"
        plain = numeric and side and len(values) == 1 and _number(values[0]) and side not in limits.get(name, {})
        if plain and not (hard and item["type"] == "calculated"):
            limits.setdefault(name, {})[str(side)] = values[0]
            continue
        expression = next(_expressions(check), None) or _comparison(item, comparator, values)
        if expression is None:
            definitions.note(check, element.get("OID", ""), "this range check is not taken over")
            continue
        said = message or {definitions.language: f"{item['id']}: {comparator or 'check'} {' '.join(values)}".strip()}
        found.append(
            {"item": item["id"], "expression": expression, "message": said, **({"severity": "refuse"} if hard else {})}
        )
    item.update(limits)
    return found


def _expressions(check: Element) -> Iterator[str]:
    return (content(one) for one in children(check, "FormalExpression") if one.get("Context", "").upper() == "CEL")


def _comparison(item: Lined, comparator: str, values: list[str]) -> str | None:
    """A comparison as CEL: ``AGE > 18``; None for one that is not understood."""
    number = item.get("type") in ("integer", "decimal", "calculated")
    if (
        not values
        or any(number and not _number(value) for value in values)
        or item.get("type") in ("date", "datetime", "time")
    ):
        return None
    quoted = [value if number else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    if comparator in ("IN", "NOTIN"):
        inside = f"{item['id']} in [{', '.join(quoted)}]"
        return inside if comparator == "IN" else f"!({inside})"
    return f"{item['id']} {_SIGNS[comparator]} {quoted[0]}" if comparator in _SIGNS and len(quoted) == 1 else None


def _number(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and len(text) < 16 and "E" not in text.upper()
    except InvalidOperation:
        return False
