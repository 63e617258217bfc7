"""What an amendment would do to every participant: the very writes, kept in memory and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from helmont.amendments.impact import Impact
from helmont.amendments.migrating import impacts_of
from helmont.core.jobs.processes import cores, processes
from helmont.core.ledger import store
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.publishing import from_published, to_document

CHUNK = 20
"""Participants whose rows are read together."""
MANY = 400
"""Participants from which on starting other processes is worth its second or two."""

Report = Callable[[int, int], None]
"""Is told how many participants are done, of how many."""


def dry_run(
    study: str, participants: Sequence[str], target: str | CompiledStudy, report: Report | None = None
) -> Iterator[Impact]:
    """What would happen to each participant (keys), in this order; nothing is written.

    ``target`` is a published version, or one that is not published yet. Participants under it already are left out.
    """
    chunks = [participants[start : start + CHUNK] for start in range(0, len(participants), CHUNK)]
    for number, impacts in enumerate(_of_chunks(study, chunks, target, store.log_size(study)), start=1):
        yield from impacts
        if report:
            report(min(number * CHUNK, len(participants)), len(participants))


def _of_chunks(
    study: str, chunks: Sequence[Sequence[str]], target: str | CompiledStudy, size: int
) -> Iterator[list[Impact]]:
    if len(chunks) * CHUNK < MANY or cores() == 1:
        new = compiled(study, target) if isinstance(target, str) else target
        for chunk in chunks:
            yield impacts_of(study, chunk, new, size)
        return
    told = target if isinstance(target, str) else to_document(target.study)
    with processes(0, _begin, study, told, size) as pool:
        yield from pool.map(_in_a_process, chunks)


_work: dict[str, Any] = {}
"""What a process beside the server's is doing: the arguments of ``impacts_of`` but for the chunk."""


def _begin(study: str, target: str | dict[str, Any], size: int) -> None:
    new = compiled(study, target) if isinstance(target, str) else compile_study(from_published(target))
    _work.update(study=study, new=new, size=size)


def _in_a_process(chunk: Sequence[str]) -> list[Impact]:
    return impacts_of(_work["study"], chunk, _work["new"], _work["size"])
