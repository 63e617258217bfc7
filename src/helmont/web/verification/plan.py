"""The verification plan: what it says in words, what changed in it and why, and changing it after seeing the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helmont.core.errors import Refused
from helmont.core.people.models import Person
from helmont.edc.actions.verification import ChangeVerificationPlan
from helmont.edc.models import VerificationPlan as Version
from helmont.edc.queries.verification import Progress, plan_id, plan_of, progress_by, standings
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.faults import Fault
from helmont.study.verification import Participants, VerificationPlan, VerificationRule
from helmont.study.verification_plans import plan_from_yaml, plan_to_document, plan_to_yaml
from helmont.web.access import act, actor, require_everywhere, require_somewhere, study_or_404, today
from helmont.web.dates import moment_text

RISKS = {"low": gettext_lazy("low"), "medium": gettext_lazy("medium"), "high": gettext_lazy("high")}


@dataclass(frozen=True)
class RuleInWords:
    name: str
    where: list[str]
    who: str
    require: str


@dataclass(frozen=True)
class Effect:
    """What another plan would make of one site."""

    site: str
    before: Progress
    after: Progress

    @property
    def change(self) -> int:
        return self.after.due - self.before.due


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, study: str) -> HttpResponse:
    """The plan in force and its history; a POST shows the effect of another one, or puts it in force."""
    found = study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    person, language = actor(request), get_language() or "en"
    definition = compiled(study, found.definition)
    may_change = bool(person.places("verification.plan", study, today(request)))
    current, (version, _since) = plan_of(found), plan_id(found)
    context: dict[str, Any] = {
        "rules": [_in_words(definition, rule, language) for rule in current.rules],
        "default": _extent(current.default),
        "risks": sorted((site, risk) for site, risk in current.site_risk.items()),
        "version": version,
        "history": _history(study, person.timezone),
        "may_change": may_change,
        "text": plan_to_yaml(current),
        "reason": "",
    }
    status = 200
    if request.method == "POST":
        require_everywhere(request, "verification.plan", study)
        context["text"], context["reason"] = request.POST.get("plan", ""), request.POST.get("reason", "")
        proposed, faults = plan_from_yaml(context["text"].replace("\r\n", "\n"), definition.study)
        context["faults"], context["edited"] = faults, True
        if not faults and request.POST.get("action") == "save":
            faults = _save(request, study, proposed)
            if not faults:
                return redirect("verification:plan", study)
            context["faults"] = faults
        status = 422 if context["faults"] else 200
        if not faults:
            context["effect"] = _effect(request, found, proposed)
            context["total"] = _together(context["effect"])
    return render(request, "web/verification/plan.html", context, status=status)


def _save(request: HttpRequest, study: str, proposed: VerificationPlan) -> list[Fault]:
    seen = request.POST.get("seen", "")
    try:
        act(
            request,
            ChangeVerificationPlan(
                study,
                plan_to_document(proposed),
                request.POST.get("reason", ""),
                int(seen) if seen.isdecimal() and len(seen) < 9 else None,
            ),
        )
    except Refused as refusal:
        text = _("Say why the plan changes.") if refusal.code == "reason_required" else refusal.message
        return [Fault("", 0, "", text)]
    messages.success(request, _("The plan holds from now on. What was verified stays verified."))
    return []


def _effect(request: HttpRequest, study: Study, proposed: VerificationPlan) -> list[Effect]:
    person, day = actor(request), today(request)
    before = progress_by(standings(person, study, day), lambda each: each.site)
    after = progress_by(standings(person, study, day, proposed), lambda each: each.site)
    return [
        Effect(site, before.get(site, Progress()), after.get(site, Progress()))
        for site in sorted(before.keys() | after.keys())
    ]


def _together(effects: list[Effect]) -> Effect:
    total = Effect("", Progress(), Progress())
    for effect in effects:
        for one, other in ((total.before, effect.before), (total.after, effect.after)):
            one.required, one.due = one.required + other.required, one.due + other.due
    return total


def _history(study: str, zone: str) -> list[dict[str, Any]]:
    versions = list(Version.objects.filter(study=study).order_by("-version"))
    names = dict(Person.objects.filter(handle__in={each.by for each in versions}).values_list("handle", "name"))
    return [
        {
            "version": each.version,
            "who": names.get(each.by, each.by),
            "when": moment_text(each.at, zone),
            "reason": each.reason,
            "sequence": each.revision,
        }
        for each in versions
    ]


def _in_words(definition: CompiledStudy, rule: VerificationRule, language: str) -> RuleInWords:
    forms = [definition.forms[form].form.title.get(language)[0] for form in rule.forms if form in definition.forms]
    visits = [
        definition.encounters[visit].label.get(language)[0]
        for visit in rule.encounters
        if visit in definition.encounters
    ]
    items = []
    for name in rule.items:
        form, _dot, item = name.partition(".")
        known = definition.forms.get(form)
        labels = {each.id: each.label.get(language)[0] for each in known.form.items()} if known else {}
        items.append(labels.get(item, name))
    where = [
        ", ".join(forms),
        ", ".join(items),
        ", ".join(visits),
        _("site %s") % ", ".join(rule.sites) if rule.sites else "",
        _("risk %s") % ", ".join(str(RISKS[risk]) for risk in rule.risk) if rule.risk else "",
    ]
    name = rule.label.get(language)[0] if rule.label else rule.id
    return RuleInWords(name, [each for each in where if each], _who(rule.participants), _extent(rule.require))


def _who(who: Participants | None) -> str:
    if who is None:
        return _("Everybody")
    if who.first is not None:
        return ngettext("The first of each site", "The first %(n)s of each site", who.first) % {"n": who.first}
    if who.every is not None:
        return _("Every %(n)s. of each site") % {"n": who.every}
    return _("A sample of %(n)s%%, drawn with the seed “%(seed)s”") % {"n": who.sample, "seed": who.seed}


def _extent(extent: str) -> str:
    return {"all": _("Every value"), "critical": _("Critical items"), "none": _("Nothing")}[extent]
