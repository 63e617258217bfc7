"""A study's ledger as server-sent events, for the pages that stay current. An event names what happened; no values.

Each event is sent only to those entitled to it: entries about a participant at a place that is theirs, and entries
about the study as a whole for whoever sees all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.core.events import Event, Hub, Resync, hub, position
from helmont.core.people.models import Person
from helmont.core.people.queries import load_actor, peek_actor
from helmont.core.permissions import Actor, Scope
from helmont.participants.models import Participant

HEARTBEAT = 15.0  # seconds; proxies close lines that stay silent for a minute


def address(study: str) -> str:
    """Where a page follows the study from this moment on; asked before the page reads what it shows."""
    return f"{reverse('studies:events', args=[study])}?last_event_id={position(study)}"


class Entitlement:
    """Whether one person is entitled to an event. Rights are as new as ``peek_actor`` has them; places are kept."""

    def __init__(self, handle: str, study: str, source: Hub) -> None:
        self._handle, self._study, self._hub = handle, study, source
        self._scopes: dict[str, Scope] = {}

    async def actor(self) -> Actor | None:
        """The person as they are now; None once the account is closed."""
        known = peek_actor(self._handle)
        if known is None:
            try:
                known = await self._hub.read(load_actor, self._handle)
            except NotFound:
                return None
        return known

    async def covers(self, event: Event) -> bool:
        actor = await self.actor()
        if actor is None:
            return False
        scope = Scope(self._study)
        if event.participant:
            if event.participant not in self._scopes:
                self._scopes[event.participant] = await self._hub.read(_scope, event.participant)
            scope = self._scopes[event.participant]
        return actor.may("participant.view", scope, datetime.now(ZoneInfo(actor.timezone)).date())


def _scope(participant: str) -> Scope:
    row = Participant.objects.filter(key=participant).values_list("study", "country", "site").first()
    return Scope(*row) if row else Scope("")


@require_safe
async def events(request: HttpRequest, study: str) -> StreamingHttpResponse:
    """The stream. ``Last-Event-ID`` (or ``last_event_id``) is the sequence to go on from; 404 as for any page."""
    user = await request.auser()
    if not isinstance(user, Person):
        raise NotFound(study)
    entitled = Entitlement(user.handle, study, hub())
    actor = await entitled.actor()
    if actor is None or not actor.places("study.view", study, datetime.now(ZoneInfo(actor.timezone)).date()):
        raise NotFound(study)
    last = request.headers.get("Last-Event-ID") or request.GET.get("last_event_id", "")
    after = int(last) if last.isdecimal() and len(last) < 19 else None
    response = StreamingHttpResponse(stream(entitled, study, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def stream(entitled: Entitlement, study: str, after: int | None, beat: float = HEARTBEAT) -> AsyncIterator[bytes]:
    """Events as they come, a comment where there were none for ``beat`` seconds; ends when the right to them ends.

    The first bytes name the sequence that the line goes on from: nothing later is missed, not even by a browser whose line
    breaks before the first event.
    """
    if after is None:
        after = await hub().read(position, study)
    yield b"retry: 2000\n" + (b"id: %d\n\n" % after if after >= 0 else b"\n")
    source = hub().subscribe(study, after)
    waiting: asyncio.Task[Event | Resync] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(source))
            done, _ = await asyncio.wait({waiting}, timeout=beat)
            if not done:
                if await entitled.actor() is None:
                    return
                yield b": still here\n\n"
                continue
            event, waiting = waiting.result(), None
            if isinstance(event, Resync):
                yield f"event: resync\nid: {event.sequence}\ndata: {{}}\n\n".encode()
            elif await entitled.covers(event):
                data = orjson.dumps({"participant": event.participant, "action": event.action, "time": event.time})
                yield b"event: entry\nid: %d\ndata: %s\n\n" % (event.sequence, data)
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await source.aclose()  # type: ignore[attr-defined]  # an async generator
