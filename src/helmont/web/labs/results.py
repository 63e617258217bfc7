"""Results of the study in a list, and one participant's results by test over time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.labs.queries.readings import open_alerts, readings_of, visible_readings
from helmont.participants.queries import participant_for
from helmont.studies.queries import sites_for
from helmont.study.units import unit_text
from helmont.web.access import actor, may_somewhere, study_or_404, today
from helmont.web.labs.shown import FLAGS, ShownReading, Trend, flag_word, laboratory_of, shown, trend

PAGE = 50
SORTS = {
    "collected": ("collected", "key"),
    "-collected": ("-collected", "key"),
    "participant": ("participant", "key"),
    "-grade": ("-grade", "-collected", "key"),
}


def tabs(request: HttpRequest, study: str, current: str) -> dict[str, Any]:
    """What every page of the laboratory shows above its content."""
    return {
        "tab": current,
        "open_alerts": open_alerts(actor(request), study, today(request)),
        "may_change": may_somewhere(request, "labs.change", study),
        "may_import": may_somewhere(request, "labs.import", study),
    }


@require_safe
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """Results of everybody whom the person may see. Filters: test, flag, grade, site, q."""
    found, language = study_or_404(request, study), get_language() or "en"
    definition, lab = laboratory_of(found)
    rows = visible_readings(actor(request), study, today(request))
    given = {name: request.GET.get(name, "").strip()[:60] for name in ("test", "flag", "grade", "site", "q", "sort")}
    if not request.GET:
        given["flag"] = "OUT"
    if given["test"] in lab.measurands:
        rows = rows.filter(analyte=given["test"])
    if given["flag"] == "OUT":
        rows = rows.filter(flag__in=("HIGH", "LOW"))
    elif given["flag"] in FLAGS:
        rows = rows.filter(flag=given["flag"])
    if given["grade"] in ("1", "2", "3", "4"):
        rows = rows.filter(grade__gte=int(given["grade"]))
    if given["site"]:
        rows = rows.filter(site=given["site"])
    if given["q"]:
        rows = rows.filter(participant__icontains=given["q"])
    given["sort"] = given["sort"] if given["sort"] in SORTS else "-collected"
    page = Paginator(rows.order_by(*SORTS[given["sort"]]), PAGE).get_page(request.GET.get("page", "1"))
    tests = sorted((str(each.label.get(language)[0]), each.id) for each in lab.measurands.values())
    context = {
        **tabs(request, study, "results"),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": [shown(row, definition, lab, language) for row in page],
        "filters": given,
        "tests": tests,
        "flags": [(flag, flag_word(flag)) for flag in FLAGS],
        "sites": sites_for(actor(request), study, "form.view", today(request)),
        "criteria": lab.labs.grading,
    }
    return render(request, "web/labs/results.html", context)


@dataclass(frozen=True)
class Series:
    """One test of a participant over time."""

    code: str
    title: str
    unit: str
    rows: list[ShownReading]
    trend: Trend | None
    out: int


@require_safe
def participant(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Every result of one participant, a small picture and a table for each test."""
    found, language = study_or_404(request, study), get_language() or "en"
    row = participant_for(actor(request), study, number, today(request), "form.view")
    laboratory_of(found)
    definition, lab = laboratory_of(found)
    readings = readings_of(actor(request), row, today(request))
    series = []
    for analyte, group in groupby(readings, key=lambda each: each.analyte):
        rows = list(group)
        if analyte not in lab.measurands:
            continue
        series.append(
            Series(
                analyte,
                str(lab.measurands[analyte].label.get(language)[0]),
                unit_text(rows[-1].unit),
                [shown(each, definition, lab, language) for each in rows],
                trend(rows),
                sum(each.flag in ("HIGH", "LOW") for each in rows),
            )
        )
    chosen = request.GET.get("test", "")
    if chosen and chosen not in lab.measurands:
        raise NotFound(chosen)
    context = {
        **tabs(request, study, ""),
        "participant": row,
        "series": sorted(series, key=lambda each: (not each.out, each.title)),
        "chosen": next((each for each in series if each.code == chosen), None),
    }
    return render(request, "web/labs/participant.html", context)
