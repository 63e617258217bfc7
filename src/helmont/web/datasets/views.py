"""The data sets of a study, and the rows of one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.datasets.seen import NUMBER, PARTICIPANT, Seen
from helmont.study.datasets.model import Dataset, Variable
from helmont.study.faults import StudyFaults
from helmont.web.datasets import files, selecting
from helmont.web.datasets.moments import Shown, at_a_moment, shown
from helmont.web.datasets.selecting import Condition, Selection, text_of

PAGE = 50
BLANK_CONDITIONS = 2
STANDARDS = (("SDTM", gettext_lazy("Tabulation (SDTM)")), ("ADaM", gettext_lazy("Analysis (ADaM)")))
PRIVILEGES = {"allocation": gettext_lazy("allocation"), "source": gettext_lazy("source documents")}
ORIGINS = {
    "collected": gettext_lazy("collected"),
    "derived": gettext_lazy("derived"),
    "assigned": gettext_lazy("assigned"),
    "protocol": gettext_lazy("protocol"),
    "predecessor": gettext_lazy("predecessor"),
}


@require_safe
@at_a_moment
def index(request: HttpRequest, study: str) -> HttpResponse:
    """Every data set: what it is, how many records it has, and what of it is hidden from the person."""
    moment = shown(request, study)
    counts = moment.seen.counts()
    groups = [
        (title, [_listed(moment.seen, each, counts) for each in moment.seen.visible.values() if each.standard == name])
        for name, title in STANDARDS
    ]
    context = {
        "moment": moment,
        "groups": [(title, rows) for title, rows in groups if rows],
        "withheld": [(each, privilege_words(moment.seen.guards[each.id].whole)) for each in moment.seen.withheld],
    }
    return render(request, "web/datasets/index.html", context)


def _listed(seen: Seen, dataset: Dataset, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "records": counts[dataset.id],
        "variables": len(dataset.variables),
        "hidden": sorted(seen.hidden(dataset.id)),
    }


def privilege_words(privileges: frozenset[str]) -> str:
    """Privileges in words: allocation, source documents."""
    return ", ".join(str(PRIVILEGES.get(each, each)) for each in sorted(privileges))


def origin_words(variable: Variable) -> str:
    """Where a variable is from, in words: derived, predecessor (ADSL.TRTSDT)."""
    word = str(ORIGINS.get(variable.origin or "", variable.origin or ""))
    return f"{word} ({variable.source})" if word and variable.source else word or variable.source or ""


@require_safe
@at_a_moment
def dataset(request: HttpRequest, study: str, dataset: str) -> HttpResponse:
    """One page of the rows, with what they can be limited to."""
    moment = shown(request, study)
    definition = moment.seen.dataset(dataset)
    hidden = moment.seen.hidden(dataset)
    selection = selecting.read(request.GET, definition, hidden)
    found = selecting.select(moment.seen[dataset], definition, selection)
    columns = selecting.chosen(definition, hidden, selection)
    paginator = Paginator(range(found.height), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    cut = found.slice(max(0, page.start_index() - 1), PAGE)
    conditions = [*selection.conditions, *[Condition("", "eq", "")] * BLANK_CONDITIONS]
    context = {
        "moment": moment,
        "dataset": definition,
        "total": found.height,
        "selection": selection,
        "headings": [_heading(each, selection) for each in columns],
        "rows": [_row(moment, definition, columns, row) for row in cut.iter_rows(named=True)],
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "choices": [(each, each in columns) for each in definition.variables if each.name not in hidden],
        "conditions": list(enumerate(conditions, 1)),
        "operators": list(selecting.OPERATORS.items()),
        "limited": [
            {"variable": each.variable, "operator": selecting.OPERATORS[each.operator], "value": each.value}
            for each in selection.conditions
        ],
        "hidden": [(name, privilege_words(moment.seen.guards[dataset].of(name))) for name in sorted(hidden)],
        "variables": [(each, origin_words(each), each.name in hidden) for each in definition.variables],
        "kinds": [(kind, kind.upper() if kind != "json" else "Dataset-JSON") for kind in files.KINDS],
    }
    return render(request, "web/datasets/dataset.html", context)


def _heading(variable: Variable, selection: Selection) -> dict[str, Any]:
    up, down = variable.name, f"-{variable.name}"
    said = [variable.label, origin_words(variable), variable.method or variable.comment or ""]
    return {
        "variable": variable,
        "next_sort": down if selection.sort == up else up,
        "direction": {up: "ascending", down: "descending"}.get(selection.sort, ""),
        "title": ". ".join(each for each in said if each),
    }


def _row(moment: Shown, dataset: Dataset, columns: list[Variable], row: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": row_address(moment, dataset.id, row[PARTICIPANT], row[NUMBER]),
        "who": row[PARTICIPANT],
        "number": row[NUMBER],
        "cells": [(text_of(each, row[each.name]), each.is_number) for each in columns],
    }


def row_address(moment: Shown, dataset: str, participant: str, number: int) -> str:
    """The page of one row; ``-`` stands for the protocol."""
    study = moment.seen.point.study
    return reverse("datasets:row", args=[study, dataset, participant or "-", number]) + moment.query


@require_safe
@at_a_moment
def download(request: HttpRequest, study: str, dataset: str, kind: str) -> FileResponse:
    """The whole data set as a file, as far as the person may see it."""
    moment = shown(request, study)
    definition = moment.seen.dataset(dataset)
    if kind not in files.KINDS:
        raise NotFound(kind)
    hidden = moment.seen.hidden(dataset)
    try:
        file = files.write(kind, definition, moment.seen[dataset], hidden, study, moment.time)
    except StudyFaults as faults:
        message = _("This data set does not fit into such a file.")
        raise Invalid([Fault(dataset, message, str(each)) for each in faults.faults[:20]]) from faults
    name = f"{dataset.lower()}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=files.KINDS[kind])
