"""What a study package says of its sensors: channels and endpoints, from the plain data of its ``sensors.yaml``.

::

    channels:
      - {name: cgm, kind: glucose, unit: mg/dL, rate: 0.00333, resolution: 1, range: [40, 400]}
      - {name: heart, kind: heart_rate, unit: /min, privilege: allocation}    # it tells the arm: not for whoever is blinded
    endpoints:
      - time_in_range@1                 # as the catalogue has it
      - from: time_in_range@1           # as the catalogue has it, but for what is said here
        id: time_in_narrow_range
        version: 2
        settings: {at_least: {mg/dL: 70}, at_most: {mg/dL: 150}}
      - id: night_glucose               # all of it
        version: 1
        title: {en: Mean glucose of the night}
        kinds: [glucose]
        method: glucose_mean
        unit: mg/dL
        reference: Protocol, section 8.2
        window: night
        minimum: {hours: 6}
    record:
      - {form: CGM, days: [-14, -1], items: {TIR: time_in_range_visit@1}}     # ``helmont.signals.endpoints.recorded``
    alerts:
      - {kind: silent, hours: 24}                                             # ``helmont.signals.endpoints.alerts``

A version that was published is never changed: another definition has another version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from helmont.signals.channels import UNITS, Channel, Kind
from helmont.signals.endpoints.alerts import AlertRule, rule_of
from helmont.signals.endpoints.definition import (
    LANGUAGES,
    EndpointDefinition,
    Minimum,
    Summary,
    Window,
    parsed_key,
)
from helmont.signals.endpoints.methods import METHODS, Method
from helmont.signals.endpoints.recorded import Recorded, recorded_of
from helmont.signals.endpoints.settings import (
    ItemOf,
    Taker,
    at_least,
    listed,
    number,
    one_of,
    placed,
    settings_of,
    text,
    whole,
)
from helmont.signals.errors import SignalError
from helmont.signals.glucose.ranges import Bound

Known = Mapping[str, EndpointDefinition]
"""Definitions by ``id@version``."""
PRIVILEGES = ("allocation", "source")
"""What a channel may be under: whoever lacks the privilege sees neither its samples nor what is computed of them."""


@dataclass(frozen=True, slots=True)
class Sensors:
    """The channels that a study's devices have, the endpoints it computes, and the privilege of each channel that has one.

    ``record`` says which results become items of the participant's record, ``alerts`` when somebody has to look.
    """

    channels: tuple[Channel, ...]
    endpoints: tuple[EndpointDefinition, ...]
    privileges: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    record: tuple[Recorded, ...] = ()
    alerts: tuple[AlertRule, ...] = ()


def sensors_of(data: object, known: Known) -> Sensors:
    """Channels and endpoints; ``known`` are the definitions of the catalogue.

    Raises ``SignalError`` at the place of the first fault, such as ``endpoints[2].minimum.hours``.
    """
    taker = Taker(data, "")
    declared = taker.take("channels", listed(_declared), tuple[tuple[Channel, str | None], ...]())
    channels = tuple(channel for channel, _privilege in declared)
    names = {channel.name: channel for channel in channels}
    if len(names) < len(channels):
        raise SignalError("channels", "two channels of one name", "a name for each")

    def endpoint(entry: object, place: str) -> EndpointDefinition:
        return endpoint_of(entry, place, known)

    endpoints = taker.take("endpoints", listed(endpoint), tuple[EndpointDefinition, ...]())

    def recorded(entry: object, place: str) -> Recorded:
        return recorded_of(entry, place, endpoints)

    record = taker.take("record", listed(recorded), tuple[Recorded, ...]())

    def alert(entry: object, place: str) -> AlertRule:
        return rule_of(entry, place, names)

    alerts = taker.take("alerts", listed(alert), tuple[AlertRule, ...]())
    taker.done()
    keys = [endpoint.key for endpoint in endpoints]
    for count, one in enumerate(endpoints):
        place = f"endpoints[{count}]"
        if one.key in keys[:count]:
            raise SignalError(f"{place}.version", one.key, "one definition for each version of an endpoint")
        if one.channel is not None and one.channel not in names:
            raise SignalError(f"{place}.channel", repr(one.channel), ", ".join(names) or "a declared channel")
    for count, rule in enumerate(alerts):
        if any(rule.id == other.id for other in alerts[:count]):
            raise SignalError(f"alerts[{count}].id", rule.id, "a name of its own for each alert: id")
    private = {channel.name: privilege for channel, privilege in declared if privilege}
    return Sensors(channels, endpoints, MappingProxyType(private), record, alerts)


def channel_of(data: object, place: str) -> Channel:
    """One declared channel."""
    return _declared(data, place)[0]


def _declared(data: object, place: str) -> tuple[Channel, str | None]:
    """A channel, and the privilege that it is under."""
    taker = Taker(data, place)
    name = taker.take("name", text)
    kind = Kind(taker.take("kind", one_of(list(Kind))))
    unit = taker.take("unit", one_of(list(UNITS[kind])))
    rate = taker.optional("rate", number)
    resolution = taker.take("resolution", number, 1.0)
    low, high = taker.take("range", _limits, (-float("inf"), float("inf")))
    privilege = taker.optional("privilege", one_of(PRIVILEGES))
    taker.done()
    return placed(place, lambda: Channel(name, kind, unit, rate, resolution, (low, high))), privilege


def _limits(value: object, place: str) -> tuple[float, float]:
    found = listed(number)(value, place)
    if len(found) != 2:
        raise SignalError(place, list(found), "two numbers, the lower one first")
    return found[0], found[1]


def endpoint_of(data: object, place: str, known: Known) -> EndpointDefinition:
    """One endpoint: ``id@version`` of a known definition, one that differs from such, or one that is all given."""
    if isinstance(data, str):
        return _known(data, place, known)
    taker = Taker(data, place)
    base = taker.optional("from", lambda value, where: _known(text(value, where), where, known))
    return _definition(taker, base)


def _known(key: str, place: str, known: Known) -> EndpointDefinition:
    parsed_key(key, place)
    if key not in known:
        near = [name for name in known if name.partition("@")[0] == key.partition("@")[0]]
        raise SignalError(place, repr(key), ", ".join(near or known) or "a definition that is known")
    return known[key]


def _definition(taker: Taker, base: EndpointDefinition | None) -> EndpointDefinition:
    """A definition of its entries; what is left out is as in ``base``, when there is one."""
    name = taker.take("method", one_of(list(METHODS)), base.method if base else None)
    method, place = METHODS[name], taker.place
    same = base if base is not None and base.method == name else None
    kinds = taker.take("kinds", listed(_kind(method)), same.kinds if same else method.kinds)
    own = taker.optional("settings", lambda value, where: _settings(method, value, where))
    settings = own if own is not None else dict(same.settings) if same else _settings(method, {}, taker.at("settings"))
    values: dict[str, Any] = {
        "id": taker.take("id", text),
        "version": taker.take("version", whole),
        "titles": taker.take("title", _titles, dict(base.titles) if base else None),
        "kinds": kinds,
        "method": name,
        "unit": taker.take("unit", one_of(method.units), same.unit if same else _only(method.units)),
        "reference": taker.take("reference", text, base.reference if base else None),
        "window": Window(taker.take("window", one_of(list(Window)), str(base.window) if base else None)),
        "settings": settings,
        "minimum": taker.take("minimum", _minimum, base.minimum if base else Minimum()),
        "channel": taker.optional("channel", text) or (base.channel if base else None),
        "method_version": method.version,
    }
    each, summary = taker.optional("each", one_of(list(Window))), taker.optional("summary", one_of(list(Summary)))
    taker.done()
    values["each"], values["summary"] = Window(each) if each else None, Summary(summary) if summary else None
    if base is not None and each is None and summary is None and base.window is values["window"]:
        values["each"], values["summary"] = base.each, base.summary
    return placed(place, lambda: EndpointDefinition(**values))


def _only(units: tuple[str, ...]) -> str | None:
    """The unit of a method that has but one."""
    return units[0] if len(units) == 1 else None


def _kind(method: Method) -> Any:
    def read(value: object, place: str) -> Kind:
        return Kind(one_of(list(method.kinds))(value, place))

    return read


def _titles(value: object, place: str) -> dict[str, str]:
    taker = Taker(value, place)
    titles = {language: taker.optional(language, text) for language in LANGUAGES}
    taker.done()
    return {language: title for language, title in titles.items() if title is not None}


def _minimum(value: object, place: str) -> Minimum:
    taker = Taker(value, place)
    hours, share = taker.take("hours", at_least(0), 0.0), taker.take("share", at_least(0), 0.0)
    periods = taker.take("periods", whole, 1)
    taker.done()
    return placed(place, lambda: Minimum(hours, share, periods))


def _settings(method: Method, value: object, place: str) -> dict[str, Any]:
    """Every setting of the method as plain data, those that were left out with their default."""
    settings = settings_of(method.settings, value, place)
    found = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: _plain(setting) for name, setting in found.items() if setting is not None}


def _plain(setting: Any) -> Any:
    if isinstance(setting, Bound):
        limits = {"mg/dL": setting.mg_dl, "mmol/L": setting.mmol_l}
        return {unit: limit for unit, limit in limits.items() if limit is not None}
    if isinstance(setting, ItemOf):
        return {"form": setting.form, "item": setting.item}
    return setting
