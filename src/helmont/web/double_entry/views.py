"""What waits for a second entry or a decision, and deciding what two people read differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import Invalid
from helmont.core.people.models import Person
from helmont.double_entry.actions import Adjudicate
from helmont.double_entry.models import ADJUDICATE
from helmont.double_entry.queries import Difference, Rate, differing, rates, waiting
from helmont.edc.queries.forms import FormView, form_view
from helmont.edc.queries.titles import form_title
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.web.access import act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.dates import page_language

STATES = ("differs", "second", "first")
FIRST, SECOND, OTHER = "first", "second", "other"


@require_safe
@never_cache
def worklist(request: HttpRequest, study: str) -> HttpResponse:
    """Forms that wait for an entry or a decision; ``state`` filters. Below, how often entries differed."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    person, day, language = actor(request), today(request), page_language()
    everything = waiting(person, study, day)
    state = request.GET.get("state", "")
    names = _names({handle for each in everything for handle in each.by})
    rows = [
        {
            "each": each,
            "title": form_title(compiled(study, each.participant.definition), each.form, language, whose=False),
            "url": form_address(each.form),
            "names": [names.get(handle, handle) for handle in each.by],
            "mine": person.handle in each.by,
        }
        for each in everything
        if state in ("", each.state)
    ]
    by_form, by_person = rates(study) if may_somewhere(request, ADJUDICATE, study) else ([], [])
    definition = compiled(study, found.definition)
    people = _names({rate.name for rate in by_person})
    context = {
        "rows": rows,
        "state": state,
        "states": [(name, sum(each.state == name for each in everything)) for name in STATES],
        "total": len(everything),
        "may_adjudicate": may_somewhere(request, ADJUDICATE, study),
        "any_double": any(form.form.entry == "double" for form in definition.forms.values()),
        "by_form": [(_form_name(definition, rate, language), rate) for rate in by_form],
        "by_person": [(people.get(rate.name, rate.name), rate) for rate in by_person],
    }
    return render(request, "web/double_entry/worklist.html", context)


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
    """Both entries side by side, item by item, and what the paper really says."""
    study_or_404(request, study)
    person, day = actor(request), today(request)
    view = form_view(person, study, number, encounter, form, "", day)
    first, second, found = differing(person, view, day)
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
    names = _names({first.by, second.by})
    context = {
        "view": view,
        "participant": view.participant,
        "title": form_title(view.study, view.key, page_language(), whose=False),
        "first": names.get(first.by, first.by),
        "second": names.get(second.by, second.by),
        "choices": [_choice(request, view, ordinal, each, faults) for ordinal, each in enumerate(found)],
        "agreed": second.compared - len(found),
        "faults": faults,
        "own": person.handle in (first.by, second.by),
    }
    return render(request, "web/double_entry/adjudicate.html", context, status=422 if faults else 200)


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


def _names(handles: set[str]) -> dict[str, str]:
    return dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))


def _form_name(definition: CompiledStudy, rate: Rate, language: str) -> str:
    form = definition.forms.get(rate.name)
    return form.form.title.get(language)[0] if form else rate.name
