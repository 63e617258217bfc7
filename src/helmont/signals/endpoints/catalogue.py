"""The endpoints that come with the library: ``catalogue.yaml`` beside this module, in the form of a study's own.

A version that is there is never changed or taken away; a better definition is a further version.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from helmont.signals.endpoints.definition import EndpointDefinition
from helmont.signals.endpoints.reading import endpoint_of
from helmont.signals.endpoints.settings import Taker, listed


@cache
def catalogue() -> Mapping[str, EndpointDefinition]:
    """Every definition by ``id@version``, in the order of the file."""
    import yaml

    text = (files("helmont.signals.endpoints") / "catalogue.yaml").read_text(encoding="utf-8")
    known: dict[str, EndpointDefinition] = {}

    def read(entry: object, place: str) -> EndpointDefinition:
        definition = endpoint_of(entry, place, known)
        known[definition.key] = definition
        return definition

    taker = Taker(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), "")
    taker.take("endpoints", listed(read))
    taker.done()
    return MappingProxyType(known)


def newest() -> tuple[EndpointDefinition, ...]:
    """The highest version of every endpoint, in the order of the file."""
    found: dict[str, EndpointDefinition] = {}
    for definition in catalogue().values():
        if definition.id not in found or definition.version > found[definition.id].version:
            found[definition.id] = definition
    return tuple(found.values())
