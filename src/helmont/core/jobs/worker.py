"""The threads of a server process that do scheduled work and queued tasks (django-tasks, database backend)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from helmont.core.jobs.schedule import run_due

log = logging.getLogger(__name__)
PAUSE = 1.0


def run_queued() -> None:
    """Do every task that is waiting, on this thread."""
    # Asking first costs a read; the worker's own look takes the write lock each time.
    if DBTaskResult.objects.ready().exists():
        Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"thread-{threading.get_ident()}",
            excluded_queue_names=[],
        ).run()


class Background:
    """Two threads, so that a long task does not hold up the schedule."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(work,), name=name, daemon=True)
            for name, work in (("helmont-schedule", run_due), ("helmont-jobs", run_queued))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the work at hand, then end."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, work: Callable[[], object]) -> None:
        while not self._stop.wait(PAUSE):
            try:
                close_old_connections()
                work()
            except DatabaseError:
                log.exception("%s could not reach the database; it goes on in %s s", work.__name__, PAUSE)
        connection.close()
