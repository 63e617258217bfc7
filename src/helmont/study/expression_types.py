"""The types of the names an expression reads, so that ``WEIGHT == "heavy"`` is found before anybody saves a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helmont.study.cel import ANY, BOOLEAN, DATE, NUMBER, TEXT, Expression, Type, infer, list_of, map_of
from helmont.study.model import Form, Group, Item
from helmont.study.names import Name, Scope

_BY_ITEM_TYPE: Mapping[str, Type] = {
    "integer": NUMBER,
    "decimal": NUMBER,
    "date": DATE,
    "datetime": DATE,
    "multiselect": list_of(TEXT),
}
_BY_CONTEXT_NAME: Mapping[str, Type] = {"visit.date": DATE, "visit.number": NUMBER, "today": DATE}


def check_types(expression: Expression, names: Mapping[str, Name], scope: Scope, wanted: Iterable[str]) -> str:
    """What does not fit in an expression whose names were resolved, or "" when all does.

    ``wanted`` are the kinds its value may have. Raises ``CelTypeError`` where the parts of the expression do not fit
    each other.
    """
    found = infer(expression, dict(_typed(dotted, name, scope) for dotted, name in names.items()))
    if found.kind == "any" or found.kind in wanted:
        return ""
    return f"the value is a {found.kind}, not a {' or '.join(wanted)}"


def _typed(dotted: str, name: Name, scope: Scope) -> tuple[str, Type]:
    """The part of a dotted name that stands for something, and its type; what is written after it must be a field."""
    match name.kind:
        case "context":
            return dotted, _BY_CONTEXT_NAME.get(dotted, TEXT)
        case "form" if not name.item:
            fields = map_of(_fields(scope.forms[name.form]))
            return dotted, list_of(fields) if name.reference.startswith("log.") else fields
        case "form":
            return f"{name.reference}.{name.item}", _fields(scope.forms[name.form])[name.item]
        case _:
            assert scope.form is not None  # an item or group was found in it
            return name.item, _fields(scope.form, rows_too=True)[name.item]


def _fields(form: Form, *, rows_too: bool = False) -> dict[str, Type]:
    """Types by name: single items and repeating groups, and with ``rows_too`` the items within the groups."""
    found: dict[str, Type] = {}
    for group in form.groups:
        if group.repeats is not None:
            found[group.id] = list_of(map_of(_items(group)))
        if group.repeats is None or rows_too:
            found |= _items(group)
    return found


def _items(group: Group) -> dict[str, Type]:
    return {item.id: type_of_item(item) for item in group.items}


def type_of_item(item: Item) -> Type:
    """The type an item's value has in expressions."""
    if item.type == "calculated":
        return NUMBER if item.decimals is not None or item.unit else ANY
    return _BY_ITEM_TYPE.get(item.type, TEXT)


RULE = (BOOLEAN.kind,)
CALCULATION = (NUMBER.kind, TEXT.kind, DATE.kind)
