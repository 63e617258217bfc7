"""Alerts: what results call for somebody to look, and that somebody did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.permissions import Scope
from helmont.core.roles import ROLES
from helmont.labs.actions.alerts import AcknowledgeAlert
from helmont.labs.models import Reading
from helmont.labs.queries.readings import acknowledgements, names_of, notices_of, visible_alerts
from helmont.web.access import actor, study_or_404, today
from helmont.web.casebooks.doing import RefusableForm, done, show_dialog
from helmont.web.labs.results import tabs
from helmont.web.labs.shown import laboratory_of, shown

SHOWN = 200


@require_safe
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """Alerts that wait, or all with ``?all=1``, newest sample first."""
    found, language = study_or_404(request, study), get_language() or "en"
    definition, lab = laboratory_of(found)
    person, day = actor(request), today(request)
    alerts = list(visible_alerts(person, study, day).order_by("-collected", "key"))
    seen = acknowledgements(alerts)
    everything = request.GET.get("all") == "1"
    listed = [alert for alert in alerts if everything or alert.key not in seen][:SHOWN]
    readings = Reading.objects.in_bulk([key for alert in listed for key in alert.readings])
    told = notices_of(study)
    names = names_of({one.by for one in seen.values()}.union(*told.values()))
    rules = {rule.id: rule for rule in lab.labs.alerts}
    rows: list[dict[str, Any]] = []
    for alert in listed:
        rule, acknowledged = rules.get(alert.rule), seen.get(alert.key)
        rows.append(
            {
                "key": alert.key,
                "participant": alert.participant.split("/", 1)[1],
                "collected": alert.collected,
                "text": str(rule.text.get(language)[0]) if rule else alert.rule,
                "roles": [str(ROLES[name].title) for name in (rule.roles if rule else ()) if name in ROLES],
                "readings": [
                    shown(readings[key], definition, lab, language) for key in alert.readings if key in readings
                ],
                "seen": acknowledged,
                "told": sorted(names.get(handle, handle) for handle in told.get((alert.key, alert.basis), ())),
                "by": names.get(acknowledged.by, acknowledged.by) if acknowledged else "",
                "may": acknowledged is None
                and person.may("labs.acknowledge", Scope(study, alert.country, alert.site), day),
            }
        )
    context = {
        **tabs(request, study, "alerts"),
        "rows": rows,
        "everything": everything,
        "total": len(alerts),
        "waiting": len(alerts) - len(seen),
    }
    return render(request, "web/labs/alerts.html", context)


class NoteForm(RefusableForm):
    basis = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("What you make of it"),
        help_text=gettext_lazy("What follows for the participant, or why nothing does. It stays in the record."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        max_length=2000,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, study: str) -> HttpResponse:
    """Say that one alert (``?alert=``) was seen, and what follows."""
    study_or_404(request, study)
    person, day = actor(request), today(request)
    alert = visible_alerts(person, study, day).filter(key=request.GET.get("alert", "")).first()
    if alert is None:
        raise NotFound("alert")
    if not person.may("labs.acknowledge", Scope(study, alert.country, alert.site), day):
        raise NotPermitted("labs.acknowledge", permission="labs.acknowledge")
    form = NoteForm(request.POST or None, initial={"basis": alert.basis})
    if form.is_valid() and form.carry_out(
        request, AcknowledgeAlert(alert.key, form.cleaned_data["basis"], form.cleaned_data["note"])
    ):
        return done(request, reverse("labs:alerts", args=[study]), _("The alert was acknowledged."))
    number = alert.participant.split("/", 1)[1]
    return show_dialog(request, form, _("Acknowledge the alert of %s") % number, _("Acknowledge"))
