"""What a load is made of: kept-alive connections, a listener to events, and a page that somebody has open."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from typing import cast


class Connection(asyncio.Protocol):
    """One kept-alive connection: one request at a time, its answer given to ``answered(status line, body)``."""

    def __init__(self, answered: Callable[[Connection, bytes, bytes], None], lost: Callable[[], None]) -> None:
        self._answered, self._lost = answered, lost
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's, though they do the same.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._lost()

    def ask(self, request: bytes, due: float) -> None:
        """Send ``request``, which was due at ``due``."""
        self.due = due
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(rest) >= length:
            self._buffer = rest[length:]
            self._answered(self, head, rest[:length])


class Follower(asyncio.Protocol):
    """Listens to server-sent events and notes when each sequence (the event's id) arrived."""

    def __init__(self, request: bytes, heard: Callable[[], None] = lambda: None) -> None:
        self._request, self._buffer, self._heard = request, b"", heard
        self.arrived: dict[int, float] = {}
        self.began = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if line.startswith(b"retry:"):
                self.began.set()
            elif line.startswith(b"id:"):
                self.arrived[int(line[3:])] = now
                self._heard()


class Page:
    """A page that is fetched anew when an event is heard, no sooner after the last time than ``refresh.js`` does it."""

    PAUSE = 0.4
    SHOWS = re.compile(rb'data-shows="(\d+)"')

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._heard, self._ended = asyncio.Event(), False
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.shown: list[tuple[float, int]] = []
        """When a fetch of the page was whole, and the last entry that it held then."""
        self.took: list[float] = []

    def hear(self) -> None:
        self._heard.set()

    def answered(self, _connection: Connection, head: bytes, body: bytes) -> None:
        if found := self.SHOWS.search(body):
            self.shown.append((time.perf_counter(), int(found[1])))
            if b" data-behind" in body:
                self._heard.set()
            self._answer.set_result(body)
        else:
            self._answer.set_exception(RuntimeError(f"the page does not say what it holds: {head[:12]!r}"))

    async def follow(self, connection: Connection) -> None:
        """Fetch the page again and again, until cancelled."""
        while True:
            await self._heard.wait()
            self._heard.clear()
            started = time.perf_counter()
            self._answer = asyncio.get_running_loop().create_future()
            connection.ask(self._request, started)
            await self._answer
            self.took.append(time.perf_counter() - started)
            await asyncio.sleep(max(0.0, started + self.PAUSE - time.perf_counter()))

    def since(self, sent: Mapping[int, float]) -> list[float]:
        """Seconds from each save to the first page that holds it; raises if one never does."""
        found, place = [], 0
        for sequence, due in sorted(sent.items()):
            while self.shown[place][1] < sequence:
                place += 1
            found.append(self.shown[place][0] - due)
        return found

    def holds(self, sequence: int) -> bool:
        return bool(self.shown) and self.shown[-1][1] >= sequence
