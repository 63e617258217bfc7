"""When somebody has to look at what a device sends, or does not: rules of ``sensors.yaml``, and where samples meet them.

::

    alerts:
      - {kind: silent, hours: 24}                                    # nothing received for so long, of one channel or any
      - {kind: battery, channel: battery, below: 15}
      - {kind: range, channel: cgm, below: 3.0, above: 13.9, minutes: 15, roles: [investigator]}
      - {kind: range, id: very_low, channel: cgm, below: 2.5}

Limits are in the unit of the channel; a value at the limit is within it. ``id`` is the kind and the channel when it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import IDENTIFIER, Channel, Kind
from helmont.signals.endpoints.settings import Taker, at_least, listed, number, one_of, text
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

GAP = 3


class AlertKind(StrEnum):
    """What calls for somebody to look."""

    SILENT = "silent"
    BATTERY = "battery"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. ``below`` and ``above`` are in the unit of ``channel``; ``hours`` and ``minutes`` how long it must go on."""

    id: str
    kind: AlertKind
    channel: str | None = None
    hours: float = 0.0
    below: float | None = None
    above: float | None = None
    minutes: float = 0.0
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """A time out of range: nanoseconds since 1970, ``end`` just after the last sample; ``value`` the one farthest out."""

    start: int
    end: int
    value: float


def rule_of(data: object, place: str, channels: Mapping[str, Channel]) -> AlertRule:
    """One entry of ``alerts``. Raises ``SignalError`` with its place."""
    taker = Taker(data, place)
    kind = AlertKind(taker.take("kind", one_of(list(AlertKind))))
    channel = taker.optional("channel", one_of(list(channels)))
    if channel is None and kind is not AlertKind.SILENT:
        raise SignalError(taker.at("channel"), "missing", ", ".join(channels) or "a declared channel")
    name = taker.take("id", text, "_".join(filter(None, (kind.value, channel))))
    if not IDENTIFIER.fullmatch(name):
        raise SignalError(taker.at("id"), repr(name), "a letter, then letters a-z, digits and _, at most 40")
    roles = taker.take("roles", listed(text), tuple[str, ...]())
    if channel is None or kind is AlertKind.SILENT:
        hours = taker.take("hours", at_least(0.25))
        taker.done()
        return AlertRule(name, kind, channel, hours, roles=roles)
    if kind is AlertKind.BATTERY:
        if channels[channel].kind is not Kind.BATTERY:
            raise SignalError(taker.at("channel"), channel, "a channel of kind battery")
        below = taker.take("below", number)
        taker.done()
        return AlertRule(name, kind, channel, below=below, roles=roles)
    lowest, highest = taker.optional("below", number), taker.optional("above", number)
    minutes = taker.take("minutes", at_least(0), 0.0)
    taker.done()
    if lowest is None and highest is None:
        raise SignalError(place, "neither below nor above", "below, above, or both")
    if lowest is not None and highest is not None and lowest > highest:
        raise SignalError(taker.at("below"), lowest, f"at most {highest:g}, what is above")
    return AlertRule(name, kind, channel, below=lowest, above=highest, minutes=minutes, roles=roles)


def episodes(rule: AlertRule, times: NDArray[np.int64], values: NDArray[np.float32], step: int) -> list[Episode]:
    """Where a signal is out of the rule's range for its minutes at least, without coming back in between.

    ``times`` (samples,) in nanoseconds, in order, each standing for ``step``; ``values`` (samples, axes) in the channel's unit,
    of which one axis out of range is enough. Where nothing came for longer than ``GAP`` steps, and a quarter of an hour, an
    episode ends. Too low and too high are episodes of their own.
    """
    low = _beyond(rule, times, -values, step, -rule.below) if rule.below is not None else ()
    high = _beyond(rule, times, values, step, rule.above) if rule.above is not None else ()
    found = [*(Episode(each.start, each.end, -each.value) for each in low), *high]
    return sorted(found, key=lambda each: each.start)


def _beyond(
    rule: AlertRule, times: NDArray[np.int64], values: NDArray[np.float32], step: int, limit: float
) -> Sequence[Episode]:
    """Episodes of values above the limit."""
    if not len(times):
        return []
    worst = values.max(axis=1)
    out = worst > limit
    apart = np.diff(times) > max(GAP * step, 900 * SECOND)
    edges = np.flatnonzero((out[1:] != out[:-1]) | apart) + 1
    found = []
    for first, last in pairwise([0, *edges.tolist(), len(times)]):
        start, end = int(times[first]), int(times[last - 1]) + step
        if out[first] and end - start >= rule.minutes * 60 * SECOND:
            found.append(Episode(start, end, float(worst[first:last].max())))
    return found
