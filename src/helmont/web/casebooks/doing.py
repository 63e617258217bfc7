"""What is done at a casebook: screening, status, and visits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.actions import Action
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form
from helmont.edc.queries.forms import hidden_items
from helmont.participants.actions import (
    PARTICIPANT,
    UNSCHEDULED,
    BeginEncounter,
    ChangeStatus,
    MissEncounter,
    ScreenParticipant,
)
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import participant_for, scope_of
from helmont.studies.queries import compiled, sites_for
from helmont.web.access import act, actor, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address, participant_address

dialog = require_http_methods(["GET", "HEAD", "POST"])


def _text(label: Any, *, required: bool = True, hint: str = "", rows: int = 0) -> forms.CharField:
    widget: forms.Widget = (
        forms.Textarea(attrs={"class": "textarea", "rows": rows})
        if rows
        else forms.TextInput(attrs={"class": "input width-20"})
    )
    return forms.CharField(label=label, required=required, help_text=hint, widget=widget, max_length=2000)


class RefusableForm(forms.Form):
    """A form whose action may refuse: the refusal's faults stand beside the fields they name."""

    def carry_out(self, request: HttpRequest, action: Action) -> bool:
        try:
            act(request, action)
        except NotFound:
            raise
        except Invalid as refusal:
            for fault in refusal.faults:
                accepted = _("Accepted: %s") % fault.accepted if fault.accepted else ""
                self.add_error(
                    fault.place if fault.place in self.fields else None, f"{fault.message} {accepted}".strip()
                )
        except ReasonRequired:
            self.add_error("reason", _("Say why this changes."))
        except Refused as refusal:
            self.add_error(None, refusal.message)
        return not self.errors


class ScreenForm(RefusableForm):
    site = forms.ChoiceField(label=gettext_lazy("Site"), widget=forms.Select(attrs={"class": "select"}))
    participant = _text(gettext_lazy("Participant number"))
    date = _text(gettext_lazy("Screened on"))


class StatusForm(RefusableForm):
    transition = forms.CharField(widget=forms.HiddenInput)
    reason = _text(gettext_lazy("Reason"), required=False, rows=2)


class VisitForm(RefusableForm):
    date = _text(gettext_lazy("Date of the visit"))
    reason = _text(gettext_lazy("Reason"), required=False, rows=2)


class MissedForm(RefusableForm):
    reason = _text(gettext_lazy("Why it did not take place"), rows=2)


def show_dialog(request: HttpRequest, form: forms.Form, title: str, button: str, note: str = "") -> HttpResponse:
    """The dialog, or the page without scripts; 422 when there is something to correct."""
    context = {"form": form, "dialog_title": title, "button": button, "note": note, "action": request.get_full_path()}
    return render(request, "web/casebooks/dialog.html", context, status=422 if form.errors else 200)


def done(request: HttpRequest, address: str, text: str) -> HttpResponse:
    """Say so on the page of the address; a browser that stands on it already, perhaps at another #place, reads it anew."""
    messages.success(request, text)
    current = request.headers.get("HX-Current-URL", "")
    if not current:
        return redirect(address)
    here = urlsplit(current).path == address.partition("#")[0]
    return HttpResponse(status=204, headers={"HX-Refresh": "true"} if here else {"HX-Redirect": address})


@dialog
def screen(request: HttpRequest, study: str) -> HttpResponse:
    """A new participant, at one of the person's sites, under a number of the study's pattern."""
    found = study_or_404(request, study)
    require_somewhere(request, "participant.screen", study)
    form = ScreenForm(request.POST or None, initial={"date": today(request).isoformat()})
    sites = sites_for(actor(request), study, "participant.screen", today(request))
    form.fields["site"].choices = [(site.number, f"{site.number} {site.name}") for site in sites]  # type: ignore[attr-defined]  # a ChoiceField
    rule = compiled(study, found.definition).study.participant_id
    if rule and rule.hint:
        form.fields["participant"].help_text = _("For example %s") % rule.hint
    form.fields["date"].help_text = _("Year, month and day: 2026-11-22")
    if form.is_valid() and form.carry_out(request, ScreenParticipant(study, **form.cleaned_data)):
        number = form.cleaned_data["participant"]
        return done(request, participant_address(f"{study}/{number}"), _("%s is in screening.") % number)
    return show_dialog(request, form, _("Screen a participant"), _("Enter screening"))


