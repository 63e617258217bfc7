"""The endpoints of a participant as a page shows them: day by day, with why a day does not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from helmont.sensors.models import EndpointResult
from helmont.studies.queries import compiled
from helmont.study import sensing
from helmont.study.units import unit_text
from helmont.web.dates import day_text, page_language
from helmont.web.devices.looking import Looking, midnight, number_text

if TYPE_CHECKING:
    from helmont.signals.endpoints.definition import EndpointDefinition

MOST_DAYS = 31
REASON_NAMES = {
    "no_channel": gettext_lazy("no such channel"),
    "no_data": gettext_lazy("nothing recorded"),
    "too_little_wear": gettext_lazy("too little usable data"),
    "too_few_periods": gettext_lazy("too few evaluable days"),
    "no_value": gettext_lazy("no number for this data"),
    "not_possible": gettext_lazy("not possible with this device"),
    "not_in_record": gettext_lazy("not in the record by then"),
}
WIDE, HIGH = 160, 24  # the box of a small chart


@dataclass(frozen=True)
class Value:
    """What one endpoint came to in one time; ``why`` says why it does not count, ``open`` that the time is not over."""

    label: str
    text: str
    why: str
    open: bool


@dataclass(frozen=True)
class Bar:
    """One bar of a small chart; a ``hollow`` one does not count."""

    x: float
    y: float
    width: float
    height: float
    hollow: bool


@dataclass(frozen=True)
class EndpointRow:
    """One version of an endpoint over the days that are shown; ``cells`` go by the columns, None where there is no result."""

    title: str
    version: int
    unit: str
    night: bool
    cells: list[Value | None]
    bars: list[Bar]
    evaluable: int
    results: int


@dataclass(frozen=True)
class DayColumn:
    """A day of the participant's own clock; ``start`` and ``end`` in microseconds since 1970."""

    label: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Endpoints:
    """Days and nights as a table, visit windows as a list; ``left_out`` earlier days have no column."""

    columns: list[DayColumn]
    rows: list[EndpointRow]
    visits: list[tuple[EndpointRow, Value, int, int]]
    left_out: int


def definitions_of(about: Looking) -> Mapping[str, EndpointDefinition]:
    """The definitions by ``id@version``: those of the participant's version of the study, and the catalogue."""
    from helmont.signals.endpoints import catalogue

    found = dict(catalogue())
    sensors = sensing.sensors_of(compiled(about.study.key, about.participant.definition).study)
    return found | ({each.key: each for each in sensors.endpoints} if sensors else {})


def visible_results(about: Looking, start: int, end: int) -> list[EndpointResult]:
    """The results of times that meet the span (microseconds), but for those that rest on a hidden channel."""
    known = definitions_of(about)
    rows = EndpointResult.objects.filter(participant=about.key, start__lt=end, end__gt=start).order_by(
        "endpoint", "version", "start"
    )
    return [row for row in rows if not about.hidden & {row.channel, _channel(known, row)}]


def _channel(known: Mapping[str, EndpointDefinition], row: EndpointResult) -> str:
    definition = known.get(f"{row.endpoint}@{row.version}")
    return (definition.channel if definition else None) or ""


def title_of(known: Mapping[str, EndpointDefinition], row: EndpointResult) -> str:
    definition = known.get(f"{row.endpoint}@{row.version}")
    return definition.title(page_language()) if definition else row.endpoint


def value_of(row: EndpointResult) -> Value:
    why = "" if row.evaluable else str(REASON_NAMES.get(row.reason, row.reason))
    label = row.label.removeprefix(f"{row.participant}/")  # a visit window is named by its form and days
    return Value(label, number_text(row.value), why, not row.final)


def endpoints_of(about: Looking, start: int, end: int) -> Endpoints:
    """What came of the time from ``start`` to ``end``, microseconds since 1970."""
    results, known = visible_results(about, start, end), definitions_of(about)
    days = sorted({row.label for row in results if row.window in ("day", "night")})
    shown = days[-MOST_DAYS:]
    rows, visits = [], []
    for _key, group in groupby(results, key=lambda row: (row.endpoint, row.version, row.window)):
        each = list(group)
        if each[0].window in ("day", "night"):
            rows.append(_row(known, each, days, shown))
        else:
            visits += [(_row(known, [one], [], []), value_of(one), one.start, one.end) for one in each]
    return Endpoints(_columns(shown, about.zone), rows, visits, len(days) - len(shown))


def _row(
    known: Mapping[str, EndpointDefinition],
    results: Sequence[EndpointResult],
    days: Sequence[str],
    shown: Sequence[str],
) -> EndpointRow:
    by_label = {row.label: row for row in results}
    first = results[0]
    return EndpointRow(
        title_of(known, first),
        first.version,
        unit_text(first.unit),
        first.window == "night",
        [value_of(by_label[label]) if label in by_label else None for label in shown],
        _bars([by_label.get(label) for label in days]),
        sum(row.evaluable for row in results),
        len(results),
    )


def _bars(results: Sequence[EndpointResult | None]) -> list[Bar]:
    """A bar a day from zero, as high as the highest is."""
    most = max((abs(row.value) for row in results if row and row.value is not None), default=0.0)
    if not most:
        return []
    width = WIDE / len(results)
    found = []
    for place, row in enumerate(results):
        if row is not None and row.value is not None:
            high = max(round(abs(row.value) / most * HIGH, 1), 0.5)
            gap = min(width / 5, 2)
            found.append(
                Bar(round(place * width, 2), round(HIGH - high, 1), round(width - gap, 2), high, not row.evaluable)
            )
    return found


def _columns(days: Iterable[str], zone: str) -> list[DayColumn]:
    found = []
    for label in days:
        day = date.fromisoformat(label)
        after = (day + timedelta(days=1)).isoformat()
        found.append(DayColumn(label, day_text(day), midnight(label, zone), midnight(after, zone)))
    return found


def provisional(about: Looking, now: int) -> list[dict[str, object]]:
    """What today's and tonight's endpoints come to so far."""
    known = definitions_of(about)
    rows = visible_results(about, now, now + 1)
    return [
        {
            "title": title_of(known, row),
            "unit": unit_text(row.unit),
            "value": value_of(row),
            "night": row.window == "night",
        }
        for row in rows
        if row.window in ("day", "night") and row.value is not None
    ]
