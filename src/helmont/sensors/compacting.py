"""Sealed segments of the log become Parquet in the archive, and are dropped once they are safely there.

The process that writes the log sees to it, every ``HELMONT_COMPACT_EVERY`` seconds, in a process beside it so that nobody
who sends is held up. A segment is taken once every batch that could lie in it is settled (recorded, or nobody's); it is
dropped when a manifest names every acknowledged batch in it. Killed at any moment, the next run goes on where this one was.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db import close_old_connections, connection

from helmont.core.jobs.processes import Apart
from helmont.participants.models import Participant
from helmont.sensors import keeping
from helmont.sensors.models import SampleBatch
from helmont.sensors.models import Stream as Came
from helmont.signals.recording import MICROSECOND
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.sensing import channels_of

if TYPE_CHECKING:  # loaded only where samples are kept or read
    from helmont.samples.compaction import Acknowledged, Manifest, Sealed
    from helmont.samples.parquet import Stream
    from helmont.samples.segments import Index
    from helmont.signals.channels import Channel

log = logging.getLogger(__name__)
TURNS = 24
"""Turns of the service after which a segment is compacted though it is not full."""
PATIENCE = 60.0
"""Seconds that batches under way get to be settled; otherwise their segments wait for the next run."""

Progress = Callable[[str], None]


class Streams:
    """What numbers of the log stand for: a channel of an assignment, with the participant who has the device."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._channels: dict[tuple[str, str], Channel] = {}

    @cached_property
    def _followed(self) -> dict[int, tuple[str, str, str]]:
        """Of those that the projection of streams has by now."""
        rows = Came.objects.values_list("assignment", "channel", "participant")
        return {keeping.number_of(f"{row[0]}#{row[1]}"): row for row in rows}

    @cached_property
    def _recorded(self) -> dict[int, tuple[str, str, str]]:
        """Of all that have a batch. Slower: every batch is looked at."""
        rows = SampleBatch.objects.values_list("assignment", "channel", "participant").distinct()
        return {keeping.number_of(f"{row[0]}#{row[1]}"): row for row in rows}

    def _row(self, number: int) -> tuple[str, str, str] | None:
        return self._followed.get(number) or self._recorded.get(number)

    def __call__(self, number: int) -> Stream:
        """The stream. Raises ``LookupError`` for a channel that no version of the study has."""
        if (row := self._row(number)) is None:
            raise LookupError(f"stream {number} is nobody's")
        assignment, name, participant = row
        return keeping.stream_of(assignment, participant, self._channel(name, participant))

    def _channel(self, name: str, participant: str) -> Channel:
        if (known := self._channels.get((name, participant))) is None:
            known = self._channels[name, participant] = _declared(name, participant)
        return known

    def acknowledged(self, segment: int) -> Iterator[Acknowledged]:
        """The batches of the record that lie in the segment. What is in the segment and in no record is nobody's."""
        from helmont.samples.compaction import Acknowledged

        index = _index(self._folder, segment)
        for number in np.unique(index["stream"]).tolist():
            if (row := self._row(number)) is None:
                continue
            times = index["first"][index["stream"] == number] // MICROSECOND
            for batch in _between(row, int(times.min()), int(times.max())):
                entry = keeping.entry_of(*batch)
                if entry.location.segment == segment:
                    yield Acknowledged(number, entry)


def _between(row: tuple[str, str, str], first: int, last: int) -> Iterator[tuple[int, int, int, str]]:
    """Batches of a stream that begin from one microsecond to another."""
    assignment, channel, participant = row
    rows = SampleBatch.objects.filter(
        participant=participant, channel=channel, first__gte=first, first__lte=last, assignment=assignment
    )
    return rows.values_list("revision", "first", "last", "place").iterator()


def _declared(name: str, participant: str) -> Channel:
    """The channel as the participant's version of the study has it, or the version published last that does."""
    study = participant.partition("/")[0]
    versions = list(Participant.objects.filter(key=participant).values_list("definition", flat=True))
    versions += Definition.objects.filter(study=study).order_by("-revision").values_list("version", flat=True)
    for version in versions:
        if (found := channels_of(compiled(study, version).study).get(name)) is not None:
            return found
    raise LookupError(f"no version of {study} has a channel {name}")


def _index(folder: Path, segment: int) -> Index:
    """The records of a sealed segment; of one that was dropped, none."""
    from helmont.samples.segments import ENTRY, open_segment

    try:
        return open_segment(folder, segment, mend=False).index
    except FileNotFoundError:
        return np.empty(0, ENTRY)


def write(folder: str, sealed: Sequence[int], address: str, progress: Progress = lambda _: None) -> list[Manifest]:
    """Write what these segments hold to the store at ``address``; gives what was written. Any process may do it."""
    from helmont.samples.compaction import compact
    from helmont.samples.reading import Segments
    from helmont.samples.stores import store_at

    log: Sealed = Segments(Path(folder), sealed)
    streams = Streams(Path(folder))
    return compact(log, store_at(address), streams, streams.acknowledged, progress)


def _beside(folder: str, sealed: Sequence[int], address: str) -> None:
    """``write`` in a process that takes what others leave of the processor."""
    os.nice(10)
    write(folder, sealed, address)


def settled() -> tuple[int, ...]:
    """The sealed segments in which every batch is settled by now; none while some are still under way."""
    own = keeping.of_this_process().own
    sealed = own.sealed if own is not None else ()
    return sealed if sealed and keeping.under_way.settled(PATIENCE) else ()


def drop(segments: Sequence[int]) -> list[int]:
    """Drop those of the segments whose batches are all in the archive."""
    from helmont.samples.compaction import drop as dropped

    log = keeping.of_this_process().opened()
    return dropped(log, keeping.store(), Streams(keeping.folder()).acknowledged, segments)


def compact_now(progress: Progress = lambda _: None, *, seal: bool = False) -> tuple[list[Manifest], list[int]]:
    """Compact and drop in this process, which takes the log for it: what was written, and the segments that were dropped.

    With ``seal`` also what came last, which otherwise waits until its segment is full. Raises ``Locked`` while another process
    writes the log, ``SignalError`` for damaged samples or a store that is none.
    """
    log = keeping.of_this_process().opened()
    if seal:
        log.seal()
    segments = settled()
    manifests = write(str(keeping.folder()), segments, settings.HELMONT_SAMPLES_STORE, progress)
    return manifests, drop(segments)


class Compaction:
    """The service: a thread that waits, and has a process beside the server do the work."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._stop = threading.Event()
        self._turns = 0
        self._thread = threading.Thread(target=self._run, name="helmont-compaction", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give up what is being done; the next run goes on with it."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                close_old_connections()
                self.turn()
            except Exception:
                log.exception("samples were not compacted; it is tried again in %s s", self._every)
        connection.close()

    def turn(self) -> list[int]:
        """Compact once; gives the segments that were dropped. Nothing where this process does not write the log."""
        own = keeping.of_this_process().own
        if own is None:
            return []
        self._turns += 1
        if self._turns % TURNS == 0:
            own.seal()
        if not (segments := settled()):
            return []
        work = Apart(_beside, str(keeping.folder()), segments, settings.HELMONT_SAMPLES_STORE)
        while not work.wait(0.2):
            if self._stop.is_set():
                work.give_up()
                return []
        return drop(segments)
