"""Actions carried out on paper: what would come of them, with nothing written and nobody kept waiting.

An import is rehearsed before it is carried out. Each action runs as it would in the writer, sees what the ones before it would
have written, and is refused where it would be; the rows stay in memory and are forgotten.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.utils import translation

from helmont.core.actions import Job, authorise
from helmont.core.errors import Refused
from helmont.core.ledger import store
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an action would change, as its ledger entry would state it; nothing when all is so already."""

    changes: tuple[dict[str, Any], ...]


class Rehearsal:
    """One rehearsal: a play of its own, in which each action finds what the earlier ones left."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._sizes: dict[str, int] = {}

    def perform_all(self, jobs: Sequence[Job]) -> list[Rehearsed | Refused]:
        """The outcome of each job, in order; a refused job's place holds its refusal."""
        self._rows.memo.clear()
        self._rows.prefetch(read for job in jobs for read in _reads(job))
        rounds = [job.action.further_reads(self._rows) for job in jobs]
        while asked := [reads for each in rounds for reads in islice(each, 1)]:
            self._rows.prefetch(read for reads in asked for read in reads)
        with translation.override(translation.get_language()):
            return [self._one(job) for job in jobs]

    def _one(self, job: Job) -> Rehearsed | Refused:
        action = job.action
        try:
            size = self._sizes.setdefault(
                action.log, store.log_size(action.log) if action.log not in self._sizes else 0
            )
            translation.activate(job.actor.language)
            tx = Transaction(self._rows, action.log, datetime.now(UTC), job.actor.timezone, size)
            authorise(action, tx, job.actor)
            action.perform(tx, job.actor)
        except Refused as refusal:
            return refusal
        changes = tx.changes()
        for name, row in tx.written(changes):
            self._rows.absorb(name, {**row, "revision": size})
        self._sizes[action.log] = size + bool(changes)
        return Rehearsed(tuple(changes))


def _reads(job: Job) -> Sequence[Any]:
    try:
        return list(job.action.reads())
    except Refused:  # it will say so when it is performed
        return []
