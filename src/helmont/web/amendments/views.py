"""Pages of amendments: the list, one amendment and what is done to it, the difference, and the impact on participants."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.amendments.actions.planning import SetApproval, WithdrawAmendment
from helmont.amendments.actions.running import RunAmendment, StopAmendment
from helmont.amendments.dry_run import dry_run
from helmont.amendments.models import Amendment, AmendmentPlan, Migration
from helmont.amendments.queries import (
    amendment_for,
    amendments_of,
    in_force,
    kept_values_for,
    migrations_for,
    versions_by_site,
)
from helmont.amendments.running import plan_amendment, run_amendment
from helmont.core.errors import NotFound, Refused
from helmont.core.permissions import Scope
from helmont.core.signatures.queries import signatures_of
from helmont.participants.queries import participant_for
from helmont.studies.models import Definition, Site
from helmont.studies.queries import compiled
from helmont.study.comparing import CONSEQUENCES, compare
from helmont.web.access import act, actor, require_everywhere, study_or_404, today
from helmont.web.amendments import words
from helmont.web.amendments.changes import by_module
from helmont.web.amendments.impact import details, visible

PAGE = 50
page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def amendments(request: HttpRequest, study: str) -> HttpResponse:
    """Every amendment, the versions that sites are under, and the versions that could be planned."""
    found = study_or_404(request, study)
    person, day = actor(request), today(request)
    may_plan = person.may("amendment.plan", Scope(study), day)
    versions = list(Definition.objects.filter(study=study).order_by("revision").values_list("version", flat=True))
    if request.method == "POST":
        require_everywhere(request, "amendment.plan", study)
        target = request.POST.get("target", "")
        if target not in versions:
            raise NotFound(f"{study} {target}")
        plan_amendment.enqueue(study, target, person.handle)
        messages.success(request, _("The dry run has begun. Nothing is changed by it."))
        return redirect("amendments:list", study)
    rows = amendments_of(study)
    settled = {row.target for row in rows if row.status not in ("planned", "approved", "stopped", "withdrawn")}
    places = versions_by_site(person, study, day) if person.places("participant.view", study, day) else []
    context = {
        "rows": [(row, words.look(row.status), AmendmentPlan.objects.get(key=row.plan)) for row in rows],
        "places": [(site, [(version, counts.get(version, 0)) for version in versions]) for site, counts in places],
        "versions": versions,
        "targets": [version for version in versions if version != found.definition and version not in settled],
        "may_plan": may_plan,
        "undecided": kept_values_for(person, study, day).filter(status="undecided").count(),
        "jobs": _planning(study, person.handle) if may_plan else [],
    }
    return render(request, "web/amendments/list.html", context)


def _planning(study: str, handle: str) -> list[dict[str, Any]]:
    """The dry runs of this person that are under way, or failed."""
    tasks = DBTaskResult.objects.filter(task_path=plan_amendment.module_path).order_by("-enqueued_at")[:20]
    found = []
    for task in tasks:
        of_study, target, by = task.args_kwargs["args"]
        if (of_study, by) == (study, handle) and task.status != TaskResultStatus.SUCCESSFUL:
            found.append({"id": task.id, "target": target, "failed": task.status == TaskResultStatus.FAILED})
        elif (of_study, by) == (study, handle):
            break
    return found


@page
@never_cache
def amendment(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """One amendment: what was planned and signed, where it is in force, how far it is; and what is done to it."""
    study_or_404(request, study)
    row, plan = amendment_for(study, number)
    if request.method == "POST":
        return _do(request, row)
    person, day = actor(request), today(request)
    visible = migrations_for(person, row, day)
    done = visible.filter(status="done").count()
    may = {name: person.may(f"amendment.{name}", Scope(study), day) for name in ("plan", "approve", "run")}
    changes = [compare(compiled(study, old).study, compiled(study, row.target).study) for old in sorted(plan.sources)]
    new = compiled(study, row.target).study.amendment
    sites = list(Site.objects.filter(study=study).order_by("number"))
    held = list(visible.filter(status="held"))
    context = {
        "row": row,
        "plan": plan,
        "look": words.look(row.status),
        "summary": new.summary.get(get_language() or "en")[0] if new and new.summary else "",
        "reconsent": new.reconsent if new else None,
        "reconsent_why": new.reconsent.why.get(get_language() or "en")[0]
        if new and new.reconsent and new.reconsent.why
        else "",
        "totals": words.counted(plan.totals) if person.may("participant.view", Scope(study), day) else [],
        "consequences": _consequences(changes),
        "done": done,
        "total": visible.count(),
        "held": [(each, each.participant_id.split("/", 1)[1], sorted(each.held.items())) for each in held[:20]],
        "held_count": len(held),
        "sites": [(site, in_force(row.places, site.country, site.number)) for site in sites],
        "countries": sorted({site.country for site in sites}),
        "dated": sorted(row.places.items()),
        "may": may,
        "signature": next(iter(signatures_of(f"amendment_plan:{row.plan}")), None),
        "sign_records": f'["amendment_plan:{row.plan}"]',
        "live": row.status == "running" and done + len(held) < visible.count(),
    }
    return render(request, "web/amendments/amendment.html", context)


def _consequences(changes: list[Any]) -> list[tuple[str, Any, str, str, int]]:
    """How many differences have each consequence, the gravest first."""
    counts = {name: sum(change.counts[name] for change in changes) for name in reversed(CONSEQUENCES)}
    return [(name, *words.CONSEQUENCES[name], count) for name, count in counts.items() if count]


def _do(request: HttpRequest, row: Amendment) -> HttpResponse:
    """Carry out what a button asks for; a refusal is said on the page."""
    post, verb = request.POST, request.POST.get("verb", "")
    require_everywhere(request, "amendment.plan" if verb == "withdraw" else "amendment.run", row.study)
    try:
        match verb:
            case "run":
                act(request, RunAmendment(row.key))
                run_amendment.enqueue(row.key)
                messages.success(request, _("The amendment runs. It may be stopped at any moment, and goes on later."))
            case "stop":
                act(request, StopAmendment(row.key))
                messages.success(request, _("The amendment is stopped. What is done stays done."))
            case "withdraw":
                act(request, WithdrawAmendment(row.key, post.get("reason", "")))
                messages.success(request, _("The amendment is withdrawn."))
            case "date":
                act(request, SetApproval(row.key, post.get("place", ""), post.get("date", "").strip()))
                messages.success(request, _("The date is noted."))
            case _:
                raise NotFound(verb)
    except NotFound:
        raise
    except Refused as refusal:
        if refusal.status == 403:
            raise
        messages.error(request, refusal.message)
    return redirect("amendments:amendment", row.study, row.number)


@require_safe
def difference(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Everything that differs from a version that participants leave, by part of the definition; filters in the address."""
    study_or_404(request, study)
    row, plan = amendment_for(study, number)
    olds = sorted(plan.sources) or [row.target]
    old = request.GET.get("from") if request.GET.get("from") in olds else olds[0]
    found = compare(compiled(study, old).study, compiled(study, row.target).study)
    language = get_language() or "en"
    chosen = request.GET.get("consequence", "")
    context = {
        "row": row,
        "old": old,
        "olds": olds,
        "modules": by_module(found, language, chosen),
        "total": len(found.changes),
        "filters": [
            (name, words.CONSEQUENCES[name][0], found.counts[name])
            for name in reversed(CONSEQUENCES)
            if found.counts[name]
        ],
        "chosen": chosen,
        "suggestions": found.suggestions,
    }
    return render(request, "web/amendments/difference.html", context)


