"""Who is asking, and what of people they may see. What is not theirs is 404."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.people.models import Assignment, Person
from helmont.core.people.queries import actor_for_request
from helmont.core.permissions import SYSTEM, Actor, Scope
from helmont.studies.queries import studies_for

INSTALLATION = Scope(SYSTEM)
View = Callable[..., HttpResponseBase]
dialog = require_http_methods(["GET", "HEAD", "POST"])


def person_view(view: View) -> View:
    """A page for signed-in people: calls ``view(request, actor, …)``; what is refused as not theirs is 404."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, actor_for_request(request), **kwargs)
        except NotFound as missing:
            raise Http404(missing.message) from missing
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.message) from refusal

    return page


def today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.timezone)).date()


def administers(actor: Actor, permission: str = "person.view") -> bool:
    """Whether the actor may do this to people anywhere in the installation."""
    return actor.may(permission, INSTALLATION, today(actor))


def require(actor: Actor, permission: str, scope: Scope = INSTALLATION) -> None:
    """Raises 404 unless the actor may do this there."""
    if not actor.may(permission, scope, today(actor)):
        raise Http404


def visible_assignments(actor: Actor) -> list[Assignment]:
    """The assignments the actor may see: all, or those in the places where they hold ``assignment.view``."""
    day = today(actor)
    if actor.may("assignment.view", Scope("*"), day):
        return list(Assignment.objects.order_by("person", "key"))
    rows = Assignment.objects.filter(study__in=actor.studies(day)).order_by("person", "key")
    return [row for row in rows if actor.may("assignment.view", Scope(row.study, row.country, row.site), day)]


def visible_person(actor: Actor, handle: str) -> Person:
    """The person, when the actor administers people or sees an assignment of theirs; 404 otherwise."""
    person: Person | None = Person.objects.filter(handle=handle).first()
    allowed = administers(actor) or any(row.person == handle for row in visible_assignments(actor))
    if person is None or not allowed:
        raise Http404
    return person


def study_choices(actor: Actor) -> list[tuple[str, str]]:
    """The studies the actor has a role in, as choices."""
    return [(study.key, study.key) for study in studies_for(actor, today(actor))]
