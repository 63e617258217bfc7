"""Open pages hear of each entry, in order, once, and are told when they missed too much."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from django.db import connection

from helmont.core import events
from helmont.core.events import Event, Hub, Resync
from tests.ledger.kit import LOG, put, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing")]


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Run a scenario against this process's hub, which is made and closed on its loop."""

    async def with_hub() -> None:
        hub = events.hub()
        try:
            await asyncio.wait_for(scenario, 20)
        finally:
            await hub.close()

    asyncio.run(with_hub())


async def write(count: int) -> None:
    await asyncio.get_running_loop().run_in_executor(None, _write, count)


def _write(count: int) -> None:
    try:
        put_more(count)
    finally:
        connection.close()


def put_more(count: int) -> None:
    [(before,)] = sql("SELECT count(*) FROM core_assignment")
    for number in range(before, before + count):
        put(f"{LOG}/assignments/{number}", person=f"person.{number}", role="monitor")


async def take(stream: AsyncIterator[Event | Resync], count: int) -> list[int]:
    return [(await anext(stream)).sequence for _ in range(count)]


def test_events_arrive_in_order_and_say_what_changed_without_values() -> None:
    async def scenario() -> None:
        await write(2)
        stream = events.hub().subscribe(LOG, after=-1)
        assert await take(stream, 2) == [0, 1]
        waiting = asyncio.create_task(anext(stream))
        await write(1)
        event = await waiting
        assert isinstance(event, Event)
        assert (event.sequence, event.action, event.record) == (2, "test.put", f"assignment:{LOG}/assignments/2")
        assert not hasattr(event, "body")

    run(scenario())


def test_a_page_that_comes_back_gets_what_it_missed_and_then_what_is_new() -> None:
    async def scenario() -> None:
        await write(5)
        stream = events.hub().subscribe(LOG, after=2)
        assert await take(stream, 2) == [3, 4]
        await write(2)
        assert await take(stream, 2) == [5, 6]

    run(scenario())


def test_many_subscribers_share_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[tuple[int, int | None]] = []
    read_after = events._read_after

    def counted(log: str, after: int, until: int | None) -> list[Event]:
        found = read_after(log, after, until)
        if found:
            reads.append((after, until))
        return found

    monkeypatch.setattr(events, "_read_after", counted)

    async def scenario() -> None:
        streams = [events.hub().subscribe(LOG) for _ in range(20)]
        waiting = [asyncio.create_task(anext(stream)) for stream in streams]
        await asyncio.sleep(0.1)
        await write(1)
        assert [event.sequence for event in await asyncio.gather(*waiting)] == [0] * 20
        assert reads == [(-1, None)]

    run(scenario())


def test_a_subscriber_that_falls_behind_is_told_to_load_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "QUEUE", 4)

    async def scenario() -> None:
        await write(1)
        slow = events.hub().subscribe(LOG, after=-1)
        assert await take(slow, 1) == [0]
        await write(10)
        feed = events.hub()._feeds[LOG]
        while feed.position < 10:
            await asyncio.sleep(0.01)
        # Four waited, the fifth threw them out, and five more came after that: the fourth of those did the same.
        first = await anext(slow)
        assert first == Resync(LOG, 9)
        assert await take(slow, 1) == [10]

    run(scenario())


def test_somebody_away_for_long_is_told_to_load_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_CATCH_UP", 3)

    async def scenario() -> None:
        await write(6)
        assert await anext(events.hub().subscribe(LOG, after=1)) == Resync(LOG, 5)

    run(scenario())


def test_what_another_process_commits_arrives_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "wake", lambda *_: None)

    async def scenario() -> None:
        stream = events.hub().subscribe(LOG)
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.1)
        await write(1)
        assert (await waiting).sequence == 0

    run(scenario())


def test_when_the_last_subscriber_leaves_nothing_is_read_any_more() -> None:
    async def scenario() -> None:
        await write(1)
        stream = events.hub().subscribe(LOG, after=-1)
        await anext(stream)
        feed = events.hub()._feeds[LOG]
        await stream.aclose()  # type: ignore[attr-defined]  # it is an async generator
        assert events.hub()._feeds == {}
        await asyncio.sleep(0)
        assert feed._task is not None
        assert feed._task.cancelled() or feed._task.cancelling()

    run(scenario())
