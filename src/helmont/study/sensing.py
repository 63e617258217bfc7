"""What a study says of devices: the channels it takes, in ``sensors.yaml``.

channels:
  wrist: {kind: acceleration, unit: "[g]", rate: 100, resolution: 0.00390625, range: [-8, 8]}
  cgm: {kind: glucose, unit: mmol/L, resolution: 0.1, range: [1.1, 33.3]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.study.faults import one_of
from helmont.study.trial_design import plain

if TYPE_CHECKING:
    from helmont.study.model import Study
    from helmont.study.reading import Reading

FILE = "sensors.yaml"
PARTS = ("channels",)
_SETTINGS = ("kind", "unit", "rate", "resolution", "range")


@dataclass(frozen=True)
class Sensors:
    """The channels that a study takes, by name."""

    channels: Mapping[str, Channel]


@lru_cache(maxsize=64)
def _none() -> Sensors:
    return Sensors({})


def sensors_of(study: Study) -> Sensors:
    """What the study says of devices. Raises ``SignalError`` with the place in ``sensors.yaml``."""
    if study.sensors is None:
        return _none()
    said: dict[str, Any] = plain(study.sensors)
    for name in said:
        if name not in PARTS:
            raise SignalError(name, "not a part of sensors.yaml", one_of(PARTS))
    channels = said.get("channels")
    if not isinstance(channels, dict) or not channels:
        raise SignalError("channels", "missing", "at least one channel, by its name")
    return Sensors({name: _channel(name, settings) for name, settings in channels.items()})


def check_sensors(study: Study, reading: Reading) -> None:
    """Report what the devices cannot be, at its line."""
    if study.sensors is None:
        return
    try:
        sensors_of(study)
    except SignalError as fault:
        _study, root, _place = reading.written[id(study)]
        node = (root.entries or {})["sensors"]
        for name in fault.place.split("."):
            node = (node.entries or {}).get(name, node)
        reading.fault(node, f"sensors.{fault.place}", str(fault.found), fault.accepted)


def _channel(name: str, settings: Any) -> Channel:
    place = f"channels.{name}"
    if not isinstance(settings, dict):
        raise SignalError(place, "no settings", f"a mapping of {', '.join(_SETTINGS)}")
    for setting in settings:
        if setting not in _SETTINGS:
            raise SignalError(f"{place}.{setting}", "not a setting of a channel", one_of(_SETTINGS))
    kind = settings.get("kind")
    if kind not in tuple(Kind):
        raise SignalError(f"{place}.kind", repr(kind), one_of([each.value for each in Kind]))
    numbers = {each: _number(f"{place}.{each}", settings[each]) for each in ("rate", "resolution") if each in settings}
    limits = settings.get("range", [-float("inf"), float("inf")])
    if not isinstance(limits, list) or len(limits) != 2:
        raise SignalError(f"{place}.range", repr(limits), "two numbers, the lower one first")
    low, high = (_number(f"{place}.range", each) for each in limits)
    try:
        return Channel(name, Kind(kind), str(settings.get("unit", "")), **numbers, range=(low, high))
    except SignalError as fault:
        where = place if fault.place == "name" else f"{place}.{fault.place}"
        raise SignalError(where, fault.found, fault.accepted) from None


def _number(place: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignalError(place, repr(value), "a number")
    return float(value)
