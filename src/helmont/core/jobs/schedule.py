"""Work that is due every so many seconds, done once however many processes there are.

    @scheduled("checkpoints", every=60)
    def sign_the_logs() -> None: ...

Claiming is one UPDATE that only succeeds from the values that were read (compare and set), which both databases carry
out as a whole. A claim that its process did not live to release runs out by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

log = logging.getLogger(__name__)
CLAIM = 600.0

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A function and how often it is due, in seconds."""

    name: str
    every: int
    work: Work


_SCHEDULE: dict[str, Scheduled] = {}


def scheduled(name: str, *, every: int) -> Callable[[Work], Work]:
    """Function decorator: do this every ``every`` seconds. Raises ``ValueError`` for a name in use."""

    def register(work: Work) -> Work:
        if name in _SCHEDULE:
            raise ValueError(f"two pieces of scheduled work are named {name}")
        _SCHEDULE[name] = Scheduled(name, every, work)
        return work

    return register


def run_due(now: float | None = None) -> list[str]:
    """Do whatever is due and nobody else is doing; returns the names. Work that fails is logged and due again later."""
    moment = time.time() if now is None else now
    done = []
    for item in list(_SCHEDULE.values()):
        if _claim(item, moment):
            try:
                item.work()
            except Exception:
                log.exception("scheduled work %s failed; it is due again in %d s", item.name, item.every)
            finally:
                _release(item, moment)
            done.append(item.name)
    return done


def _claim(item: Scheduled, now: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT next_run, claimed_until FROM schedule WHERE name = %s", [item.name])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO schedule (name, every, next_run, claimed_until) VALUES (%s, %s, 0, 0)"
                " ON CONFLICT (name) DO NOTHING",
                [item.name, item.every],
            )
            row = (0.0, 0.0)
        next_run, claimed_until = row
        if next_run > now or claimed_until > now:
            return False
        cursor.execute(
            "UPDATE schedule SET claimed_until = %s, every = %s"
            " WHERE name = %s AND next_run = %s AND claimed_until = %s",
            [now + CLAIM, item.every, item.name, next_run, claimed_until],
        )
        return bool(cursor.rowcount == 1)


def _release(item: Scheduled, now: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE schedule SET next_run = %s, claimed_until = 0 WHERE name = %s", [now + item.every, item.name]
        )
