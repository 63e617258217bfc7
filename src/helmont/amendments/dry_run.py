"""What an amendment would do to every participant: the very writes, kept in memory and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from helmont.amendments.helpers import shared_out
from helmont.amendments.impact import Impact
from helmont.core.ledger import store
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

CHUNK = 20
"""Participants whose rows are read together."""

Report = Callable[[int, int], None]
"""Is told how many participants are done, of how many."""


def dry_run(
    study: str,
    participants: Sequence[str],
    target: str | CompiledStudy,
    report: Report | None = None,
    *,
    processes: int | None = None,
) -> Iterator[Impact]:
    """What would happen to each participant (keys), in this order; nothing is written.

    ``target`` is a published version, or one that is not published yet. Participants under it already are left out. Many
    participants are shared out to as many processes as the machine has processors, unless ``processes`` says otherwise.
    """
    new = compiled(study, target) if isinstance(target, str) else target
    chunks = [participants[start : start + CHUNK] for start in range(0, len(participants), CHUNK)]
    size, done = store.log_size(study), 0
    for number, impacts in enumerate(shared_out(study, chunks, new, size, processes)):
        yield from impacts
        done += len(chunks[number])
        if report:
            report(done, len(participants))
