"""Pages of people: the list, one person, inviting, closing and assigning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helmont.core.actions import Action
from helmont.core.errors import Invalid, NotFound, Refused
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.accounts import WEB, invite
from helmont.core.people.actions import (
    AssignRole,
    ChangePerson,
    CreatePerson,
    DeactivatePerson,
    EndAssignment,
    EndDelegation,
    ReactivatePerson,
)
from helmont.core.people.models import Assignment, Person
from helmont.core.people.queries import staff
from helmont.core.permissions import Actor, Scope
from helmont.core.roles import ROLES
from helmont.core.writer import perform
from helmont.studies.queries import sites_for
from helmont.web.people import access
from helmont.web.people.forms import AssignForm, EndForm, Form, InviteForm, PersonForm, ReasonForm, role_choices
from helmont.web.people.history import LANGUAGES, history

PAGE = 50


def carry_out(action: Action, actor: Actor, form: Form) -> Any:
    """The action's result, or None with the reasons in the form. Not theirs stays an exception."""
    try:
        return perform(action, actor, source=WEB).result or {}
    except NotFound:
        raise
    except Invalid as refusal:
        form.take(refusal)
    except Refused as refusal:
        form.add_error(None, refusal.message)
    return None


@require_safe
@access.person_view
def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody the actor may see, with the roles in force or to come. Filters: q, role, active."""
    assignments = access.visible_assignments(actor)
    everybody = access.administers(actor)
    if not everybody and not assignments:
        raise Http404
    day = access.today(actor).isoformat()
    roles: dict[str, list[Assignment]] = {}
    for row in assignments:
        if not row.ends or row.ends >= day:
            roles.setdefault(row.person, []).append(row)
    found = Person.objects.order_by("name")
    if not everybody:
        found = found.filter(handle__in={row.person for row in assignments})
    q, role, active = (request.GET.get(name, "").strip() for name in ("q", "role", "active"))
    if q:
        found = found.filter(name__icontains=q) | found.filter(handle__icontains=q) | found.filter(email__icontains=q)
    if role:
        found = found.filter(handle__in={row.person for row in assignments if row.role == role})
    if active in {"yes", "no"}:
        found = found.filter(active=active == "yes")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [{"person": p, "roles": [chip(row) for row in roles.get(p.handle, [])]} for p in page]
    context = {
        "page": page,
        "rows": rows,
        "filters": {"q": q, "role": role, "active": active},
        "roles": role_choices(),
        "may_invite": access.administers(actor, "person.change"),
        "may_assign": bool(assigning_studies(actor)),
    }
    return render(request, "people/people.html", context)


def chip(row: Assignment) -> dict[str, Any]:
    place = _("every study") if row.study == "*" else " ".join(filter(None, (row.study, row.country, row.site)))
    return {"title": ROLES[row.role].title if row.role in ROLES else row.role, "place": place}


@require_safe
@access.person_view
def person(request: HttpRequest, actor: Actor, handle: str) -> HttpResponse:
    shown = access.visible_person(actor, handle)
    visible = {row.key for row in access.visible_assignments(actor) if row.person == handle}
    context = {
        "shown": shown,
        "language": LANGUAGES.get(shown.language, shown.language),
        "assignments": [row for row in staff(person=handle) if row.key in visible],
        "history": history(handle, SYSTEM_LOG) if access.administers(actor) else [],
        "may_change": access.administers(actor, "person.change"),
        "may_assign": bool(assigning_studies(actor)),
    }
    return render(request, "people/person.html", context)


@access.dialog
@access.person_view
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open an account and send its invitation."""
    access.require(actor, "person.change")
    form = InviteForm(request.POST or None, initial={"language": "en", "timezone": actor.timezone})
    if form.is_valid() and carry_out(CreatePerson(**form.cleaned_data), actor, form) is not None:
        created = Person.objects.get(handle=form.cleaned_data["handle"])
        return _invited(request, created)
    return render(request, "people/form.html", _page(form, _("Invite somebody"), _("Create account and invite")))


@require_POST
@access.person_view
def invitation(request: HttpRequest, actor: Actor, handle: str) -> HttpResponse:
    """Send the invitation again; the earlier link stays good until one of them is used."""
    access.require(actor, "person.change")
    return _invited(request, access.visible_person(actor, handle))


