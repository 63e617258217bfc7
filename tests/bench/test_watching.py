"""The time from a batch to the open page counts from its acknowledgement to the first fetch that shows its last sample."""

from __future__ import annotations

import asyncio

import pytest

from helmont.bench import watching


def page(*shown: tuple[float, int]) -> watching._Page:
    found = watching._Page(1, "session", "BENCH/01-0001")
    found.shown = list(shown)
    return found


def since(acknowledged: dict[int, float], *shown: tuple[float, int]) -> list[float]:
    async def go() -> list[float]:
        one = page(*shown)
        one._task = asyncio.create_task(asyncio.sleep(60))  # type: ignore[arg-type]  # nothing more is fetched
        return await one.since(acknowledged)

    return asyncio.run(go())


def test_each_batch_counts_until_the_first_fetch_that_shows_it() -> None:
    fetches = ((10.5, 1000), (11.0, 2000), (12.0, 4000))
    assert since({1000: 10.25, 2000: 10.25, 3000: 11.5, 4000: 11.75}, *fetches) == [0.25, 0.75, 0.5, 0.25]


def test_a_batch_that_the_page_never_shows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.0)
    with pytest.raises(RuntimeError, match="does not come to show"):
        since({1000: 10.0, 2000: 10.0}, (10.5, 1000))


def test_only_events_about_the_participant_are_heard() -> None:
    heard: list[bool] = []
    listener = watching._Listener(b"", "BENCH/01-0001", lambda: heard.append(True))
    listener.data_received(
        b'retry: 1000\n\nevent: entry\nid: 7\ndata: {"participant": "BENCH/01-0002"}\n\nevent: entry\nid:'
    )
    assert not heard
    listener.data_received(b' 8\ndata: {"participant": "BENCH/01-')
    assert not heard
    listener.data_received(b'0001"}\n\nevent: resync\nid: 9\ndata: {}\n\n')
    assert heard == [True]
