"""What a study says of devices, in ``sensors.yaml``: the channels it takes, and the endpoints that are computed of them.

    channels:
      - {name: wrist, kind: acceleration, unit: "[g]", rate: 100, resolution: 0.00390625, range: [-8, 8]}
      - {name: cgm, kind: glucose, unit: mmol/L, resolution: 0.1, range: [1.1, 33.3]}
    endpoints:
      - time_in_range_visit@1
    record:
      - {form: CGM, encounters: [WEEK_2], days: [-14, -1], items: {TIR: time_in_range_visit@1}}

The words are those of ``helmont.signals.endpoints.reading``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helmont.signals.errors import SignalError
from helmont.study.device_items import device_item_faults
from helmont.study.faults import Fault
from helmont.study.roles import wrong_role
from helmont.study.trial_design import plain

if TYPE_CHECKING:
    from helmont.signals.channels import Channel
    from helmont.signals.endpoints.reading import Sensors
    from helmont.study.model import Study
    from helmont.study.nodes import Node
    from helmont.study.reading import Reading

FILE = "sensors.yaml"
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def sensors_of(study: Study) -> Sensors | None:
    """What the study says of devices, None where it says nothing. Raises ``SignalError`` with the place in the file."""
    if study.sensors is None:
        return None
    from helmont.signals.endpoints import catalogue
    from helmont.signals.endpoints.reading import sensors_of as read

    found = read(plain(study.sensors), catalogue())
    if not found.channels:
        raise SignalError("channels", "none", "at least one channel")
    return found


def channels_of(study: Study) -> dict[str, Channel]:
    """The channels that the study takes, by name."""
    found = sensors_of(study)
    return {channel.name: channel for channel in found.channels} if found else {}


def by_name(sensors: Mapping[str, Any] | None) -> dict[str, dict[str, Any]] | None:
    """Channels by their name and endpoints by theirs, to be compared with those of another version."""
    if sensors is None:
        return None
    return {part: _named(entries) for part, entries in sensors.items()}


def _named(entries: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        name, times = _name(entry), 1
        while name in found:
            times += 1
            name = f"{_name(entry)} ({times})"
        found[name] = entry
    return found


def _name(entry: Any) -> str:
    """What tells an entry from the others: its name or id, the form with its encounters, what an alert is about."""
    if isinstance(entry, Mapping):
        if "form" in entry:
            return " ".join([str(entry["form"]), *map(str, entry.get("encounters", ()))])
        named = entry.get("name") or entry.get("id")
        return str(named or " ".join(str(entry[part]) for part in ("kind", "channel") if part in entry))
    return str(entry).partition("@")[0]


def check_sensors(study: Study, reading: Reading) -> None:
    """Report what the devices and endpoints cannot be, at its line."""
    if study.sensors is None:
        return
    _study, root, _place = reading.written[id(study)]
    here = (root.entries or {})["sensors"]
    try:
        sensors = sensors_of(study)
    except SignalError as fault:
        reading.fault(_at(here, fault.place), f"sensors.{fault.place}", str(fault.found), fault.accepted)
        return
    if sensors is None:
        return
    for place, found, accepted in (*device_item_faults(study, sensors), *_role_faults(sensors)):
        reading.fault(_at(here, place), f"sensors.{place}", found, accepted)


def _role_faults(sensors: Sensors) -> Iterator[tuple[str, str, str]]:
    """Alerts that would be for nobody."""
    for number, rule in enumerate(sensors.alerts):
        if wrong := wrong_role(rule.roles):
            at, found, accepted = wrong
            yield f"alerts[{number}].roles[{at}]", found, accepted


def check_sensors_against(old: Study, new: Study, folder: Path | None = None) -> list[Fault]:
    """What ``new`` says otherwise of channels and endpoints that ``old`` has; with lines when its folder is given.

    Samples are kept as counts and read by their channel, results are known by the version of their endpoint: neither may mean
    something else in another version of the study.
    """
    before, after = sensors_of(old), sensors_of(new)
    node = _written(folder)
    return [
        Fault(FILE, _at(node, place).line if node else 0, f"sensors.{place}", found, accepted)
        for place, found, accepted in (_changes(old.version, before, after) if before and after else ())
    ]


def _written(folder: Path | None) -> Node | None:
    from helmont.study.nodes import compose

    there = folder is not None and (folder / FILE).is_file()
    return compose((folder / FILE).read_bytes(), FILE, []) if folder is not None and there else None


def _changes(version: str, before: Sensors, after: Sensors) -> Iterator[tuple[str, str, str]]:
    channels = {channel.name: channel for channel in before.channels}
    for number, channel in enumerate(after.channels):
        known = channels.get(channel.name, channel)
        for part in ("kind", "unit", "resolution"):
            was, now = getattr(known, part), getattr(channel, part)
            if was != now:
                found = f"{part} of {channel.name} is {_shown(now)}, in version {version} it is {_shown(was)}"
                accepted = f"{part}: {_shown(was)}, as samples that came are read by it; or a channel of another name"
                yield f"channels[{number}].{part}", found, accepted
    endpoints = {endpoint.key: endpoint.digest for endpoint in before.endpoints}
    for number, endpoint in enumerate(after.endpoints):
        if endpoints.get(endpoint.key, endpoint.digest) != endpoint.digest:
            found = f"{endpoint.key} is defined otherwise in version {version}"
            yield (
                f"endpoints[{number}].version",
                found,
                f"version: {endpoint.version + 1}, or another number not used yet",
            )


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _at(node: Node, place: str) -> Node:
    """The node of the innermost part of a place such as ``endpoints[2].minimum.hours`` that is written."""
    for name, number in _STEP.findall(place):
        inner = (node.entries or {}).get(name) if name else (node.children or [])[int(number) : int(number) + 1]
        if not inner:
            break
        node = inner[0] if isinstance(inner, list) else inner
    return node