def _invited(request: HttpRequest, invited: Person) -> HttpResponse:
    if not invited.active:
        raise Http404
    return render(request, "people/invited.html", {"shown": invited, "link": invite(invited, request)})


@access.dialog
@access.person_view
def change(request: HttpRequest, actor: Actor, handle: str) -> HttpResponse:
    access.require(actor, "person.change")
    shown = access.visible_person(actor, handle)
    initial = {"full_name": shown.name, "email": shown.email, "language": shown.language, "timezone": shown.timezone}
    form = PersonForm(request.POST or None, initial=initial)
    if form.is_valid() and carry_out(ChangePerson(handle, **form.cleaned_data), actor, form) is not None:
        messages.success(request, _("The account was changed."))
        return redirect("people:person", handle=handle)
    return render(request, "people/form.html", _page(form, _("Change %s") % shown.name, _("Save")))


@access.dialog
@access.person_view
def standing(request: HttpRequest, actor: Actor, handle: str) -> HttpResponse:
    """Close an account, or open a closed one again, with a reason."""
    access.require(actor, "person.change")
    shown = access.visible_person(actor, handle)
    form = ReasonForm(request.POST or None)
    kind = DeactivatePerson if shown.active else ReactivatePerson
    if form.is_valid() and carry_out(kind(handle, form.cleaned_data["reason"]), actor, form) is not None:
        messages.success(request, _("The account was closed.") if shown.active else _("The account is open again."))
        return redirect("people:person", handle=handle)
    title = _("Close the account of %s") if shown.active else _("Open the account of %s again")
    button = _("Close account") if shown.active else _("Open account")
    return render(request, "people/form.html", _page(form, title % shown.name, button))


def assigning_studies(actor: Actor) -> list[tuple[str, str]]:
    """The studies in which the actor may assign somewhere; ``*`` for those who may everywhere."""
    day = access.today(actor)
    choices = [choice for choice in access.study_choices(actor) if actor.places("assignment.change", choice[0], day)]
    if actor.may("assignment.change", Scope("*"), day):
        choices.insert(0, ("*", _("Every study")))
    return choices


@access.dialog
@access.person_view
def assign(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Give a role. The site's country comes from the site."""
    studies = assigning_studies(actor)
    if not studies:
        raise Http404
    initial = {"person": request.GET.get("person", ""), "study": request.GET.get("study", "")}
    form = AssignForm(request.POST or None, initial=initial, studies=studies)
    if form.is_valid():
        data = form.cleaned_data
        sites = {} if data["study"] == "*" else _sites(actor, data["study"], "assignment.change")
        if data["site"] and data["site"] not in sites:
            form.add_error("site", _("This study has no such site: %s") % (", ".join(sites) or _("none yet")))
        else:
            action = AssignRole(**data, country=sites.get(data["site"], ""))
            if carry_out(action, actor, form) is not None:
                messages.success(request, _("The role was assigned."))
                return redirect("people:person", handle=data["person"])
    return render(request, "people/form.html", _page(form, _("Assign a role"), _("Assign")))


def _sites(actor: Actor, study: str, permission: str) -> dict[str, str]:
    """Number -> country of the study's sites where the actor may do this."""
    return {site.number: site.country for site in sites_for(actor, study, permission, access.today(actor))}


@access.dialog
@access.person_view
def end(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """End an assignment, or a delegation at one's own site, with a reason."""
    row = Assignment.objects.filter(key=key).first()
    if row is None:
        raise Http404
    scope, day = Scope(key.split("/")[0], row.country, row.site), access.today(actor)
    kind = EndAssignment if actor.may("assignment.change", scope, day) else EndDelegation
    access.require(actor, kind.permission, scope)
    if kind is EndDelegation and not row.tasks:
        raise Http404  # an investigator ends what an investigator delegated
    form = EndForm(request.POST or None)
    if form.is_valid() and carry_out(kind(key, **form.cleaned_data), actor, form) is not None:
        messages.success(request, _("The assignment has an end."))
        if row.site:
            return redirect("people:log", study=row.study, site=row.site)
        return redirect("people:person", handle=row.person)
    title = _("End: %(person)s, %(role)s") % {"person": row.person, "role": ROLES[row.role].title}
    return render(request, "people/form.html", _page(form, title, _("End assignment")))


def _page(form: Form, title: str, button: str) -> dict[str, Any]:
    return {"form": form, "title": title, "button": button}
