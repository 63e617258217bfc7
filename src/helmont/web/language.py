"""The language of the pages: the signed-in person's own, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as set_cookie

from helmont.core.people.actions import ChangeProfile
from helmont.core.people.models import Person
from helmont.core.writer import perform
from helmont.web.access import WEB, actor

Response = Callable[[HttpRequest], HttpResponse]


class PersonLanguageMiddleware:
    """After ``AuthenticationMiddleware``: a signed-in person reads every page in the language of their account."""

    def __init__(self, get_response: Response) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, Person):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self._get_response(request)


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language: in the account of who is signed in, in a cookie for who is not; then back to the page."""
    if not isinstance(request.user, Person):
        return set_cookie(request)
    language = request.POST.get("language", "")
    perform(ChangeProfile(request.user.handle, language, request.user.timezone), actor(request), source=WEB)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(target if safe else "/")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response
