"""Reading what was compacted, and with it what was not yet, as if it were one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from helmont.samples.compaction import compacted
from helmont.samples.errors import Dropped
from helmont.samples.parquet import Stream, Written, date_of, day_of, named
from helmont.samples.pieces import Entry, FromLog, Piece
from helmont.samples.records import Location, Record
from helmont.samples.stores import Store

DAYS = 8
"""Days whose folders are listed one by one; of more, everything of the participant is listed."""


NOWHERE = Location(0, 0, 0)


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

    def files(self, prefix: str, start: int, end: int, stream: int | None = None) -> list[str]:
        """The files under a stream's prefix with samples from ``start`` until before ``end``; of one stream, or of all."""
        if start >= end:
            return []
        first, last = day_of(start), day_of(end - 1)
        if last - first < DAYS:
            found = [
                name for day in range(first, last + 1) for name in self.store.names(f"{prefix}/date={date_of(day)}")
            ]
        else:
            dates = (date_of(first), date_of(last))
            found = [name for name in self.store.names(prefix) if dates[0] <= named(name)["date"] <= dates[1]]
        return [name for name in found if self.counts(name) and stream in (None, stream_of(name))]

    def counts(self, name: str) -> bool:
        """Whether a file is of a run with a manifest."""
        return name.endswith(".parquet") and name.rpartition("/")[2].partition("_")[2][: -len(".parquet")] in self._runs


def stream_of(name: str) -> int:
    """The number of the stream whose samples are in a file."""
    number = int(name.rpartition("/")[2].partition("_")[0], 16)
    return number - (1 << 64) if number >= 1 << 63 else number


class FromArchive:
    """Batches of one stream in an archive, for ``view``."""

    def __init__(self, archive: Archive, stream: int, prefix: str) -> None:
        self._archive, self._stream, self._prefix = archive, stream, prefix
        self._written: dict[str, Written] = {}

    @classmethod
    def of(cls, archive: Archive, stream: Stream) -> FromArchive:
        """Where what the stream is says."""
        return cls(archive, stream.number, stream.prefix)

    def pieces(self, entries: Sequence[Entry], start: int, end: int) -> Iterator[Piece]:
        """Raises ``SignalError`` for a file that is not as it was written."""
        if not entries:
            return
        numbers = {entry.number for entry in entries}
        first, last = min(entry.first for entry in entries), max(entry.last for entry in entries)
        for written in self.files(max(start, first), min(end, last + 1)):
            for piece in written.pieces(numbers):
                if piece.first < end and piece.last >= start:
                    yield piece

    def entries(self, start: int, end: int) -> list[Entry]:
        """The batches that have samples from ``start`` until before ``end``, wherever they were acknowledged."""
        return [
            Entry(number, first, last, NOWHERE)
            for written in self.files(start, end)
            for number, _, first, last, *_ in written.described
        ]

    def files(self, start: int, end: int) -> Iterator[Written]:
        """The files with samples of the stream from ``start`` until before ``end``."""
        for name in self._archive.files(self._prefix, start, end, self._stream):
            if name not in self._written:
                self._written[name] = Written(self._archive.store, name)
            yield self._written[name]


class FromBoth:
    """Batches of one stream wherever they are: in the log, or compacted."""

    def __init__(self, read: Callable[[Location], Record], archive: Archive, stream: Stream) -> None:
        self._log, self._archive = FromLog(read), archive
        self._compacted = FromArchive.of(archive, stream)

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
