"""The dialog of a step over many forms: what it would do, what it did, and undoing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from helmont.core import sql
from helmont.core.errors import NotFound
from helmont.core.jobs.progress import progress
from helmont.edc.queries.titles import form_title
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.casebooks.jobs import MANY, outcome_of, step_in_bulk
from helmont.web.casebooks.steps import (
    MOST,
    STEPS,
    UNDOING,
    Outcome,
    Step,
    Target,
    carry_out,
    chosen,
    read_targets,
    rehearse,
    undone,
    write_targets,
)

NAMED = 20
"""Forms that are named one by one under a reason why they stay as they are."""


@require_POST
def step(request: HttpRequest, study: str) -> HttpResponse:
    """What the step would do to the ticked forms; with ``sure``, do it to those that were shown (``targets``)."""
    found, one = study_or_404(request, study), _step(STEPS, request.POST.get("step", ""))
    require_somewhere(request, one.permission, study)
    person, day = actor(request), today(request)
    reason = request.POST.get("reason", "").strip()
    sure = bool(request.POST.get("sure"))
    targets = read_targets(request.POST.get("targets", ""), study) if sure else chosen(request, person, study, one, day)
    if len(targets) > MOST:
        context = {"step": one, "too_many": len(targets), "most": MOST, "back": _back(request, study)}
        return render(request, "web/casebooks/step.html", context, status=422)
    missing = sure and one.reason and not reason
    if sure and not missing:
        if len(targets) > MANY:
            return _beside(request, study, one, "", targets, reason)
        return _done(request, found, one, carry_out(person, day, one, targets, reason))
    outcome = rehearse(person, day, one, targets, reason)
    context = _said(found, one, outcome) | {
        "targets": write_targets(outcome.changed),
        "missing": missing,
        "back": _back(request, study),
    }
    return render(request, "web/casebooks/step.html", context, status=422 if missing else 200)


@require_POST
def undo(request: HttpRequest, study: str) -> HttpResponse:
    """Take a step back, from those of its forms that nobody has touched since."""
    found, one = study_or_404(request, study), _step(STEPS, request.POST.get("step", ""))
    back = _step(STEPS | UNDOING, one.undo)
    require_somewhere(request, back.permission, study)
    person, day = actor(request), today(request)
    targets = undone(read_targets(request.POST.get("targets", ""), study), one)
    reason = request.POST.get("reason", "").strip() or _("Done by mistake")
    if len(targets) > MANY:
        return _beside(request, study, back, one.name, targets, reason)
    outcome = carry_out(person, day, back, targets, reason)
    context = _said(found, back, outcome) | {"done": True, "back": _back(request, study)}
    return render(request, "web/casebooks/step.html", context)


@require_safe
def standing(request: HttpRequest, study: str, job: str) -> HttpResponse:
    """How far a step is that was too long to wait for, and then what it came to; only for whoever took it."""
    found = study_or_404(request, study)
    try:
        result = step_in_bulk.get_result(job)
    except (TaskResultDoesNotExist, ValidationError):
        raise NotFound(job) from None
    handle, of, name, undoing, targets, *_rest = result.args
    if handle != actor(request).handle or of != study:
        raise NotFound(job)
    one = (STEPS | UNDOING)[name]
    if result.status == TaskResultStatus.SUCCESSFUL:
        outcome = outcome_of(result.return_value or {"changed": [], "left": {}})
        if not undoing:
            return _done(request, found, one, outcome)
        context = _said(found, one, outcome) | {"done": True, "back": _back(request, study)}
    else:
        failed = result.status == TaskResultStatus.FAILED
        context = {"step": one, "job": job, "total": len(targets), "failed": failed, "standing": progress(job)}
    response = render(request, "web/casebooks/step.html", context)
    if not result.is_finished:
        response["Refresh"] = "10"  # the page works without scripts too
    return response


def _beside(
    request: HttpRequest, study: str, one: Step, undoing: str, targets: list[Target], reason: str
) -> HttpResponse:
    """Queue the step and show the page that follows it."""
    rows = [[each.key, each.revision, each.before] for each in targets]
    with sql.turn():
        job = step_in_bulk.enqueue(
            actor(request).handle, study, one.name, undoing, rows, reason, today(request).isoformat()
        )
    address = reverse("casebooks:standing", args=[study, job.id])
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _step(steps: dict[str, Step], name: str) -> Step:
    if name not in steps:
        raise NotFound(name)
    return steps[name]


def _done(request: HttpRequest, study: Study, one: Step, outcome: Outcome) -> HttpResponse:
    back = (STEPS | UNDOING)[one.undo]
    undoable = undone(outcome.changed, one) if may_somewhere(request, back.permission, study.key) else []
    context = _said(study, one, outcome) | {
        "done": True,
        "undo": back if undoable else None,
        "undoable": len(undoable),
        "targets": outcome.written(),
        "back": _back(request, study.key),
    }
    return render(request, "web/casebooks/step.html", context)


def _said(study: Study, one: Step, outcome: Outcome) -> dict[str, Any]:
    """The outcome in words, with the forms that stay as they are."""
    definition, language = compiled(study.key, study.definition), get_language() or "en"
    left = [
        {
            "why": why,
            "count": len(keys),
            "forms": [(form_title(definition, key, language), form_address(key)) for key in keys[:NAMED]],
            "more": max(0, len(keys) - NAMED),
        }
        for why, keys in sorted(outcome.left.items(), key=lambda each: -len(each[1]))
    ]
    people = {target.key.split("/")[1] for target in outcome.changed}
    return {
        "step": one,
        "changed": len(outcome.changed),
        "people": len(people),
        "staying": outcome.staying,
        "left": left,
    }


def _back(request: HttpRequest, study: str) -> str:
    """The page of the study from which the dialog was opened."""
    for text in (
        request.POST.get("back", ""),
        request.headers.get("HX-Current-URL", ""),
        request.headers.get("Referer", ""),
    ):
        place = urlsplit(text)
        if place.path.startswith(f"/studies/{study}/") and "/do/" not in place.path:
            return f"{place.path}?{place.query}" if place.query else place.path
    return reverse("casebooks:matrix", args=[study])
