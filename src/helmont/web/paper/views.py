"""A participant's casebook as a document, and the certified copies of a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.ledger import checkpoints
from helmont.core.ledger.export import parse_note
from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import snapshot
from helmont.core.people.models import Person
from helmont.edc.actions.copies import CertifyCopy, PrintCasebook
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for
from helmont.studies.queries import sites_for
from helmont.web.access import act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.paper.contents import casebook_paper
from helmont.web.paper.copies import Copy
from helmont.web.paper.jobs import archive_of, certify
from helmont.web.paper.rendering import render as render_pdf


@require_POST
@never_cache
def document(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The casebook as PDF/A, with what this person may see; the ledger notes that they took it."""
    study_or_404(request, study)
    participant = participant_for(actor(request), study, number, today(request), "form.view")
    act(request, PrintCasebook(participant.key))
    note = checkpoints.make_checkpoint(study)
    with snapshot():
        paper = casebook_paper(actor(request), participant, get_language() or "en", parse_note(note))
    name = f"{study}-{number}-casebook-{today(request)}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(render_pdf(paper, datetime.now(UTC)), content_type="application/pdf", headers=headers)


@dataclass(frozen=True)
class Made:
    """A copy that was made, or is being made (``job`` and no ``sequence``)."""

    title: str
    job: str
    sequence: int | None = None
    time: str = ""
    who: str = ""
    ready: bool = False
    failed: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def copies(request: HttpRequest, study: str) -> HttpResponse:
    """The sites whose data this person may certify, what is being made, and what was made."""
    study_or_404(request, study)
    require_somewhere(request, CertifyCopy.permission, study)
    sites = sites_for(actor(request), study, CertifyCopy.permission, today(request))
    if request.method == "POST":
        site, number = request.POST.get("site", ""), request.POST.get("participant", "").strip()
        if number:
            site = participant_for(actor(request), study, number, today(request), "form.view").site
        if site not in {each.number for each in sites}:
            raise NotPermitted(CertifyCopy.permission, permission=CertifyCopy.permission)
        certify.enqueue(study, site, number, actor(request).handle, get_language() or "en")
        messages.success(request, _("The copy is being made. It can be fetched here for a week."))
        return redirect("paper:copies", study)
    numbers = [site.number for site in sites]
    counts = Participant.objects.filter(study=study, site__in=numbers).values_list("site").annotate(Count("key"))
    context = {
        "sites": [(site, dict(counts).get(site.number, 0)) for site in sites],
        "own": _own(request, study),
        "made": _certified(study, numbers),
    }
    return render(request, "web/paper/copies.html", context)


@require_safe
@never_cache
def download(request: HttpRequest, study: str, job: UUID) -> FileResponse:
    """The archive that this person had made."""
    study_or_404(request, study)
    task = DBTaskResult.objects.filter(id=job, task_path=certify.module_path).first()
    if task is None or not may_somewhere(request, CertifyCopy.permission, study):
        raise NotFound(str(job))
    found_study, site, number, handle, _language = task.args_kwargs["args"]
    archive = archive_of(job)
    if (found_study, handle) != (study, actor(request).handle) or not archive.exists():
        raise NotFound(str(job))
    return FileResponse(archive.open("rb"), as_attachment=True, filename=f"{Copy(study, site, number).name}.zip")


def _own(request: HttpRequest, study: str) -> list[Made]:
    """What this person had made and can still fetch, and what is under way; newest first."""
    found = []
    for task in DBTaskResult.objects.filter(task_path=certify.module_path).order_by("-enqueued_at")[:200]:
        of_study, site, number, handle, _language = task.args_kwargs["args"]
        if (of_study, handle) != (study, actor(request).handle):
            continue
        ready, failed = archive_of(task.id).exists(), task.status == TaskResultStatus.FAILED
        if ready or failed or task.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING):
            sequence = task.return_value if ready else None
            time = task.enqueued_at.astimezone(UTC).isoformat()
            found.append(Made(_title(site, number), str(task.id), sequence, time, ready=ready, failed=failed))
    return found


def _certified(study: str, sites: list[str]) -> list[Made]:
    """Every certified copy of these sites' data that the ledger knows of, newest first."""
    own = dict(Participant.objects.filter(study=study, site__in=sites).values_list("key", "site"))
    names = dict(Person.objects.values_list("handle", "name"))
    found = []
    for entry in Entry.objects.filter(log=study, action=CertifyCopy.name).order_by("-sequence")[:500]:
        kind, _colon, key = entry.record.partition(":")
        site, number = (
            (own.get(key, ""), key.split("/", 1)[1]) if kind == "participant" else (key.rsplit("/", 1)[1], "")
        )
        if site in sites:
            who = names.get(entry.actor, entry.actor)
            found.append(Made(_title(site, number), "", entry.sequence, entry.time, who))
    return found


def _title(site: str, number: str) -> str:
    return _("participant %s") % number if number else _("site %s") % site
