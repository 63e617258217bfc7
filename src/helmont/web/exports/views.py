"""Asking for an export, fetching it, and what left the study before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.people.models import Person
from helmont.exchange.models import Export
from helmont.exchange.odm.visible import PERMISSION, Visible
from helmont.standards.odm.names import NAMESPACES
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.exports.jobs import file_of, make_odm

CONTENTS = ("snapshot", "audit")
SHOWN = 200


@dataclass(frozen=True)
class Wanted:
    """A file this person asked for: ready, under way or failed."""

    title: str
    job: str
    time: str
    ready: bool
    failed: bool


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def exports(request: HttpRequest, study: str) -> HttpResponse:
    """What can be exported, what this person asked for, and every export that the ledger knows of."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    visible = Visible(actor(request), study, today(request))
    if request.method == "POST":
        version, contents = request.POST.get("version", ""), request.POST.get("contents", "")
        if version not in NAMESPACES or contents not in CONTENTS:
            raise Invalid([Fault("version", _("There is no such export."), ", ".join([*NAMESPACES, *CONTENTS]))])
        make_odm.enqueue(study, actor(request).handle, version, contents)
        messages.success(request, _("The file is being made. It can be fetched here for a week."))
        return redirect("exports:exports", study)
    names = dict(Person.objects.values_list("handle", "name"))
    made = Export.objects.filter(study=study).order_by("-made")[:SHOWN]
    context = {
        "versions": list(NAMESPACES),
        "wanted": _wanted(request, study),
        "made": [(each, names.get(each.person, each.person), each.key.rsplit("/", 1)[1]) for each in made],
        "participants": sum(1 for _each in visible.participants()),
        "hidden": visible.lacking().split(),
    }
    return render(request, "web/exports/exports.html", context)


@require_safe
@never_cache
def download(request: HttpRequest, study: str, job: UUID) -> FileResponse:
    """The file that this person asked for. It holds what they might see then, so it goes to nobody else."""
    study_or_404(request, study)
    task = DBTaskResult.objects.filter(id=job, task_path=make_odm.module_path).first()
    if task is None or not may_somewhere(request, PERMISSION, study):
        raise NotFound(str(job))
    of_study, handle, version, contents = task.args_kwargs["args"]
    file = file_of(job)
    if (of_study, handle) != (study, actor(request).handle) or not file.exists():
        raise NotFound(str(job))
    name = f"{study}-odm-{version}-{contents}.xml"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/xml")


def _wanted(request: HttpRequest, study: str) -> list[Wanted]:
    """What this person asked for and can still fetch, and what is under way; newest first."""
    found = []
    for task in DBTaskResult.objects.filter(task_path=make_odm.module_path).order_by("-enqueued_at")[:200]:
        of_study, handle, version, contents = task.args_kwargs["args"]
        if (of_study, handle) != (study, actor(request).handle):
            continue
        ready, failed = file_of(task.id).exists(), task.status == TaskResultStatus.FAILED
        if ready or failed or task.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING):
            time = task.enqueued_at.astimezone(UTC).isoformat()
            found.append(Wanted(_title(version, contents), str(task.id), time, ready, failed))
    return found


def _title(version: str, contents: str) -> str:
    words = _("the audit trail") if contents == "audit" else _("the present state")
    return _("ODM %(version)s with %(contents)s") % {"version": version, "contents": words}
