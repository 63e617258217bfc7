"""What a monitor has to verify: progress by site and visit, and the forms with values that are due, to be verified in bulk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helmont.core.actions import Job
from helmont.core.errors import Refused
from helmont.core.people.models import Person
from helmont.core.writer import submit
from helmont.edc.actions.review import VerifyItems
from helmont.edc.keys import LOG
from helmont.edc.queries.titles import encounter_title, form_title
from helmont.edc.queries.verification import (
    DueItem,
    FormStanding,
    Progress,
    due_of_forms,
    plan_of,
    progress_by,
    standings,
)
from helmont.studies.models import Study
from helmont.studies.queries import compiled, sites_for
from helmont.study.compiling import CompiledStudy
from helmont.web.access import WEB, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address, participant_address

PAGE = 25


@dataclass(frozen=True)
class DueForm:
    """A form with values to verify; ``row`` names it and the revision that is shown."""

    row: str
    url: str
    number: str
    participant_url: str
    title: str
    items: list[tuple[str, str, DueItem, str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest, study: str) -> HttpResponse:
    """Progress, and the forms with values due. Filters: site, encounter, form, q, why; a POST verifies the ticked forms."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    if request.method == "POST":
        return _verify(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    definition = compiled(study, found.definition)
    filters = {name: request.GET.get(name, "").strip()[:60] for name in ("site", "encounter", "form", "why", "q")}
    everything = list(standings(person, found, day))
    total = Progress()
    for each in everything:
        total.add(each)
    here = [each for each in everything if not filters["site"] or each.site == filters["site"]]
    waiting = [each for each in here if each.due and _fits(each, filters)]
    page = Paginator(waiting, PAGE).get_page(request.GET.get("page", "1"))
    risk = plan_of(found).site_risk
    by_site = progress_by(everything, lambda each: each.site)
    by_visit = progress_by(here, lambda each: each.encounter or LOG)
    visits = [*definition.encounters, *sorted(by_visit.keys() - definition.encounters.keys() - {LOG}), LOG]
    context: dict[str, Any] = {
        "total": total,
        "filters": filters,
        "sites": [
            (site, by_site.get(site.number, Progress()), risk.get(site.number, "medium"))
            for site in sites_for(person, study, "form.view", day)
        ],
        "visits": [
            (visit, _("Logs") if visit == LOG else encounter_title(definition, visit, language), by_visit[visit])
            for visit in visits
            if visit in by_visit
        ],
        "forms": [(form.form.id, form.form.title.get(language)[0]) for form in definition.forms.values()],
        "rows": _shown(request, found, [*page], language),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "waiting": sum(len(each.due) for each in waiting),
        "may_verify": may_somewhere(request, "form.verify", study),
        "may_plan": may_somewhere(request, "verification.plan", study),
    }
    return render(request, "web/verification/due.html", context)


def _fits(form: FormStanding, filters: dict[str, str]) -> bool:
    return (
        (not filters["encounter"] or (form.encounter or LOG) == filters["encounter"])
        and (not filters["form"] or form.form == filters["form"])
        and (not filters["q"] or filters["q"] in form.number)
        and (filters["why"] != "changed" or bool(form.lapsed))
    )


def _shown(request: HttpRequest, study: Study, forms: list[FormStanding], language: str) -> list[DueForm]:
    found = due_of_forms(actor(request), study, today(request), [form.key for form in forms])
    people = {item.changed_by for _revision, items in found.values() for item in items}
    names = dict(Person.objects.filter(handle__in=people).values_list("handle", "name"))
    definition = compiled(study.key, study.definition)
    return [
        DueForm(
            row=f"{form.key}@{found[form.key][0]}",
            url=form_address(form.key),
            number=form.number,
            participant_url=participant_address(form.participant),
            title=form_title(definition, form.key, language, whose=False),
            items=[_item(definition, form.form, item, names, language) for item in found[form.key][1]],
        )
        for form in forms
        if form.key in found
    ]


def _item(
    definition: CompiledStudy, form: str, item: DueItem, names: dict[str, str], language: str
) -> tuple[str, str, DueItem, str, str]:
    """Label, value, the item, what the value was when it was verified, and who changed it since."""
    compiled_form = definition.forms[form]
    was = compiled_form.display(item.item, item.was, language) if item.was is not None else ""
    label = compiled_form.label(item.item, language)
    return (
        label,
        compiled_form.display(item.item, item.value, language),
        item,
        was,
        names.get(item.changed_by, item.changed_by),
    )


def _verify(request: HttpRequest, study: str) -> HttpResponse:
    require_somewhere(request, "form.verify", study)
    jobs = []
    for row in request.POST.getlist("row")[:500]:
        key, _at, revision = row.rpartition("@")
        if key.startswith(f"{study}/") and revision.isdecimal():
            jobs.append(submit(Job(VerifyItems(key, seen=int(revision)), actor(request), WEB)))
    done, refused = 0, Counter[str]()
    for job in jobs:
        try:
            done += job.result().sequence is not None
        except Refused as refusal:
            refused[str(refusal.message)] += 1
    if done:
        messages.success(request, ngettext("%(n)s form verified.", "%(n)s forms verified.", done) % {"n": done})
    for text, count in refused.items():
        left = ngettext("%(n)s form left as it was", "%(n)s forms left as they were", count) % {"n": count}
        messages.warning(request, f"{left}: {text}")
    return redirect(request.get_full_path())
