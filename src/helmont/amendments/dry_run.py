"""What an amendment would do to every participant: the very writes, kept in memory and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from helmont.amendments.impact import Impact
from helmont.amendments.migrating import impacts_of
from helmont.core.ledger import store
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

CHUNK = 20
"""Participants whose rows are read together."""

Report = Callable[[int, int], None]
"""Is told how many participants are done, of how many."""


def dry_run(
    study: str, participants: Sequence[str], target: str | CompiledStudy, report: Report | None = None
) -> Iterator[Impact]:
    """What would happen to each participant (keys), in this order; nothing is written.

    ``target`` is a published version, or one that is not published yet. Participants under it already are left out.
    """
    new = compiled(study, target) if isinstance(target, str) else target
    size = store.log_size(study)
    for start in range(0, len(participants), CHUNK):
        chunk = participants[start : start + CHUNK]
        yield from impacts_of(study, chunk, new, size)
        if report:
            report(start + len(chunk), len(participants))
