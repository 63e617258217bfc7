"""Sharing a dry run out to further processes, each with a connection of its own that only reads.

Python runs one thread at a time, so a second processor needs a second process. It takes some seconds to start: this
process begins at the front meanwhile, helpers take what is left from the back. Whatever a helper does not deliver is
done here, so that the outcome is the same with none at all.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.context import SpawnContext, SpawnProcess
from queue import Empty
from typing import Any

from django.db import connection

from helmont.amendments.helper import Chunks, Task, help_out
from helmont.amendments.impact import Impact
from helmont.amendments.migrating import impacts_of
from helmont.study.compiling import CompiledStudy
from helmont.study.publishing import canonical_json

WORTH_IT = 20
"""From how many chunks on the start of a helper costs less than it brings."""
MOST = 4


def shared_out(
    study: str, chunks: Chunks, new: CompiledStudy, size: int, processes: int | None = None
) -> Iterator[list[Impact]]:
    """The impacts of each chunk, in order."""
    if processes is None:
        processes = min(os.cpu_count() or 1, MOST) if len(chunks) >= WORTH_IT else 1
    if processes < 2 or connection.in_atomic_block:  # what is not committed is seen by nobody else
        yield from (impacts_of(study, chunk, new, size) for chunk in chunks)
        return
    crew = Crew(task_of(study, chunks, new, size), processes - 1)
    try:
        own = 0
        while (number := crew.next()) is not None:
            yield impacts_of(study, chunks[number], new, size)
            own = number + 1
        for number in range(own, len(chunks)):
            delivered = crew.delivered(number)
            yield impacts_of(study, chunks[number], new, size) if delivered is None else delivered
    finally:
        crew.end()


def task_of(study: str, chunks: Chunks, new: CompiledStudy, size: int) -> Task:
    """What helpers have to know to dry-run these chunks on this process's database."""
    database = {name: connection.settings_dict[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    return Task(study, chunks, new.study.version, canonical_json(new.study), size, database)


class Crew:
    """Helpers at work, and what they have brought so far."""

    def __init__(self, task: Task, count: int) -> None:
        context: SpawnContext = multiprocessing.get_context("spawn")
        # What is not taken yet: chunks from the first number up to, not including, the second.
        self._left: Any = context.Array("l", [0, len(task.chunks)])
        self._brought: Any = context.Queue()
        self._known: dict[int, list[Impact]] = {}
        self._helpers: list[SpawnProcess] = [
            context.Process(target=help_out, args=(task, self._left, self._brought), daemon=True) for _ in range(count)
        ]
        for helper in self._helpers:
            helper.start()

    def next(self) -> int | None:
        """The number of the first chunk that nobody has taken."""
        with self._left.get_lock():
            first, end = self._left
            if first == end:
                return None
            self._left[0] = first + 1
            return int(first)

    def delivered(self, number: int) -> list[Impact] | None:
        """What a helper made of a chunk that it took; None when it has ended without."""
        while number not in self._known:
            working = any(helper.is_alive() for helper in self._helpers)
            try:
                done, impacts = self._brought.get(timeout=0.2)
                self._known[done] = impacts
            except Empty:
                if not working:
                    return None
        return self._known[number]

    def end(self) -> None:
        """Have nothing done any more."""
        with self._left.get_lock():
            self._left[0] = self._left[1]
        for helper in self._helpers:
            helper.terminate()
            helper.join()
        self._brought.close()
