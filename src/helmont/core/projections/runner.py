"""Keeping projections up to date: a thread of the server, or ``catch_up`` on the command line and in tests."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import nullcontext

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper

from helmont.core import sql
from helmont.core.jobs.processes import Beside
from helmont.core.ledger import store
from helmont.core.ledger.residues import REDACT, readable
from helmont.core.projections.base import Projection, projections
from helmont.sharing import shared_with

log = logging.getLogger(__name__)
BATCH = 500
GATHERING = 0.25  # seconds from one reading to the next
HEAVY = 0.1  # of what takes so long that much is gathered meanwhile
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
    """The threads of a server that follow the writer: one for projections that are quick, one for those that are ``heavy``.

    ``wake`` is for ``writer.after_commit``. What heavy ones ask of others (``helmont.sharing``) is done ``beside`` the server,
    where it holds up no save.
    """

    def __init__(self, beside: Beside | None = None) -> None:
        self._threads = (
            _Following("helmont-projections", heavy=False),
            _Following("helmont-heavy", heavy=True, beside=beside),
        )

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def wake(self, *_outcomes: object) -> None:
        for each in self._threads:
            each.woken.set()

    def stop(self) -> None:
        """Finish the batches at hand, or give them up where they would take long, then end."""
        for each in self._threads:
            each.stop()
        for each in self._threads:
            each.join()


class _Following(threading.Thread):
    """Brings some of the projections up to date whenever it is woken."""

    def __init__(self, name: str, *, heavy: bool, beside: Beside | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self.woken = threading.Event()
        self.woken.set()
        self._heavy, self._beside, self._stopped = heavy, beside, False

    def stop(self) -> None:
        self._stopped = True
        self.woken.set()
        if self._beside:
            self._beside.cancel()

    def run(self) -> None:
        with shared_with(self._beside) if self._beside else nullcontext():
            self._follow()
        if self._beside:
            self._beside.shutdown()

    def _follow(self) -> None:
        rested = 0.0
        while not self._stopped:
            self.woken.wait(RETRY)
            # After a rest a change is followed at once. While changes come without end, those of a moment are read together,
            # so that the writer is not held up each time.
            time.sleep(0 if self._stopped else max(0.0, rested - time.monotonic()))
            self.woken.clear()
            try:
                close_old_connections()
                for name, each in projections().items():
                    if each.heavy == self._heavy and not self._stopped:
                        self._catch_up(name)
                rested = time.monotonic() + (HEAVY if self._heavy else GATHERING)
                if self._beside:
                    self._beside.rest()
            except DatabaseError:
                log.exception("projections could not reach the database; they go on in %s s", RETRY)
        connection.close()

    def _catch_up(self, name: str) -> None:
        try:
            catch_up(name)
        except DatabaseError:
            raise
        except Exception:
            if self._stopped:  # what was asked of another process was given up; the next server makes it
                return
            # One projection that fails must not hold up the others; it is tried again from where it was.
            log.exception("projection %s stopped; it is tried again at the next change", name)
