"""Carrying out actions: one transaction of the database for everything that is waiting (group commit).

``perform`` is what callers use. In a server a single thread takes whatever is queued and commits it together, so the cost
of making a commit durable is shared by everyone who is saving at that moment; on the command line and in tests the
caller's own thread does the same (``HELMONT_WRITER``).

Within a batch each action works on its own ``Transaction``; one that is refused leaves nothing behind. Should the
batch fail as a whole (the database refuses it), its actions are carried out again one by one, so only the culprit fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import islice
from secrets import token_hex
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import translation

from helmont.core import sql
from helmont.core.actions import Action, Job, Outcome, authorise
from helmont.core.errors import Refused
from helmont.core.ledger import store
from helmont.core.ledger.tlog.canonical import dumps
from helmont.core.ledger.tlog.tiles import Tree
from helmont.core.permissions import Actor
from helmont.core.records import record_type
from helmont.core.rows import Read, Rows
from helmont.core.transactions import Transaction, format_time, local_offset, refuse_nul

log = logging.getLogger(__name__)
BATCH = 256
IDLE = 5.0  # seconds after which the connection may have been lost
# Those whom a batch has answered come again together. When several are saving, waiting for them makes the next batch
# larger, and what a batch costs by itself is shared by more.
BUSY, PAUSE = 8, 0.001  # jobs in a batch, seconds
SWITCH_INTERVAL = 0.0005  # seconds

Listener = Callable[[Sequence[Outcome]], None]
_LISTENERS: list[Listener] = []


def after_commit(listener: Listener) -> Listener:
    """Call ``listener`` with the outcomes of each committed batch, in the writing thread; it must be quick."""
    _LISTENERS.append(listener)
    return listener


class Committer:
    """Carries out batches on the current thread's connection.

    Between batches it keeps the right edge of each log's tree and the rows it has seen. They hold as long as the log has
    the size that the last batch left.
    """

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._forget()

    def _forget(self) -> None:
        self._trees: dict[str, tuple[int, Tree, store.DatabaseTiles]] = {}
        self._rows = Rows()
        self._sizes: dict[str, int] = {}

    def commit(self, jobs: Sequence[Job]) -> list[Outcome | Exception]:
        """The outcome of each job, in order; a refused job's place holds its exception."""
        try:
            # Each job speaks its actor's language; the caller's own is put back.
            with translation.override(translation.get_language()), sql.turn(), transaction.atomic():
                outcomes = self._carry_out(jobs)
        except Exception as error:
            self._forget()
            if len(jobs) > 1:
                return [outcome for job in jobs for outcome in self.commit([job])]
            if not isinstance(error, Refused | DatabaseError):
                log.exception("%s failed", jobs[0].action.name)
            return [error]
        except BaseException:
            self._forget()
            raise
        written = [o for o in outcomes if isinstance(o, Outcome) and o.sequence is not None]
        if written:
            for listener in _LISTENERS:
                listener(written)
        return outcomes

    def _carry_out(self, jobs: Sequence[Job]) -> list[Outcome | Exception]:
        plans = [_plan(job.action) for job in jobs]
        logs = {job.action.log for job, plan in zip(jobs, plans, strict=True) if isinstance(plan, list)}
        sizes, others = store.lock_logs(logs, self._rows.logs - logs)
        rows = self._current_rows(sizes | others)
        rows.prefetch(read for plan in plans if isinstance(plan, list) for read in plan)
        rounds = [
            job.action.further_reads(rows) for job, plan in zip(jobs, plans, strict=True) if isinstance(plan, list)
        ]
        while asked := [reads for each in rounds for reads in islice(each, 1)]:
            rows.prefetch(read for reads in asked for read in reads)
        self._follow(sizes)
        entries: dict[str, list[store.NewEntry]] = {name: [] for name in sizes}
        outcomes: list[Outcome | Exception] = []
        deferred: list[Callable[[], None]] = []
        for job, plan in zip(jobs, plans, strict=True):
            try:
                if isinstance(plan, Refused):
                    raise plan
                sequence = sizes[job.action.log] + len(entries[job.action.log])
                outcomes.append(self._one(job, rows, self._tick(), sequence, entries[job.action.log], deferred))
            except Refused as refusal:
                outcomes.append(refusal)
            except DatabaseError:
                raise
            except Exception as error:
                log.exception("%s failed", job.action.name)
                outcomes.append(error)
        writes = rows.writes()
        for name, new in entries.items():
            if new:
                size, tree, tiles = self._trees.get(name) or (-1, None, None)
                if tree is None or tiles is None or size != sizes[name]:
                    tree, tiles = store.open_tree(name, sizes[name])
                writes += store.append(name, tree, tiles, new)
                self._trees[name] = (sizes[name] + len(new), tree, tiles)
            self._sizes[name] = sizes[name] + len(new)
        sql.write(writes)
        for write in deferred:
            write()
        return outcomes

    def _current_rows(self, sizes: dict[str, int]) -> Rows:
        """What is known from earlier batches of logs in which nothing was written since."""
        self._rows.keep({name for name, size in sizes.items() if self._sizes.get(name) == size})
        self._sizes = dict(sizes)
        return self._rows

    def _follow(self, sizes: dict[str, int]) -> None:
        """Take note of the time of entries that others wrote since, so that times increase whatever the clocks say."""
        for name, size in sizes.items():
            if size and self._trees.get(name, (-1,))[0] != size and (last := store.read_entry(name, size - 1)):
                self._last = max(self._last, datetime.fromisoformat(last.time))

    def _tick(self) -> datetime:
        """Now, and in any case later than the last time."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last

    def _one(
        self,
        job: Job,
        rows: Rows,
        now: datetime,
        sequence: int,
        entries: list[store.NewEntry],
        deferred: list[Callable[[], None]],
    ) -> Outcome:
        action, actor = job.action, job.actor
        if job.token and (earlier := _repeated(job)):
            return earlier
        if translation.get_language() != actor.language:
            translation.activate(actor.language)
        tx = Transaction(rows, action.log, now, actor.timezone, sequence)
        role = authorise(action, tx, actor)
        result = action.perform(tx, actor)
        changes = tx.changes()
        if not changes and not tx.extra:
            return Outcome(result, action.log, None, action.name)
        record = tx.subject or (changes[0]["record"] if changes else "")
        entry: dict[str, Any] = {
            "v": 1,
            # Without it the few possible values of an entry could be tried against its leaf, which is public.
            "salt": token_hex(16),
            "log": action.log,
            "sequence": sequence,
            "time": format_time(now),
            "offset": local_offset(actor.timezone, now),
            "actor": actor.handle,
            "role": role,
            "action": action.name,
            "record": record,
            "changes": changes,
            "source": job.source,
            **tx.extra,
        }
        if reason := getattr(action, "reason", ""):
            entry["reason"] = reason
        body = dumps(entry)
        refuse_nul(body, changes)
        entries.append(
            store.NewEntry(sequence, entry["time"], actor.handle, action.name, record, _participant(tx, record), body)
        )
        deferred.extend(tx.deferred)
        for name, row in tx.written(changes):
            rows.absorb(name, {**row, "revision": sequence})
        outcome = Outcome(result, action.log, sequence, action.name)
        if job.token:
            _remember(job, outcome, entry["time"])
        return outcome


def _plan(action: Action) -> list[Read] | Refused:
    """What the action will read, once it has said which log it belongs to; or its refusal to say so."""
    try:
        return list(action.reads()) if action.log else []
    except Refused as refusal:
        return refusal


def _participant(tx: Transaction, record: str) -> str:
    """Whose data the record is, as the participant's key; empty for what concerns nobody in particular."""
    name, _, key = record.partition(":")
    if not key:
        return ""
    column = record_type(name).participant
    row = tx.get(name, key) if column else None
    return str(row[column]) if row else ""


