"""Endpoints from what partitions gave: each a result that says what it was computed by, from and over which time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from statistics import fmean, median
from types import MappingProxyType
from typing import Any

from helmont.signals.endpoints.days import Period, Zones, days, nights
from helmont.signals.endpoints.definition import EndpointDefinition, Summary, Window
from helmont.signals.endpoints.methods import METHODS, Measured
from helmont.signals.endpoints.partition import Partial
from helmont.signals.endpoints.personal import NOTHING, Personal, Taken, items_of, settings_with, taken
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


class Reason(StrEnum):
    """Why an endpoint is not evaluable."""

    NO_CHANNEL = "no_channel"
    NO_DATA = "no_data"
    TOO_LITTLE_WEAR = "too_little_wear"
    TOO_FEW_PERIODS = "too_few_periods"
    NO_VALUE = "no_value"
    NOT_POSSIBLE = "not_possible"
    NOT_IN_RECORD = "not_in_record"


REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NO_CHANNEL: "No channel that it can be computed from was recorded.",
        Reason.NO_DATA: "Nothing was recorded in this time.",
        Reason.TOO_LITTLE_WEAR: "There is less usable data than the definition asks for.",
        Reason.TOO_FEW_PERIODS: "Fewer days or nights are evaluable than the definition asks for.",
        Reason.NO_VALUE: "The method gives no number for this data.",
        Reason.NOT_POSSIBLE: "The recording does not have what the method needs.",
        Reason.NOT_IN_RECORD: "By then the participant's record had no value that the method needs and can use.",
    }
)
"""The reasons in words."""


@dataclass(frozen=True, slots=True)
class Result:
    """One endpoint over one time.

    ``value`` is in ``unit``. It is there as soon as it can be computed, also while ``evaluable`` is False, as for a day that is
    not over; ``reason`` then says why it does not count. ``wear`` is in minutes, None where it has no meaning. ``endpoint``,
    ``version`` and ``digest`` name the definition, ``channel`` the channel it was computed from. ``start`` and ``end`` are
    nanoseconds since 1970; ``label`` is the local date of a day or night, or the name of a visit window.
    """

    endpoint: str
    version: int
    digest: str
    window: Window
    label: str
    start: int
    end: int
    unit: str
    value: float | None
    evaluable: bool
    reason: Reason | None
    wear: float | None
    channel: str | None
    details: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "details"} | {
            "details": dict(self.details)
        }


def compute(
    definition: EndpointDefinition,
    partial: Partial,
    period: Period,
    zones: Zones | None = None,
    personal: Personal = NOTHING,
) -> Result:
    """The endpoint over one period of a participant's partial, which should hold all of it.

    ``zones`` are needed for definitions that summarise days or nights of a visit window, without them these are of UTC;
    ``personal`` for definitions that name items of the participant's record. Raises ``SignalError`` for settings that the method
    cannot have.
    """
    zones = zones or Zones()
    items = items_of(definition)
    each = [
        _over(definition, partial, own, whole, len(items), taken(items, own, zones, personal))
        for own, whole in _times(definition, period, zones)
    ]
    return each[0] if definition.each is None else _summarised(definition, period, each)


def _times(definition: EndpointDefinition, period: Period, zones: Zones) -> list[tuple[Period, Period]]:
    """The times that are computed for a period: itself, or its days or nights as far as they lie in it; and each as a whole."""
    if definition.each is None:
        return [(period, period)]
    inner = days if definition.each is Window.DAY else nights
    return [
        (Period(one.label, max(one.start, period.start), min(one.end, period.end)), one)
        for one in inner(zones, period.start, period.end)
    ]


def taken_over(
    definition: EndpointDefinition, period: Period, zones: Zones, personal: Personal
) -> dict[str, tuple[Taken, ...]]:
    """The values of the participant's record that the endpoint over a period uses, by setting, each once."""
    items = items_of(definition)
    found: dict[str, dict[Taken, None]] = {}
    for own, _whole in _times(definition, period, zones) if items else ():
        for name, each in taken(items, own, zones, personal).items():
            found.setdefault(name, {})[each] = None
    return {name: tuple(values) for name, values in found.items()}


