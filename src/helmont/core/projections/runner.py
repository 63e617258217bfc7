"""Keeping projections up to date: a thread of the server, or ``catch_up`` on the command line and in tests."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper

from helmont.core import sql
from helmont.core.ledger import store
from helmont.core.ledger.residues import REDACT, readable
from helmont.core.projections.base import Projection, projections

log = logging.getLogger(__name__)
BATCH = 500
GATHERING = 0.25  # seconds from one reading to the next
RETRY = 5.0


def catch_up(name: str | None = None) -> int:
    """Bring one projection, or all, up to the end of every log they follow; returns how many entries were read.

    Raises ``ValueError`` for an unknown name, and whatever the projection raises; what was committed before stays.
    """
    count = 0
    for each in _chosen(name):
        for log_name in filter(each.follows, store.log_names()):
            more = True
            while more:  # what comes in the meantime is for the next time
                read, again = _advance(each, log_name)
                count += read
                more = again or read == BATCH
    return count


def rebuild(name: str) -> int:
    """Drop a projection and build it again from the first entry; returns how many entries were read."""
    for each in _chosen(name):
        for log_name in filter(each.follows, store.log_names()):
            with transaction.atomic(), connection.cursor() as cursor:
                _claim(cursor, each.name, log_name)
                _restart(cursor, each, log_name)
    return catch_up(name)


def position(name: str, log_name: str) -> int:
    """The sequence of the next entry that the projection will read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence FROM projection_cursor WHERE name = %s AND log = %s", [name, log_name])
        row = cursor.fetchone()
    return row[0] if row else 0


def _chosen(name: str | None) -> list[Projection]:
    known = projections()
    if name is not None and name not in known:
        raise ValueError(f"there is no projection {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
    return list(known.values()) if name is None else [known[name]]


def _advance(each: Projection, log_name: str) -> tuple[int, bool]:
    """One batch in one transaction; returns how many entries were read, and whether some of them are to be read again."""
    start, size = position(each.name, log_name), store.log_size(log_name)
    entries = list(store.read_entries(log_name, start, min(start + BATCH, size)))
    if not entries:
        return 0, False
    prepared = each.prepare(log_name, list(readable(log_name, entries)))
    with sql.turn(), transaction.atomic(), connection.cursor() as cursor:
        claimed, built = _claim(cursor, each.name, log_name)
        if claimed != start:
            return 0, True  # another process was quicker; go on from where it is
        if any(entry.action == REDACT and entry.sequence >= built for entry in entries):
            # What was redacted has to go from the derived rows too, wherever it went.
            _restart(cursor, each, log_name)
            return len(entries), True
        each.handle(log_name, prepared, cursor)
        _move(cursor, each.name, log_name, entries[-1].sequence + 1)
    return len(entries), False


def _claim(cursor: CursorWrapper, name: str, log_name: str) -> tuple[int, int]:
    """The cursor's ``sequence`` and ``built``, held against other processes until the transaction ends."""
    cursor.execute(
        "INSERT INTO projection_cursor (name, log, sequence, built) VALUES (%s, %s, 0, %s)"
        " ON CONFLICT (name, log) DO NOTHING",
        [name, log_name, store.log_size(log_name)],
    )
    lock = "FOR UPDATE" if connection.vendor == "postgresql" else ""
    cursor.execute(
        f"SELECT sequence, built FROM projection_cursor WHERE name = %s AND log = %s {lock}", [name, log_name]
    )
    sequence, built = cursor.fetchone()
    return sequence, built


def _move(cursor: CursorWrapper, name: str, log_name: str, sequence: int) -> None:
    cursor.execute(
        "UPDATE projection_cursor SET sequence = %s WHERE name = %s AND log = %s", [sequence, name, log_name]
    )


def _restart(cursor: CursorWrapper, each: Projection, log_name: str) -> None:
    each.reset(log_name, cursor)
    cursor.execute(
        "UPDATE projection_cursor SET sequence = 0, built = %s WHERE name = %s AND log = %s",
        [store.log_size(log_name), each.name, log_name],
    )


class Runner:
    """The thread that follows the writer. ``wake`` is for ``writer.after_commit``."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="helmont-projections", daemon=True)

    def start(self) -> None:
        self._woken.set()
        self._thread.start()

    def wake(self, *_outcomes: object) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Finish the batch at hand, then end."""
        self._stopped = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        rested = 0.0
        while not self._stopped:
            self._woken.wait(RETRY)
            # After a rest a change is followed at once. While changes come without end, those of a moment are read together,
            # so that the writer is not held up each time.
            time.sleep(0 if self._stopped else max(0.0, rested - time.monotonic()))
            self._woken.clear()
            try:
                close_old_connections()
                for name in projections():
                    if not self._stopped:
                        self._catch_up(name)
                rested = time.monotonic() + GATHERING
            except DatabaseError:
                log.exception("projections could not reach the database; they go on in %s s", RETRY)
        connection.close()

    @staticmethod
    def _catch_up(name: str) -> None:
        try:
            catch_up(name)
        except DatabaseError:
            raise
        except Exception:
            # One projection that fails must not hold up the others; it is tried again from where it was.
            log.exception("projection %s stopped; it is tried again at the next change", name)
