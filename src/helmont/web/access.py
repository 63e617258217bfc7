"""Who is asking, and for which study: the first two lines of every view."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from helmont.core.actions import Action
from helmont.core.errors import NotFound, NotPermitted
from helmont.core.people.queries import actor_for_request
from helmont.core.permissions import Actor, Scope
from helmont.core.writer import perform
from helmont.studies.models import Study
from helmont.studies.queries import study_for

WEB = {"channel": "web"}


def actor(request: HttpRequest) -> Actor:
    """The signed-in person with their grants; read once a request."""
    known: Actor | None = getattr(request, "helmont_actor", None)
    if known is None:
        known = actor_for_request(request)
        request.helmont_actor = known  # type: ignore[attr-defined]  # kept beside request.user
    return known


def today(request: HttpRequest) -> date:
    """The date on the person's wall."""
    return datetime.now(ZoneInfo(actor(request).timezone)).date()


def study_or_404(request: HttpRequest, study: str) -> Study:
    """The study, when the person has a role in it; raises ``NotFound``. The page's chrome shows it."""
    found = study_for(actor(request), study, today(request))
    request.helmont_study = found  # type: ignore[attr-defined]  # read by helmont.web.context.chrome
    return found


def may_somewhere(request: HttpRequest, permission: str, study: str) -> bool:
    """Whether the person holds the permission anywhere in the study."""
    return bool(actor(request).places(permission, study, today(request)))


def require_somewhere(request: HttpRequest, permission: str, study: str) -> None:
    """Raises ``NotPermitted`` unless the person holds the permission somewhere in the study."""
    if not may_somewhere(request, permission, study):
        if may_somewhere(request, "study.view", study):
            raise NotPermitted(permission, permission=permission)
        raise NotFound(study)


def require_everywhere(request: HttpRequest, permission: str, study: str) -> None:
    """Raises ``NotPermitted`` unless the person holds the permission for the whole study."""
    if not actor(request).may(permission, Scope(study), today(request)):
        raise NotPermitted(permission, permission=permission)


def may_publish(request: HttpRequest, study: str = "") -> bool:
    """Whether the person may publish a version of that study; without one, of any."""
    person, day = actor(request), today(request)
    places = [study] if study else [grant.study for grant in person.grants]
    return any(person.may("study.publish", Scope(place), day) for place in places)


def act(request: HttpRequest, action: Action) -> Any:
    """Carry out an action for the person at this page; its result. Raises ``Refused``."""
    return perform(action, actor(request), source=WEB).result