@require_safe
def participants(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """What the amendment means for each participant the person may see; searched, filtered, paged."""
    study_or_404(request, study)
    row, _plan = amendment_for(study, number)
    found = migrations_for(actor(request), row, today(request))
    search, status, what = (request.GET.get(name, "").strip() for name in ("q", "status", "what"))
    if search:
        found = found.filter(participant__number__icontains=search) | found.filter(site=search)
    if status:
        found = found.filter(status=status)
    if what in words.COUNTS:
        found = found.filter(counts__has_key=what)
    paged = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "page": paged,
        "rows": [
            (each, each.participant_id.split("/", 1)[1], words.look(each.status), words.counted(each.counts))
            for each in paged
        ],
        "search": search,
        "status": status,
        "what": what,
        "whats": list(words.COUNTS.items()),
        "statuses": [words.look(name) for name in ("planned", "done", "held")],
    }
    return render(request, "web/amendments/participants.html", context)


@require_safe
def participant(request: HttpRequest, study: str, number: str, participant: str) -> HttpResponse:
    """One participant: what would happen now, found out anew; once it happened, what is on record."""
    study_or_404(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    row, _plan = amendment_for(study, number)
    whom = participant_for(person, study, participant, day, "form.view")
    migration = Migration.objects.filter(participant=whom, amendment=row.key).first()
    impact = next(dry_run(study, [whom.key], row.target), None)
    context: dict[str, Any] = {
        "row": row,
        "participant": whom,
        "migration": migration,
        "look": words.look(migration.status) if migration else None,
        "impact": None,
        "counts": words.counted(migration.counts if migration else {}),
        "kept": kept_values_for(person, study, day).filter(participant=whom, amendment=row.key),
        "entry": migration.revision if migration and migration.status == "done" else None,
    }
    if impact is not None:
        shown = visible(impact, actor(request), whom, today(request))
        context |= {"impact": shown, "counts": words.counted(shown.counts()), **details(shown, study, language)}
    return render(request, "web/amendments/participant.html", context)
