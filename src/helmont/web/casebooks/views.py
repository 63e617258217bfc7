"""The casebook matrix, and one participant's casebook."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.amendments.queries import kept_values_for
from helmont.edc.queries.matrix import PAGE, VIEWS, matrix
from helmont.labs.definition import lab_definition
from helmont.participants.actions import PARTICIPANT
from helmont.participants.queries import participant_for, scope_of
from helmont.sensors.queries.devices import VIEW, worn_by
from helmont.studies.queries import compiled, sites_for
from helmont.web.access import actor, may_somewhere, study_or_404, today
from helmont.web.amendments.values import shown as shown_kept
from helmont.web.casebooks.casebook import casebook
from helmont.web.casebooks.matrix import Rows
from helmont.web.casebooks.steps import STEPS
from helmont.web.studies import stream
from helmont.web.worklist.listing import shown

LEGEND = {
    "entry": ("planned", "due", "overdue", "begun", "draft", "complete", "signed", "broken", "missed"),
    "verification": ("due", "changed", "verified"),
    "locks": ("unlocked", "in_progress", "frozen", "locked"),
}


@require_safe
def matrix_page(request: HttpRequest, study: str) -> HttpResponse:
    """Participants by encounters, one page of them. Filters: site, status, form, q.

    ``view`` says what the cells show; with ``select``, forms are ticked there for a step over many.
    """
    found, language = study_or_404(request, study), get_language() or "en"
    site, status, search, form, view = (
        request.GET.get(name, "").strip() for name in ("site", "status", "q", "form", "view")
    )
    definition, events = compiled(study, found.definition), stream.address(study)
    view = view if view in VIEWS else VIEWS[0]
    form = form if form in definition.forms else ""
    steps = [step for step in STEPS.values() if may_somewhere(request, step.permission, study)]
    ticking = bool(steps and request.GET.get("select"))
    number = request.GET.get("page", "1")
    grid = matrix(
        actor(request),
        study,
        found.definition,
        today(request),
        language=language,
        site=site,
        status=status,
        search=search,
        form=form,
        view=view,
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    rows = Rows(grid.columns, view, ticking=ticking)
    page = Paginator(range(grid.total), PAGE).get_page(grid.page)
    encounters = zip(grid.columns, definition.study.protocol.encounters, strict=True)
    context: dict[str, Any] = {
        "events": events,
        "encounters": [{"oid": oid, "label": label, "day": encounter.day} for (oid, label), encounter in encounters],
        "rows": mark_safe("".join(map(rows.row, grid.rows))),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "total": grid.total,
        "everybody": sum(grid.counts.values()),
        "tabs": [(name, grid.counts[name]) for name in PARTICIPANT.states if grid.counts.get(name)],
        "sites": sites_for(actor(request), study, "participant.view", today(request)),
        "filters": {"site": site, "status": status, "q": search, "form": form},
        "forms": [(id, each.form.title.get(language)[0]) for id, each in definition.forms.items()],
        "view": view,
        "views": [("entry", _("Entry")), ("verification", _("Verification")), ("locks", _("Locks"))],
        "legend": LEGEND[view],
        "steps": steps,
        "ticking": ticking,
        "shown": ",".join(row.participant.number for row in grid.rows),
        "may_screen": may_somewhere(request, "participant.screen", study),
    }
    return render(request, "web/casebooks/matrix.html", context)


@require_safe
def participant(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """One participant's casebook: visits, forms, logs, queries, eligibility and what may be done."""
    study_or_404(request, study)
    person = actor(request)
    row = participant_for(person, study, number, today(request))
    language = get_language() or "en"
    book = casebook(person, row, today(request), language)
    context = {
        "participant": row,
        "book": book,
        "kept": [
            shown_kept(one, language)
            for one in kept_values_for(person, study, today(request))
            .filter(participant=row)
            .exclude(status="set_aside")
        ],
        "queries": [shown(book.study, query, language) for query in book.queries],
        "sign_records": orjson.dumps([f"form:{key}" for key in book.signable]).decode(),
        "steps": [step for step in STEPS.values() if step.permission in book.may],
        "ticking": bool(request.GET.get("select")),
        "lab_results": lab_definition(study, row.definition) is not None and "form.view" in book.may,
        "worn": person.may(VIEW, scope_of(row), today(request)) and bool(worn_by(row)),
    }
    return render(request, "web/casebooks/participant.html", context)
