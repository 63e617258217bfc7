"""The verification plan: what it says in words, and what every version of it changed, when, by whom and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.core.people.models import Person
from helmont.core.permissions import Scope
from helmont.edc.models import VerificationPlan as Version
from helmont.edc.queries.verification import plan_at, plan_id
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.verification import VerificationPlan
from helmont.study.verification_plans import FILE, plan_to_yaml
from helmont.web.access import actor, require_somewhere, study_or_404, today
from helmont.web.verification.words import EXTENTS, Words


def version_of(study: Study, version: str) -> tuple[VerificationPlan, int]:
    """A version of the plan and its number; the one in force for "", the published one for 0. Raises ``NotFound``."""
    number = int(version) if version.isdecimal() and len(version) < 9 else plan_id(study)[0]
    row = Version.objects.filter(key=f"{study.key}/verification/{number}").first()
    if row is None and number:
        raise NotFound(version)
    return plan_at(study, row), number


@require_safe
def plan(request: HttpRequest, study: str) -> HttpResponse:
    """The plan in force, or (``?version=``) as it was; and its history."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    shown, version = version_of(found, request.GET.get("version", ""))
    words = Words(compiled(study, found.definition), get_language() or "en")
    context: dict[str, Any] = {
        "rules": words.rules(shown),
        "default": EXTENTS[shown.default],
        "risks": sorted(shown.site_risk.items()),
        "version": version,
        "current": plan_id(found)[0],
        "history": _history(found, words),
        "may_change": actor(request).may("verification.plan", Scope(study), today(request)),
    }
    return render(request, "web/verification/plan.html", context)


@require_safe
def download(request: HttpRequest, study: str) -> HttpResponse:
    """The plan (in force, or ``?version=``) as a study package has it."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    text = plan_to_yaml(version_of(found, request.GET.get("version", ""))[0])
    headers = {"Content-Disposition": f'attachment; filename="{study}-{FILE}"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _history(study: Study, words: Words) -> list[dict[str, Any]]:
    """Every change of the plan, the latest first, with what it changed of the version before."""
    versions = list(Version.objects.filter(study=study.key).order_by("version"))
    names = dict(Person.objects.filter(handle__in={each.by for each in versions}).values_list("handle", "name"))
    plans = [plan_at(study, version) for version in (None, *versions)]
    return [
        {
            "row": row,
            "who": names.get(row.by, row.by),
            "changes": list(words.changes(before, after)),
        }
        for row, before, after in zip(versions, plans, plans[1:], strict=False)
    ][::-1]
