"""Reports: pages that are missing, visits that are due or overdue, queries by age; each also as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.edc.queries.titles import encounter_title
from helmont.listings.reports import (
    AGES,
    Ageing,
    LateVisit,
    MissingPage,
    Place,
    counts_by_site,
    everywhere,
    late_visits,
    missing_pages,
    query_ageing,
    utc_now,
)
from helmont.studies.models import Study
from helmont.studies.queries import compiled, sites_for
from helmont.web.access import actor, require_somewhere, study_or_404, today
from helmont.web.double_entry.words import look
from helmont.web.worklist.views import safe_cell

SIZE = 100


@dataclass(frozen=True)
class Bar:
    """A bar of a chart that is its own table."""

    label: str
    value: int
    percent: int
    url: str = ""
    tone: str = ""


@require_safe
def missing(request: HttpRequest, study: str) -> HttpResponse:
    """Forms that visits which took place should have."""
    found, place = _begin(request, study, "form.view")
    rows = missing_pages(actor(request), found, place, today(request))
    if request.GET.get("format") == "csv":
        return _file(f"{study}-missing-pages-{today(request)}", MissingPage, rows)
    definition, language = compiled(study, found.definition), get_language() or "en"
    titles = {name: form.form.title.get(language)[0] for name, form in definition.forms.items()}
    context = _context(request, found, rows, "form.view") | {
        "kind": "missing",
        "shown": lambda each: (
            encounter_title(definition, each.encounter, language),
            {"title": titles.get(each.form, each.form), "paper": look(each.paper) if each.paper else None},
        ),
    }
    return _shown(request, context)


@require_safe
def overdue(request: HttpRequest, study: str) -> HttpResponse:
    """Visits whose window is open or over, and that have not begun."""
    found, place = _begin(request, study, "participant.view")
    rows = late_visits(actor(request), found, place, today(request))
    if request.GET.get("format") == "csv":
        return _file(f"{study}-overdue-visits-{today(request)}", LateVisit, rows)
    definition, language = compiled(study, found.definition), get_language() or "en"
    context = _context(request, found, rows, "participant.view") | {
        "kind": "overdue",
        "shown": lambda each: (encounter_title(definition, each.encounter, language), each.latest),
    }
    return _shown(request, context)


def _shown(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    shown = context.pop("shown")
    context["rows"] = [(each, *shown(each)) for each in context["page"]]
    return render(request, "web/listings/report.html", context)


@require_safe
def ageing(request: HttpRequest, study: str) -> HttpResponse:
    """Queries that wait, by age, site and who must act; and how long answers and closing took."""
    found, place = _begin(request, study, "query.view")
    sites = query_ageing(actor(request), found, place, today(request), utc_now())
    if request.GET.get("format") == "csv":
        return _ageing_file(f"{study}-query-ageing-{today(request)}", sites)
    total, labels = everywhere(sites.values()), _age_labels()
    most = max(total.buckets) or 1
    context = _places(request, found, "query.view") | {
        "kind": "ageing",
        "total": total,
        "waiting_for_site": total.waiting_for_site,
        "waiting_for_us": total.waiting_for_us,
        "to_answer": _rounded(total.median_to_answer),
        "to_close": _rounded(total.median_to_close),
        "labels": labels,
        "bars": [Bar(label, n, 100 * n // most) for label, n in zip(labels, total.buckets, strict=True)],
        "sites": [
            (site, each, _rounded(each.median_to_answer), _rounded(each.median_to_close))
            for site, each in sites.items()
        ],
    }
    return render(request, "web/listings/ageing.html", context)


def _begin(request: HttpRequest, study: str, permission: str) -> tuple[Study, Place]:
    found = study_or_404(request, study)
    require_somewhere(request, permission, study)
    return found, Place(request.GET.get("site", "")[:20], request.GET.get("country", "")[:2])


def _places(request: HttpRequest, study: Study, permission: str) -> dict[str, Any]:
    sites = sites_for(actor(request), study.key, permission, today(request))
    return {
        "sites_offered": sites,
        "countries": sorted({site.country for site in sites}),
        "site": request.GET.get("site", ""),
        "country": request.GET.get("country", ""),
    }


def _context(
    request: HttpRequest, study: Study, rows: Sequence[MissingPage | LateVisit], permission: str
) -> dict[str, Any]:
    counted = counts_by_site(rows)
    most = max(counted.values(), default=1)
    pages = Paginator(rows, SIZE)
    page = pages.get_page(request.GET.get("page", "1"))
    return _places(request, study, permission) | {
        "page": page,
        "pages": pages.get_elided_page_range(page.number),
        "late": sum(each.days > 0 for each in rows),
        "bars": [
            Bar(site, n, 100 * n // most, url=f"?site={site}")
            for site, n in sorted(counted.items(), key=lambda p: -p[1])
        ],
    }


def _age_labels() -> list[str]:
    first, *_rest = AGES
    labels = [_("up to %(n)s days") % {"n": first}]
    labels += [_("%(a)s to %(b)s days") % {"a": a + 1, "b": b} for a, b in pairwise(AGES)]
    return [*labels, _("over %(n)s days") % {"n": AGES[-1]}]


def _rounded(days: float | None) -> str:
    return "–" if days is None else str(formats.number_format(days, 1, use_l10n=True))


def _file(name: str, kind: type[MissingPage | LateVisit], rows: Iterable[MissingPage | LateVisit]) -> HttpResponse:
    return _csv(name, [each.name for each in fields(kind)], (astuple(row) for row in rows))


def _ageing_file(name: str, sites: Mapping[str, Ageing]) -> HttpResponse:
    heads = [f"{who}_{label}" for who in ("open", "answered") for label in (*(f"to_{n}" for n in AGES), "older")]
    rows = (
        (site, *each.open, *each.answered, each.median_to_answer, each.median_to_close) for site, each in sites.items()
    )
    return _csv(name, ["site", *heads, "median_days_to_answer", "median_days_to_close"], rows)


def _csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    file = io.StringIO("\ufeff")
    file.seek(1)
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([safe_cell(each) if isinstance(each, str) else each for each in row] for row in rows)
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
