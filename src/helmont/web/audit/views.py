"""The audit trail, of one participant and of the whole study."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.core.ledger import store
from helmont.core.ledger.models import Checkpoint, Entry
from helmont.core.people.models import Person
from helmont.core.permissions import Scope
from helmont.edc.models import Form
from helmont.edc.queries.audit import AuditEntry, participant_audit
from helmont.edc.queries.titles import form_title
from helmont.participants.queries import participant_for
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.web.access import actor, require_somewhere, study_or_404, today
from helmont.web.audit.trail import PAGE, Reader, study_audit
from helmont.web.audit.words import ACTIONS, action_title

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _filters(request: HttpRequest) -> dict[str, str]:
    """What the address asks for; a period that is not a date does not limit."""
    given = {
        name: request.GET.get(name, "").strip()[:200] for name in ("person", "action", "form", "item", "since", "until")
    }
    for name in ("since", "until"):
        given[name] = given[name] if DAY.fullmatch(given[name]) else ""
    return given


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _context(
    request: HttpRequest,
    study: str,
    definition: CompiledStudy,
    entries: list[AuditEntry],
    more: int | None,
    filters: dict[str, str],
) -> dict[str, Any]:
    language = get_language() or "en"
    sealed = Checkpoint.objects.filter(log=study).order_by("-size").values_list("size", "time").first()
    return {
        "entries": Reader(definition, language).entries(study, entries),
        "more": more,
        "filters": filters,
        "size": store.log_size(study),
        "sealed": {"size": sealed[0], "time": sealed[1]} if sealed else None,
        "may_redact": actor(request).may("ledger.redact", Scope(study), today(request)),
        "actions": sorted(((name, action_title(name)) for name in ACTIONS), key=lambda pair: pair[1].lower()),
    }


def _people(handles: Any) -> list[tuple[str, str]]:
    known = set(handles)
    names = dict(Person.objects.filter(handle__in=known).values_list("handle", "name"))
    return sorted(((handle, names.get(handle, handle)) for handle in known), key=lambda pair: pair[1])


@require_safe
def participant_trail(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Everything about one participant, newest first; filters in the address, fifty entries a page."""
    study_or_404(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    row = participant_for(person, study, number, day, "audit.view")
    filters = _filters(request)
    entries, more = participant_audit(
        person,
        study,
        number,
        day,
        actor_filter=filters["person"],
        action=filters["action"],
        record=filters["form"],
        item=filters["item"],
        since=filters["since"],
        until=filters["until"],
        before=_before(request),
        limit=PAGE,
    )
    definition = compiled(study, row.definition)
    keys = Form.objects.filter(participant=row).order_by("key").values_list("key", flat=True)
    of_participant = Entry.objects.filter(log=study, participant=row.key).order_by()
    context = {
        **_context(request, study, definition, entries, more, filters),
        "participant": row,
        "people": _people(of_participant.values_list("actor", flat=True).distinct()),
        "forms": [(f"form:{key}", form_title(definition, key, language, whose=False)) for key in keys],
    }
    return render(request, "web/audit/trail.html", context)


@require_safe
def study_trail(request: HttpRequest, study: str) -> HttpResponse:
    """Everything in the study's log that the person may see."""
    found = study_or_404(request, study)
    require_somewhere(request, "audit.view", study)
    filters = _filters(request)
    entries, more = study_audit(
        actor(request),
        found,
        today(request),
        person=filters["person"],
        action=filters["action"],
        since=filters["since"],
        until=filters["until"],
        before=_before(request),
    )
    context = {
        **_context(request, study, compiled(study, found.definition), entries, more, filters),
        "people": _people({entry.actor for entry in entries} | ({filters["person"]} if filters["person"] else set())),
    }
    return render(request, "web/audit/trail.html", context)
