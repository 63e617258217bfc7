"""Alerts of devices: what calls for somebody to look, and that somebody did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.people.models import Person
from helmont.core.permissions import Scope
from helmont.sensors.actions.alerts import AcknowledgeDeviceAlert
from helmont.sensors.queries.alerts import notices, seen, visible_alerts
from helmont.signals.channels import Channel
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study import sensing
from helmont.study.units import unit_text
from helmont.web.access import actor, study_or_404, today
from helmont.web.casebooks.doing import RefusableForm, done, show_dialog
from helmont.web.devices.views import at

SHOWN = 200
KINDS = {
    "silent": gettext_lazy("Nothing received"),
    "battery": gettext_lazy("Battery low"),
    "range": gettext_lazy("Out of range"),
}


@require_safe
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """Alerts that wait, or all with ``?all=1``, the latest first."""
    found = study_or_404(request, study)
    person, day = actor(request), today(request)
    alerts = visible_alerts(person, study, day)
    acknowledged, told = seen([alert.key for alert in alerts]), notices(study)
    everything = request.GET.get("all") == "1"
    listed = [alert for alert in alerts if everything or alert.key not in acknowledged][:SHOWN]
    channels = _channels(found)
    handles = {one.by for one in acknowledged.values()}.union(*told.values())
    names = dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))
    rows: list[dict[str, Any]] = []
    for alert in listed:
        one = acknowledged.get(alert.key)
        rows.append(
            {
                "alert": alert,
                "participant": alert.participant.partition("/")[2],
                "text": str(KINDS[alert.kind]),
                "value": _value(alert.value, channels.get(alert.channel)),
                "since": at(alert.since),
                "until": "" if alert.until is None else at(alert.until),
                "seen": one,
                "by": names.get(one.by, one.by) if one else "",
                "told": sorted(names.get(handle, handle) for handle in told.get(alert.key, ())),
                "may": one is None and person.may("device.acknowledge", Scope(study, alert.country, alert.site), day),
            }
        )
    context = {
        "rows": rows,
        "everything": everything,
        "may": any(row["may"] for row in rows),
        "total": len(alerts),
        "waiting": sum(alert.key not in acknowledged for alert in alerts),
    }
    return render(request, "web/devices/alerts.html", context)


def _channels(study: Study) -> dict[str, Channel]:
    return sensing.channels_of(compiled(study.key, study.definition).study) if study.definition else {}


def _value(value: float | None, channel: Channel | None) -> str:
    """The value farthest out of range, with its unit."""
    if value is None:
        return ""
    text = formats.number_format(round(value, 2), use_l10n=True).replace("-", "−")
    return f"{text} {unit_text(channel.unit)}" if channel else text


class NoteForm(RefusableForm):
    note = forms.CharField(
        label=gettext_lazy("What you make of it"),
        help_text=gettext_lazy("What follows for the participant, or why nothing does. It stays in the record."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        max_length=2000,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, study: str) -> HttpResponse:
    """Say that alerts (``?alert=``, as often as there are) were seen, and what follows; those seen by now are left out."""
    study_or_404(request, study)
    person, day = actor(request), today(request)
    asked = request.GET.getlist("alert")
    alerts = [alert for alert in visible_alerts(person, study, day) if alert.key in asked]
    if not alerts or len(alerts) < len(set(asked)):
        raise NotFound("alert")
    if not all(person.may("device.acknowledge", Scope(study, each.country, each.site), day) for each in alerts):
        raise NotPermitted("device.acknowledge", permission="device.acknowledge")
    already = seen([alert.key for alert in alerts])
    waiting = [alert for alert in alerts if alert.key not in already] or alerts
    form = NoteForm(request.POST or None)
    if form.is_valid() and all(
        form.carry_out(request, AcknowledgeDeviceAlert(alert.key, form.cleaned_data["note"])) for alert in waiting
    ):
        number = len(waiting)
        said = ngettext("%d alert was acknowledged.", "%d alerts were acknowledged.", number) % number
        return done(request, reverse("devices:alerts", args=[study]), said)
    return show_dialog(
        request, form, _title([alert.participant.partition("/")[2] for alert in waiting]), _("Acknowledge")
    )


def _title(numbers: Sequence[str]) -> str:
    """What is done, for the participants of these numbers."""
    if len(numbers) == 1:
        return _("Acknowledge the alert of %s") % numbers[0]
    return ngettext("Acknowledge %d alert", "Acknowledge %d alerts", len(numbers)) % len(numbers)
