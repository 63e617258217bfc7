"""Live pages: each new ledger entry, to every open page that follows its log, within a fraction of a second.

One task per log reads new entries, once for all its subscribers. It wakes when this process commits, and looks at the
log's size four times a second as long as anybody listens, since other processes commit too. A subscriber that falls
behind is told to reload (``Resync``) and costs no memory meanwhile. An event carries no values: pages fetch what they
show with their own permissions. ``Last-Event-ID`` is the sequence; a page names the ``position`` it was made at when it
begins to follow, so that what was committed in between reaches it too.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from django.db import DatabaseError, close_old_connections, connection

from helmont.core import sql
from helmont.core.actions import Outcome
from helmont.core.ledger import store
from helmont.core.writer import after_commit

log = logging.getLogger(__name__)
COALESCE = 0.05
IDLE = 5.0  # seconds after which the connection may have been lost
POLL = 0.25
QUEUE = 256
LONGEST_CATCH_UP = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the log, without its body."""

    log: str
    sequence: int
    time: str
    actor: str
    action: str
    record: str
    participant: str


@dataclass(frozen=True, slots=True)
class Resync:
    """Too much was missed: load the page anew; later events follow ``sequence``."""

    log: str
    sequence: int


_Queue = asyncio.Queue[Event | Resync]
T = TypeVar("T")


class Hub:
    """The feeds of one event loop. A server has one hub (``hub()``)."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._feeds: dict[str, _Feed] = {}
        # One thread, hence one database connection, reads for everybody.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="helmont-events")

    async def subscribe(self, log_name: str, after: int | None = None) -> AsyncIterator[Event | Resync]:
        """Entries after sequence ``after`` (if not given: from now on), as they are committed, without end."""
        feed = self._feeds.setdefault(log_name, _Feed(log_name, self))
        queue: _Queue = asyncio.Queue(QUEUE)
        feed.queues.add(queue)
        try:
            await feed.started()
            reached = feed.position
            if after is not None and reached - after > LONGEST_CATCH_UP:
                yield Resync(log_name, reached)
            elif after is not None and after < reached:
                for event in await self.read(_read_after, log_name, after, reached):
                    yield event
            while True:
                yield await queue.get()
        finally:
            feed.queues.discard(queue)
            if not feed.queues and self._feeds.get(log_name) is feed:
                del self._feeds[log_name]
                feed.stop()

    def wake(self, outcomes: Sequence[Outcome]) -> None:
        """Called in the writing thread after a commit."""
        logs = {outcome.log for outcome in outcomes}
        if self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self._wake, logs)

    def _wake(self, logs: set[str]) -> None:
        for name in logs & self._feeds.keys():
            self._feeds[name].woken.set()

    async def read(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function that reads the database, on the hub's own thread."""
        return await self.loop.run_in_executor(self._reader, _reading, function, *arguments)

    async def close(self) -> None:
        """Stop every feed; subscribers get nothing more."""
        feeds = list(self._feeds.values())
        self._feeds.clear()
        for feed in feeds:
            feed.stop()
        # Queued behind whatever the feeds were reading, so the thread's connection is closed last.
        self._reader.submit(_disconnect)
        self._reader.shutdown(wait=True)


class _Feed:
    """The one reader of a log, and the queues of those who follow it."""

    def __init__(self, log_name: str, hub: Hub) -> None:
        self.log, self.hub = log_name, hub
        self.position = -1
        self.woken = asyncio.Event()
        self.queues: set[_Queue] = set()
        self._start: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def started(self) -> None:
        """Wait until the feed knows where the log ends; it reads on from there."""
        if self._start is None:
            self._start = asyncio.create_task(self._begin())
        await asyncio.shield(self._start)

    async def _begin(self) -> None:
        self.position = await self.hub.read(position, self.log)
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        for task in (self._start, self._task):
            if task is not None:
                task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self.woken.wait(), POLL)
                await asyncio.sleep(COALESCE)
            except TimeoutError:
                pass
            self.woken.clear()
            try:
                for event in await self.hub.read(_read_after, self.log, self.position, None):
                    self._send(event)
            except DatabaseError:
                log.exception("events of %s could not be read; they are read again in %s s", self.log, POLL)

    def _send(self, event: Event) -> None:
        self.position = event.sequence
        for queue in self.queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Resync(self.log, event.sequence))
            else:
                queue.put_nowait(event)


_last_read = 0.0


def _reading(function: Callable[..., T], *arguments: object) -> T:
    global _last_read
    if time.monotonic() - _last_read > IDLE:
        close_old_connections()
    try:
        found = function(*arguments)
    except DatabaseError:
        _last_read = 0.0
        raise
    _last_read = time.monotonic()
    return found


def _disconnect() -> None:
    connection.close()  # looked up here, in the hub's thread, whose connection it is


def position(log_name: str) -> int:
    """The sequence of the log's last entry; -1 when there is none. Read before the data of a page that follows the log."""
    return store.log_size(log_name) - 1


def _read_after(log_name: str, after: int, until: int | None) -> list[Event]:
    """The entries after ``after``, up to and with ``until``; at most ``LONGEST_CATCH_UP`` of them."""
    last = after + LONGEST_CATCH_UP if until is None else min(until, after + LONGEST_CATCH_UP)
    wanted = (
        "SELECT log, sequence, time, actor, action, record, participant FROM ledger_entry"
        " WHERE log = %s AND sequence > %s AND sequence <= %s ORDER BY sequence"
    )
    [found] = sql.run([sql.Statement(wanted, [log_name, after, last])])
    return [Event(*row) for row in found]


_hub: Hub | None = None


def hub() -> Hub:
    """The hub of this process, made on the event loop that first asks."""
    global _hub
    if _hub is None or _hub.loop.is_closed():
        _hub = Hub()
    return _hub


@after_commit
def _wake(outcomes: Sequence[Outcome]) -> None:
    if _hub is not None:
        _hub.wake(outcomes)
