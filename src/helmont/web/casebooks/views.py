"""The casebook matrix, and one participant's casebook."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.amendments.queries import kept_values_for
from helmont.edc.queries.matrix import PAGE, matrix
from helmont.labs.definition import lab_definition
from helmont.participants.actions import PARTICIPANT
from helmont.participants.queries import participant_for
from helmont.studies.queries import compiled, sites_for
from helmont.web.access import actor, may_somewhere, study_or_404, today
from helmont.web.amendments.values import shown as shown_kept
from helmont.web.casebooks.casebook import casebook
from helmont.web.casebooks.doing import STEPS
from helmont.web.casebooks.matrix import Rows
from helmont.web.worklist.listing import shown

LEGEND = ("planned", "due", "overdue", "begun", "draft", "complete", "signed", "broken", "missed")


@require_safe
def matrix_page(request: HttpRequest, study: str) -> HttpResponse:
    """Participants by encounters, one page of them. Filters: site, status, q."""
    found, language = study_or_404(request, study), get_language() or "en"
    site, status, search = (request.GET.get(name, "").strip() for name in ("site", "status", "q"))
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
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    rows = Rows(grid.columns)
    page = Paginator(range(grid.total), PAGE).get_page(grid.page)
    encounters = compiled(study, found.definition).study.protocol.encounters
    context: dict[str, Any] = {
        "encounters": [{"label": label, "day": e.day} for (_, label), e in zip(grid.columns, encounters, strict=True)],
        "rows": mark_safe("".join(map(rows.row, grid.rows))),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "total": grid.total,
        "everybody": sum(grid.counts.values()),
        "tabs": [(name, grid.counts[name]) for name in PARTICIPANT.states if grid.counts.get(name)],
        "sites": sites_for(actor(request), study, "participant.view", today(request)),
        "filters": {"site": site, "status": status, "q": search},
        "legend": LEGEND,
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
    steps = [(name, title) for name, (permission, title) in STEPS.items() if permission in book.may]
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
        "steps": steps,
        "lab_results": lab_definition(study, row.definition) is not None and "form.view" in book.may,
        "undoing": any(name in {"unfreeze", "unlock"} for name, _title in steps),
    }
    return render(request, "web/casebooks/participant.html", context)
