"""Scheduled work is done once when it is due; long jobs say how far they are."""

from pathlib import Path

import pytest
from django.db import connection

from helmont.core.jobs import progress as progress_module
from helmont.core.jobs import schedule, standing
from helmont.core.jobs.progress import Reporter, progress
from helmont.core.jobs.schedule import run_due, scheduled
from helmont.core.ledger import checkpoints
from tests.ledger.kit import LOG, put_many, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "own_schedule")]


def test_work_is_due_once_per_period() -> None:
    done: list[int] = []
    scheduled("count", every=60)(lambda: done.append(1))
    assert run_due(1000.0) == ["count"]
    assert run_due(1059.0) == []
    assert run_due(1060.0) == ["count"]
    assert len(done) == 2


def test_work_in_progress_elsewhere_is_left_alone_until_its_claim_runs_out() -> None:
    scheduled("count", every=60)(lambda: None)
    run_due(1000.0)
    sql("UPDATE schedule SET claimed_until = 2000, next_run = 1060")
    assert run_due(1999.0) == []
    assert run_due(2001.0) == ["count"]


def test_of_two_processes_that_saw_the_same_row_one_gets_the_work() -> None:
    scheduled("count", every=60)(lambda: None)
    item = schedule._SCHEDULE["count"]
    run_due(0.0)
    assert schedule._claim(item, 100.0)
    # The other process read the row before the first one claimed it; its UPDATE finds other values.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE schedule SET claimed_until = 900 WHERE name = 'count' AND next_run = 60 AND claimed_until = 0"
        )
        assert cursor.rowcount == 0
    assert not schedule._claim(item, 100.0)


def test_work_that_fails_is_logged_and_due_again(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("disk full")

    scheduled("fails", every=60)(fail)
    assert run_due(1000.0) == ["fails"]
    assert "scheduled work fails failed; it is due again in 60 s" in caplog.text
    assert run_due(1060.0) == ["fails"]


def test_a_name_in_use_is_refused() -> None:
    scheduled("count", every=60)(lambda: None)
    with pytest.raises(ValueError, match="two pieces of scheduled work are named count"):
        scheduled("count", every=60)(lambda: None)


def test_every_minute_each_log_that_grew_is_signed(tmp_path: Path) -> None:
    scheduled("checkpoints", every=60)(standing.sign_the_logs)
    put_many(3)
    run_due(1000.0)
    run_due(1060.0)
    assert [path.name for path in (tmp_path / "checkpoints" / LOG).iterdir()] == ["3.txt"]
    assert sql("SELECT size FROM ledger_checkpoint WHERE log = %s", LOG) == [(3,)]
    assert (tmp_path / "checkpoints" / LOG / "3.txt").read_text() == checkpoints.latest_checkpoint(LOG)


def test_progress_is_written_at_first_at_last_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 100.1, 100.2])
    monkeypatch.setattr(progress_module.time, "time", lambda: next(moments))
    report = Reporter("job-1")
    assert progress("job-1") is None
    seen = []
    for done in (0, 1, 2):
        report(done, 2, f"step {done}")
        standing = progress("job-1")
        assert standing is not None
        seen.append((standing.done, standing.message))
    assert seen == [(0, "step 0"), (0, "step 0"), (2, "step 2")]
