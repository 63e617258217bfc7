"""The tables and figures of a study: which there are, one of them, and the rows behind one of its figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.datasets.seen import NUMBER, PARTICIPANT
from helmont.datasets.store import ROW
from helmont.study.analyses.model import Output, ReportingEvent
from helmont.study.datasets.model import Dataset
from helmont.web.datasets.moments import Shown, at_a_moment, shown
from helmont.web.datasets.selecting import text_of
from helmont.web.datasets.views import privilege_words, row_address
from helmont.web.results.evaluating import evaluated, event_of, lacking, output_of, with_links, words_of

if TYPE_CHECKING:
    from helmont.reports.publishing import Shown as Evaluated

PAGE = 50
COLUMNS = 12
FORMS = {
    "txt": "text/plain; charset=utf-8",
    "rtf": "application/rtf",
    "pdf": "application/pdf",
    "json": "application/json",
}


@require_safe
@at_a_moment
def index(request: HttpRequest, study: str) -> HttpResponse:
    """Every declared output; those blinded for the person with the reason."""
    moment = shown(request, study)
    event = event_of(moment.seen)
    outputs = [
        {"output": each, "blinded": privilege_words(lacking(moment.seen, event, each))}
        for each in sorted(event.outputs if event else (), key=lambda each: each.number)
        if event
    ]
    return render(request, "web/results/index.html", {"moment": moment, "event": event, "outputs": outputs})


def _found(request: HttpRequest, study: str, number: str) -> tuple[Shown, ReportingEvent, Output, Evaluated | None]:
    """The output, evaluated. Raises ``NotFound`` when the person must not see it."""
    moment = shown(request, study)
    event, output = output_of(event_of(moment.seen), number)
    if lacking(moment.seen, event, output):
        raise NotFound(number)
    return moment, event, output, evaluated(moment.seen, event, output)


@require_safe
@at_a_moment
def output(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """One output with its figures as links; only its title, and why, for whom it is blinded."""
    moment = shown(request, study)
    event, output = output_of(event_of(moment.seen), number)
    blinded = lacking(moment.seen, event, output)
    one = None if blinded else evaluated(moment.seen, event, output)
    # The fragment escapes everything that comes from the study or its data.
    table = mark_safe(with_links(one, moment)) if one else ""
    place = event.outputs.index(output)
    context = {
        "moment": moment,
        "output": output,
        "blinded": privilege_words(blinded),
        "table": table,
        "kinds": [(kind, "ARS JSON" if kind == "json" else kind.upper()) for kind in FORMS],
        "previous": event.outputs[place - 1] if place else None,
        "next": event.outputs[place + 1] if place + 1 < len(event.outputs) else None,
        "protocol": event.protocol,
    }
    return render(request, "web/results/output.html", context)


@require_safe
@at_a_moment
def download(request: HttpRequest, study: str, number: str, kind: str) -> HttpResponse:
    """The output as a file, which says at its foot as of which entry."""
    moment, event, _output, one = _found(request, study, number)
    if kind not in FORMS or one is None:
        raise NotFound(kind)
    time = datetime.fromisoformat(moment.time) if moment.time else datetime.now(UTC)
    from helmont.reports.publishing import written

    content = written(event, one, kind, time, source_words(moment))
    name = f"{one.stem}.{kind}"
    return HttpResponse(
        content, content_type=FORMS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def source_words(moment: Shown) -> str:
    """Where the data are from, for the foot of a page; English, as the tables are."""
    point = moment.seen.point
    return f"Source: {point.study}, ledger entries 0 to {moment.last} ({moment.time}), definition {point.version}"


@require_safe
@at_a_moment
def behind(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The rows behind the figure ``?result=``."""
    moment, _event, output, one = _found(request, study, number)
    identity = request.GET.get("result", "")
    result = next((each for each in one.results if each.id == identity), None) if one else None
    if result is None:
        raise NotFound(identity)
    rows = [(name, row) for name, found in result.rows_behind().items() for row in found]
    paginator = Paginator(rows, PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "moment": moment,
        "output": output,
        "figure": (result.formatted or "").strip() or ("" if result.raw is None else f"{result.raw:.6g}"),
        "raw": result.raw,
        "words": words_of(result),
        "total": len(rows),
        "groups": _tables(moment, page.object_list, {each.variable for each in output.analyses}),
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "title": _("Rows behind %s") % ((result.formatted or "").strip() or result.operation),
    }
    return render(request, "web/results/behind.html", context)


def _tables(moment: Shown, rows: Any, analysed: set[str]) -> list[dict[str, Any]]:
    """The rows of this page by data set."""
    wanted: dict[str, list[int]] = {}
    for name, row in rows:
        wanted.setdefault(name, []).append(row)
    return [_table(moment, moment.seen.dataset(name), found, analysed) for name, found in wanted.items()]


def _table(moment: Shown, dataset: Dataset, rows: list[int], analysed: set[str]) -> dict[str, Any]:
    hidden = moment.seen.hidden(dataset.id)
    there = [each for each in dataset.variables if each.name not in hidden and each.name not in ("STUDYID", "USUBJID")]
    first = [each for each in there if each.name in dataset.keys or each.name in analysed]
    columns = (first + [each for each in there if each not in first])[:COLUMNS]
    frame = moment.seen[dataset.id].filter(pl.col(ROW).is_in(rows))
    return {
        "dataset": dataset,
        "columns": columns,
        "rows": [
            {
                "who": row[PARTICIPANT],
                "number": row[NUMBER],
                "url": row_address(moment, dataset.id, row[PARTICIPANT], row[NUMBER]),
                "cells": [(text_of(each, row[each.name]), each.is_number) for each in columns],
            }
            for row in frame.iter_rows(named=True)
        ],
    }
