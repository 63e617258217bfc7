"""Who is asking: the session of a page, which has to prove where it comes from, or an access token, which need not."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from helmont.api.errors import Forbidden, NotSignedIn
from helmont.core.errors import Refused
from helmont.core.people.queries import actor_for_request, actor_for_token
from helmont.core.permissions import Actor


class Bearer(HttpBearer):
    """An access token. A request that carries one is never taken for the session's, even when the token is no good."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        try:
            actor = actor_for_token(token.strip())
        except Refused:
            raise NotSignedIn(_("This token is not known, has ended or was revoked.")) from None
        return _welcome(request, actor, "api")


class Session(APIKeyCookie):
    """The session of somebody signed in; a write also needs the page's CSRF token in ``X-CSRFToken``."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        # The token as a header only: a form of another origin could post a field.
        if not reads and (not request.headers.get("X-CSRFToken") or check_csrf(request)):
            raise Forbidden(_("The request does not carry the page's CSRF token (X-CSRFToken)."))
        return _welcome(request, actor_for_request(request), "web")

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        return self(request)


def _welcome(request: HttpRequest, actor: Actor, channel: str) -> Actor:
    request.helmont_channel = channel  # type: ignore[attr-defined]  # goes into the ledger entry
    translation.activate(actor.language)
    return actor


def actor_of(request: HttpRequest) -> Actor:
    """The person whom ``Bearer`` or ``Session`` found."""
    found: Actor = request.auth  # type: ignore[attr-defined]  # set by ninja
    return found


def today_of(actor: Actor) -> date:
    """The date on the person's wall."""
    return datetime.now(ZoneInfo(actor.timezone)).date()
