"""The load generator counts what it should: every answer, and the waiting of those who could not even ask."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from helmont.bench import load
from helmont.bench.connections import Page


class Stub(threading.Thread):
    """An HTTP server that always answers the same; it stalls once, for ``STALL`` seconds, at answer ``at``."""

    STALL = 0.3

    def __init__(self, at: int = -1, body: bytes = b'{"sequence":1}') -> None:
        super().__init__(daemon=True)
        self.body, self.at, self.answered, self.port = body, at, 0, 0
        self._ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, family=socket.AF_INET)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._end.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                if self.answered == self.at:
                    time.sleep(self.STALL)  # nobody else is answered either
                self.answered += 1
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(self.body), self.body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def __enter__(self) -> Stub:
        self.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(5)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as server:
        yield server


def plan(server: Stub, lanes: int) -> load.Plan:
    return load.Plan("127.0.0.1", server.port, [[b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]] * lanes)


def test_percentiles_are_nearest_ranks() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]  # the worked example of the nearest-rank method
    assert [load.percentile(values, share) for share in (0.05, 0.3, 0.4, 0.5, 1.0)] == [15, 20, 20, 35, 50]
    with pytest.raises(ValueError, match="nothing"):
        load.percentile([], 0.5)


def test_a_closed_loop_keeps_every_connection_busy(stub: Stub) -> None:
    answers = load.closed_loop(plan(stub, 3), 3, 0.3)
    assert not answers.failures
    assert 0 <= stub.answered - len(answers.latencies) <= 3
    assert answers.rate == pytest.approx(len(answers.latencies) / answers.seconds)


def test_an_open_loop_asks_at_its_rate(stub: Stub) -> None:
    answers = load.open_loop(plan(stub, 2), 2, 100.0, 0.5)
    assert len(answers.latencies) == stub.answered == 50


def test_a_stall_is_charged_to_everyone_who_was_due_meanwhile() -> None:
    with Stub(at=20) as stub:
        answers = load.open_loop(plan(stub, 2), 2, 100.0, 1.0)
    # 0.3 s at 100 a second: about thirty fell due, half of them waited longer than 0.15 s, though two asked only.
    assert sum(seconds > Stub.STALL / 2 for seconds in answers.latencies) >= 12


def test_a_save_that_changed_nothing_is_a_failure() -> None:
    with Stub(body=b'{"sequence":null}') as stub:
        answers = load.open_loop(plan(stub, 1), 1, 50.0, 0.1)
    assert len(answers.failures) == len(answers.latencies) == 5


def test_a_page_shows_a_save_when_it_holds_its_entry() -> None:
    async def follow() -> None:
        page = Page(b"")
        page.shown = [(10.0, 4), (11.0, 7)]
        assert page.since({4: 9.5, 5: 9.75, 7: 9.5}) == [0.5, 1.25, 1.5]
        assert page.holds(7)
        assert not page.holds(8)

    asyncio.run(follow())


def test_there_are_not_more_connections_than_requests_for_them() -> None:
    with pytest.raises(ValueError, match="2 connections"):
        load.Load(load.Plan("127.0.0.1", 1, [[b""]]), 2)
