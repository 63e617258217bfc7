"""The save path: ``PUT /api/v1/forms/<form key>``, straight from the socket to the writer.

Everything here is what the rest of the API does too (who is asking, the request's shape, the action, the answer),
without Django's handler and without a thread per request, since saving is what a site waits for. A page and a program
call the same address: the page with its session and CSRF token, the program with a token.

    {"values": {"SYSBP": "131"}, "seen": {"SYSBP": null}, "complete": true, "reason": ""}
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.http.cookie import parse_cookie
from django.middleware.csrf import _does_token_match  # type: ignore[attr-defined]  # Django has no public name for it

from helmont.api.auth import today_of
from helmont.api.errors import Forbidden, NotSignedIn, shorten
from helmont.api.keys import is_form_key
from helmont.api.sockets import Application, Receive, Scope, Send, answer, check_host, read_body
from helmont.api.writes import check_study, checked_token, digest_request
from helmont.core.actions import Job
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.people.queries import actor_for_token, load_actor, peek_actor
from helmont.core.people.session import peek_session, person_of_session
from helmont.core.permissions import Actor
from helmont.core.writer import submit_async
from helmont.edc.actions.entry import SaveForm

log = logging.getLogger(__name__)

PREFIX = "/api/v1/forms/"
MAX_BODY = 1024 * 1024
MAX_REASON = 2000


class FastPath:
    """ASGI application: answers saves itself and passes everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PUT" and scope["path"].startswith(PREFIX):
            await self._save(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _save(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        try:
            check_host(headers)
            actor, channel = await _who(headers)
            body = await read_body(receive, MAX_BODY)
            action = _parse(scope["path"][len(PREFIX) :], body)
            if action.log not in actor.studies(today_of(actor)):
                await asyncio.to_thread(check_study, actor, action)
            token = checked_token(headers.get(b"idempotency-key", ""))
            request = digest_request(scope["path"], body) if token else ""
            job = Job(action, actor, {"channel": channel}, token, request)
            outcome = await submit_async(job)
            await answer(send, 200, {**outcome.result, "sequence": outcome.sequence})
        except Refused as refusal:
            await answer(send, refusal.status, {"error": refusal.to_dict()})
        except Exception:
            log.exception("a save failed")
            fault = {"code": "failed", "message": "The save failed and nothing was changed. Try again."}
            await answer(send, 503, {"error": fault})


async def _who(headers: dict[bytes, str]) -> tuple[Actor, str]:
    """Who is asking, and over which channel; raises ``NotSignedIn`` or ``Forbidden``."""
    scheme, _, secret = headers.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        try:
            return await asyncio.to_thread(actor_for_token, secret.strip()), "api"
        except Refused:
            raise NotSignedIn("This token is not known, has ended or was revoked.") from None
    cookies = _cookies(headers.get(b"cookie", ""))
    session = cookies.get(settings.SESSION_COOKIE_NAME)
    if session is None:
        raise NotSignedIn("Sign in, or send a token as “Authorization: Bearer …”.")
    handle = peek_session(session) or await asyncio.to_thread(person_of_session, session)
    if handle is None:
        raise NotSignedIn("The session has ended; sign in again.")
    _check_csrf(headers, cookies)
    actor = peek_actor(handle)
    return actor if actor is not None else await asyncio.to_thread(load_actor, handle), "web"


@lru_cache(maxsize=4096)  # a browser sends the same ones each time
def _cookies(header: str) -> Mapping[str, str]:
    return parse_cookie(header)


def _check_csrf(headers: dict[bytes, str], cookies: Mapping[str, str]) -> None:
    """Double submit, as Django's own middleware does it: the header repeats the cookie, and the origin is ours."""
    cookie = cookies.get(settings.CSRF_COOKIE_NAME)
    given = headers.get(b"x-csrftoken", "")
    if cookie is None or len(given) not in (32, 64) or not _does_token_match(given, cookie):
        raise Forbidden("The request does not carry the page's CSRF token (X-CSRFToken).")
    origin = headers.get(b"origin")
    if origin and urlsplit(origin).netloc != headers.get(b"host") and origin not in settings.CSRF_TRUSTED_ORIGINS:
        raise Forbidden("The request comes from another origin.")


FIELDS: dict[str, tuple[type, ...]] = {
    "values": (dict,),
    "seen": (dict, type(None)),
    "complete": (bool,),
    "reason": (str,),
}


def _parse(path: str, body: bytes) -> SaveForm:
    """The action that the request asks for; raises ``NotFound``, or ``Invalid`` naming what does not fit."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid([Fault("body", f"not JSON: {error}", '{"values": {"ITEM": "value"}}')]) from None
    if not isinstance(fields, dict):
        raise Invalid([Fault("body", "not an object", '{"values": {"ITEM": "value"}}')])
    return save_action(path, check_fields(fields))


def check_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The members of a save; raises ``Invalid`` naming those that are none or of another type."""
    faults = [
        Fault(shorten(name), "this is not a field of the request", ", ".join(FIELDS))
        for name in fields
        if name not in FIELDS
    ]
    faults += [
        Fault(name, f"{type(fields[name]).__name__} does not fit", " or ".join(kind.__name__ for kind in kinds))
        for name, kinds in FIELDS.items()
        if name in fields and not isinstance(fields[name], kinds)
    ]
    if faults:
        raise Invalid(faults)
    if len(fields.get("reason", "")) > MAX_REASON:
        raise Invalid([Fault("reason", "the text is too long", f"at most {MAX_REASON} characters")])
    return fields


def save_action(key: str, fields: dict[str, Any]) -> SaveForm:
    """The action that saves these fields; raises ``NotFound`` for a key that no form can have."""
    if not is_form_key(key):
        raise NotFound(shorten(key))
    return SaveForm(key=key, **fields)
