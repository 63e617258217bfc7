"""The samples of a participant over time: how today goes, what came at any level of detail, and the endpoints of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.sensors.queries import traces
from helmont.sensors.queries.devices import now
from helmont.sensors.queries.traces import LiveChannel, Trace
from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import MICROSECOND, SECOND
from helmont.signals.wire.moments import moment
from helmont.study.units import unit_text
from helmont.web.dates import locale
from helmont.web.devices.endpoints import endpoints_of, provisional
from helmont.web.devices.happenings import happenings
from helmont.web.devices.looking import (
    MILLION,
    Looking,
    decimals_of,
    in_order,
    looking,
    moment_in,
    number_text,
    span_of,
)
from helmont.web.devices.views import KIND_NAMES
from helmont.web.studies import stream

NOW_AND_THEN = (Kind.BATTERY, Kind.WEIGHT, Kind.BLOOD_PRESSURE)
"""What is measured now and then: the time between is no gap."""
POINTS = (50, 4000)
ROWS = 200
DAY = 86_400
SPANS = (183 * DAY, 30 * DAY, 7 * DAY, DAY, 3600, 60, 1)


def _span_names() -> dict[int, str]:
    words = (_("6 months"), _("Month"), _("Week"), _("Day"), _("Hour"), _("Minute"), _("Second"))
    return dict(zip(SPANS, words, strict=True))


@require_safe
def participant(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The page; ``?from=&to=`` is the time it shows, and ``?values=`` the channel whose values stand in a table."""
    about = looking(request, study, number)
    events = stream.address(study)
    start, end = span_of(request, about.extent)
    marks = happenings(request, about)
    chosen = request.GET.get("values", "")
    context = {
        **_today(about),
        "about": about,
        "participant": about.participant,
        "events": events,
        "start": start,
        "end": end,
        "first": about.extent[0] if about.extent else 0,
        "last": about.extent[1] if about.extent else 0,
        "charts": _charts(about),
        "marks": [{"mark": each, "moment": moment_in(each.at, about.zone), **_around(each.at)} for each in marks],
        "mark_data": [asdict(each) for each in marks],
        "spans": _spans(start, end),
        "words": _words(),
        "locale": locale().replace("_", "-"),
        "endpoints": endpoints_of(about, start, end),
        "table": _table(about, chosen, start, end) if chosen else None,
    }
    return render(request, "web/devices/participant.html", context)


