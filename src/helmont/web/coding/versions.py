"""The dictionaries of a study: how far each is, the decisions kept, and the move to another version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helmont.coding.actions.deciding import RetireSynonym
from helmont.coding.declared import dictionaries_in_use
from helmont.coding.models import Synonym
from helmont.coding.queries import codings_for, progress, stages
from helmont.coding.upgrading import impact, other_versions
from helmont.coding.workflows import TO_CODE
from helmont.core.errors import NotFound
from helmont.core.permissions import Scope
from helmont.web.access import act, actor, may_somewhere, require_everywhere, require_somewhere, study_or_404, today
from helmont.web.coding.jobs import upgrade_study
from helmont.web.coding.words import KINDS, STAGES, look

MOST_AFFECTED = 300


@require_safe
@never_cache
def dictionaries(request: HttpRequest, study: str) -> HttpResponse:
    """What the study codes with, how far it is, and by which stage its codings came about."""
    study_or_404(request, study)
    require_somewhere(request, "coding.view", study)
    found = codings_for(actor(request), study, today(request))
    counts = progress(found)
    rows = []
    for name, used in dictionaries_in_use(study).items():
        standing = counts.get(name, {})
        total = sum(count for status, count in standing.items() if status != "withdrawn")
        waiting = sum(standing.get(status, 0) for status in TO_CODE)
        by_stage = stages(found.filter(name=name))
        rows.append(
            {
                "used": used,
                "total": total,
                "waiting": waiting,
                "settled": total - waiting,
                "statuses": [(look(status), count) for status, count in standing.items() if count],
                "bars": [
                    {"label": str(STAGES[stage]), "value": count, "percent": 100 * count // (total or 1)}
                    for stage, count in sorted(by_stage.items(), key=lambda each: -each[1])
                ],
                "decisions": Synonym.objects.filter(study=study, name=name, status="active").count(),
                "others": len(other_versions(study, name)),
            }
        )
    context = {
        "rows": rows,
        "may_read": may_somewhere(request, "dictionary.read", study),
        "may_upgrade": actor(request).may("coding.upgrade", Scope(study), today(request)),
    }
    return render(request, "web/coding/dictionaries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def decisions(request: HttpRequest, study: str, name: str) -> HttpResponse:
    """The texts that always mean a term in this study; a POST retires one of them."""
    study_or_404(request, study)
    require_somewhere(request, "dictionary.read", study)
    used = dictionaries_in_use(study).get(name)
    if used is None:
        raise NotFound(name)
    if request.method == "POST":
        require_somewhere(request, "coding.code", study)
        key = request.POST.get("key", "")
        if not key.startswith(f"{study}/synonyms/{name}/"):
            raise NotFound(key[:60])
        act(request, RetireSynonym(key, request.POST.get("reason", "")))
        messages.success(request, _("The decision no longer holds; what was coded by it stays."))
        return redirect(request.get_full_path())
    text = request.GET.get("q", "").strip()[:100]
    found = Synonym.objects.filter(study=study, name=name).order_by("status", "verbatim")
    if text:
        found = found.filter(verbatim__icontains=text) | found.filter(term__icontains=text)
    context = {
        "used": used,
        "q": text,
        "total": found.count(),
        "rows": found[:500],
        "may_code": may_somewhere(request, "coding.code", study),
    }
    return render(request, "web/coding/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def upgrade(request: HttpRequest, study: str, name: str) -> HttpResponse:
    """What moving to another version would do; a POST does it, beside the page."""
    study_or_404(request, study)
    require_everywhere(request, "coding.upgrade", study)
    used = dictionaries_in_use(study).get(name)
    if used is None:
        raise NotFound(name)
    others = other_versions(study, name)
    to = (request.POST if request.method == "POST" else request.GET).get("to", "")
    if to and to not in {each.key for each in others}:
        raise NotFound(to[:60])
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST" and to and reason:
        job = upgrade_study.enqueue(study, name, to, reason, actor(request).handle)
        return redirect(f"{reverse('coding:upgrade', args=[study, name])}?job={job.id}")
    found = impact(study, name, to) if to else None
    context: dict[str, Any] = {
        "used": used,
        "others": others,
        "to": to,
        "found": found,
        "affected": [(each, KINDS[each.kind]) for each in found.affected[:MOST_AFFECTED]] if found else [],
        "more": max(0, len(found.affected) - MOST_AFFECTED) if found else 0,
        "job": request.GET.get("job", ""),
        "without_reason": request.method == "POST" and not reason,
    }
    return render(request, "web/coding/upgrade.html", context, status=422 if context["without_reason"] else 200)
