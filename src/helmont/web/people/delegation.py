"""The delegation log of a site (ICH E6(R3) 2.3.3): who does what, from when to when, and by whose delegation."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.core.people.actions import Delegate
from helmont.core.people.assignments import delegable_roles
from helmont.core.people.queries import staff
from helmont.core.permissions import Actor, Scope
from helmont.studies.models import Site
from helmont.web.people import access
from helmont.web.people.forms import DelegateForm
from helmont.web.people.views import carry_out


def _site(study: str, number: str) -> Site:
    site: Site | None = Site.objects.filter(study=study, number=number).first()
    if site is None:
        raise Http404
    return site


@require_safe
@access.person_view
def log(request: HttpRequest, actor: Actor, study: str, site: str) -> HttpResponse:
    place = _site(study, site)
    scope, day = Scope(study, place.country, site), access.today(actor)
    access.require(actor, "assignment.view", scope)
    context = {
        "study": {"id": study},
        "site": place,
        "rows": staff(study, site=site),
        "today": day,
        "may_delegate": actor.may("assignment.delegate", scope, day),
        "may_end": actor.may("assignment.change", scope, day) or actor.may("assignment.delegate", scope, day),
    }
    return render(request, "people/delegation_log.html", context)


@access.dialog
@access.person_view
def delegate(request: HttpRequest, actor: Actor, study: str, site: str) -> HttpResponse:
    place = _site(study, site)
    scope = Scope(study, place.country, site)
    access.require(actor, "assignment.delegate", scope)
    form = DelegateForm(request.POST or None, roles=delegable_roles(actor, scope, access.today(actor)))
    if form.is_valid():
        data = {**form.cleaned_data, "tasks": tuple(form.cleaned_data["tasks"])}
        action = Delegate(study=study, site=site, country=place.country, **data)
        if carry_out(action, actor, form) is not None:
            messages.success(request, _("The tasks were delegated."))
            return redirect("people:log", study=study, site=site)
    context = {
        "form": form,
        "title": _("Delegate tasks at %s") % place,
        "button": _("Delegate"),
        "study": {"id": study},
    }
    return render(request, "people/form.html", context)