def _participant(request: HttpRequest, study: str, number: str, permission: str) -> Participant:
    """The participant; raises ``NotFound`` for one the person may not see, ``NotPermitted`` without ``permission``."""
    study_or_404(request, study)
    row = participant_for(actor(request), study, number, today(request))
    if not actor(request).may(permission, scope_of(row), today(request)):
        raise NotPermitted(permission, permission=permission)
    return row


@dialog
def status(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Move the participant to another status; the move is in the address (``?transition=enrol``)."""
    row = _participant(request, study, number, ChangeStatus.permission)
    move = request.POST.get("transition") or request.GET.get("transition", "")
    moves = {t.name: t for t in PARTICIPANT.transitions}
    if move not in moves:
        raise NotFound(move)
    form = StatusForm(request.POST or None, initial={"transition": move})
    form.fields["reason"].required = moves[move].reason
    if form.is_valid() and form.carry_out(request, ChangeStatus(study, number, move, form.cleaned_data["reason"])):
        return done(request, participant_address(row.key), _("The status of %s was changed.") % number)
    return show_dialog(request, form, f"{number}: {moves[move].title}", str(moves[move].title))


@dialog
def begin(request: HttpRequest, study: str, number: str, encounter: str) -> HttpResponse:
    """A visit takes place, or its date is corrected; ``UNSCHEDULED`` adds one nobody planned."""
    row = _participant(request, study, number, BeginEncounter.permission)
    existing: Encounter | None = Encounter.objects.filter(key=f"{row.key}/{encounter}").first()
    oid, given = (existing.oid, existing.number) if existing and existing.oid == UNSCHEDULED else (encounter, "")
    form = VisitForm(request.POST or None, initial={"date": existing.date if existing else today(request).isoformat()})
    form.fields["date"].help_text = _("Year, month and day: 2026-11-22")
    correcting = existing is not None and bool(existing.date)
    form.fields["reason"].required = correcting
    if not correcting and oid != UNSCHEDULED:
        del form.fields["reason"]
    if form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        action = BeginEncounter(study, number, oid, form.cleaned_data["date"], given, reason=reason)
        if form.carry_out(request, action):
            return done(request, f"{participant_address(row.key)}#{encounter}", _("The visit was recorded."))
    title = _("Correct the date") if correcting else _("Begin the visit")
    return show_dialog(request, form, f"{title}: {_label(row, encounter)}", _("Save the date"))


@dialog
def miss(request: HttpRequest, study: str, number: str, encounter: str) -> HttpResponse:
    """A planned visit did not take place."""
    row = _participant(request, study, number, MissEncounter.permission)
    form = MissedForm(request.POST or None)
    if form.is_valid() and form.carry_out(
        request, MissEncounter(study, number, encounter, form.cleaned_data["reason"])
    ):
        return done(request, f"{participant_address(row.key)}#{encounter}", _("The visit was recorded as missed."))
    title = _("Missed")
    return show_dialog(request, form, f"{title}: {_label(row, encounter)}", _("Record as missed"))


@require_safe
def extra(request: HttpRequest, study: str, number: str, encounter: str) -> HttpResponse:
    """The forms that can be filled in at a visit although the protocol does not ask for them there."""
    row = _participant(request, study, number, SaveForm.permission)
    visit = Encounter.objects.filter(key=f"{row.key}/{encounter}", status="begun").first()
    if visit is None:
        raise NotFound(encounter)
    definition, language = compiled(study, row.definition), get_language() or "en"
    there = {*definition.forms_at(encounter), *(form.form for form in Form.objects.filter(container=visit.key))}
    offered = [
        (form.form.title.get(language)[0], form_address(f"{visit.key}/{form_id}"))
        for form_id, form in definition.forms.items()
        if form.form.kind != "log"
        and form_id not in there
        and len(hidden_items(actor(request), row, form, today(request))) < len(form.items)
    ]
    context = {"offered": sorted(offered), "dialog_title": f"{_('Add a form')}: {_label(row, encounter)}"}
    return render(request, "web/casebooks/extra.html", context)


def _label(row: Participant, encounter: str) -> str:
    planned = compiled(row.study, row.definition).encounters.get(encounter)
    return planned.label.get(get_language() or "en")[0] if planned else _("Unscheduled visit")
