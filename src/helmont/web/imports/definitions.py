"""Bringing a study definition in another format: what would be made of it, and then the package or the published study."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helmont.core.errors import Invalid, NotFound, NotPermitted, Refused
from helmont.standards.packages import zip_package
from helmont.studies.actions import PublishDefinition
from helmont.studies.models import Definition
from helmont.studies.models import Study as PublishedStudy
from helmont.studies.queries import compiled
from helmont.study.amending import check_against
from helmont.study.comparing import compare
from helmont.study.compiling import compile_study
from helmont.study.faults import Fault
from helmont.study.model import Study
from helmont.study.publishing import content_hash
from helmont.study.review import review
from helmont.web.access import act, actor, may_publish, today
from helmont.web.amendments.changes import by_module
from helmont.web.imports.drafts import SHELF, Draft, keep, kept
from helmont.web.imports.words import FORMATS, SEVERITIES, taken_words
from helmont.web.studies.definition import protocol_parts, questions
from helmont.web.studies.review import shown

SHOWN = 1000
page = require_http_methods(["GET", "HEAD", "POST"])


class BringForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "USDM 4.0 (JSON), CDISC ODM 1.3.2 or 2.0 (XML), a REDCap data dictionary (CSV, or a ZIP with the project's"
            " events), an XLSForm (.xlsx) or a study package (ZIP). Which one it is, is seen from the file."
        ),
        widget=forms.FileInput(attrs={"class": "input", "accept": ".json,.xml,.csv,.xlsx,.zip"}),
    )


def require_designer(request: HttpRequest) -> None:
    """Raises ``NotFound`` for everybody who publishes no study: these pages are a place of their own."""
    if not may_publish(request):
        raise NotFound("definitions")


@page
@never_cache
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file. It is read, and nothing is made yet."""
    require_designer(request)
    sent = request.method == "POST"
    form = BringForm(request.POST, request.FILES) if sent else BringForm()
    if sent and form.is_valid():
        try:
            token = keep(form.cleaned_data["file"], actor(request).handle)
        except Invalid as refusal:
            form.add_error("file", f"{refusal.faults[0].message} {refusal.faults[0].accepted}")
        else:
            return redirect("definitions:draft", token)
    return render(request, "web/imports/bring.html", {"form": form}, status=422 if form.errors else 200)


@page
@never_cache
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """The dry run: what would be made, what was not taken over, what differs from the published study of that id.

    A POST takes the package away, publishes it, or forgets the file.
    """
    require_designer(request)
    found = kept(token, actor(request).handle)
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("study", found.study.id if found.study else "").strip()
    version = given.get("version", found.study.version if found.study else "").strip()
    study, faults = found.under(name, version)
    problem = ""
    if request.method == "POST":
        then = given.get("then")
        if then == "forget":
            SHELF.discard(token, actor(request).handle)
            messages.success(request, _("The file was put aside; nothing of it was kept."))
            return redirect("definitions:bring")
        if study is not None and then == "package":
            return _package(study)
        if study is not None and then == "publish":
            try:
                return _publish(request, study, "amends" in given)
            except NotPermitted:
                problem = _("You may not publish a study under this id.")
            except Refused as refusal:
                problem = refusal.message
    context: dict[str, Any] = {
        "draft": found,
        "format": FORMATS[found.format],
        "name": name,
        "version": version,
        "faults": faults,
        "problem": problem,
        **_findings(found, request.GET.get("kind", "")),
    }
    if found.study is not None:
        context |= _made(found.study) | {"taken": taken_words(found.taken)}
    if study is not None:
        context |= _standing(request, study)
    return render(request, "web/imports/draft.html", context, status=422 if problem or faults else 200)


def _package(study: Study) -> HttpResponse:
    name = f"{study.id}-{study.version}.zip".replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(zip_package(study), content_type="application/zip", headers=headers)


def _publish(request: HttpRequest, study: Study, amends: bool) -> HttpResponse:
    """Publish the version and show it. Raises ``Refused``."""
    act(request, PublishDefinition(study, amends))
    said = _("Version %(version)s of %(study)s is published.") % {"version": study.version, "study": study.id}
    messages.success(request, said)
    if not actor(request).places("study.view", study.id, today(request)):
        return redirect("studies:list")
    row = PublishedStudy.objects.get(key=study.id)
    return redirect("studies:home" if row.definition == study.version else "amendments:list", study.id)


def _findings(found: Draft, chosen: str) -> dict[str, Any]:
    """The findings by what they mean for the import, and those of the kind that was asked for."""
    counts = {name: sum(each.severity == name for each in found.findings) for name in SEVERITIES}
    rows = [each for each in found.findings if each.severity == chosen or chosen not in SEVERITIES]
    return {
        "kinds": [(name, SEVERITIES[name][0], count) for name, count in counts.items() if count],
        "chosen": chosen if chosen in SEVERITIES else "",
        "findings": [(each, *SEVERITIES[each.severity]) for each in rows[:SHOWN]],
        "more": max(len(rows) - SHOWN, 0),
        "total": len(found.findings),
    }


def _made(study: Study) -> dict[str, Any]:
    """The definition as it would be read and answered, and what a review says of its protocol."""
    ready, language = compile_study(study), get_language() or "en"
    language = language if language in ready.languages else ready.languages[0]
    forms_ = [ready.forms[form.id] for form in study.forms]
    return {
        **protocol_parts(ready, language),
        "forms": [(each.form, sum(1 for _item in each.form.items()), questions(each, language)) for each in forms_],
        "review": shown(review(study).findings, get_language() or "en"),
    }


def _standing(request: HttpRequest, study: Study) -> dict[str, Any]:
    """What publishing it under this id and version would mean, as far as the person may know."""
    context: dict[str, Any] = {"ready": True, "may_publish": may_publish(request, study.id), "modules": None}
    if not actor(request).places("study.view", study.id, today(request)):
        return context
    there = PublishedStudy.objects.filter(key=study.id).first()
    if there is None or not there.definition:
        return context
    current = compiled(study.id, there.definition).study
    same = Definition.objects.filter(key=f"{study.id}/definitions/{study.version}").first()
    difference = compare(current, study)
    amendment: list[Fault] = check_against(current, study)
    return context | {
        "there": there,
        "already": same is not None and same.sha256 == content_hash(study),
        "taken_version": same is not None and same.sha256 != content_hash(study),
        "modules": by_module(difference, get_language() or "en"),
        "differences": len(difference.changes),
        "amendment": amendment,
    }
