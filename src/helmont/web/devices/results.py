"""Results of devices that wait: for samples, or since their forms could not take them; and entering what there is at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from helmont.edc.queries.audit import Mask
from helmont.edc.queries.titles import form_title
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.sensors.entering import enter_those
from helmont.sensors.models import EndpointEntry
from helmont.sensors.queries.coming import Coming, coming, coming_for
from helmont.sensors.queries.devices import now
from helmont.sensors.queries.entries import title_of, waiting_in
from helmont.signals.endpoints.definition import Window
from helmont.studies.queries import compiled
from helmont.study.units import unit_text
from helmont.web.access import actor, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.casebooks.doing import done
from helmont.web.dates import day_text, page_language
from helmont.web.entry.measured import expected_text, value_text

PERMISSION = "results.enter"
OPEN = 3
"""So many forms are shown with their values; of more, each when it is asked for."""
Why = tuple[str, str, str, str]
"""Participant (key), form (key), why, and since when."""


@dataclass(frozen=True)
class Value:
    """A value as its item will hold it, or why there is none."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class Row:
    """What waits of one endpoint, for each of the times; None where nothing does."""

    title: str
    unit: str
    values: tuple[Value | None, ...]


@dataclass(frozen=True)
class Waiting:
    """Results for one form that wait for the same reason, as the page shows them: endpoints by the times they are over.

    ``times`` are days as they are written, and a visit's window; ``url`` leads to the item of the first result.
    """

    participant: str
    form: str
    url: str
    why: str
    since: str
    count: int
    times: tuple[str, ...]
    rows: tuple[Row, ...]


def _people(request: HttpRequest, study: str) -> dict[str, Participant]:
    """The participants for whom the person may have results entered, by key."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    return {row.key: row for row in participants_for(actor(request), study, today(request), PERMISSION)}


@require_safe
def waiting(request: HttpRequest, study: str) -> HttpResponse:
    """Every result that waits, of participants and items that the person may see, by form and reason."""
    people = _people(request, study)
    masks: dict[str, Mask] = {}
    found: dict[Why, list[EndpointEntry | Coming]] = {}

    def keep(whose: str, why: str, since: str, each: EndpointEntry | Coming) -> None:
        mask = masks.setdefault(whose, Mask(actor(request), people[whose], today(request)))
        if not mask.hides(each.form, each.item):
            found.setdefault((whose, each.form, why, since), []).append(each)

    for entry in waiting_in(study):
        if entry.participant in people:
            keep(entry.participant, str(entry.waits.get("why", "")), str(entry.waits.get("since", "")), entry)
    moment = now()
    for key in sorted(coming_for(study, moment) & set(people)):
        for each in coming(people[key], moment):
            keep(key, expected_text(each.until, actor(request).timezone), each.since, each)
    groups = [_shown(people[why[0]], why, results) for why, results in found.items()]
    return render(request, "web/devices/waiting.html", {"groups": groups, "open": len(groups) <= OPEN})


def _shown(whose: Participant, why: Why, results: Sequence[EndpointEntry | Coming]) -> Waiting:
    """Results for one form, endpoints by the times they are over."""
    language = page_language()
    first = results[0]
    times = sorted({_time(each) for each in results})
    cells: dict[tuple[str, str], dict[str, Value]] = {}
    for each in results:
        title = title_of(whose.study, each.endpoint, language)
        if _time(each) in cells.get((title, each.unit), ()):
            title = f"{title} ({each.endpoint})"
        cells.setdefault((title, each.unit), {})[_time(each)] = _value(each)
    rows = [
        Row(title, unit_text(unit), tuple(values.get(time) for time in times))
        for (title, unit), values in sorted(cells.items())
    ]
    return Waiting(
        whose.number,
        form_title(compiled(whose.study, whose.definition), first.form, language, whose=False),
        form_address(first.form, first.item),
        *why[2:],
        len(results),
        tuple(day_text(date.fromisoformat(time)) if time else _("Visit window") for time in times),
        tuple(rows),
    )


def _time(each: EndpointEntry | Coming) -> str:
    """The date of the day or night that a result is over; empty for a visit's window."""
    return "" if each.window == Window.VISIT else each.label


def _value(each: EndpointEntry | Coming) -> Value:
    """The value without its unit, which stands beside the endpoint."""
    value = each.value if isinstance(each, Coming) else each.waits.get("value")
    if isinstance(value, dict):
        return Value(str(value.get("value") or ""), str(value.get("not_done") or ""))
    return Value(value_text(value))


@require_POST
def enter_now(request: HttpRequest, study: str) -> HttpResponse:
    """Enter what is final and not in its form yet, without waiting for samples that may still come."""
    people = _people(request, study)
    forms = enter_those(people, {"channel": "web", "asked": actor(request).handle})
    said = ngettext("%d form has new results.", "%d forms have new results.", forms) % forms
    return done(request, reverse("devices:waiting", args=[study]), said if forms else _("Everything is in its form."))
