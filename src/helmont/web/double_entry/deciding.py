"""Deciding what two people read differently, and whether the paper has a line that only one of them found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helmont.core.errors import Invalid, NotFound
from helmont.double_entry.actions.adjudicating import Adjudicate
from helmont.double_entry.actions.lines import RuleOnLine
from helmont.double_entry.models import ABSENT, DONE, Transcription
from helmont.double_entry.queries.differing import Difference, differing
from helmont.edc.keys import LOG, is_line
from helmont.edc.queries.forms import FormView, form_view
from helmont.edc.queries.titles import form_title
from helmont.web.access import act, actor, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.dates import page_language
from helmont.web.double_entry.words import line_address
from helmont.web.entry.trail import names_of

FIRST, SECOND, OTHER = "first", "second", "other"
STANDS, WITHDRAW, VALUES = "stands", "withdraw", "values"


@dataclass(frozen=True)
class Choice:
    """One item that differs, as the page asks for it. ``chosen``, ``typed`` and ``reason`` are what was given so far."""

    key: str
    field: str
    label: str
    first: str
    second: str
    chosen: str = ""
    typed: str = ""
    reason: str = ""
    fault: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def adjudicate(request: HttpRequest, study: str, number: str, encounter: str, form: str) -> HttpResponse:
    """Both entries of a visit's form side by side, item by item, and what the paper really says."""
    study_or_404(request, study)
    view = form_view(actor(request), study, number, encounter, form, "", today(request))
    return _decide_values(request, view, *differing(actor(request), view, today(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def adjudicate_line(request: HttpRequest, study: str, number: str, form: str, line: str) -> HttpResponse:
    """The same for a line. One that the second person did not find: whether it is on the paper (``values``: it is, and
    what it says)."""
    study_or_404(request, study)
    if not is_line(line):
        raise NotFound(line)
    view = form_view(actor(request), study, number, LOG, form, line, today(request))
    first, second, found = differing(actor(request), view, today(request))
    if second.status == ABSENT and (VALUES not in request.GET or first.status != DONE):
        return _decide_line(request, view, first, second, found)
    return _decide_values(request, view, first, second, found)


def _decide_line(
    request: HttpRequest, view: FormView, first: Transcription, second: Transcription, found: Sequence[Difference]
) -> HttpResponse:
    chosen, why = request.POST.get("line", ""), request.POST.get("why", "").strip()
    faults: dict[str, str] = {}
    if request.method == "POST":
        if chosen == VALUES and first.status == DONE:
            return redirect(f"{line_address(view.key)}?{VALUES}")
        if chosen not in (STANDS, WITHDRAW):
            faults["line"] = _("Choose whether the paper has this line.")
        elif not why:
            faults["why"] = _("Say why.")
        else:
            act(request, RuleOnLine(view.key, stands=chosen == STANDS, why=why))
            done = _("The second entry is wanted again.") if chosen == STANDS else _("The line was withdrawn.")
            messages.success(request, done)
            return redirect("double_entry:worklist", view.participant.study)
    language = page_language()
    context = _about(view, first, second) | {
        "said": [
            (view.definition.label(each.key, language), view.definition.display(each.key, each.first, language))
            for each in found
        ],
        "absent": second.absent,
        "complete": first.status == DONE,
        "chosen": chosen,
        "why": why,
        "faults": faults,
        "choices": [
            (STANDS, _("It has: the second entry is wanted"), ""),
            (VALUES, _("It has, and I decide what it says"), _("Each value is asked for on the next page.")),
            (WITHDRAW, _("It has not: the line is withdrawn"), _("Its number is not used again.")),
        ],
    }
    return render(request, "web/double_entry/line.html", context, status=422 if faults else 200)


def _decide_values(
    request: HttpRequest, view: FormView, first: Transcription, second: Transcription, found: Sequence[Difference]
) -> HttpResponse:
    faults: dict[str, str] = {}
    if request.method == "POST":
        values: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        for ordinal, each in enumerate(found):
            given = {FIRST: each.first, SECOND: each.second, OTHER: request.POST.get(f"other-{ordinal}", "").strip()}
            chosen = request.POST.get(f"choose-{ordinal}", "")
            if chosen in given:
                values[each.key] = given[chosen]
            reasons[each.key] = request.POST.get(f"reason-{ordinal}", "")
        try:
            act(request, Adjudicate(view.key, values, reasons))
        except Invalid as invalid:
            faults = {fault.place: " ".join(filter(None, (fault.message, fault.accepted))) for fault in invalid.faults}
        else:
            done = ngettext("%(n)s item was decided.", "%(n)s items were decided.", len(found)) % {"n": len(found)}
            messages.success(request, f"{done} {_('The form is complete.')}")
            return redirect(form_address(view.key))
    context = _about(view, first, second) | {
        "choices": [_choice(request, view, ordinal, each, faults) for ordinal, each in enumerate(found)],
        "agreed": max(second.compared - len(found), 0),
        "unread": second.status == ABSENT,
        "faults": faults,
        "own": actor(request).handle in (first.by, second.by),
    }
    return render(request, "web/double_entry/adjudicate.html", context, status=422 if faults else 200)


def _about(view: FormView, first: Transcription, second: Transcription) -> dict[str, Any]:
    names = names_of((first.by, second.by))
    return {
        "view": view,
        "participant": view.participant,
        "title": form_title(view.study, view.key, page_language(), whose=False),
        "first": names.get(first.by, first.by),
        "second": names.get(second.by, second.by),
    }


def _choice(request: HttpRequest, view: FormView, ordinal: int, each: Difference, faults: dict[str, str]) -> Choice:
    language = page_language()
    return Choice(
        key=each.key,
        field=str(ordinal),
        label=view.definition.label(each.key, language),
        first=view.definition.display(each.key, each.first, language) or "–",
        second=view.definition.display(each.key, each.second, language) or "–",
        chosen=request.POST.get(f"choose-{ordinal}", ""),
        typed=request.POST.get(f"other-{ordinal}", ""),
        reason=request.POST.get(f"reason-{ordinal}", ""),
        fault=faults.get(each.key, ""),
    )
