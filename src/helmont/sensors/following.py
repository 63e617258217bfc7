"""Hours and endpoints follow what comes, beside the server: hours within seconds, endpoints as often as they can be afforded.

Whoever looks takes hours in at once, so those in the background may gather. One process of a machine follows (it holds the lock
of ``HELMONT_HOME/derived``). Endpoints are computed in a process of their own, for half of the time at most, whoever waits
longest first; whoever's take long are computed less often.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Max

from helmont.core.actions import Outcome
from helmont.core.jobs.processes import Beside
from helmont.core.writer import after_commit
from helmont.edc.models import Form
from helmont.participants.models import Encounter
from helmont.sensors import endpoints, hours, keeping
from helmont.sensors.models import Computed, DeviceAssignment, EndpointResult, SampleCorrection, Stream
from helmont.sensors.personal import items_in
from helmont.sensors.streams import stream_of
from helmont.signals.errors import SignalError
from helmont.studies.models import Definition

log = logging.getLogger(__name__)
AGAIN, TIMES = 30.0, 40.0
"""A participant's endpoints are computed again after so many seconds, or so many times as long as it took."""
PAUSE, LOOK = 1.0, 5.0
GATHERING = 1.0


def catch_up_hours(stopped: Callable[[], bool] = lambda: False) -> int:
    """Take in what came; returns of how many streams. A stream with damaged samples is logged and left."""
    count = 0
    for key in hours.behind():
        if stopped():
            break
        try:
            stream = stream_of(key)
            count += stream is not None and hours.catch_up(stream)
        except SignalError:
            log.exception("the samples of %s cannot be read", key)
    return count


def waiting(now: datetime) -> list[str]:
    """The participants whose endpoints may be other than they were computed, those who wait longest first."""
    newest = _newest()
    known = {row.participant: row for row in Computed.objects.all()}
    over = set(
        EndpointResult.objects.filter(final=False, end__lte=int(now.timestamp() * 1e6))
        .values_list("participant", flat=True)
        .distinct()
    )
    found = []
    for participant, revision in newest.items():
        row = known.get(participant)
        if row is None:
            found.append(("", participant))
        elif revision >= row.revision or participant in over:
            since = (now - datetime.fromisoformat(row.computed)).total_seconds()
            if since >= max(AGAIN, TIMES * row.seconds):
                found.append((row.computed, participant))
    return [participant for _computed, participant in sorted(found)]


def _newest() -> dict[str, int]:
    """Of every participant with samples, the latest ledger entry that endpoints may rest on."""
    newest: dict[str, int] = {}

    def note(participant: str, revision: int) -> None:
        newest[participant] = max(newest.get(participant, 0), revision)

    of_assignment: dict[str, int] = {}
    for assignment, participant, revision in Stream.objects.values_list("assignment", "participant", "revision"):
        note(participant, revision)
        of_assignment[assignment] = max(of_assignment.get(assignment, 0), revision)
    owners = dict(DeviceAssignment.objects.filter(key__in=list(of_assignment)).values_list("key", "participant"))
    for row in SampleCorrection.objects.filter(assignment__in=list(of_assignment)):
        note(owners[row.assignment], row.revision)
        if row.participant:
            note(row.participant, max(row.revision, of_assignment[row.assignment]))
    latest = dict(Definition.objects.values_list("study").annotate(Max("revision")))
    begun = Encounter.objects.filter(participant__in=list(newest)).values_list("participant").annotate(Max("revision"))
    for participant, revision in (*begun, *_values(newest)):
        note(participant, revision)
    return {key: max(revision, latest.get(key.partition("/")[0], 0)) for key, revision in newest.items()}


def _values(participants: Collection[str]) -> Iterator[tuple[str, int]]:
    """Of each participant the latest entry of a form that has values with which endpoints are computed."""
    for study in {key.partition("/")[0] for key in participants}:
        forms = {item.form for item in items_in(endpoints.definitions_of(study).values())}
        if forms:
            rows = Form.objects.filter(study=study, form__in=forms, participant__in=list(participants))
            yield from rows.values_list("participant").annotate(Max("revision"))


def work_beside(participant: str, now: datetime, size: int) -> endpoints.Work:
    """``endpoints.work_on`` in another process, which has a connection of its own."""
    close_old_connections()
    return endpoints.work_on(participant, now, size)


class Follower:
    """The two threads, from the server's start to its end."""

    def __init__(self) -> None:
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._beside = Beside()
        self._lock: BinaryIO | None = None
        self._asking = threading.Lock()
        self._warm = False
        self._threads = [
            threading.Thread(target=self._repeat, args=(each,), name=name, daemon=True)
            for name, each in (("helmont-hours", self._hours), ("helmont-endpoints", self._endpoints))
        ]

    def start(self) -> None:
        self._woken.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._woken.set()
        self._beside.cancel()
        for thread in self._threads:
            thread.join()
        self._beside.shutdown()
        if self._lock is not None:
            self._lock.close()

    def wake(self) -> None:
        self._woken.set()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                close_old_connections()
                if self._is_ours():
                    work()
                else:
                    self._stopped.wait(60)
            except DatabaseError:
                log.exception("what came from devices could not be followed; it goes on in %s s", LOOK)
                self._stopped.wait(LOOK)
        connection.close()

    def _is_ours(self) -> bool:
        """Whether this process follows: the first that asks."""
        with self._asking:
            if self._lock is None:
                folder = Path(settings.HOME, "derived")
                folder.mkdir(parents=True, exist_ok=True)
                file = (folder / "lock").open("ab")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    file.close()
                    return False
                self._lock = file
            return True

    def _hours(self) -> None:
        if not self._warm and DeviceAssignment.objects.exclude(digest="").exists():
            keeping.warm()
            self._warm = True
        self._woken.wait(LOOK)
        self._woken.clear()
        if not self._stopped.wait(GATHERING):
            catch_up_hours(self._stopped.is_set)

    def _endpoints(self) -> None:
        if self._stopped.wait(PAUSE):
            return
        for participant in waiting(datetime.now(UTC)):
            begun = time.monotonic()
            try:
                size = endpoints.begin(participant)
                endpoints.keep(self._beside.submit(work_beside, participant, datetime.now(UTC), size).result())
            except DatabaseError:
                raise
            except Exception:
                if self._stopped.is_set():  # it was given up; the next server computes it
                    return
                log.exception("the endpoints of %s could not be computed", participant)
                self._stopped.wait(AGAIN)
            if self._stopped.wait(time.monotonic() - begun):
                return
        self._beside.rest()
        self._stopped.wait(LOOK)


_followers: set[Follower] = set()


def follower() -> Follower:
    """One that is woken by what this process commits."""
    found = Follower()
    _followers.add(found)
    return found


@after_commit
def _wake(outcomes: Sequence[Outcome]) -> None:
    if any(outcome.action.startswith("sensors.") for outcome in outcomes):
        for each in _followers:
            each.wake()


def settle(participants: Iterable[str] | None = None) -> None:
    """Hours and endpoints up to now, in this process: for commands and tests."""
    catch_up_hours()
    now = datetime.now(UTC)
    for participant in waiting(now) if participants is None else participants:
        endpoints.bring_up_to_date(participant, now)
