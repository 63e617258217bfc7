"""Several writers on one database: gapless sequences, one tree, no lost change."""

import threading
from typing import Any

import pytest
from django.db import connection

from helmont.core.actions import Job, Outcome
from helmont.core.ledger.checkpoints import make_checkpoint
from helmont.core.ledger.verify import verify
from helmont.core.people.models import Assignment
from helmont.core.transactions import Transaction
from helmont.core.writer import Committer, perform, stop
from tests.core.kit import Do, entries, write
from tests.ledger.kit import LOG, OFFICER

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing")]
WRITERS, EACH = 4, 12
COUNTER = f"{LOG}/assignments/counter"


def count(tx: Transaction) -> int:
    row = tx.get("assignment", COUNTER)
    number = int(row["person"]) + 1 if row else 1
    tx.put("assignment", COUNTER, person=str(number))
    return number


def in_threads(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(60)
        assert not thread.is_alive()


def test_writers_that_commit_at_the_same_time_leave_one_gapless_honest_log() -> None:
    outcomes: list[Outcome | Exception] = []

    def writer(name: int) -> None:
        committer = Committer()
        try:
            for number in range(EACH // 3):
                keys = [f"{LOG}/assignments/{name}-{number}-{n}" for n in range(2)]
                jobs = [Job(write(key, role="monitor"), OFFICER) for key in keys]
                outcomes.extend(committer.commit([*jobs, Job(Do(count), OFFICER)]))
        finally:
            connection.close()

    in_threads([threading.Thread(target=writer, args=(name,)) for name in range(WRITERS)])
    assert [one for one in outcomes if not isinstance(one, Outcome)] == []
    assert [entry["sequence"] for entry in entries()] == list(range(WRITERS * EACH))
    times = [entry["time"] for entry in entries()]
    assert times == sorted(set(times))
    assert Assignment.objects.get(key=COUNTER).person == str(WRITERS * EACH // 3)
    make_checkpoint(LOG)
    report = verify()
    assert report.clean, report.faults


def test_the_first_entries_of_a_log_from_several_writers_are_ordered_as_well() -> None:
    outcomes: list[Outcome | Exception] = []
    start = threading.Barrier(WRITERS)

    def writer(name: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            outcomes.extend(Committer().commit([Job(write(f"{LOG}/assignments/{name}", role="monitor"), OFFICER)]))
        finally:
            connection.close()

    in_threads([threading.Thread(target=writer, args=(name,)) for name in range(WRITERS)])
    assert [one for one in outcomes if not isinstance(one, Outcome)] == []
    assert [entry["sequence"] for entry in entries()] == list(range(WRITERS))


def test_one_writer_thread_serves_many_callers_and_tells_each_their_own_outcome(settings: Any) -> None:
    settings.HELMONT_WRITER = "thread"
    answers: list[int] = []

    def caller() -> None:
        for _ in range(EACH):
            answers.append(perform(Do(count), OFFICER).result)

    in_threads([threading.Thread(target=caller) for _ in range(WRITERS)])
    stop()
    assert sorted(answers) == list(range(1, WRITERS * EACH + 1))
    assert len(entries()) == WRITERS * EACH
