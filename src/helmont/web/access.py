"""Who is asking, and for which study: the first two lines of every view."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from helmont.core.people.queries import actor_for_request
from helmont.core.permissions import Actor
from helmont.studies.models import Study
from helmont.studies.queries import study_for


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
