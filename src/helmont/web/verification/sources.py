"""Verification from afar: the site offers a pseudonymised copy, the monitor compares it side by side, its time ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import NotFound, NotPermitted, Refused
from helmont.core.people.models import Person
from helmont.edc.actions.sources import DAYS, LookAtSource, OfferSource, WithdrawSource
from helmont.edc.actions.uploads import discard, store_copy
from helmont.edc.models import Form
from helmont.edc.queries.forms import forms_of
from helmont.edc.queries.sources import SourceCopy, copies_for, copy_for, is_open, readable_text, stored_copy
from helmont.edc.queries.titles import form_title
from helmont.edc.queries.verification import due_of_forms
from helmont.participants.queries import participant_for, scope_of
from helmont.studies.queries import compiled
from helmont.web.access import act, actor, may_somewhere, study_or_404, today
from helmont.web.casebooks.doing import RefusableForm
from helmont.web.dates import moment_text

page = require_http_methods(["GET", "HEAD", "POST"])


class OfferForm(RefusableForm):
    form = forms.ChoiceField(label=gettext_lazy("Form"), widget=forms.Select(attrs={"class": "select"}))
    file = forms.FileField(
        label=gettext_lazy("Copy of the source"),
        help_text=gettext_lazy("Plain text, PDF, PNG or JPEG, at most 20 MB"),
        widget=forms.FileInput(attrs={"class": "input width-full"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Withdrawn after how many days"),
        initial=30,
        min_value=1,
        max_value=DAYS,
        widget=forms.NumberInput(attrs={"class": "input width-5"}),
    )
    declared = forms.BooleanField(
        label=gettext_lazy("The copy is pseudonymised: it names the participant by number only"),
        error_messages={"required": gettext_lazy("Say that the copy is pseudonymised.")},
    )
    looked = forms.BooleanField(
        label=gettext_lazy("I looked through every page of it for names, dates of birth and numbers"), required=False
    )


@require_safe
def copies(request: HttpRequest, study: str) -> HttpResponse:
    """The copies that this person may compare or has offered."""
    found = study_or_404(request, study)
    if not (may_somewhere(request, "form.verify", study) or may_somewhere(request, "source.offer", study)):
        raise NotPermitted("form.verify", permission="form.verify")
    rows = copies_for(actor(request), study, today(request))
    names = dict(Person.objects.filter(handle__in={row.by for row in rows}).values_list("handle", "name"))
    definition, language = compiled(study, found.definition), get_language() or "en"
    context = {
        "rows": [
            {
                "row": row,
                "title": form_title(definition, row.form, language),
                "url": _address(row),
                "who": names.get(row.by, row.by),
                "looked": len(row.looked),
            }
            for row in rows
        ]
    }
    return render(request, "web/verification/copies.html", context)


def _address(row: SourceCopy) -> str:
    study, number, _sources, name = row.key.split("/")
    return reverse("verification:compare", args=[study, number, name])


@page
@never_cache
def offer(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The site's upload; what gives the participant away is refused, and its file does not stay."""
    study_or_404(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    participant = participant_for(person, study, number, day)
    if not person.may(OfferSource.permission, scope_of(participant), day):
        raise NotPermitted(OfferSource.permission, permission=OfferSource.permission)
    definition = compiled(study, participant.definition)
    form = OfferForm(request.POST or None, request.FILES or None, initial={"form": request.GET.get("form", "")})
    rows: list[Form] = [row for row in forms_of(person, participant, day) if row.status == "complete"]
    form.fields["form"].choices = [(row.key, form_title(definition, row.key, language, whose=False)) for row in rows]  # type: ignore[attr-defined]  # a ChoiceField
    if form.is_valid():
        given = form.cleaned_data
        try:
            kept = store_copy(given["file"])
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            action = OfferSource(given["form"], kept, given["declared"], given["looked"], given["days"])
            if form.carry_out(request, action):
                messages.success(request, _("The copy is offered to those who verify."))
                return redirect("verification:sources", study)
            discard(kept["file"])
    context = {"form": form, "participant": participant}
    return render(request, "web/verification/offer.html", context, status=422 if form.errors else 200)


@page
@never_cache
def compare(request: HttpRequest, study: str, number: str, copy: str) -> HttpResponse:
    """The copy beside the values that are due. A POST opens it (which is recorded) or withdraws it."""
    found = study_or_404(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    row = copy_for(person, f"{study}/{number}/sources/{copy}", day)
    scope = scope_of(row.participant)
    if request.method == "POST":
        try:
            if request.POST.get("action") == "withdraw":
                act(request, WithdrawSource(row.key, request.POST.get("reason", "")))
                messages.success(request, _("The copy was withdrawn and its file removed."))
            else:
                act(request, LookAtSource(row.key))
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            text = _("Say why it is withdrawn.") if refusal.code == "reason_required" else refusal.message
            messages.error(request, text)
        return redirect(_address(row))
    form = compiled(study, row.participant.definition).forms[row.form.split("/")[3]]
    revision, items = due_of_forms(person, found, day, [row.form]).get(row.form, (0, []))
    there = is_open(person, row)
    context: dict[str, Any] = {
        "row": row,
        "title": form_title(compiled(study, row.participant.definition), row.form, language),
        "items": [(form.label(each.item, language), form.display(each.item, each.value, language)) for each in items],
        "tick": f"{row.form}@{revision}",
        "open": there,
        "text": readable_text(stored_copy(row.file["file"]), row.file["type"]) if there else None,
        "image": row.file["type"].startswith("image/"),
        "file_url": reverse("verification:source-file", args=[study, number, copy]),
        "offered": moment_text(row.at, person.timezone),
        "may_verify": person.may("form.verify", scope, day),
        "may_withdraw": person.may(WithdrawSource.permission, scope, day) and row.status == "offered",
    }
    return render(request, "web/verification/compare.html", context)


@require_safe
@never_cache
def source_file(request: HttpRequest, study: str, number: str, copy: str) -> FileResponse:
    """The file of a copy that this person has just opened."""
    study_or_404(request, study)
    row = copy_for(actor(request), f"{study}/{number}/sources/{copy}", today(request))
    if not is_open(actor(request), row):
        raise NotFound(copy)
    response = FileResponse(stored_copy(row.file["file"]).open("rb"), content_type=row.file["type"])
    response["Content-Disposition"] = "inline"
    return response
