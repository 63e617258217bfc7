"""Settings that are each participant's own: a definition names an item of the study's forms in place of a number.

::

    settings: {leg_length: {form: VS, item: LEGLEN}}

A value holds from its date on, until there is a later one: a time has the latest of its last day or before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from helmont.signals.endpoints.days import Period, Zones
from helmont.signals.endpoints.definition import EndpointDefinition
from helmont.signals.endpoints.methods import METHODS
from helmont.signals.endpoints.settings import ItemOf, settings_of
from helmont.signals.errors import SignalError


@dataclass(frozen=True, slots=True)
class Taken:
    """A value of the participant's in the ``unit`` of the setting, since a date (ISO 8601), and where it stands."""

    value: float
    unit: str
    since: str
    source: str = ""


Personal: TypeAlias = Mapping[ItemOf, Sequence[Taken]]
"""A participant's values of each item, in the order of time."""
NOTHING: Personal = {}


def items_of(definition: EndpointDefinition) -> dict[str, ItemOf]:
    """The settings of a definition that are items, by name."""
    named = [name for name, value in definition.settings.items() if isinstance(value, Mapping) and "item" in value]
    if not named:
        return {}
    settings = settings_of(METHODS[definition.method].settings, definition.settings, "settings")
    return {name: getattr(settings, name) for name in named}


def taken(items: Mapping[str, ItemOf], period: Period, zones: Zones, personal: Personal) -> dict[str, Taken]:
    """Of each setting the value that holds in a time, as far as there is one."""
    if not items:
        return {}
    last = zones.local(period.end - 1).date().isoformat()
    held = {name: [each for each in personal.get(item, ()) if each.since <= last] for name, item in items.items()}
    return {name: each[-1] for name, each in held.items() if each}


def settings_with(definition: EndpointDefinition, values: Mapping[str, Taken]) -> Any:
    """The settings of a definition with a participant's values; None where one cannot be, such as a leg of 9 metres.

    Raises ``SignalError`` for a definition whose own settings cannot be.
    """
    own = {name: each.value for name, each in values.items()}
    try:
        return settings_of(METHODS[definition.method].settings, {**definition.settings, **own}, "settings")
    except SignalError:
        if own:
            return None
        raise
