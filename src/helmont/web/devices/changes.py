"""Registering devices, giving them to participants and taking them back, and correcting what they told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from helmont.core.errors import NotFound, NotPermitted, Refused
from helmont.core.vault.actions import SetIdentity
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for, scope_of
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer, WithdrawCorrection
from helmont.sensors.actions.devices import AssignDevice, EndAssignment, RegisterDevice, RenewSecret
from helmont.sensors.queries.devices import Worn, assignment_for, device_for
from helmont.sensors.secrets import new_secret
from helmont.studies.models import Site
from helmont.web.access import actor, require_everywhere, require_somewhere, study_or_404, today
from helmont.web.casebooks.doing import RefusableForm, done, show_dialog
from helmont.web.devices.views import PLACEMENT_NAMES

dialog = require_http_methods(["GET", "HEAD", "POST"])
MOMENT_HINT = gettext_lazy("Date and time on your clock: 2026-03-01 08:15")
MOST_AT_ONCE = 200


def _text(label: Any, hint: Any = "", *, required: bool = True, rows: int = 0) -> forms.CharField:
    attributes = {"class": "textarea" if rows else "input width-20", "autocomplete": "off"}
    widget: forms.Widget = forms.Textarea({**attributes, "rows": rows}) if rows else forms.TextInput(attributes)
    return forms.CharField(label=label, help_text=hint, required=required, widget=widget, max_length=2000)


def _choice(label: Any, choices: list[tuple[str, Any]], *, required: bool = False) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "select"})
    return forms.ChoiceField(label=label, choices=choices, required=required, widget=widget)


def as_moment(text: str, zone: str) -> str:
    """What somebody typed on their clock, with its zone; as it is when it cannot be read, so that the action says so."""
    try:
        local = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    except ValueError:
        return text
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).isoformat()


class RegisterForm(RefusableForm):
    label = _text(
        gettext_lazy("Labels"),
        gettext_lazy("One a line, as they are written on the devices: W-017. The serial number is not asked for here."),
        rows=4,
    )
    model = _text(gettext_lazy("Maker and model"), gettext_lazy("For example Axivity AX3"))
    note = _text(gettext_lazy("Note"), required=False)

    def clean_label(self) -> list[str]:
        labels = list(dict.fromkeys(self.cleaned_data["label"].split()))
        if len(labels) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %d at a time.") % MOST_AT_ONCE)
        return labels


class AssignForm(RefusableForm):
    participant = _choice(gettext_lazy("Participant"), [], required=True)
    starts = _text(gettext_lazy("From"), MOMENT_HINT)
    placement = _choice(gettext_lazy("Worn at"), [("", "–"), *PLACEMENT_NAMES.items()])
    firmware = _text(gettext_lazy("Firmware"), required=False)
    serial = _text(
        gettext_lazy("Serial number"),
        gettext_lazy("It goes into the participant’s identity, encrypted, and nowhere else."),
        required=False,
    )
    timezone = _text(
        gettext_lazy("Time zone of the participant"),
        gettext_lazy("Whose midnight ends a day: Europe/Brussels. Empty: that of the site."),
        required=False,
    )
    clock = _text(gettext_lazy("Clock of the device"), gettext_lazy("UTC, or the time zone that it was set to"))


class EndForm(RefusableForm):
    ends = _text(gettext_lazy("Until"), MOMENT_HINT)


class ClockForm(RefusableForm):
    points = _text(
        gettext_lazy("Clock of the device, and the true time"),
        gettext_lazy("One pair a line: 2026-03-01 08:15:00 = 2026-03-01 08:15:42. Between two, the clock ran evenly."),
        rows=4,
    )
    reason = _text(gettext_lazy("Reason"), rows=2)


class WearerForm(RefusableForm):
    starts = _text(gettext_lazy("From"), MOMENT_HINT)
    ends = _text(gettext_lazy("Until"), MOMENT_HINT)
    participant = _choice(gettext_lazy("Who wore it"), [])
    reason = _text(gettext_lazy("Reason"), rows=2)


class ReasonForm(RefusableForm):
    reason = _text(gettext_lazy("Reason"), rows=2)


@dialog
def register(request: HttpRequest, study: str) -> HttpResponse:
    """Make one or many devices known, all of one model."""
    study_or_404(request, study)
    require_everywhere(request, "device.change", study)
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        if all(
            form.carry_out(request, RegisterDevice(study, each, said["model"], said["note"])) for each in said["label"]
        ):
            count = len(said["label"])
            text = ngettext("%d device is registered.", "%d devices are registered.", count) % count
            return done(request, reverse("devices:listing", args=[study]), text)
    return show_dialog(request, form, _("Register devices"), _("Register"))


def _people(request: HttpRequest, study: str, permission: str) -> list[tuple[str, str]]:
    rows = participants_for(actor(request), study, today(request), permission)
    return [(row.key, f"{row.number} · {row.site}") for row in rows]


@dialog
def assign(request: HttpRequest, study: str, label: str) -> HttpResponse:
    """Give the device to a participant; the secret it sends with is shown once."""
    study_or_404(request, study)
    require_somewhere(request, "device.assign", study)
    device, _worn = device_for(actor(request), study, label, today(request))
    zone = actor(request).timezone
    begins = datetime.now(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    form = AssignForm(request.POST or None, initial={"starts": begins, "clock": "UTC"})
    form.fields["participant"].choices = _people(request, study, "device.assign")  # type: ignore[attr-defined]
    if form.is_valid():
        said, (secret, digest) = form.cleaned_data, new_secret()
        serial = said["serial"].strip()
        action = AssignDevice(
            said["participant"],
            label,
            as_moment(said["starts"], zone),
            said["timezone"].strip() or _site_zone(said["participant"]),
            placement=said["placement"],
            firmware=said["firmware"],
            clock=said["clock"].strip(),
            digest=digest,
        )
        if not serial or _may_name(request, said["participant"], form):
            kept = not serial or form.carry_out(
                request, SetIdentity(said["participant"], {f"device:{label}": serial}, _("The device was given out"))
            )
            if kept and form.carry_out(request, action):
                return _show_secret(request, study, label, secret, said["participant"].rpartition("/")[2])
    return show_dialog(request, form, _("Give %s to a participant") % device.label, _("Give out"))


def _may_name(request: HttpRequest, participant: str, form: AssignForm) -> bool:
    """Whether this person keeps identities at the participant's site; otherwise the form says that they do not."""
    row = participants_for(actor(request), participant.split("/")[0], today(request)).get(key=participant)
    if actor(request).may("identity.change", scope_of(row), today(request)):
        return True
    form.add_error("serial", _("Your role does not keep identities; leave it empty."))
    return False


