"""What the bench asks of a server: saves of the twenty-item form by signed-in site staff."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from helmont.bench.inside import STUDY, VISITS, form_key, values
from helmont.bench.load import Plan

CSRF = "BenchBenchBenchBenchBenchBench12"  # the page's own secret; any 32 letters and digits will do
TURNS = 5  # how often a connection visits each of its forms before the same values come again


def save_plan(port: int, sessions: Sequence[str], run: int, *, follow: bool = False) -> Plan:
    """One connection per session, each with a participant of its own: all visits in turn, other values each time.

    The connections begin at different visits, as a trial's sites do: a first visit costs more, since others look at it.

    Each ``run`` (a number below 7) has values that no other run has, so that every save changes something.
    """
    lanes = []
    for number, session in enumerate(sessions):
        steps = [((number + step) % VISITS, 1 + run * TURNS + step // VISITS) for step in range(TURNS * VISITS)]
        lanes.append([save_request(port, session, form_key(number, visit), turn) for visit, turn in steps])
    return Plan("127.0.0.1", port, lanes, follow_request(port, sessions[0]) if follow else b"")


def save_request(port: int, session: str, key: str, turn: int) -> bytes:
    """The bytes with which a page saves the form as complete, all its items changed."""
    body = orjson.dumps({"values": values(turn), "complete": True, "reason": "Read the source again"})
    return _request("PUT", f"/api/v1/forms/{key}", port, session, len(body)) + body


def follow_request(port: int, session: str) -> bytes:
    """The bytes with which a page asks for the live events of the study."""
    return _request("GET", f"/studies/{STUDY}/events", port, session, 0)


def page_request(port: int, session: str, path: str) -> bytes:
    """The bytes with which a browser asks for a page."""
    return _request("GET", path, port, session, 0)


def _request(method: str, path: str, port: int, session: str, length: int) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: csrftoken={CSRF}; sessionid={session}\r\nX-CSRFToken: {CSRF}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
