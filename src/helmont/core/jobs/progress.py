"""How far a long job is: written by the job, read by the page that waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

OFTEN = 0.25


@dataclass(frozen=True, slots=True)
class Standing:
    """``done`` of ``total`` (0 while unknown), what is being done, and when that was said (UTC seconds)."""

    done: int
    total: int
    message: str
    time: float


class Reporter:
    """What a job reports to; it writes at most four times a second, and always the first and the last.

    ``job`` is the id of the task's result: ``Reporter(context.task_result.id)``.
    """

    def __init__(self, job: str) -> None:
        self.job = job
        self._written = 0.0

    def __call__(self, done: int, total: int, message: str = "") -> None:
        now = time.time()
        if now - self._written < OFTEN and done != total:
            return
        self._written = now
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO job_progress (job, done, total, message, time) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (job) DO UPDATE SET done = excluded.done, total = excluded.total,"
                " message = excluded.message, time = excluded.time",
                [self.job, done, total, message[:200], now],
            )


def progress(job: str) -> Standing | None:
    """How far the job is; None when it has not said."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT done, total, message, time FROM job_progress WHERE job = %s", [job])
        row = cursor.fetchone()
    return Standing(*row) if row else None
