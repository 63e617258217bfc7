"""The query worklist: find, read, answer and close queries; take the list along as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.actions import Job
from helmont.core.errors import NotFound, Refused
from helmont.core.people.models import Person
from helmont.core.writer import submit
from helmont.edc.actions.queries import AnswerQuery, AskAgain, CancelQuery, CloseQuery
from helmont.edc.queries.worklist import query_for
from helmont.participants.queries import participant_for, scope_of
from helmont.studies.models import Study
from helmont.studies.queries import compiled, sites_for
from helmont.web.access import WEB, act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.worklist.listing import AGES, STATUSES, Filters, paged, selected, shown

ACTIONS: dict[str, tuple[str, type[AnswerQuery | AskAgain | CloseQuery | CancelQuery]]] = {
    "answer": ("query.answer", AnswerQuery),
    "ask_again": ("query.raise", AskAgain),
    "close": ("query.close", CloseQuery),
    "cancel": ("query.raise", CancelQuery),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these (OWASP, CSV injection)


def _study(request: HttpRequest, study: str) -> Study:
    found = study_or_404(request, study)
    require_somewhere(request, "query.view", study)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def queries(request: HttpRequest, study: str) -> HttpResponse:
    """The worklist; a POST carries out ``action`` on every ticked ``row``."""
    found = _study(request, study)
    if request.method == "POST":
        return _bulk(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    filters = Filters.read(request.GET)
    rows, counts = selected(person, found, day, filters)
    page = paged(rows, request.GET.get("page", "1"))
    definition = compiled(study, found.definition)
    total = sum(counts.values())
    context: dict[str, Any] = {
        "filters": filters,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": [shown(definition, query, language) for query in page],
        "tabs": [*((name, counts.get(name, 0)) for name in STATUSES), ("all", total)],
        "ages": AGES,
        "sites": sites_for(person, study, "query.view", day),
        "forms": [(form.form.id, form.form.title.get(language)[0]) for form in definition.forms.values()],
        "columns": [
            ("participant", _("Participant")),
            ("form", _("Item and form")),
            ("", _("Question")),
            ("opened", _("Opened")),
            ("", _("Status")),
        ],
        "may_answer": may_somewhere(request, "query.answer", study) and filters.status == "open",
        "may_close": may_somewhere(request, "query.close", study) and filters.status in {"open", "answered"},
    }
    return render(request, "web/worklist/queries.html", context)


def _bulk(request: HttpRequest, study: str) -> HttpResponse:
    verb, text = request.POST.get("action", ""), request.POST.get("text", "").strip()
    if verb not in {"answer", "close"}:
        raise NotFound(verb)
    permission, action = ACTIONS[verb]
    require_somewhere(request, permission, study)
    found = study_or_404(request, study)
    keys = [key for key in request.POST.getlist("row") if key.startswith(f"{study}/")][:500]
    mine = selected(actor(request), found, today(request), Filters(status="all"))[0]
    allowed = set(mine.filter(key__in=keys).values_list("key", flat=True))
    jobs = [submit(Job(action(key, text), actor(request), WEB)) for key in keys if key in allowed]
    done, refused = 0, Counter[str]()
    for job in jobs:
        try:
            job.result()
            done += 1
        except Refused as refusal:
            refused[str(refusal.message)] += 1
    if done:
        messages.success(
            request,
            ngettext("%(n)s query settled.", "%(n)s queries settled.", done) % {"n": done}
            if verb == "close"
            else ngettext("%(n)s query answered.", "%(n)s queries answered.", done) % {"n": done},
        )
    for reason, count in refused.items():
        left = ngettext("%(n)s query left as it was", "%(n)s queries left as they were", count) % {"n": count}
        messages.warning(request, f"{left}: {reason}")
    return redirect(request.get_full_path())


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, study: str, number: str, query: str) -> HttpResponse:
    """One query with everything said about it; a POST adds to it."""
    found = _study(request, study)
    person, day = actor(request), today(request)
    row = query_for(person, f"{study}/{number}/queries/{query}", found.definition, day)
    scope = scope_of(participant_for(person, study, number, day))
    if request.method == "POST":
        _permission, action = ACTIONS.get(request.POST.get("action", ""), ("", None))
        if action is None:
            raise NotFound(query)
        act(request, action(row.key, request.POST.get("text", "")))
        messages.success(request, _("Recorded."))
        return redirect(request.get_full_path())
    said = [row.messages[place] for place in sorted(row.messages)]
    names = dict(Person.objects.filter(handle__in={each["by"] for each in said}).values_list("handle", "name"))
    moves = {"open": ("answer", "close", "cancel"), "answered": ("ask_again", "close"), "closed": ("ask_again",)}
    context = {
        "query": shown(compiled(study, row.participant.definition), row, get_language() or "en"),
        "said": [{**each, "who": names.get(each["by"], each["by"])} for each in said],
        "moves": [name for name in moves.get(row.status, ()) if person.may(ACTIONS[name][0], scope, day)],
    }
    return render(request, "web/worklist/thread.html", context)


def safe_cell(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


class _Echo:
    """A file for ``csv.writer`` that hands each line back."""

    def write(self, line: str) -> str:
        return line


@require_safe
def download(request: HttpRequest, study: str) -> StreamingHttpResponse:
    """The list as filtered and sorted, every page of it, as CSV in UTF-8 with a byte order mark (for spreadsheets)."""
    found = _study(request, study)
    language = get_language() or "en"
    rows, _counts = selected(actor(request), found, today(request), Filters.read(request.GET))
    definition = compiled(study, found.definition)
    head = ["query", "participant", "site", "form", "item", "question", "latest", "status", "check", "opened (UTC)"]
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(head))
        for query in rows.iterator(chunk_size=500):
            q = shown(definition, query, language)
            cells = (q.key, q.participant, q.site, q.form, q.label, q.text, q.last, q.status, q.rule, q.opened)
            yield str(writer.writerow(map(safe_cell, cells)))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.key}-queries-{today(request)}.csv"'
    return response
