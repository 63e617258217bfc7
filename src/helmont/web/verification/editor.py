"""Writing another verification plan: rules in order, one of them open; its effect is seen before it is put in force."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helmont.core.errors import Refused
from helmont.edc.actions.verification import ChangeVerificationPlan
from helmont.edc.queries.verification import plan_id
from helmont.studies.models import Study
from helmont.studies.queries import compiled, sites_for
from helmont.study.faults import Fault
from helmont.study.verification import VerificationPlan
from helmont.study.verification_plans import plan_from_yaml, plan_to_document
from helmont.web.access import act, actor, require_everywhere, study_or_404, today
from helmont.web.verification import drafts
from helmont.web.verification.effect import effect
from helmont.web.verification.plan import version_of
from helmont.web.verification.words import EXTENTS, RISKS, Words


class Desk:
    """One look at the draft: what was posted, what a step makes of it, and what the page then shows."""

    def __init__(self, request: HttpRequest, study: Study) -> None:
        self.request, self.row, self.post = request, study, request.POST.copy()
        self.words = Words(compiled(study.key, study.definition), get_language() or "en")
        self.study = self.words.study.study
        self.sites = sites_for(actor(request), study.key, "verification.plan", today(request))
        self.plan, self.faults, self.open, self.taken = VerificationPlan(), list[Fault](), -1, -1
        self.rule: drafts.RuleForm | None = None
        self.shown: dict[str, Any] = {}

    def begin(self) -> None:
        """From the plan in force, or (``?from=``) an earlier version."""
        self.plan = version_of(self.row, self.request.GET.get("from", ""))[0]

    def take(self) -> bool:
        """What the page carried, with the open rule put in its place; False when that rule cannot be."""
        post = self.post
        carried = drafts.read(post.get("draft", ""), self.study)
        if carried is None:
            self.begin()
            self.faults = [Fault("", 0, "", _("The draft could not be read; it begins anew from the plan in force."))]
            return False
        risk = {site.number: post.get(f"risk-{site.number}", "medium") for site in self.sites}
        kept = {site: risk for site, risk in carried[0].site_risk.items() if f"risk-{site}" not in post}
        said = {site: value for site, value in risk.items() if value in ("low", "high") and f"risk-{site}" in post}
        default = post.get("default", "")
        self.plan = dataclasses.replace(
            carried[0],
            default=default if default in EXTENTS else carried[0].default,  # type: ignore[arg-type]  # an Extent
            site_risk=kept | said,  # type: ignore[arg-type]  # risks
        )
        place = post.get("place", "")
        if not place.isdecimal() or len(place) > 4:
            return True
        form = self._form(int(place), post)
        if not form.is_valid():
            self.rule, self.open = form, int(place)
            return False
        self.plan, self.taken = drafts.with_rule(self.plan, int(place), form.made()), int(place)
        return True

    def step(self, name: str, place: int) -> None:
        """One button: open, add, up, down, remove, yaml, preview; anything else only takes the open rule."""
        match name:
            case "open" if place < len(self.plan.rules):
                self.rule, self.open = self._form(place), place
            case "add":
                self.rule, self.open = self._form(len(self.plan.rules)), len(self.plan.rules)
            case "up" | "down":
                self.plan = drafts.moved(self.plan, place, -1 if name == "up" else 1)
            case "remove":
                self.plan = drafts.without(self.plan, place)
            case "yaml":
                self._paste(self.post.get("yaml", ""))
            case "preview":
                self._preview()

    def save(self) -> bool:
        """Put the draft in force, when its effect was seen and nothing is wrong with it."""
        post = self.post
        if post.get("previewed") != drafts.digest(self.plan):
            self._preview()
            text = _("The plan is not what its effect was shown of; here is the effect of what it is now.")
            self.faults.append(Fault("", 0, "", text))
            return False
        seen = post.get("seen", "")
        action = ChangeVerificationPlan(
            self.row.key,
            plan_to_document(self.plan),
            post.get("reason", ""),
            int(seen) if seen.isdecimal() and len(seen) < 9 else None,
        )
        try:
            act(self.request, action)
        except Refused as refusal:
            text = _("Say why the plan changes.") if refusal.code == "reason_required" else refusal.message
            self.faults.append(Fault("", 0, "", text))
            self._preview()
            return False
        return True

    def context(self) -> dict[str, Any]:
        risks = self.plan.site_risk
        return {
            "draft": drafts.written(self.plan),
            "rules": self.words.rules(self.plan),
            "extents": EXTENTS.items(),
            "default": self.plan.default,
            "risk_words": RISKS.items(),
            "sites": [(site, risks.get(site.number, "medium")) for site in self.sites],
            "risks_set": len(risks),
            "rule": self.rule,
            "open": self.open,
            "opened": self.open if self.open < len(self.plan.rules) else -1,
            "taken": self.taken,
            "faults": self.faults,
            "seen": self.post.get("seen", plan_id(self.row)[0]),
            "reason": self.post.get("reason", ""),
            "here": reverse("verification:edit", args=[self.row.key]),
        } | self.shown

    def _form(self, place: int, data: Any = None) -> drafts.RuleForm:
        rules = self.plan.rules
        rule = rules[place] if place < len(rules) else drafts.new_rule(self.plan)
        return drafts.RuleForm(rule, self.words, self.sites, data)

    def _paste(self, text: str) -> None:
        plan, faults = plan_from_yaml(text.replace("\r\n", "\n"), self.study)
        if faults:
            self.faults, self.shown["yaml"] = faults, text
        else:
            self.plan = plan

    def _preview(self) -> None:
        found = effect(actor(self.request), self.row, today(self.request), self.plan)
        self.shown |= {
            "effect": found,
            "effect_forms": [(self.words.form(each.place), each) for each in found.forms],
            "previewed": drafts.digest(self.plan),
        }


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, study: str) -> HttpResponse:
    """The draft. Every button posts it with what it does in ``do`` (``up:2``); nothing is kept before it is in force.

    It begins with the plan in force, or with an earlier version (``?from=1``); ``?rule=new`` opens a new rule.
    """
    found = study_or_404(request, study)
    require_everywhere(request, "verification.plan", study)
    desk = Desk(request, found)
    if request.method != "POST":
        desk.begin()
        if request.GET.get("rule"):
            desk.step("add", 0)
        return _answer(request, desk, "")
    name, _colon, number = request.POST.get("do", "").partition(":")
    if name == "words":
        return _words(request, desk)
    place = int(number) if number.isdecimal() and len(number) < 5 else 0
    if name == "cancel" or (name == "remove" and desk.post.get("place") == number):
        desk.post.pop("place", None)  # what was typed into the open rule goes with it
    if desk.take():
        if name == "save":
            if desk.save():
                messages.success(request, _("The plan holds from now on. What was verified stays verified."))
                address = reverse("verification:plan", args=[study])
                return (
                    HttpResponse(status=204, headers={"HX-Redirect": address}) if _htmx(request) else redirect(address)
                )
        else:
            desk.step(name, place)
    return _answer(request, desk, name)


def _answer(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    wrong = bool(desk.faults or (desk.rule and desk.rule.errors))
    template = "web/verification/draft.html" if _htmx(request) else "web/verification/edit.html"
    return render(request, template, desk.context() | {"did": name}, status=422 if wrong else 200)


def _words(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The open rule in words, while it is being filled in."""
    desk.take()
    place = request.POST.get("place", "0")
    made = (
        desk.plan.rules[int(place)]
        if not desk.rule and place.isdecimal() and int(place) < len(desk.plan.rules)
        else None
    )
    said = desk.words.rule(made).sentence if made else ""
    return render(request, "web/verification/sentence.html", {"said": said})


def _htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]  # django-htmx
