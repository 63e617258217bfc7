"""What a study says beyond ODM, kept in an Alias and laid over what ODM says.

The Alias of the context ``helmont``, where there is one, holds the keys in which the study differs from the native content of
its element (``None`` takes a key away); ``overlaid`` puts the two together. The writer makes exactly that difference, so a
study comes back as it went, and what another tool edits in the native part is not overruled.
"""

from __future__ import annotations

from typing import Any

import orjson

from helmont.standards.odm.names import CONTEXT
from helmont.standards.odm.xml import Element, children, line_of, local


def oid_of(element: Element) -> str:
    return str(element.get("OID") or local(element))


class Lined(dict[str, Any]):
    """The keys of one definition, and the line of the file on which it stands."""

    line: int = 0

    @classmethod
    def at(cls, element: Element, **keys: Any) -> Lined:
        made = cls({key: value for key, value in keys.items() if value not in (None, "", (), [], {}, False)})
        made.line = line_of(element)
        return made


def overlaid(element: Element, native: Lined) -> Lined:
    """The native keys with those of the element's own Alias laid over them."""
    for alias in children(element, "Alias"):
        if alias.get("Context") == CONTEXT:
            try:
                rest = orjson.loads(alias.get("Name", ""))
            except orjson.JSONDecodeError:
                rest = None
            for key, value in rest.items() if isinstance(rest, dict) else ():
                if value is None:
                    native.pop(key, None)
                else:
                    native[key] = value
    return native