def _over(
    definition: EndpointDefinition,
    partial: Partial,
    period: Period,
    whole: Period,
    asked: int,
    values: Mapping[str, Taken],
) -> Result:
    """The endpoint over a time at once; when that is a part of a day, the minimum is still that of the ``whole`` day.

    ``values`` are those of the participant's record, of which so many are ``asked`` for.
    """
    method = METHODS[definition.method]
    found = partial.of(definition.kinds, definition.channel)
    if found is None:
        return _result(definition, period, None, Reason.NO_CHANNEL, None)
    channel, part = found
    settings = settings_with(definition, values) if len(values) == asked else None
    if settings is None:
        return _result(definition, period, None, Reason.NOT_IN_RECORD, channel)
    try:
        measured = method.compute(part, period.start, period.end, settings, definition.unit)
    except SignalError:  # such as no temperature beside the acceleration
        return _result(definition, period, None, Reason.NOT_POSSIBLE, channel)
    said = {**measured.details, **{name: each.value for name, each in values.items()}}
    return _result(definition, period, replace(measured, details=said), _reason(definition, measured, whole), channel)


def _reason(definition: EndpointDefinition, measured: Measured, period: Period) -> Reason | None:
    """Why what was measured does not count, if it does not."""
    if measured.wear == 0:
        return Reason.NO_DATA
    if measured.wear is None:
        return None if isfinite(measured.value) else Reason.NO_DATA
    least = max(definition.minimum.hours * HOUR, definition.minimum.share * (period.end - period.start))
    if measured.wear < least:
        return Reason.TOO_LITTLE_WEAR
    return None if isfinite(measured.value) else Reason.NO_VALUE


def _result(
    definition: EndpointDefinition,
    period: Period,
    measured: Measured | None,
    reason: Reason | None,
    channel: str | None,
) -> Result:
    known = measured is not None and isfinite(measured.value)
    return Result(
        endpoint=definition.id,
        version=definition.version,
        digest=definition.digest,
        window=definition.each or definition.window,
        label=period.label,
        start=period.start,
        end=period.end,
        unit=definition.unit,
        value=measured.value if measured is not None and known else None,
        evaluable=reason is None,
        reason=reason,
        wear=None if measured is None or measured.wear is None else measured.wear / MINUTE,
        channel=channel,
        details={name: value for name, value in measured.details.items() if isfinite(value)} if measured else {},
    )


WHOLLY = {Reason.NO_CHANNEL, Reason.NO_DATA, Reason.NOT_IN_RECORD}
"""Of a visit window as well, when it is why none of its days or nights counts."""
_SUMMARIES: Mapping[Summary, Callable[[Sequence[float]], float]] = {
    Summary.MEAN: fmean,
    Summary.MEDIAN: median,
    Summary.LOWEST: min,
    Summary.HIGHEST: max,
    Summary.SUM: sum,
}


def _summarised(definition: EndpointDefinition, period: Period, each: Sequence[Result]) -> Result:
    """The values of the evaluable days or nights as one."""
    counted = [one for one in each if one.evaluable and one.value is not None]
    values = [one.value for one in counted if one.value is not None]
    assert definition.summary is not None  # a definition that has ``each`` has it
    value = float(_SUMMARIES[definition.summary](values)) if values else None
    reason: Reason | None = None
    if len(counted) < definition.minimum.periods:
        silent = {one.reason for one in each}
        reason = silent.pop() if len(silent) == 1 and silent <= WHOLLY else None
        reason = reason or (Reason.TOO_FEW_PERIODS if each else Reason.NO_DATA)
    worn = [one.wear for one in each if one.wear is not None]
    return Result(
        endpoint=definition.id,
        version=definition.version,
        digest=definition.digest,
        window=Window.VISIT,
        label=period.label,
        start=period.start,
        end=period.end,
        unit=definition.unit,
        value=value,
        evaluable=reason is None,
        reason=reason,
        wear=sum(worn) if worn else None,
        channel=next((one.channel for one in each if one.channel), None),
        details={"periods": float(len(counted)), "of": float(len(each))},
    )


def summarise(
    definitions: Iterable[EndpointDefinition],
    partial: Partial,
    zones: Zones,
    visits: Iterable[Period] = (),
    personal: Personal = NOTHING,
) -> tuple[Result, ...]:
    """Every endpoint over every local day or night that the partial has a part of, or over every visit window.

    The order is that of the definitions, then of time.
    """
    of = {
        Window.DAY: days(zones, partial.start, partial.end),
        Window.NIGHT: nights(zones, partial.start, partial.end),
        Window.VISIT: tuple(visits),
    }
    return tuple(
        compute(definition, partial, period, zones, personal)
        for definition in definitions
        for period in of[definition.window]
    )
