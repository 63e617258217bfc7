"""The save path as a server would drive it: an ASGI application, called in this thread so that its work rolls back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from helmont.api.fast import FastPath

HOST = (b"host", b"testserver")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


async def _elsewhere(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's signature
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def put(path: str, body: bytes, *headers: tuple[bytes, bytes], host: bool = True, method: str = "PUT") -> Answer:
    """Send one request to the save path; 299 means that it was passed on to Django."""
    scope = {"type": "http", "method": method, "path": path, "headers": [HOST, *headers] if host else list(headers)}
    sent: list[Any] = []
    half = len(body) // 2
    chunks = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:]},
    ]

    async def receive() -> Any:
        return {"type": "http.request", **chunks.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(StopIteration):  # it ran to its end; see in_this_thread
        FastPath(_elsewhere)(scope, receive, send).send(None)
    start, *rest = sent
    return Answer(start["status"], dict(start["headers"]), b"".join(message.get("body", b"") for message in rest))


def bearer(token: str) -> tuple[bytes, bytes]:
    return b"authorization", token.encode()
