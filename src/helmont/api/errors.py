"""From whatever went wrong to ``{"error": {"code", "message", …}}``; never a stack trace, never a page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from helmont.core.errors import Fault, Invalid, NotFound, Refused

log = logging.getLogger(__name__)
SHOWN = 60
"""Characters of somebody's input that an error repeats."""


class NotSignedIn(Refused):
    code, status = "not_signed_in", 401


class Forbidden(Refused):
    code, status = "csrf", 403


class TooLarge(Refused):
    code, status = "too_large", 413


class Malformed(Refused):
    code, status = "malformed", 400


class MethodNotAllowed(Refused):
    code, status = "method_not_allowed", 405


class Failed(Refused):
    code, status = "failed", 500


def shorten(text: str) -> str:
    """Somebody's input as an error may repeat it: not long, and something that JSON can hold."""
    return text[:SHOWN].encode("utf-8", "replace").decode()


def describe(error: ValidationError) -> Invalid:
    """Pydantic's findings as faults. The rejected input itself is not repeated."""
    faults = []
    for found in error.errors:
        place = ".".join(shorten(str(part)) for part in found["loc"][1:] if part not in ("body", "data")) or "body"
        faults.append(Fault(place, found["msg"], _accepted(found.get("ctx", {}))))
    return Invalid(faults)


def _accepted(context: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in context.items() if name != "error")


def install(api: NinjaAPI) -> None:
    """Answer every exception of the API's operations in one shape."""

    def answer(request: HttpRequest, refusal: Refused) -> HttpResponse:
        return api.create_response(request, {"error": refusal.to_dict()}, status=refusal.status)

    def handle(kind: type[Exception], refusal: Callable[[Any], Refused]) -> None:
        api.add_exception_handler(kind, lambda request, error: answer(request, refusal(error)))

    def failed(error: Exception) -> Refused:
        log.error("a request to the API failed", exc_info=error)
        return Failed(_("Something went wrong here and nothing was changed."))

    handle(Refused, lambda refusal: refusal)
    handle(Http404, lambda _error: NotFound())
    handle(ValidationError, describe)
    handle(AuthenticationError, lambda _error: NotSignedIn(_("Sign in, or send a token as “Authorization: Bearer …”.")))
    handle(HttpError, lambda error: Malformed(str(error)))
    handle(RequestDataTooBig, lambda _error: TooLarge(_("The body is too large.")))
    handle(SuspiciousOperation, lambda _error: Malformed(_("The request is malformed.")))
    handle(Exception, failed)
