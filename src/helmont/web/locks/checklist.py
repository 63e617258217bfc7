"""The database-lock checklist: its lines, what is missing on each, and locking the study from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helmont.core.errors import NotFound, Refused
from helmont.core.people.models import Person
from helmont.core.permissions import Scope
from helmont.edc.actions.checking import verify_ledger
from helmont.edc.actions.locks import LockStudy
from helmont.edc.keys import split_form_key
from helmont.edc.queries.checklist import Missing, checklist, ledger_check, study_lock
from helmont.edc.queries.titles import encounter_title, form_title
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.web.access import act, actor, require_everywhere, study_or_404, today
from helmont.web.addresses import form_address, participant_address
from helmont.web.dates import moment_text

PAGE = 100
LISTS = {"queries": "worklist:queries", "verification": "verification:due"}
"""Lines whose missing things have a page of their own, where they can be settled."""


def _require_reader(request: HttpRequest, study: str) -> None:
    """The checklist is for those who see the forms of the whole study and what happened to them."""
    for permission in ("form.view", "audit.view"):
        require_everywhere(request, permission, study)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, study: str) -> HttpResponse:
    """Every line with its count; a POST locks the study, waiving lines for the reasons given (``waive-<line>``)."""
    study_or_404(request, study)
    _require_reader(request, study)
    person, day = actor(request), today(request)
    refused = ""
    given = {name[6:]: str(text) for name, text in request.POST.items() if name.startswith("waive-")}
    if request.method == "POST":
        require_everywhere(request, "study.lock", study)
        try:
            act(request, LockStudy(study, request.POST.get("reason", ""), given))
            messages.success(request, _("The study is locked."))
            return redirect("locks:checklist", study)
        except Refused as refusal:
            refused = _("Say why the study is locked.") if refusal.code == "reason_required" else refusal.message
    lines = checklist(person, study, day)
    lock, check = study_lock(study), ledger_check(study)
    names = dict(Person.objects.filter(handle=lock.by).values_list("handle", "name")) if lock else {}
    context: dict[str, Any] = {
        "lines": [
            {
                "line": line,
                "url": reverse(LISTS[line.name], args=[study])
                if line.name in LISTS
                else reverse("locks:listing", args=[study, line.name]),
                "given": given.get(line.name, ""),
                "waived": lock.waived.get(line.name, "") if lock and lock.state == "locked" else "",
            }
            for line in lines
        ],
        "left": sum(not line.done and line.mandatory for line in lines),
        "lock": lock if lock and lock.state in ("frozen", "locked") else None,
        "who": names.get(lock.by, lock.by) if lock else "",
        "when": moment_text(lock.at, person.timezone) if lock else "",
        "check": check,
        "checked": moment_text(check.time, person.timezone) if check and check.time else "",
        "may_lock": person.may("study.lock", Scope(study), day),
        "may_freeze": person.may("form.freeze", Scope(study), day),
        "refused": refused,
        "reason": request.POST.get("reason", ""),
        "day": day,
    }
    return render(request, "web/locks/checklist.html", context, status=422 if refused else 200)


@require_POST
def verify(request: HttpRequest, study: str) -> HttpResponse:
    """Have the ledger verified in the background; the line says when it was."""
    study_or_404(request, study)
    require_everywhere(request, "form.freeze", study)
    verify_ledger.enqueue(study)
    messages.success(request, _("The ledger is being verified; the line changes when it is done."))
    return redirect("locks:checklist", study)


@require_safe
def listing(request: HttpRequest, study: str, name: str) -> HttpResponse:
    """What is missing on one line, each with its place."""
    found = study_or_404(request, study)
    _require_reader(request, study)
    lines = checklist(actor(request), study, today(request), [name])
    if not lines:
        raise NotFound(name)
    language = get_language() or "en"
    page = Paginator(lines[0].missing, PAGE).get_page(request.GET.get("page", "1"))
    definition = compiled(study, found.definition)
    context = {
        "line": lines[0],
        "rows": [_row(definition, each, language) for each in page],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
    }
    return render(request, "web/locks/listing.html", context)


def _row(definition: CompiledStudy, each: Missing, language: str) -> dict[str, str]:
    """What is missing, in words, and where it can be mended."""
    try:
        _study, number, _encounter, form_id, _line = split_form_key(each.key)
    except ValueError:
        parts = each.key.split("/")
        number = parts[1] if len(parts) > 1 else ""
        title = encounter_title(definition, parts[2], language) if len(parts) == 3 else ""
        url = participant_address("/".join(parts[:2])) if number else ""
        return {"number": number, "url": url, "title": title, "text": each.text}
    form = definition.forms.get(form_id)
    label = form.label(each.item, language) if form and each.item in form.item_keys() else each.item
    title = form_title(definition, each.key, language, whose=False)
    return {
        "number": number,
        "url": form_address(each.key, each.item),
        "title": f"{title}: {label}" if label else title,
        "text": each.text,
    }
