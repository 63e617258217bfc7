"""Enrolment, completeness, queries and one table, at a glance and always current."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.core.ledger.store import log_size
from helmont.datasets.queries import PERMISSION
from helmont.datasets.seen import now
from helmont.studies.models import Site
from helmont.study.analyses.model import Output
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.datasets.moments import Shown, at_a_moment, shown
from helmont.web.oversight.standing import bars, enrolled, past, present
from helmont.web.results.evaluating import evaluated, event_of, lacking, with_links
from helmont.web.studies import stream
from helmont.web.studies.chart import chart
from helmont.web.studies.figures import enrolment, figures

PATIENCE = 0.2
"""Seconds."""
FEW = 10
"""Entries."""


@require_safe
@at_a_moment
def live(request: HttpRequest, study: str) -> HttpResponse:
    """How the study stands; ``?output=`` names the table that stands below."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    if "output" in request.GET and "as_of" not in request.GET:
        _followed(study)
    events, moment = stream.address(study), shown(request, study, waits=False)
    person, day = actor(request), today(request)
    if moment.seen.point.now:
        found = study_or_404(request, study)
        standing = present(moment, figures(person, found, day)[1], enrolment(person, study, day))
    else:
        standing = past(moment)
    names = dict(Site.objects.filter(study=study).values_list("number", "name"))
    total = standing.total
    ages = [_("up to 7 days"), _("8 to 14 days"), _("15 to 30 days"), _("older than 30 days")]
    by_site = sorted(standing.figures.items(), key=lambda pair: (-enrolled(pair[1]), pair[0]))
    outputs = open_outputs(moment)
    chosen = next((each for each in outputs if each.number == request.GET.get("output", "")), None)
    context = {
        "events": events,
        "moment": moment,
        "total": total,
        "planned": _planned(moment),
        "old": total.ages[2] + total.ages[3],
        "begun": standing.begun,
        "months": standing.months,
        "chart": chart(standing.months, _planned(moment)) if standing.months else None,
        "sites": bars([(f"{site} {names.get(site, '')}".strip(), enrolled(each)) for site, each in by_site]),
        "ages": bars(list(zip(ages, total.ages, strict=True)), ("neutral", "neutral", "attention", "bad")),
        "figures": [(site, names.get(site, ""), each) for site, each in sorted(standing.figures.items())],
        "sees_queries": may_somewhere(request, "query.view", study),
        "outputs": outputs,
        "withheld": event_of(moment.seen) is not None,
        "chosen": chosen,
        "table": _table(moment, chosen),
    }
    return render(request, "web/oversight/live.html", context)


def _followed(study: str) -> None:
    """Wait a moment for the data sets to follow what was just saved, so that a page that redraws itself does so once.

    Where people save all the time, the page is fetched again soon anyway.
    """
    size, until = log_size(study), time.monotonic() + PATIENCE
    while size - FEW < now(study).size < size and time.monotonic() < until:
        time.sleep(0.04)


def _planned(moment: Shown) -> int | None:
    """How many participants the protocol plans, for whoever sees every site."""
    if "*" not in moment.seen.sight.sites and len(moment.sites) < moment.all_sites:
        return None
    population = moment.seen.context.study.protocol.population
    return population.enrolment if population else None


def open_outputs(moment: Shown) -> list[Output]:
    """The declared outputs that are not blinded for the person."""
    event = event_of(moment.seen)
    return [each for each in event.outputs if not lacking(moment.seen, event, each)] if event else []


def _table(moment: Shown, output: Output | None) -> str:
    event = event_of(moment.seen)
    one = evaluated(moment.seen, event, output) if event and output else None
    # The fragment escapes everything that comes from the study or its data.
    return mark_safe(with_links(one, moment)) if one else ""
