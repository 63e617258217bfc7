"""Reading what was compacted, and with it what was not yet, as if it were one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from helmont.samples.compaction import compacted
from helmont.samples.errors import Dropped
from helmont.samples.parquet import Stream, Written, day_of, named
from helmont.samples.pieces import Entry, FromLog, Piece
from helmont.samples.records import Location, Record
from helmont.samples.stores import Store

DAYS = 8
"""Days whose folders are listed one by one; of more, everything of the participant is listed."""


class Archive:
    """The compacted samples in a store: what runs with a manifest wrote."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.refresh()

    def refresh(self) -> None:
        """Look again which runs there are."""
        runs = compacted(self.store)
        self._runs = frozenset(run.name for run in runs)
        self._segments = frozenset(segment for run in runs for segment in range(run.first, run.last + 1))

    def has(self, segment: int) -> bool:
        """Whether what was acknowledged in a segment is here."""
        return segment in self._segments

    def files(self, stream: Stream, start: int, end: int) -> list[str]:
        """The files with samples of a stream from ``start`` until before ``end``."""
        if start >= end:
            return []
        first, last = day_of(start), day_of(end - 1)
        if last - first < DAYS:
            found = [name for day in range(first, last + 1) for name in self.store.names(stream.folder(day))]
        else:
            dates = (named(stream.folder(first))["date"], named(stream.folder(last))["date"])
            found = [name for name in self.store.names(stream.prefix) if dates[0] <= named(name)["date"] <= dates[1]]
        return [name for name in found if self.counts(name, stream.number)]

    def counts(self, name: str, stream: int | None = None) -> bool:
        """Whether a file is of a run with a manifest, and of a stream."""
        number, _, run = name.rpartition("/")[2].removesuffix(".parquet").partition("_")
        return run in self._runs and stream in (None, int(number, 16))


class FromArchive:
    """Batches of one stream in an archive, for ``view``."""

    def __init__(self, archive: Archive, stream: Stream) -> None:
        self._archive, self._stream = archive, stream

    def pieces(self, entries: Sequence[Entry], start: int, end: int) -> Iterator[Piece]:
        """Raises ``SignalError`` for a file that is not as it was written."""
        if not entries:
            return
        numbers = {entry.number for entry in entries}
        first, last = min(entry.first for entry in entries), max(entry.last for entry in entries)
        for name in self._archive.files(self._stream, max(start, first), min(end, last + 1)):
            for piece in Written(self._archive.store, name).pieces(numbers):
                if piece.first < end and piece.last >= start:
                    yield piece


class FromBoth:
    """Batches of one stream wherever they are: in the log, or compacted."""

    def __init__(self, read: Callable[[Location], Record], archive: Archive, stream: Stream) -> None:
        self._log, self._archive, self._stream = FromLog(read), archive, stream
        self._compacted = FromArchive(archive, stream)

    def pieces(self, entries: Sequence[Entry], start: int, end: int) -> Iterator[Piece]:
        """As from either. A segment that is dropped meanwhile is looked for among what was compacted."""
        archived: list[Entry] = []
        for entry in entries:
            if not self._archive.has(entry.location.segment):
                try:
                    yield from list(self._log.pieces([entry], start, end))
                    continue
                except Dropped:
                    self._archive.refresh()
                    if not self._archive.has(entry.location.segment):
                        raise
            archived.append(entry)
        yield from self._compacted.pieces(archived, start, end)
