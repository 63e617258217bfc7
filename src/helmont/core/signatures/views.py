"""The two addresses of the ceremony, as ``sign.js`` calls them. JSON in, JSON out; a refusal has its own status."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from helmont.core.errors import Fault, Invalid, Refused
from helmont.core.people.queries import actor_for_request
from helmont.core.records import record_type
from helmont.core.rows import fetch
from helmont.core.signatures import ceremony
from helmont.core.signatures.evidence import split
from helmont.core.signatures.meanings import signing_action
from helmont.core.writer import perform

SESSION_KEY = "helmont.signature.request"
Endpoint = Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]


def _endpoint(function: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    @never_cache
    @require_POST
    @login_required
    @wraps(function)
    def view(request: HttpRequest) -> HttpResponse:
        try:
            try:
                body = orjson.loads(request.body)
            except orjson.JSONDecodeError:
                body = None
            if not isinstance(body, dict):
                raise Invalid([Fault("body", "this is not a JSON object", "a JSON object")])
            return JsonResponse(function(request, body))
        except Refused as refusal:
            return JsonResponse(refusal.to_dict(), status=refusal.status)

    return view


@_endpoint
def begin(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """``{"meaning", "records": ["form:…"], "reason"}`` to what the dialog shows."""
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, str) for record in records):
        raise Invalid([Fault("records", "this is not a list of records", '["form:STUDY/…"]')])
    reason = str(body.get("reason") or "")
    opened = ceremony.begin(request, str(body.get("meaning") or ""), records, reason)
    request.session[SESSION_KEY] = {"records": records, "reason": reason}
    return {
        "name": opened.statement.name,
        "title": opened.title,
        "statement": opened.statement.statement,
        "records": [{"record": r, "label": _label(r), "sha256": h} for r, h in opened.statement.signed.items()],
        "methods": opened.methods,
        "passkey": opened.passkey,
        "seconds": opened.seconds,
    }


@_endpoint
def complete(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """A credential to the outcome of the action that signs: ``{"result", "log", "sequence"}``."""
    asked = request.session.pop(SESSION_KEY, None) or {"records": [], "reason": ""}
    evidence = ceremony.complete(request, body)
    action = signing_action(evidence, asked["records"], asked["reason"])
    outcome = perform(action, actor_for_request(request), source={"channel": "web"})
    return {"result": outcome.result, "log": outcome.log, "sequence": outcome.sequence}


def _label(record: str) -> str:
    name, key = split(record)
    kind = record_type(name)
    return kind.describe(fetch(kind, "key", [key])[0])
