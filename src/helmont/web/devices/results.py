"""Results of devices that their forms could not take, and entering what there is at once."""

from __future__ import annotations

from dataclasses import dataclass

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
from helmont.studies.queries import compiled
from helmont.web.access import actor, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.casebooks.doing import done
from helmont.web.dates import page_language
from helmont.web.entry.measured import expected_text, value_text

PERMISSION = "results.enter"


@dataclass(frozen=True)
class Waiting:
    """A result that waits, as the page shows it."""

    participant: str
    form: str
    url: str
    title: str
    value: str
    why: str
    since: str


def _people(request: HttpRequest, study: str) -> dict[str, Participant]:
    """The participants for whom the person may have results entered, by key."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    return {row.key: row for row in participants_for(actor(request), study, today(request), PERMISSION)}


@require_safe
def waiting(request: HttpRequest, study: str) -> HttpResponse:
    """Every result that its form could not take, of participants and items that the person may see."""
    people = _people(request, study)
    masks: dict[str, Mask] = {}
    rows = []

    def sees(whose: Participant, form: str, item: str) -> bool:
        mask = masks.setdefault(whose.key, Mask(actor(request), whose, today(request)))
        return not mask.hides(form, item)

    for entry in waiting_in(study):
        whose = people.get(entry.participant)
        if whose is not None and sees(whose, entry.form, entry.item):
            rows.append(_shown(entry, whose))
    moment = now()
    for key in sorted(coming_for(study, moment) & set(people)):
        there = [each for each in coming(people[key], moment) if sees(people[key], each.form, each.item)]
        rows += [_expected(each, people[key], actor(request).timezone) for each in there]
    return render(request, "web/devices/waiting.html", {"rows": rows})


def _shown(entry: EndpointEntry, whose: Participant) -> Waiting:
    """A result that its form could not take."""
    said = entry.waits
    return _row(entry, whose, said.get("value"), str(said.get("why", "")), str(said.get("since", "")))


def _expected(each: Coming, whose: Participant, zone: str) -> Waiting:
    """A result that samples are waited for."""
    return _row(each, whose, each.value, expected_text(each.until, zone), each.since)


def _row(each: EndpointEntry | Coming, whose: Participant, value: object, why: str, since: str) -> Waiting:
    language = page_language()
    form = form_title(compiled(whose.study, whose.definition), each.form, language, whose=False)
    title = title_of(whose.study, each.endpoint, language)
    return Waiting(whose.number, form, form_address(each.form, each.item), title, value_text(value), why, since)


@require_POST
def enter_now(request: HttpRequest, study: str) -> HttpResponse:
    """Enter what is final and not in its form yet, without waiting for samples that may still come."""
    people = _people(request, study)
    forms = enter_those(people, {"channel": "web", "asked": actor(request).handle})
    said = ngettext("%d form has new results.", "%d forms have new results.", forms) % forms
    return done(request, reverse("devices:waiting", args=[study]), said if forms else _("Everything is in its form."))