def _show_secret(request: HttpRequest, study: str, label: str, secret: str, number: str) -> HttpResponse:
    context = {
        "secret": secret,
        "label": label,
        "number": number,
        "address": request.build_absolute_uri("/samples/v1/"),
        "back": reverse("devices:device", args=[study, label]),
    }
    return render(request, "web/devices/secret.html", context)


def _worn(request: HttpRequest, study: str, label: str, number: int, permission: str) -> Worn:
    study_or_404(request, study)
    worn = assignment_for(actor(request), study, label, number, today(request))
    if not actor(request).may(permission, scope_of(worn.participant), today(request)):
        raise NotPermitted(permission, permission=permission)
    return worn


def _page(study: str, label: str) -> str:
    return reverse("devices:device", args=[study, label])


@dialog
def end(request: HttpRequest, study: str, label: str, number: int) -> HttpResponse:
    """The participant gave the device back."""
    worn = _worn(request, study, label, number, "device.assign")
    zone = actor(request).timezone
    form = EndForm(request.POST or None, initial={"ends": datetime.now(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")})
    if form.is_valid():
        action = EndAssignment(worn.assignment.key, as_moment(form.cleaned_data["ends"], zone))
        if form.carry_out(request, action):
            return done(request, _page(study, label), _("%s was given back.") % label)
    note = _("What it took until then may still be sent.")
    return show_dialog(request, form, _("%s was given back") % label, _("Enter"), note)


@dialog
def renew(request: HttpRequest, study: str, label: str, number: int) -> HttpResponse:
    """Another secret; the one before is no good any more."""
    worn = _worn(request, study, label, number, "device.assign")
    form = RefusableForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        secret, digest = new_secret()
        if form.carry_out(request, RenewSecret(worn.assignment.key, digest)):
            return _show_secret(request, study, label, secret, worn.participant.number)
    note = _("The device can no longer send with the secret it has.")
    return show_dialog(request, form, _("A new secret for %s") % label, _("Make a new secret"), note)


@dialog
def clock(request: HttpRequest, study: str, label: str, number: int) -> HttpResponse:
    """The device's clock was wrong."""
    worn, zone = _worn(request, study, label, number, "samples.correct"), actor(request).timezone
    form = ClockForm(request.POST or None)
    if form.is_valid():
        pairs = [line.partition("=") for line in form.cleaned_data["points"].splitlines() if line.strip()]
        points = {as_moment(shown, zone): as_moment(true, zone) for shown, _equals, true in pairs}
        if form.carry_out(request, CorrectClock(worn.assignment.key, points, form.cleaned_data["reason"])):
            return done(request, _page(study, label), _("The clock of %s is corrected.") % label)
    return show_dialog(request, form, _("Correct the clock of %s") % label, _("Correct"))


@dialog
def wearer(request: HttpRequest, study: str, label: str, number: int) -> HttpResponse:
    """Somebody else wore it for a while."""
    worn, zone = _worn(request, study, label, number, "samples.correct"), actor(request).timezone
    form = WearerForm(request.POST or None)
    people = [pair for pair in _people(request, study, "samples.correct") if pair[0] != worn.participant.key]
    form.fields["participant"].choices = [("", _("Nobody of the study")), *people]  # type: ignore[attr-defined]
    if form.is_valid():
        said = form.cleaned_data
        span = (as_moment(said["starts"], zone), as_moment(said["ends"], zone))
        if form.carry_out(request, CorrectWearer(worn.assignment.key, *span, said["reason"], said["participant"])):
            return done(request, _page(study, label), _("The wearer of %s is corrected.") % label)
    return show_dialog(request, form, _("Somebody else wore %s") % label, _("Correct"))


@dialog
def withdraw(request: HttpRequest, study: str, label: str, number: int, which: int) -> HttpResponse:
    """A correction was a mistake."""
    worn = _worn(request, study, label, number, "samples.correct")
    key = f"{worn.assignment.key}/corrections/{which}"
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            carried = form.carry_out(request, WithdrawCorrection(worn.assignment.key, key, form.cleaned_data["reason"]))
        except Refused:
            raise NotFound(key) from None
        if carried:
            return done(request, _page(study, label), _("The correction is withdrawn."))
    return show_dialog(request, form, _("Withdraw the correction"), _("Withdraw"))


def _site_zone(participant: str) -> str:
    """The time zone of the participant's site."""
    place = Participant.objects.filter(key=participant).values_list("study", "site").first() or ("", "")
    return Site.objects.filter(study=place[0], number=place[1]).values_list("timezone", flat=True).first() or "UTC"
