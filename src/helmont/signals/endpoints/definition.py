"""What a digital endpoint is, as data: how it is computed, over which time, and what must be there for it to count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from helmont.signals.channels import IDENTIFIER, Kind
from helmont.signals.endpoints.settings import canonical
from helmont.signals.errors import SignalError

LANGUAGES = ("en", "nl", "fr", "de")
_REFERENCE = re.compile(r"([a-z][a-z0-9_]{0,39})@([1-9][0-9]{0,5})")


class Window(StrEnum):
    """The time an endpoint is about."""

    DAY = "day"
    """From midnight to midnight, by the participant's clock."""
    NIGHT = "night"
    """From noon to noon."""
    VISIT = "visit window"
    """From one moment to another, as the schedule of the study gives them."""


class Summary(StrEnum):
    """How the values of days or nights become that of a visit window."""

    MEAN = "mean"
    MEDIAN = "median"
    LOWEST = "lowest"
    HIGHEST = "highest"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Minimum:
    """What must be there for the endpoint to count: ``hours`` and ``share`` (0 to 1) of the window with usable data.

    In a visit window that summarises days or nights these hold for each of them, and ``periods`` of them must be evaluable.
    """

    hours: float = 0.0
    share: float = 0.0
    periods: int = 1

    def __post_init__(self) -> None:
        if not self.hours >= 0:
            raise SignalError("hours", self.hours, "0 or more")
        if not 0 <= self.share <= 1:
            raise SignalError("share", self.share, "from 0 to 1")
        if self.periods < 1:
            raise SignalError("periods", self.periods, "1 or more")


@dataclass(frozen=True)
class EndpointDefinition:
    """One version of one endpoint.

    ``kinds`` are the kinds of channel it can be computed from, the first that there is; ``channel`` names one channel when
    the study has several of a kind. ``method`` names a function of ``helmont.signals.endpoints.methods`` and ``settings`` are
    its settings, all of them. ``unit`` is a UCUM code. A visit window is summarised from ``each`` day or night by ``summary``,
    or computed over its whole length when ``each`` is None. ``titles`` has a text for every language.
    """

    id: str
    version: int
    titles: Mapping[str, str]
    kinds: tuple[Kind, ...]
    method: str
    unit: str
    reference: str
    window: Window
    settings: Mapping[str, Any] = field(default_factory=dict)
    minimum: Minimum = Minimum()
    each: Window | None = None
    summary: Summary | None = None
    channel: str | None = None
    method_version: int = 1

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.id):
            raise SignalError("id", repr(self.id), "a letter, then letters a-z, digits and _, at most 40")
        if self.version < 1:
            raise SignalError("version", self.version, "1 or more")
        if not self.kinds:
            raise SignalError("kinds", "none", "at least one kind of channel")
        if "en" not in self.titles or not set(self.titles) <= set(LANGUAGES):
            raise SignalError("title", ", ".join(self.titles) or "none", f"en, and any of {', '.join(LANGUAGES[1:])}")
        if (self.each is None) != (self.summary is None):
            raise SignalError("each", f"{self.each} with summary {self.summary}", "both or neither")
        if self.each is not None and (self.window is not Window.VISIT or self.each is Window.VISIT):
            raise SignalError("each", f"{self.each} within a {self.window}", "day or night, within a visit window")
        if self.each is None and self.minimum.periods != 1:
            raise SignalError("minimum.periods", self.minimum.periods, "only where days or nights are summarised")
        object.__setattr__(self, "titles", MappingProxyType(dict(self.titles)))
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))

    def __reduce__(self) -> tuple[Any, ...]:
        """It passes between processes; its mappings are read-only views, which alone do not."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _again, (values | {"titles": dict(self.titles), "settings": dict(self.settings)},)

    @property
    def key(self) -> str:
        """``id@version``."""
        return f"{self.id}@{self.version}"

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits over everything a value depends on: all but titles and reference.

        ``method_version`` is in it: it changes when a method computes something else from the same settings.
        """
        what = {
            "id": self.id,
            "version": self.version,
            "kinds": self.kinds,
            "channel": self.channel,
            "method": [self.method, self.method_version],
            "settings": dict(self.settings),
            "unit": self.unit,
            "minimum": asdict(self.minimum),
            "window": [self.window, self.each, self.summary],
        }
        return "sha256:" + hashlib.sha256(canonical(what).encode()).hexdigest()

    def title(self, language: str) -> str:
        """The title in a language, or in English."""
        return self.titles.get(language, self.titles["en"])


def _again(values: dict[str, Any]) -> EndpointDefinition:
    return EndpointDefinition(**values)


def parsed_key(text: str, place: str) -> tuple[str, int]:
    """The id and the version of ``id@version``. Raises ``SignalError`` for another text."""
    found = _REFERENCE.fullmatch(text)
    if not found:
        raise SignalError(place, repr(text), "an endpoint and its version, such as time_in_range@1")
    return found[1], int(found[2])
