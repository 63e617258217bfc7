"""Plain data, as YAML or JSON holds it, read into declared types: every fault with its place and what would be accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar, get_type_hints

from helmont.signals.errors import SignalError
from helmont.signals.glucose.ranges import Bound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ItemOf:
    """An item of a form of the study, whose value (in ``unit``) each participant has their own of."""

    form: str
    item: str
    unit: str


class Taker:
    """The entries of one mapping, taken one by one; what is left at the end is a fault."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, Mapping):
            raise SignalError(place or "file", _shown(data), "a mapping")
        self.left, self.place, self.known = dict(data), place, list[str]()

    def at(self, name: str) -> str:
        """The place of an entry."""
        return f"{self.place}.{name}" if self.place else name

    def take(self, name: str, read: Callable[[object, str], T], default: T | None = None) -> T:
        """The entry ``name``, read; without it ``default``, or a fault when that is None."""
        self.known.append(name)
        if name not in self.left:
            if default is None:
                raise SignalError(self.at(name), "missing", "given")
            return default
        return read(self.left.pop(name), self.at(name))

    def optional(self, name: str, read: Callable[[object, str], T]) -> T | None:
        """The entry ``name``, read, or None where there is none."""
        self.known.append(name)
        value = self.left.pop(name, None)
        return None if value is None else read(value, self.at(name))

    def done(self) -> None:
        """Raise ``SignalError`` for an entry that nobody took."""
        for name in self.left:
            raise SignalError(self.at(str(name)), "an unknown entry", ", ".join(self.known))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def text(value: object, place: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise SignalError(place, _shown(value), "a text")
    return value


def number(value: object, place: str) -> float:
    """A finite number; a text that is one will do, as a YAML reader that keeps what was written gives."""
    if isinstance(value, (int, float, Decimal, str)) and not isinstance(value, bool):
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if isfinite(found):
            return found
    raise SignalError(place, _shown(value), "a number")


def whole(value: object, place: str) -> int:
    """A whole number."""
    found = number(value, place)
    if found != int(found):
        raise SignalError(place, _shown(value), "a whole number")
    return int(found)


def at_least(least: float) -> Callable[[object, str], float]:
    """A number that is not below ``least``."""

    def read(value: object, place: str) -> float:
        found = number(value, place)
        if found < least:
            raise SignalError(place, _shown(value), f"a number of at least {least:g}")
        return found

    return read


def one_of(known: Sequence[str]) -> Callable[[object, str], str]:
    """One of the texts."""

    def read(value: object, place: str) -> str:
        if not isinstance(value, str) or value not in known:
            raise SignalError(place, _shown(value), ", ".join(known))
        return value

    return read


def listed(read: Callable[[object, str], T]) -> Callable[[object, str], tuple[T, ...]]:
    """A list whose entries are each read."""

    def whole_list(value: object, place: str) -> tuple[T, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise SignalError(place, _shown(value), "a list")
        return tuple(read(entry, f"{place}[{count}]") for count, entry in enumerate(value))

    return whole_list


def bound(value: object, place: str) -> Bound:
    """A limit of glucose: a mapping with ``mg/dL``, ``mmol/L`` or both."""
    taker = Taker(value, place)
    found = taker.optional("mg/dL", number), taker.optional("mmol/L", number)
    taker.done()
    return placed(place, lambda: Bound(*found))


def own_in(unit: str) -> Callable[[object, str], float | ItemOf]:
    """A number in a unit; or the form and the item that have it of each participant."""

    def read(value: object, place: str) -> float | ItemOf:
        if not isinstance(value, Mapping):
            return number(value, place)
        taker = Taker(value, place)
        found = ItemOf(taker.take("form", text), taker.take("item", text), unit)
        taker.done()
        return found

    return read


_READERS: Mapping[object, Callable[[object, str], Any]] = {
    float: number,
    float | None: number,
    int: whole,
    str: text,
    str | None: text,
    Bound | None: bound,
}


def settings_of(kind: type[T], data: object, place: str) -> T:
    """The settings of a method, a frozen dataclass, from a mapping; what is left out has the default of its field.

    A field whose metadata have a ``unit`` may be an ``ItemOf`` in place of a number.
    Raises ``SignalError`` at the place of a setting that is unknown, of another type, or not possible.
    """
    assert is_dataclass(kind)  # every method's settings are
    taker, hints = Taker(data, place), get_type_hints(kind)
    values: dict[str, Any] = {}
    for each in fields(kind):
        read = own_in(each.metadata["unit"]) if "unit" in each.metadata else _READERS[hints[each.name]]
        found = taker.optional(each.name, read)
        if found is not None:
            values[each.name] = found
        elif each.default is MISSING:
            raise SignalError(taker.at(each.name), "missing", "given")
    taker.done()
    return placed(place, lambda: kind(**values))


def placed(place: str, make: Callable[[], T]) -> T:
    """What is made, or its fault at a place within ``place``."""
    try:
        return make()
    except SignalError as fault:
        raise SignalError(f"{place}.{fault.place}", fault.found, fault.accepted) from None


def canonical(value: Any) -> str:
    """JSON with sorted keys, no white space, and whole numbers without a point, as in RFC 8785."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value == int(value):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value
