"""What does not fit in the data sets: how much of it in each, and every record with the line of the study package."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from helmont.datasets.findings import Finding, by_kind, counts, findings_in, places
from helmont.datasets.fitting import Misfit
from helmont.web.datasets.moments import Shown, at_a_moment, shown
from helmont.web.datasets.views import row_address

PAGE = 100


@require_safe
@at_a_moment
def summary(request: HttpRequest, study: str) -> HttpResponse:
    """How many findings there are, for the list of data sets; a fragment, since every record is looked at."""
    moment = shown(request, study)
    found = counts(moment.seen)
    context = {"moment": moment, "counts": list(found.items()), "total": sum(found.values())}
    return render(request, "web/datasets/findings_summary.html", context)


@require_safe
@at_a_moment
def index(request: HttpRequest, study: str) -> HttpResponse:
    """Every record that does not fit, of all data sets or of ``?dataset=``, and of the ``?variable=`` that is named."""
    moment = shown(request, study)
    chosen, variable = request.GET.get("dataset", ""), request.GET.get("variable", "")
    datasets = [moment.seen.dataset(chosen)] if chosen else list(moment.seen.visible.values())
    found = [each for dataset in datasets for each in findings_in(moment.seen, dataset)]
    listed = [each for each in found if variable in ("", each.misfit.variable)]
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    context = {
        "moment": moment,
        "chosen": chosen,
        "variable": variable,
        "total": len(listed),
        "kinds": _kinds(moment, found),
        "rows": [_line(moment, each) for each in page.object_list],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "nowhere": [] if chosen else _nowhere(moment),
    }
    return render(request, "web/datasets/findings.html", context)


def _kinds(moment: Shown, found: list[Finding]) -> list[dict[str, Any]]:
    """One line for each variable and what is wrong with it, the most frequent first."""
    lines: list[dict[str, Any]] = []
    for name in dict.fromkeys(each.dataset for each in found):
        own = [each for each in found if each.dataset == name]
        for (variable, kind), count in by_kind(own).items():
            first = next(each for each in own if (each.misfit.variable, each.misfit.kind) == (variable, kind))
            lines.append({**_line(moment, first), "count": count})
    return sorted(lines, key=lambda line: -line["count"])


def _line(moment: Shown, finding: Finding) -> dict[str, Any]:
    misfit, dataset = finding.misfit, moment.seen.visible[finding.dataset]
    named = dataset.variable(misfit.variable)
    file, line = places(moment.seen.point.study, moment.seen.point.version).get(
        (finding.dataset, misfit.variable), ("", 0)
    )
    return {
        "dataset": dataset,
        "variable": misfit.variable,
        "label": named.label if named else "",
        "who": finding.participant,
        "number": misfit.row,
        "url": row_address(moment, finding.dataset, finding.participant, misfit.row),
        "value": misfit.value,
        "words": words_of(misfit),
        "place": f"{file}:{line}" if line else file,
    }


def words_of(misfit: Misfit) -> str:
    """What is wrong, and what would fit."""
    match misfit.kind:
        case "length":
            most = int(misfit.accepted)
            return ngettext("Longer than %d character", "Longer than %d characters", most) % most
        case "number":
            return _("Not a number")
        case "whole":
            return _("Not a whole number")
        case "date":
            return _("Not a date or time in the form of ISO 8601")
        case "codelist":
            return _("Not among %(codes)s") % {"codes": misfit.accepted}
        case "missing":
            return _("Missing, though it is mandatory")
        case "keys":
            return _("Another record has the same keys (%(keys)s)") % {"keys": misfit.accepted}


def _nowhere(moment: Shown) -> list[tuple[str, str]]:
    """Questions whose answers no data set keeps: form and item, and where they were to go."""
    study = moment.seen.context.study
    datasets = {each.id: each for each in study.datasets}
    return [
        (f"{form.id} · {item.id}", f"{item.sdtm.domain}.{item.sdtm.variable}")
        for form in study.forms
        for item in form.items()
        if item.sdtm is not None
        and (item.sdtm.domain not in datasets or datasets[item.sdtm.domain].variable(item.sdtm.variable) is None)
    ]