def _repeated(job: Job) -> Outcome | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT request, outcome FROM ledger_idempotency WHERE person = %s AND token = %s",
            [job.actor.handle, job.token],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] != job.request:
        raise Refused("this idempotency key was used for another request", token=job.token)
    result, log_name, sequence = orjson.loads(row[1])
    return Outcome(result, log_name, sequence, job.action.name)


def _remember(job: Job, outcome: Outcome, time: str) -> None:
    text = orjson.dumps([outcome.result, outcome.log, outcome.sequence]).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_idempotency (person, token, request, outcome, time) VALUES (%s, %s, %s, %s, %s)",
            [job.actor.handle, job.token, job.request, text, time],
        )


Waiting = Future[Outcome] | asyncio.Future[Outcome]


class WriterThread:
    """The group-committing writer of a server process."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Job, Waiting] | None] = queue.SimpleQueue()
        # Every statement gives the interpreter's lock away for a moment. With Python's own 5 ms, whoever is not the
        # writer would wait that long for each of its turns, and a sign-in check is a dozen of them.
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._thread = threading.Thread(target=self._run, name="helmont-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job, future: Waiting) -> None:
        """Queue a job; ``future`` gets its outcome or its refusal."""
        self._queue.put((job, future))

    def stop(self) -> None:
        """Finish what is queued, then end."""
        self._queue.put(None)
        self._thread.join()

    def _gather(self, pause: float) -> list[tuple[Job, Waiting] | None]:
        """What is queued, at least one; goes on while the next comes within ``pause`` seconds."""
        waiting = [self._queue.get()]
        with contextlib.suppress(queue.Empty):
            while len(waiting) < BATCH and waiting[-1] is not None:
                waiting.append(self._queue.get(timeout=pause) if pause else self._queue.get_nowait())
        return waiting

    def _run(self) -> None:
        committer = Committer()
        open_, busy, last = True, False, time.monotonic()
        while open_:
            waiting = self._gather(PAUSE if busy else 0.0)
            open_ = None not in waiting
            batch = [item for item in waiting if item is not None]
            busy = len(batch) >= BUSY
            try:
                if time.monotonic() - last > IDLE:
                    close_old_connections()
                outcomes = committer.commit([job for job, _ in batch]) if batch else []
            except Exception as error:
                log.exception("a batch of %d actions failed", len(batch))
                outcomes = [error] * len(batch)
            last = 0.0 if any(isinstance(each, DatabaseError) for each in outcomes) else time.monotonic()
            _deliver([future for _, future in batch], outcomes)
        connection.close()


def _deliver(futures: Iterable[Waiting], outcomes: Iterable[Outcome | Exception]) -> None:
    """Give each future its outcome. A batch calls into an event loop once, however many wait there."""
    on_loops: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Outcome | Exception]]] = defaultdict(list)
    for future, outcome in zip(futures, outcomes, strict=True):
        if isinstance(future, asyncio.Future):
            on_loops[future.get_loop()].append((future, outcome))
        else:
            _settle([(future, outcome)])
    for loop, settled in on_loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Iterable[tuple[Waiting, Outcome | Exception]]) -> None:
    for future, outcome in settled:
        if future.cancelled():  # nobody waits any more; what was committed stays committed
            continue
        if isinstance(outcome, Outcome):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)


_state = threading.local()
_thread: WriterThread | None = None
_thread_lock = threading.Lock()


def submit(job: Job) -> Future[Outcome]:
    """Queue a job for the writer; the future holds its outcome or its refusal."""
    future: Future[Outcome] = Future()
    _submit(job, future)
    return future


async def submit_async(job: Job) -> Outcome:
    """Await a job's outcome on an event loop. Raises ``Refused`` (nothing was changed)."""
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    _submit(job, future)
    return await future


def _submit(job: Job, future: Waiting) -> None:
    global _thread
    if settings.HELMONT_WRITER != "thread":
        _deliver([future], perform_all([job]))
        return
    if _thread is None:
        with _thread_lock:
            _thread = _thread or WriterThread()
    _thread.submit(job, future)


def stop() -> None:
    """End the writer thread after what is queued; a later ``submit`` starts another."""
    global _thread
    with _thread_lock:
        if _thread is not None:
            _thread.stop()
            _thread = None


def forget() -> None:
    """Let go of what this thread's writing keeps between batches (for tests, which take back what was written)."""
    _state.committer = None


def perform(action: Action, actor: Actor, *, source: dict[str, Any] | None = None, **options: str) -> Outcome:
    """Carry out one action and wait until it is durable. Raises ``Refused`` (nothing was changed)."""
    return submit(Job(action, actor, source or {"channel": "command"}, **options)).result()


def perform_all(jobs: Sequence[Job]) -> list[Outcome | Exception]:
    """Carry out many jobs in one transaction on this thread (imports); a refused one does not stop the others."""
    committer = getattr(_state, "committer", None)
    if committer is None:
        committer = _state.committer = Committer()
    outcomes: list[Outcome | Exception] = committer.commit(jobs)
    return outcomes
