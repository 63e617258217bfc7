"""What waits for a second entry or a decision, and how often two people read the same paper differently."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helmont.double_entry.models import ADJUDICATE
from helmont.double_entry.queries.rates import Rate, rates
from helmont.double_entry.queries.waiting import waiting
from helmont.edc.queries.titles import form_title
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.dates import page_language
from helmont.web.double_entry.words import line_address
from helmont.web.entry.trail import names_of

# What a tab shows, by what a form waits for.
TABS = {"differs": ("differs", "absent"), "second": ("second",), "both": ("both",), "first": ("first",)}


@require_safe
@never_cache
def worklist(request: HttpRequest, study: str) -> HttpResponse:
    """Forms and lines that wait for an entry or a decision; ``state`` filters. Below, how often entries differed."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    person, day, language = actor(request), today(request), page_language()
    everything = waiting(person, study, day)
    state = request.GET.get("state", "")
    shown = [each for each in everything if each.state in TABS.get(state, (each.state,))]
    names = names_of(handle for each in shown for handle in each.by)
    rows = [
        {
            "each": each,
            "title": form_title(compiled(study, each.participant.definition), each.form, language, whose=False),
            "url": form_address(each.form),
            "decide": line_address(each.form),
            "names": [names.get(handle, handle) for handle in each.by],
            "mine": person.handle in each.by,
        }
        for each in shown
    ]
    by_form, by_person = rates(study) if may_somewhere(request, ADJUDICATE, study) else ([], [])
    definition = compiled(study, found.definition)
    people = names_of(rate.name for rate in by_person)
    context = {
        "rows": rows,
        "state": state,
        "states": [(name, sum(each.state in states for each in everything)) for name, states in TABS.items()],
        "total": len(everything),
        "may_adjudicate": may_somewhere(request, ADJUDICATE, study),
        "any_double": any(form.form.entry == "double" for form in definition.forms.values()),
        "by_form": [(_form_name(definition, rate, language), rate) for rate in by_form],
        "by_person": [(people.get(rate.name, rate.name), rate) for rate in by_person],
    }
    return render(request, "web/double_entry/worklist.html", context)


def _form_name(definition: CompiledStudy, rate: Rate, language: str) -> str:
    form = definition.forms.get(rate.name)
    return form.form.title.get(language)[0] if form else rate.name
