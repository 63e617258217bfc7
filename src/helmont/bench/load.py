"""A load generator: HTTP/1.1 over kept-alive connections, light enough to leave the machine to the server.

    with generator() as run:
        saves = run(closed_loop, plan, 50, 10.0)       # 50 connections, each asking again as soon as it is answered
        saves = run(open_loop, plan, 50, 200.0, 10.0)  # 200 a second, whatever the server does

It runs in a process of its own. In the open loop a request's time counts from the moment it was due, not from when a
connection was free for it: a server that stalls is charged for everyone who had to wait (Gil Tene's "coordinated
omission").
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context

import uvloop

from helmont.bench.connections import Connection, Follower, Page


@dataclass(frozen=True)
class Plan:
    """What to ask of whom. Connection n sends the requests of ``lanes[n]``, over and over; bytes as they go out.

    ``follow``, where given, is a request that is answered by server-sent events and is listened to meanwhile; ``page`` one
    for a page that stays current by them: it is asked for as a browser with the page open does.
    """

    host: str
    port: int
    lanes: Sequence[Sequence[bytes]]
    follow: bytes = b""
    page: bytes = b""


@dataclass
class Answers:
    """What came back. Times are seconds on this machine's monotonic clock.

    ``latencies`` are seconds per answered request in the order of the answers; ``failures`` the beginnings of answers
    other than 200, and of saves that changed nothing; ``delays`` the seconds between sending a save and its event's
    arrival at the follower, for each save whose event came; ``shown`` those until the page that stays current holds it, and
    ``pages`` how long each fetch of that page took.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: list[bytes] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    expected_events: int = 0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` (0 to 1) of them do not exceed (nearest rank)."""
    if not values:
        raise ValueError("percentile of nothing")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


class Load:
    """The connections of one run, and what they measured."""

    def __init__(self, plan: Plan, connections: int) -> None:
        self.plan = plan
        self.lanes: list[Iterator[bytes]] = [cycle(lane) for lane in plan.lanes[:connections]]
        if len(self.lanes) < connections:
            raise ValueError(f"{connections} connections, but requests for {len(self.lanes)} only")
        self.answers = Answers()
        self._sent: dict[int, float] = {}
        self._follower: Follower | None = None
        self._page: Page | None = None
        self.connections: list[Connection] = []
        self.ended = False

    async def connect(self, answered: Callable[[Connection], None]) -> None:
        """Open every connection; ``answered`` is called with each one that is free again."""
        loop = asyncio.get_running_loop()
        stopped = loop.create_future()
        self.stopped: asyncio.Future[None] = stopped

        def lost() -> None:
            if not self.ended and not stopped.done():
                stopped.set_exception(ConnectionResetError("the server closed a connection"))

        def note(connection: Connection, head: bytes, body: bytes) -> None:
            if self.ended:
                return
            self.answers.latencies.append(time.perf_counter() - connection.due)
            if head[9:12] != b"200" or body.endswith(b'"sequence":null}'):
                self.answers.failures.append(head[:12] + b" " + body[:300])
            elif self._follower is not None:
                self._sent[_sequence(body)] = connection.due
            answered(connection)

        host, port = self.plan.host, self.plan.port
        if self.plan.page:
            self._page = page = Page(self.plan.page)
            _, asking = await loop.create_connection(lambda: Connection(page.answered, lost), host, port)
            self._following = asyncio.create_task(page.follow(asking))
        if self.plan.follow:
            heard = self._page.hear if self._page else lambda: None
            _, self._follower = await loop.create_connection(lambda: Follower(self.plan.follow, heard), host, port)
            await asyncio.wait_for(self._follower.began.wait(), 10)
        for _ in self.lanes:
            _, connection = await loop.create_connection(lambda: Connection(note, lost), host, port)
            self.connections.append(connection)

    async def finish(self, started: float) -> Answers:
        """Stop counting, wait for the last events (at most ten seconds; none comes later than that, or it is lost), close."""
        self.answers.seconds = time.perf_counter() - started
        self.ended = True
        if self._follower is not None:
            arrived = self._follower.arrived
            patience = time.perf_counter() + 10
            while self._sent.keys() - arrived.keys() and time.perf_counter() < patience:
                await asyncio.sleep(0.05)
            self.answers.expected_events = len(self._sent)
            self.answers.delays = [arrived[n] - due for n, due in self._sent.items() if n in arrived]
        if self._page is not None and self._sent:
            patience, last = time.perf_counter() + 10, max(self._sent)
            while not self._page.holds(last) and not self._following.done() and time.perf_counter() < patience:
                await asyncio.sleep(0.05)
            if self._following.done():
                await self._following
            if not self._page.holds(last):
                raise RuntimeError(f"the page does not come to hold entry {last}")
            self._following.cancel()
            self.answers.shown, self.answers.pages = self._page.since(self._sent), self._page.took
        for connection in self.connections:
            connection.close()
        return self.answers


def closed_loop(plan: Plan, connections: int, seconds: float) -> Answers:
    """Every connection asks again as soon as it is answered: what the server can do at most."""

    async def run() -> Answers:
        load = Load(plan, connections)
        lanes: dict[Connection, Iterator[bytes]] = {}
        await load.connect(lambda connection: connection.ask(next(lanes[connection]), time.perf_counter()))
        lanes.update(zip(load.connections, load.lanes, strict=True))
        started = time.perf_counter()
        for connection, lane in lanes.items():
            connection.ask(next(lane), time.perf_counter())
        await asyncio.wait([load.stopped], timeout=seconds)
        while not load.answers.latencies and not load.stopped.done() and time.perf_counter() < started + seconds + 30:
            await asyncio.sleep(0.01)  # a busy machine may not answer at all in a short time: something is measured
        return await load.finish(started)

    return uvloop.run(run())


def open_loop(plan: Plan, connections: int, rate: float, seconds: float) -> Answers:
    """``rate`` requests a second fall due, answered or not; one that finds no connection free waits, and it counts."""

    async def run() -> Answers:
        load = Load(plan, connections)
        free: deque[Connection] = deque()
        waiting: deque[float] = deque()

        def answered(connection: Connection) -> None:
            if waiting:
                connection.ask(next(lanes[connection]), waiting.popleft())
            else:
                free.append(connection)

        await load.connect(answered)
        lanes = dict(zip(load.connections, load.lanes, strict=True))
        free.extend(load.connections)
        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = started + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            waiting.append(due)
            if free:
                answered(free.popleft())
        while len(free) < len(load.connections) and time.perf_counter() < started + seconds + 10:
            await asyncio.sleep(0.01)
        return await load.finish(started)

    return uvloop.run(run())


def _sequence(body: bytes) -> int:
    """The ledger sequence that the answer to a save names; it is the last member."""
    return int(body.rpartition(b'"sequence":')[2].rstrip(b"}"))


@contextmanager
def generator() -> Iterator[Callable[..., Answers]]:
    """A process that runs loads: call what is yielded with one of the loops and its arguments."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda loop, *arguments: pool.submit(loop, *arguments).result()