@require_safe
def today_so_far(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The part of the page that follows what comes."""
    about = looking(request, study, number)
    return render(request, "web/devices/today.html", {"events": stream.address(study), "about": about, **_today(about)})


@require_safe
def endpoint_values(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The part of the page with the endpoints of ``?from=&to=``."""
    about = looking(request, study, number)
    shown = endpoints_of(about, *span_of(request, about.extent))
    return render(request, "web/devices/endpoints.html", {"endpoints": shown, "about": about})


@require_safe
def data(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """``?channel=&from=&to=&points=``: one channel at the level of detail that fits, as JSON; moments in microseconds."""
    about = looking(request, study, number)
    points = request.GET.get("points", "1200")
    most = int(points) if points.isascii() and points.isdecimal() and len(points) < 6 else 1200
    found = _trace(
        about,
        request.GET.get("channel", ""),
        *span_of(request, about.extent),
        min(max(most, POINTS[0]), POINTS[1]),
    )
    response = HttpResponse(
        orjson.dumps(_plain(about, found), option=orjson.OPT_SERIALIZE_NUMPY), content_type="application/json"
    )
    response["Cache-Control"] = "no-store"
    return response


def _trace(about: Looking, channel: str, start: int, end: int, points: int) -> Trace:
    if channel in about.hidden or channel not in {each.name for each in about.channels}:
        raise NotFound(f"{about.key}#{channel[:60]}")
    try:
        return traces.trace(about.key, channel, start * MICROSECOND, end * MICROSECOND, points)
    except SignalError as fault:
        raise _refused(fault) from None


def _refused(fault: SignalError) -> Invalid:
    """Samples that are damaged: the page says where."""
    return Invalid([Fault(fault.place, str(fault.found), fault.accepted)])


def _due(about: Looking, found: Trace) -> tuple[tuple[int, int], ...]:
    """The gaps in the time that the participant had a device and that is past."""
    now_ = int(now().timestamp()) * SECOND
    given = [moment(each.assignment.starts, "starts") for each in about.worn]
    since = min([*given, *found.times[:1].tolist()], default=now_)
    clipped = ((max(start, since), min(end, now_)) for start, end in found.gaps)
    return tuple(span for span in clipped if span[0] < span[1])


def _plain(about: Looking, found: Trace) -> dict[str, Any]:
    """A trace as the script takes it: columns, moments in microseconds."""

    def spans(pairs: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        return [(start // MICROSECOND, end // MICROSECOND) for start, end in pairs]

    raw = found.level == "raw"
    return {
        "level": found.level,
        "level_text": _level_text(found),
        "seconds": found.seconds,
        "times": found.times // MICROSECOND,
        "axes": [
            {
                "name": name,
                "mean": found.mean[:, axis].copy(),
                "low": None if raw else found.low[:, axis].copy(),
                "high": None if raw else found.high[:, axis].copy(),
            }
            for axis, name in enumerate(found.axes)
        ],
        "extra": {name: column.copy() for name, column in found.extra.items()},
        "nonwear": spans(found.nonwear),
        "gaps": [] if found.kind in NOW_AND_THEN else spans(_due(about, found)),
    }


def _level_text(found: Trace) -> str:
    return _("every sample") if found.level == "raw" else _("means of %s") % found.level


def _charts(about: Looking) -> list[dict[str, Any]]:
    """What is drawn, one under the other: every channel, and the ENMO of each that is of acceleration."""
    charts = []
    for each in about.channels:
        one = {
            "channel": each.name,
            "kind": str(KIND_NAMES[each.kind]),
            "unit": unit_text(each.unit),
            "axes": list(each.axes),
            "extra": "",
            "decimals": decimals_of(about.declared.get(each.name)),
        }
        if each.kind is Kind.ACCELERATION:
            charts.append(
                {**one, "kind": _("Movement (ENMO)"), "unit": "mg", "axes": ["enmo"], "extra": "enmo", "decimals": 1}
            )
        charts.append(one)
    return [{**each, "id": f"chart-{place}"} for place, each in enumerate(charts)]


def _spans(start: int, end: int) -> list[dict[str, Any]]:
    """The lengths of time that one can choose, each about the middle of what is shown."""
    middle, shown = (start + end) // 2, (end - start) / MILLION
    names = _span_names()
    nearest = min(SPANS, key=lambda seconds: max(seconds / shown, shown / seconds))
    return [
        {
            "seconds": seconds,
            "name": names[seconds],
            "start": max(middle - seconds * MILLION // 2, 0),
            "end": max(middle - seconds * MILLION // 2, 0) + seconds * MILLION,
            "current": seconds == nearest and max(seconds / shown, shown / seconds) < 1.5,
        }
        for seconds in SPANS
    ]


def _around(at: int) -> dict[str, int]:
    """Half a day before and after a moment."""
    return {"start": max(at - DAY * MILLION // 2, 0), "end": at + DAY * MILLION // 2}


def _words() -> dict[str, str]:
    """What the script says."""
    return {
        "loading": _("Loading"),
        "failed": _("This could not be loaded. What was shown before still stands."),
        "nothing": _("Nothing was recorded in this time."),
        "to": pgettext("a span of time", "to"),
        "not_worn": _("Not worn"),
        "gap": _("Nothing received"),
    }


def _today(about: Looking) -> dict[str, Any]:
    instant = now()
    try:
        live = traces.live(about.key, instant)
    except SignalError as fault:
        raise _refused(fault) from None
    cards = [_card(about, each) for each in in_order(each for each in live if each.name not in about.hidden)]
    return {"cards": cards, "provisional": provisional(about, int(instant.timestamp() * MILLION))}


def _card(about: Looking, live: LiveChannel) -> dict[str, Any]:
    decimals = decimals_of(about.declared.get(live.name))
    more = min(decimals + (live.kind is not Kind.ACCELERATION), 3)
    card = {
        "live": live,
        "kind": KIND_NAMES[live.kind],
        "unit": unit_text(live.unit),
        "last": " / ".join(number_text(each, decimals) for each in live.last),
        "at": moment_in(live.last_at, about.zone) if live.last_at else "",
        "hour": round(100 * live.hour_share),
        "day": round(100 * live.day_share),
        "mean_unit": unit_text(live.unit),
        "mean_name": _("Mean"),
        "hour_mean": " / ".join(number_text(each, more) for each in live.hour_mean),
        "day_mean": " / ".join(number_text(each, more) for each in live.day_mean),
    }
    if live.kind is Kind.ACCELERATION:
        card |= {
            "mean_unit": "mg",
            "mean_name": _("ENMO"),
            "hour_mean": number_text(live.hour_enmo, 1),
            "day_mean": number_text(live.day_enmo, 1),
        }
    return card


def _table(about: Looking, channel: str, start: int, end: int) -> dict[str, Any]:
    """The values of a channel as they are drawn, at most ``ROWS`` of them."""
    found = _trace(about, channel, start, end, ROWS // 3)
    decimals = decimals_of(about.declared.get(channel))
    times, raw = (found.times // MICROSECOND).tolist(), found.level == "raw"
    rows = [
        {
            "moment": moment_in(times[place], about.zone, fine=raw),
            "values": [
                number_text(float(column[place, axis]), decimals)
                for axis in range(len(found.axes))
                for column in ((found.mean,) if raw else (found.low, found.mean, found.high))
            ],
        }
        for place in range(min(len(times), ROWS))
    ]
    heads = [
        f"{'' if axis == 'value' else axis} {word}".strip()
        for axis in found.axes
        for word in ((_("Value"),) if raw else (_("Lowest"), _("Mean"), _("Highest")))
    ]
    return {
        "channel": channel,
        "unit": unit_text(found.unit),
        "level": _level_text(found),
        "heads": heads,
        "rows": rows,
        "more": max(len(times) - ROWS, 0),
    }
