"""What applications that answer straight from the socket share: the host, the body, and an answer in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http.request import split_domain_port, validate_host

from helmont.api.errors import Forbidden, TooLarge
from helmont.core.errors import Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATIENCE = 4
"""How many times the accepted size is read before a body that is too large is cut off."""


def check_host(headers: dict[bytes, str]) -> None:
    """Raises ``Forbidden`` for a host that is not one of this installation's."""
    if not _is_ours(headers.get(b"host", ""), tuple(settings.ALLOWED_HOSTS)):
        host = headers.get(b"host", "")
        raise Forbidden(str(DisallowedHost(f"the host {host!r} is not one of this installation's")))


@lru_cache(maxsize=256)
def _is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


async def read_body(receive: Receive, most: int) -> bytes:
    """The whole body. Raises ``TooLarge`` beyond ``most`` bytes.

    What is beyond is read and dropped for a while, so that whoever is still sending hears why.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("the connection was closed before the request was complete")
        chunk = message.get("body", b"")
        size += len(chunk)
        ended = not message.get("more_body")
        if size > most:
            chunks.clear()
            if ended or size > PATIENCE * most:
                raise TooLarge(f"The body is larger than {most // 1024} kB.")
            continue
        chunks.append(chunk)
        if ended:
            return b"".join(chunks)


async def answer(send: Send, status: int, content: dict[str, Any], *, retry_after: int | None = None) -> None:
    """Send JSON; ``retry_after`` are the seconds after which to come back."""
    body = orjson.dumps(content)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
