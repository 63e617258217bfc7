"""Listings: find one, make one, look at its rows, keep it, take it along."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helmont.core.errors import Invalid
from helmont.core.people.models import Person
from helmont.listings.actions import RemoveListing, SaveListing
from helmont.listings.definition import OPERATORS, WITHOUT_VALUE, Filter, Selection, from_json
from helmont.listings.queries import listing_for, listings_for
from helmont.listings.selection import PAGE, Listed, every_row, listed
from helmont.listings.sources import rights, source, sources
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.web.access import act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.listings import address
from helmont.web.listings.cells import cells, headings, text_of
from helmont.web.worklist.views import safe_cell

PERMISSION = "listing.read"
BLANK_FILTERS = 2


def study_with_listings(request: HttpRequest, study: str) -> Study:
    """The study, when the person may list in it."""
    found = study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    return found


@require_safe
def index(request: HttpRequest, study: str) -> HttpResponse:
    """Kept listings, what can be listed, and the reports."""
    found = study_with_listings(request, study)
    person, language = actor(request), get_language() or "en"
    kept = listings_for(person, study, today(request))
    names = dict(Person.objects.filter(handle__in={each.owner for each in kept}).values_list("handle", "name"))
    offered = sources(compiled(study, found.definition), language)
    titles = {each[:2]: each[2] for each in offered}
    context = {
        "kept": [
            {
                "listing": each,
                "owner": names.get(each.owner, each.owner),
                "mine": each.owner == person.handle,
                "about": titles.get((each.definition.get("form", ""), each.definition.get("group", "")), ""),
                "number": each.key.rsplit("/", 1)[1],
            }
            for each in kept
        ],
        "sources": [(form, group, title) for form, group, title in offered],
    }
    return render(request, "web/listings/index.html", context)


def selection_of(request: HttpRequest, study: str) -> tuple[Selection, str, str]:
    """The listing that the address asks for; the number and title of the kept one it began from, if any."""
    number = request.GET.get("kept", "")
    if number:
        row = listing_for(actor(request), f"{study}/listings/{number}", today(request))
        if "form" not in request.GET:
            return from_json(row.definition), number, row.title
        return address.read(request.GET), number, row.title
    return address.read(request.GET), "", ""


@require_safe
def rows(request: HttpRequest, study: str) -> HttpResponse:
    """One page of a listing, with what it can be limited to."""
    found = study_with_listings(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    definition = compiled(study, found.definition)
    selection, number, title = selection_of(request, study)
    page = int(request.GET.get("page", "1")) if request.GET.get("page", "1").isdecimal() else 1
    faults: list[dict[str, str]] = []
    try:
        shown = listed(person, found, selection, day, language=language, page=page)
    except Invalid as invalid:
        faults = [{"url": "#conditions", "text": f"{each.place}: {each.message}"} for each in invalid.faults]
        shown = listed(person, found, replace(selection, filters=()), day, language=language)
    own = {each.key for each in listings_for(person, study, day) if each.owner == person.handle}
    pages = Paginator(range(shown.total), PAGE)
    context = {
        **_choices(shown, selection),
        "listed": shown,
        "title": title or shown.source.title,
        "kept": number,
        "mine": f"{study}/listings/{number}" in own,
        "faults": faults,
        "headings": headings(shown),
        "rows": [{"name": each.name, "cells": cells(shown, each, definition, language)} for each in shown.rows],
        "address": address.write(selection, **({"kept": number} if number else {})),
        "page": pages.get_page(shown.page),
        "pages": pages.get_elided_page_range(shown.page),
        "may_ask": may_somewhere(request, "query.raise", study) and bool(_askable(shown)),
        "askable": _askable(shown),
        "may_share": may_somewhere(request, "listing.share", study),
    }
    return render(request, "web/listings/rows.html", context)


def _askable(shown: Listed) -> list[tuple[str, str]]:
    """The columns whose values can be asked about."""
    found = [(each.id, each.label) for each in shown.columns if each.item is not None]
    return found or [(each.id, each.label) for each in shown.columns if each.id == "value"]


def _choices(shown: Listed, selection: Selection) -> dict[str, Any]:
    chosen = {each.id for each in shown.columns}
    filters = [*selection.filters, *[Filter("", "has")] * BLANK_FILTERS]
    return {
        "choices": [(each, each.id in chosen) for each in shown.source.columns.values()],
        "conditions": list(enumerate(filters, 1)),
        "operators": list(OPERATORS.items()),
        "limited": [
            {
                "column": shown.source.columns[each.column],
                "operator": OPERATORS[each.operator],
                "value": ""
                if each.operator in WITHOUT_VALUE
                else text_of(shown.source.columns[each.column], each.value),
            }
            for each in shown.selection.filters
        ],
    }


@require_safe
def download(request: HttpRequest, study: str) -> FileResponse:
    """Every row of the listing as CSV in UTF-8 with a byte order mark; values as they stand in the record."""
    found = study_with_listings(request, study)
    selection, _number, _title = selection_of(request, study)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    with every_row(actor(request), found, selection, today(request)) as (ready, found_rows, sequence):
        writer.writerow([*(each.id for each in ready.shown), "form_key", "ledger_entry"])
        for each in found_rows:
            texts = ("" if value is None else safe_cell(str(value)) for value in each.values)
            writer.writerow([*texts, each.form, sequence])
    text.detach()  # writes out what it holds, and leaves the file open
    file.seek(0)
    name = f"{study}-{selection.group or selection.form}-{today(request)}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@require_POST
def keep(request: HttpRequest, study: str) -> HttpResponse:
    """Keep the listing that the form's hidden fields describe, as a new one or in place of the person's own."""
    found = study_with_listings(request, study)
    selection = address.read(request.POST)
    held = rights(actor(request), study, today(request))
    source(compiled(study, found.definition), selection.form, selection.group, held, "en")  # that it is there
    number = request.POST.get("kept", "") if request.POST.get("replace") else ""
    result = act(
        request,
        SaveListing(
            study,
            request.POST.get("title", ""),
            selection.to_json(),
            shared=bool(request.POST.get("shared")),
            key=f"{study}/listings/{number}" if number else "",
        ),
    )
    messages.success(request, _("The listing is kept."))
    return redirect(f"{reverse('listings:rows', args=[study])}?kept={result['key'].rsplit('/', 1)[1]}")


@require_POST
def remove(request: HttpRequest, study: str) -> HttpResponse:
    """Take one's own listing off the list."""
    study_with_listings(request, study)
    act(request, RemoveListing(f"{study}/listings/{request.POST.get('kept', '')}"))
    messages.success(request, _("The listing was removed."))
    return redirect("listings:index", study)
