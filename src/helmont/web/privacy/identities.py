"""Who a participant is: asked for with a reason, shown once, changed and erased. To everybody else there is no such page.

Clear text is in the answer to a POST alone: never in an address, a title, a message or the answer to a GET.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from helmont.core.errors import NotFound
from helmont.core.vault.actions import EraseIdentity, SetIdentity, identity_key
from helmont.core.vault.models import Identity
from helmont.core.vault.queries import read_identity
from helmont.core.vault.sealing import Unreadable
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for, scope_of
from helmont.web.access import WEB, actor, study_or_404, today
from helmont.web.privacy.forms import EraseForm, IdentityForm, LookForm, in_order, label_of

RIGHTS = ("identity.read", "identity.change", "identity.erase")
page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Place:
    """A participant, what is known to be recorded of them (never the texts), and what this person may do."""

    participant: Participant
    identity: Identity | None
    may: frozenset[str]

    def context(self) -> dict[str, Any]:
        fields = self.identity.fields if self.identity else {}
        return {
            "participant": self.participant,
            "recorded": [label_of(name) for name in in_order(fields)],
            "erased": self.identity.erased if self.identity else "",
            "may": self.may,
        }


def _place(request: HttpRequest, study: str, number: str, *needed: str) -> Place:
    """Raises ``NotFound`` for everybody who holds none of the ``needed`` permissions at the participant's site."""
    study_or_404(request, study)
    person, day = actor(request), today(request)
    participant = participant_for(person, study, number, day)
    may = frozenset(name for name in RIGHTS if person.may(name, scope_of(participant), day))
    if not may & set(needed):
        raise NotFound(f"{study}/{number}")
    return Place(participant, Identity.objects.filter(key=identity_key(participant.key)).first(), may)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@page
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def identity(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """GET asks why; POST puts the look into the ledger and then shows the identity, this once."""
    place = _place(request, study, number, "identity.read", "identity.erase")
    if request.method == "POST" and "identity.read" not in place.may:
        raise NotFound(f"{study}/{number}")
    look, context = LookForm(_posted(request)), place.context()
    if look.is_valid():
        try:
            known = read_identity(actor(request), place.participant.key, look.reason, source=WEB)
        except Unreadable:
            return render(request, "web/privacy/identity.html", context | {"unreadable": True}, status=409)
        shown = [(label_of(name), known[name]) for name in in_order(known)]
        return render(request, "web/privacy/shown.html", context | {"shown": shown, "form": IdentityForm(known=known)})
    context |= {"look": look, "form": IdentityForm(first=True)}
    return render(request, "web/privacy/identity.html", context, status=422 if look.errors else 200)


@page
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def change(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Record or change what is known. The form comes from the page of the identity; this one shows it when it is at fault."""
    place = _place(request, study, number, "identity.change")
    address = reverse("privacy:identity", args=[study, number])
    if request.method != "POST":
        return redirect(address)
    recorded = dict.fromkeys(place.identity.fields if place.identity else (), "")
    form = IdentityForm(request.POST, known=recorded, first=not recorded)
    if form.is_valid() and not form.changed:
        form.add_error(None, _("Nothing was changed."))
    if form.is_valid():
        action = SetIdentity(place.participant.key, form.changed, form.cleaned_data.get("reason", ""))
        if form.carry_out(request, action):
            messages.success(request, _("The identity was saved, encrypted, in the vault."))
            return redirect(address)
    return render(request, "web/privacy/change.html", place.context() | {"form": form}, status=422)


@page
@never_cache
def erase(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """Destroy the participant's key: asks for a reason and for the number, typed."""
    place = _place(request, study, number, "identity.erase")
    if place.identity is None or place.identity.erased:
        raise NotFound(f"{study}/{number}")
    form = EraseForm(_posted(request), place.participant.number)
    if form.is_valid() and form.carry_out(request, EraseIdentity(place.participant.key, form.cleaned_data["reason"])):
        messages.success(request, _("The key of %s was destroyed; the identity is gone.") % number)
        address = reverse("privacy:identity", args=[study, number])
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
    context = place.context() | {"form": form}
    return render(request, "web/privacy/erase.html", context, status=422 if form.errors else 200)
