"""A design as a declared object: its settings are its fields, and one digest names it.

The same object is what a protocol holds, what gives the decision tables and operating characteristics before a trial, and what
takes the next decision during it. Every design is a frozen dataclass that inherits from ``Declared`` and takes a decorator::

    @design
    @dataclass(frozen=True, kw_only=True)
    class Boin(Declared): ...

Its digest is SHA-256 over canonical JSON of ``to_dict()``; two designs are the same design exactly if their digests agree, so
that 3 and 3.0 are the same setting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from importlib import import_module
from math import isinf
from typing import Any, ClassVar, Self, TypeVar

from helmont.design.checking import DesignError
from helmont.design.results import Plain, plain

DESIGNS: dict[str, type[Declared]] = {}
"""Every design that was loaded, by its name; ``helmont.design.DESIGNS`` loads all."""


@dataclass(frozen=True)
class Declared:
    """What all designs share. Fields hold numbers, strings, tuples of them, other ``Declared`` objects, or None."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def kind(self) -> str:
        """The name of the design, as ``from_dict`` takes it."""
        return type(self).__name__

    def to_dict(self) -> dict[str, Plain]:
        """The settings with their names, ready for JSON; ``design`` names the kind."""
        return {"design": self.kind, **{each.name: _plain(getattr(self, each.name)) for each in fields(self)}}

    @property
    def canonical(self) -> str:
        """``to_dict()`` as JSON with sorted keys, no white space, and whole numbers without a point (as in RFC 8785)."""
        text = _canonical(self.to_dict())
        return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits over the canonical JSON."""
        return "sha256:" + hashlib.sha256(self.canonical.encode()).hexdigest()

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """The design whose ``to_dict()`` gave ``settings``. Raises ``DesignError`` for an unknown design or setting."""
        values = {name: _declared(value) for name, value in settings.items() if name != "design"}
        name = settings.get("design", cls.__name__)
        kind = _kind(str(name))
        if kind is None or not issubclass(kind, cls):
            raise DesignError("design", name, f"one of {', '.join(sorted(DESIGNS))}")
        known = {each.name for each in fields(kind)}
        for name in values:
            if name not in known:
                raise DesignError(name, values[name], f"a setting of {kind.__name__}: {', '.join(sorted(known))}")
        for each in fields(kind):
            if each.default is MISSING and each.default_factory is MISSING and each.name not in values:
                raise DesignError(each.name, None, f"given: {kind.__name__} has no default for it")
        try:
            return kind(**values)
        except DesignError:
            raise
        except (TypeError, ValueError) as fault:  # a setting of another type
            raise DesignError(kind.__name__, values, f"given settings of the right types ({fault})") from None


D = TypeVar("D", bound=type[Declared])


def design(kind: D) -> D:
    """Make a kind of design known by its name, so that ``from_dict`` finds it."""
    DESIGNS[kind.__name__] = kind
    return kind


def _kind(name: str) -> type[Declared] | None:
    if name not in DESIGNS:
        import_module("helmont.design").designs()
    return DESIGNS.get(name)


_BOUNDLESS = ("-inf", "inf")
"""What JSON has no number for."""


def _canonical(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_canonical(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _plain(value: object) -> Plain:
    if isinstance(value, Declared):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and isinf(value):
        return _BOUNDLESS[value > 0]
    return plain(value)


def _declared(value: Any) -> Any:
    """Settings as they are declared: lists of JSON are tuples, a mapping that names a design is one, "inf" is a number."""
    if isinstance(value, Mapping) and "design" in value:
        return Declared.from_dict(value)
    if isinstance(value, str) and value in _BOUNDLESS:
        return float(value)
    return tuple(_declared(each) for each in value) if isinstance(value, (list, tuple)) else value
