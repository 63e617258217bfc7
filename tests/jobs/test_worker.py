"""The threads of a server do queued tasks and scheduled work."""

import threading
import time

import pytest
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter, progress
from helmont.core.jobs.schedule import scheduled
from helmont.core.jobs.worker import Background, run_queued

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing", "own_schedule")]


@task(takes_context=True)
def count_to(context: TaskContext, total: int) -> int:
    report = Reporter(str(context.task_result.id))
    for number in range(total + 1):
        report(number, total)
    return total


def test_a_queued_task_is_done_and_its_progress_can_be_read() -> None:
    queued = count_to.enqueue(3)
    run_queued()
    queued.refresh()
    assert queued.return_value == 3
    standing = progress(str(queued.id))
    assert standing is not None
    assert (standing.done, standing.total) == (3, 3)


def test_the_threads_of_a_server_do_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helmont.core.jobs.worker.PAUSE", 0.02)
    ran = threading.Event()
    scheduled("count", every=60)(ran.set)
    queued = count_to.enqueue(2)
    background = Background()
    background.start()
    try:
        assert ran.wait(10)
        until = time.monotonic() + 10
        while not queued.is_finished and time.monotonic() < until:
            time.sleep(0.02)
            queued.refresh()
    finally:
        background.stop()
    assert queued.return_value == 2
