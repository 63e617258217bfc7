"""What a server process runs beside answering requests, from its start to its end (ASGI lifespan)."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from helmont.core import writer
from helmont.core.events import hub
from helmont.core.jobs import standing  # noqa: F401 - what is done on a schedule registers itself
from helmont.core.jobs.processes import Beside
from helmont.core.jobs.worker import Background as Jobs
from helmont.core.projections.runner import Runner

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

TRIM_FROM, MMAP_FROM, ARENAS = -1, -3, -8  # as malloc.h of glibc numbers them


class Service(Protocol):
    """Something that runs as long as the server does."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


_SERVICES: list[Callable[[], Service | None]] = []


def service(make: Callable[[], Service | None]) -> Callable[[], Service | None]:
    """Function decorator: the server runs what ``make`` gives, from its start to its end; None where nothing is configured."""
    _SERVICES.append(make)
    return make


class Background:
    """ASGI application around another one: starts and stops projections, jobs and the writer with the server."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._jobs = Jobs()
        self._projections = Runner(Beside())
        self._services: list[Service] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._application(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                hub()
                writer.after_commit(self._projections.wake)
                self._projections.start()
                self._jobs.start()
                self._services = [found for make in _SERVICES if (found := make()) is not None]
                for each in self._services:
                    each.start()
                _settle_memory()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await hub().close()
                await asyncio.to_thread(self._stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _stop(self) -> None:
        for each in self._services:
            each.stop()
        self._jobs.stop()
        self._projections.stop()
        writer.stop()


def _settle_memory() -> None:
    """Look for garbage less often, and not among what was loaded: a walk through all of it holds everybody up for 100 ms."""
    _give_memory_back()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _give_memory_back() -> None:
    """Large blocks (bodies, columns) go back to the system when they are let go of, rather than stay in a pool for each thread.

    glibc's own way kept 70 MB more after hour-long batches of samples; elsewhere there is nothing to set.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for parameter, value in ((ARENAS, 2), (MMAP_FROM, 1 << 18), (TRIM_FROM, 1 << 20)):
            library.mallopt(parameter, value)
