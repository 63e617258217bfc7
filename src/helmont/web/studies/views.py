"""The studies a person has a role in, and the overview of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.participants.actions import PARTICIPANT
from helmont.studies.queries import sites_for, studies_for
from helmont.web.access import actor, may_publish, may_somewhere, study_or_404, today
from helmont.web.context import roles_in, title_of
from helmont.web.studies import stream
from helmont.web.studies.activity import latest
from helmont.web.studies.chart import chart
from helmont.web.studies.figures import Figures, enrolment, figures


@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    """Every study in which the person has a role."""
    person, language = actor(request), get_language() or "en"
    rows = [
        {"study": study, "title": title_of(study, language), "roles": roles_in(person, study.key, today(request))}
        for study in studies_for(person, today(request))
    ]
    return render(request, "web/studies/list.html", {"rows": rows, "may_publish": may_publish(request)})


@require_safe
def home(request: HttpRequest, study: str) -> HttpResponse:
    """Key figures, enrolment, sites and the latest activity, limited to the person's places."""
    found, language = study_or_404(request, study), get_language() or "en"
    person, day, events = actor(request), today(request), stream.address(study)
    total, by_site = figures(person, found, day)
    months = enrolment(person, study, day)
    sites = [
        {"site": site, "figures": by_site.get(site.number, Figures())}
        for site in sites_for(person, study, "study.view", day)
    ]
    context = {
        "events": events,
        "title": title_of(found, language),
        "found": found,
        "total": total,
        "statuses": [(name, total.participants[name]) for name in PARTICIPANT.states if total.participants[name]],
        "sites": sites,
        "months": months,
        "chart": chart(months),
        "activity": latest(person, found, day, language),
        "sees_people": may_somewhere(request, "participant.view", study),
        "sees_queries": may_somewhere(request, "query.view", study),
        "old": total.ages[2] + total.ages[3],
    }
    return render(request, "web/studies/home.html", context)
