"""The attributes of the model's classes as they are called in JSON, with their types."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


@dataclasses.dataclass(frozen=True, slots=True)
class Attribute:
    """``name`` in Python and ``key`` in JSON; ``kind`` is the type of one value, of which there are ``many`` or one."""

    name: str
    key: str
    kind: Any
    many: bool
    required: bool


@cache
def attributes(kind: type) -> tuple[Attribute, ...]:
    """The attributes of a class of the model, in its order."""
    hints = get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        hint, many = hints[field.name], False
        if get_origin(hint) is tuple:
            hint, many = get_args(hint)[0], True
        elif get_origin(hint) in (Union, UnionType):
            (hint,) = (each for each in get_args(hint) if each is not type(None))
        key = re.sub(r"_([a-z])", lambda match: match[1].upper(), field.name)
        found.append(Attribute(field.name, key, hint, many, field.default is dataclasses.MISSING))
    return tuple(found)
