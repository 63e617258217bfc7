"""Devices and sites compared: what came, how long it was worn, and how long it was on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.sensors.queries.devices import VIEW, now
from helmont.sensors.queries.overview import DeviceLine, Figures, by_site
from helmont.sensors.queries.overview import overview as figures_of
from helmont.studies.queries import sites_for
from helmont.web.access import actor, study_or_404, today
from helmont.web.devices.looking import number_text
from helmont.web.devices.views import duration, standing
from helmont.web.studies import stream

PAGE = 50
PERIODS = (1, 7, 28)
DAY_HOURS = 24
_LEAST = -1.0  # what is not known comes before nothing
SORTS: dict[str, Callable[[DeviceLine], Any]] = {
    "device": lambda line: line.worn.assignment.device,
    "participant": lambda line: line.worn.participant.number,
    "site": lambda line: (line.site, line.worn.assignment.device),
    "standing": lambda line: (-line.figures.silent, line.worn.received),
    "last": lambda line: line.worn.received,
    "received": lambda line: _known(line.figures.share),
    "wear": lambda line: _known(line.figures.hours_a_day),
    "half": lambda line: _known(line.figures.delay(0.5)),
    "most": lambda line: _known(line.figures.delay(0.95)),
}


def _known(value: float | None) -> float:
    return _LEAST if value is None else value


@require_safe
def overview(request: HttpRequest, study: str) -> HttpResponse:
    """``?days=&site=&sort=&page=``: a ``-`` before the column turns the order round."""
    study_or_404(request, study)
    person, day, events = actor(request), today(request), stream.address(study)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(each) for each in PERIODS} else PERIODS[0]
    lines = figures_of(person, study, day, now(), days)
    names = {row.number: row for row in sites_for(person, study, VIEW, day)}
    site, sort = request.GET.get("site", ""), request.GET.get("sort", "")
    mine = [line for line in lines if site in ("", line.site)]
    total = Figures()
    for line in mine:
        total.add(line.figures)
    column = sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "site"
    ordered = sorted(mine, key=SORTS[column], reverse=sort.startswith("-"))
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page", "1"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "events": events,
        "days": days,
        "periods": [(each, _("the last 24 hours") if each == 1 else _("the last %d days") % each) for each in PERIODS],
        "site": site,
        "sort": sort if column == sort.removeprefix("-") else "",
        "all_sites": list(names.values()),
        "total": _shown(total),
        "sites": [
            {"number": number, "name": getattr(names.get(number), "name", ""), **_shown(each)}
            for number, each in by_site(mine).items()
        ],
        "heads": _heads(column, sort.startswith("-")),
        "lines": [_line(line) for line in page],
    }
    return render(request, "web/devices/overview.html", context)


def _shown(figures: Figures) -> dict[str, Any]:
    share, hours = figures.share, figures.hours_a_day
    return {
        "devices": figures.devices,
        "silent": figures.silent,
        "share": None if share is None else 100 * share,
        "received": "–" if share is None else f"{100 * share:.0f} %",
        "worn": 100 * (hours or 0.0) / DAY_HOURS,
        "wear": number_text(hours, 1),
        "p50": duration(figures.delay(0.5)),
        "p95": duration(figures.delay(0.95)),
    }


def _line(line: DeviceLine) -> dict[str, Any]:
    given = line.worn.assignment
    status, word = ("removed", _("Given back")) if given.ends else standing(line.worn)
    return {
        **_shown(line.figures),
        "device": given.device,
        "participant": line.worn.participant.number,
        "site": line.site,
        "status": status,
        "word": word,
        "last": line.worn.received,
    }


def _heads(column: str, down: bool) -> list[dict[str, Any]]:
    texts = {
        "device": _("Device"),
        "participant": _("Participant"),
        "site": _("Site"),
        "standing": _("Standing"),
        "last": _("Last data"),
        "received": _("Received"),
        "wear": _("Worn, hours a day"),
        "half": _("Delay, half"),
        "most": _("Delay, 95 %"),
    }
    return [
        {
            "text": text,
            "sort": f"-{name}" if name == column and not down else name,
            "order": ("descending" if down else "ascending") if name == column else "",
            "number": name in ("received", "wear", "half", "most"),
        }
        for name, text in texts.items()
    ]
