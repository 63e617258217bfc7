"""Jobs that were queued by a test, done in its own connection."""

from __future__ import annotations

from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult


def do_what_is_queued() -> None:
    """As the server's thread does, in this connection: what the test wrote is not committed."""
    worker = Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id="test", excluded_queue_names=[],
    )  # fmt: skip
    for each in DBTaskResult.objects.ready():
        each.claim("test")
        worker.run_task(each)
