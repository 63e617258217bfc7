"""The stream of events: to whom each event goes, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from helmont.core.events import Event, Resync
from helmont.participants.models import Participant
from helmont.web.studies import stream as module
from helmont.web.studies.stream import Entitlement, stream
from tests import cast

ABOUT = {"mine": f"{cast.STUDY}/{cast.PARTICIPANT}", "theirs": f"{cast.STUDY}/{cast.OTHER_PARTICIPANT}", "study": ""}


def event(sequence: int, participant: str) -> Event:
    return Event(cast.STUDY, sequence, "2026-01-05T10:00:00.000000Z", "nurse", "edc.save_form", "form:x", participant)


class Reads:
    """A hub whose reads were done beforehand: the database belongs to the test's thread."""

    def __init__(self, handle: str) -> None:
        self.known: dict[Any, Any] = {handle: cast.actor(handle)}
        for row in Participant.objects.all():
            self.known[row.key] = module._scope(row.key)

    async def read(self, _function: Any, argument: str) -> Any:
        return self.known[argument]


def received(
    handle: str, events: list[Event | Resync], monkeypatch: pytest.MonkeyPatch, beat: float = 5, reached: int = -1
) -> list[bytes]:
    """What the person is sent of these events, on a line that begins when the log has ``reached`` that sequence."""
    source = Reads(handle)

    class Hub:
        async def read(self, _position: Any, _log: str) -> int:
            return reached

        async def subscribe(self, _log: str, after: int) -> AsyncIterator[Event | Resync]:
            for each in events:
                if each.sequence > after:
                    yield each
            await asyncio.sleep(60)

    async def collect() -> list[bytes]:
        chunks = []
        line = stream(Entitlement(handle, cast.STUDY, source), cast.STUDY, None, beat)  # type: ignore[arg-type]  # a hub for tests
        async for chunk in line:
            chunks.append(chunk)
            if b"still here" in chunk:
                break
        await line.aclose()  # type: ignore[attr-defined]  # an async generator
        return chunks

    monkeypatch.setattr(module, "peek_actor", lambda _handle: None)
    monkeypatch.setattr(module, "hub", Hub)
    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("handle", "sees"),
    [
        ("coordinator", ["mine"]),
        ("elsewhere", ["theirs"]),
        ("monitor", ["mine", "theirs", "study"]),
        (cast.OUTSIDER, []),
    ],
)
def test_an_event_reaches_those_who_may_see_what_it_is_about(
    handle: str, sees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event | Resync] = [event(place, key) for place, key in enumerate(ABOUT.values())]
    sent = b"".join(received(handle, events, monkeypatch, beat=0.05))
    found = [name for place, name in enumerate(ABOUT) if b"event: entry\nid: %d\n" % place in sent]
    assert found == sees


def test_an_event_names_what_happened_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    [_retry, sent, _beat] = received("monitor", [event(7, ABOUT["mine"])], monkeypatch, beat=0.05)
    assert sent.startswith(b"event: entry\nid: 7\ndata: {")
    assert set(orjson.loads(sent.split(b"data: ")[1])) == {"participant", "action", "time"}


def test_a_page_that_missed_too_much_is_told_to_load_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = received("coordinator", [Resync(cast.STUDY, 900)], monkeypatch, beat=0.05)
    assert b"event: resync\nid: 900\n" in sent[1]


def test_a_line_says_from_where_it_goes_on_before_anything_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Event | Resync] = [event(41, ABOUT["mine"]), event(42, ABOUT["mine"])]
    first, *sent = received("monitor", events, monkeypatch, beat=0.05, reached=41)
    assert first == b"retry: 2000\nid: 41\n\n"
    assert [chunk.splitlines()[1] for chunk in sent[:-1]] == [b"id: 42"]


def test_a_silent_line_is_kept_open_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    assert received("coordinator", [], monkeypatch, beat=0.05)[-1] == b": still here\n\n"
