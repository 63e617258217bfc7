"""Where devices send: ``PUT /samples/v1/<channel>/<batch>`` with ``Authorization: Bearer <the device's secret>``.

Straight from the socket to the log and the writer, as saves go. ``POST`` does the same. An answer of 200 means that the
samples are on disk and in the ledger; ``Retry-After`` says when to come back where they could not be taken now.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs

from helmont.api.errors import Forbidden, MethodNotAllowed, NotSignedIn
from helmont.api.sockets import Application, Receive, Scope, Send, answer, check_host, read_body
from helmont.core.errors import NotFound, Refused
from helmont.sensors.receiving import Sent, receive, sender_of

log = logging.getLogger(__name__)

PREFIX = "/samples/v1/"
MAX_BODY = 32 * 1024 * 1024
MOST_AT_ONCE = 64
"""Requests that are read at the same time; others are told to come back, so that memory is bounded."""


class Samples:
    """ASGI application: takes batches of samples and passes everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._under_way = 0

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._application(scope, receive_, send)
            return
        if self._under_way >= MOST_AT_ONCE:
            await answer(send, 503, {"error": {"code": "busy", "message": "Come back in a second."}}, retry_after=1)
            return
        self._under_way += 1
        try:
            await self._take(scope, receive_, send)
        finally:
            self._under_way -= 1

    async def _take(self, scope: Scope, receive_: Receive, send: Send) -> None:
        try:
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            check_host(headers)
            if scope["method"] not in ("PUT", "POST"):
                raise MethodNotAllowed("PUT a batch of samples here.")
            channel, batch = _place(scope["path"])
            sender = await sender_of(_secret(headers))
            body = await read_body(receive_, MAX_BODY)
            topic = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("topic", [""])[0]
            encoding, kind = headers.get(b"content-encoding", ""), headers.get(b"content-type", "")
            said = await receive(sender, Sent(channel, batch, kind, encoding, body, topic), "http")
            await answer(send, 200, said)
        except Refused as refusal:
            later = refusal.details.get("retry_after")
            await answer(send, refusal.status, {"error": refusal.to_dict()}, retry_after=later)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a batch of samples failed")
            fault = {"code": "failed", "message": "The batch was not acknowledged. Send it again."}
            await answer(send, 503, {"error": fault}, retry_after=5)


def _place(path: str) -> tuple[str, str]:
    channel, _, batch = path[len(PREFIX) :].partition("/")
    if not channel or not batch or "/" in batch:
        raise NotFound(f"{PREFIX}<channel>/<batch>")
    return channel, batch


def _secret(headers: dict[bytes, Any]) -> str:
    scheme, _, secret = headers.get(b"authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn("Send the device's secret as “Authorization: Bearer …”.")
    if len(secret) > 200:
        raise Forbidden("This is no secret of a device.")
    return str(secret.strip())
