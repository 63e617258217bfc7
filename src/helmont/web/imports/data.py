"""Trial data of other systems: sending them, seeing what they would do, taking them in; and what was taken in before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core.errors import Invalid, NotFound
from helmont.core.people.models import Person
from helmont.exchange.datasets import PERMISSION
from helmont.exchange.models import Import
from helmont.study.faults import Fault
from helmont.web.access import actor, require_everywhere, study_or_404
from helmont.web.imports.jobs import SHELF, import_data, report_of
from helmont.web.imports.words import SEVERITIES, record_words
from helmont.web.uploads import Several

SHOWN = 500
page = require_http_methods(["GET", "HEAD", "POST"])


class DataForm(forms.Form):
    brought = Several(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "A CDISC ODM file (1.3.2 or 2.0) with clinical data; or the CSV files of another system and the YAML that says"
            " which column is which item, together or in a ZIP."
        ),
    )


@page
@never_cache
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """What was taken in, and what this person sent and has not decided about; a POST sends files, which are rehearsed."""
    study_or_404(request, study)
    require_everywhere(request, PERMISSION, study)
    sent = request.method == "POST"
    form = DataForm(request.POST, request.FILES) if sent else DataForm()
    if sent and form.is_valid():
        handle = actor(request).handle
        try:
            token = SHELF.store((each for each in form.cleaned_data["brought"] if each), handle)
        except Invalid as refusal:
            form.add_error("brought", f"{refusal.faults[0].message} {refusal.faults[0].accepted}")
        else:
            import_data.enqueue(study, token, handle, get_language() or "en", True, False)
            return redirect("imports:draft", study, token)
    names = dict(Person.objects.values_list("handle", "name"))
    rows = Import.objects.filter(study=study).order_by("-made")[:SHOWN]
    context = {
        "form": form,
        "waiting": _waiting(study, actor(request).handle),
        "rows": [(row, names.get(row.person, row.person), record_words(row.counts), _sequence(row)) for row in rows],
    }
    return render(request, "web/imports/data.html", context, status=422 if form.errors else 200)


@page
@never_cache
def draft(request: HttpRequest, study: str, token: str) -> HttpResponse:
    """What the files would do, or did; a POST takes them in (all, or ``partial``: what is not refused) or forgets them."""
    study_or_404(request, study)
    require_everywhere(request, PERMISSION, study)
    handle = actor(request).handle
    place = SHELF.place(token, handle)
    job = _job(study, token, handle)
    if job is None:
        raise NotFound(token)
    running = job.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    report = report_of(place)
    if request.method == "POST":
        then = "" if running else request.POST.get("then", "")
        if then == "forget":
            SHELF.discard(token, handle)
            messages.success(request, _("The files were put aside."))
            return redirect("imports:listing", study)
        if then in ("import", "partial") and report is not None and not report["carried_out"]:
            import_data.enqueue(study, token, handle, get_language() or "en", False, then == "partial")
        return redirect("imports:draft", study, token)
    context: dict[str, Any] = {
        "token": token,
        "job": job.id if running or job.status == TaskResultStatus.FAILED else None,
        "failed": job.status == TaskResultStatus.FAILED,
        "report": None if running else report,
    }
    if report is not None and not running:
        context |= _shown(report, request.GET.get("kind", ""))
    return render(request, "web/imports/data_draft.html", context)


def _shown(report: dict[str, Any], chosen: str) -> dict[str, Any]:
    """The counts of a report and its findings of the kind that was asked for."""
    findings = [Fault(**each) for each in report["findings"]]
    counts = {name: sum(each.severity == name for each in findings) for name in SEVERITIES}
    rows = [each for each in findings if each.severity == chosen or chosen not in SEVERITIES]
    flat = {f"created/{kind}": count for kind, count in report["created"].items()}
    flat |= {f"changed/{kind}": count for kind, count in report["changed"].items()}
    return {
        "figures": record_words(flat),
        "kinds": [(name, SEVERITIES[name][0], count) for name, count in counts.items() if count],
        "chosen": chosen if chosen in SEVERITIES else "",
        "findings": [(each, *SEVERITIES[each.severity]) for each in rows[:SHOWN]],
        "more": max(len(rows) - SHOWN, 0),
        "total": len(findings),
    }


def _tasks(study: str, handle: str) -> list[tuple[DBTaskResult[Any, Any], str]]:
    """The runs of this person's imports into the study with their tokens, newest first."""
    found = []
    for task in DBTaskResult.objects.filter(task_path=import_data.module_path).order_by("-enqueued_at")[:200]:
        of_study, token, by = task.args_kwargs["args"][:3]
        if (of_study, by) == (study, handle):
            found.append((task, token))
    return found


def _job(study: str, token: str, handle: str) -> DBTaskResult[Any, Any] | None:
    """The last run of that upload; None for one of another study."""
    return next((task for task, each in _tasks(study, handle) if each == token), None)


def _waiting(study: str, handle: str) -> list[dict[str, Any]]:
    """What this person sent and can still be looked at."""
    found: dict[str, dict[str, Any]] = {}
    for task, token in _tasks(study, handle):
        if token in found:
            continue
        try:
            report = report_of(SHELF.place(token, handle))
        except NotFound:
            continue
        found[token] = {"token": token, "time": task.enqueued_at.isoformat(), "report": report, "job": _alive(task)}
    return [each for each in found.values() if not (each["report"] and each["report"]["carried_out"])]


def _alive(task: DBTaskResult[Any, Any]) -> UUID | None:
    running: bool = task.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return task.id if running else None


def _sequence(row: Import) -> str:
    return str(row.key).rsplit("/", 1)[1]
