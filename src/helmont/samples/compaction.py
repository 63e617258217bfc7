"""From sealed segments to Parquet: ``study=…/channel=…/participant=…/date=…/STREAM_FIRST_LAST.parquet``.

A run takes some sealed segments. It says first which (``compaction/FIRST_LAST.begun``), then writes the file of each stream and
day and reads it back, and at last a manifest (``compaction/FIRST_LAST.json``). Only what a manifest names counts: a run
that was interrupted is finished by the next call, with the same names, and files that are there already and hold what they
should are kept. Segments are dropped apart from that, once every batch acknowledged in them is in a manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from helmont.samples.errors import LogError
from helmont.samples.log import SegmentLog
from helmont.samples.parquet import DAY, Stream, Summary, Written, day_of, digest, write
from helmont.samples.pieces import Entry, FromLog
from helmont.samples.records import Location, Record
from helmont.samples.stores import Store
from helmont.signals.errors import SignalError

RUNS = "compaction"
TAKEN = np.dtype([(name, "<i8") for name in ("stream", "number", "first", "last", "segment", "offset", "length")])
SEGMENTS = 64
"""Segments of one run at most."""


class Acknowledged(NamedTuple):
    """A batch of a stream."""

    stream: int
    entry: Entry


class Run(NamedTuple):
    """The segments of a run, from the first to the last."""

    first: int
    last: int

    @property
    def name(self) -> str:
        return f"{self.first:06}_{self.last:06}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a run, and what it holds."""

    path: str
    size: int
    sha256: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run wrote. Of every segment it took: how many batches, and a digest of their numbers."""

    run: Run
    files: tuple[File, ...]
    batches: dict[int, tuple[int, str]]

    @property
    def rows(self) -> int:
        """Of all files."""
        return sum(file.summary.rows for file in self.files)


class Sealed(Protocol):
    """A log, or what is to be compacted of one that another process writes (``reading.Segments``)."""

    @property
    def sealed(self) -> Sequence[int]:
        """The segments to which nothing is appended any more, the oldest first."""

    def read(self, location: Location) -> Record:
        """The record there."""


Streams = Callable[[int], Stream]
Batches = Callable[[int], Iterable[Acknowledged]]
"""Every acknowledged batch of a segment."""


def compact(
    log: Sealed,
    store: Store,
    streams: Streams,
    acknowledged: Batches,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Manifest]:
    """Write what sealed segments hold and no manifest names yet; ``progress`` is told each file. Gives the new manifests.

    Raises ``SignalError`` for a damaged batch, or when a file does not read back as what went into it; nothing counts then.
    """
    return [_compact(log, store, streams, acknowledged, run, progress) for run in _runs(log, store, acknowledged)]


def _runs(log: Sealed, store: Store, acknowledged: Batches) -> list[Run]:
    """What is to be done: runs that were begun or that miss a batch, then new ones."""
    sealed = log.sealed
    done = compacted(store)
    missing = set[Run]()
    for manifest in read_manifests(store, sealed):
        if _since(manifest, sealed, acknowledged):
            if gone := set(manifest.batches) - set(sealed):
                name = manifest.run.name
                raise LogError(f"segments {sorted(gone)} were dropped, and others of run {name} have further batches")
            missing.add(manifest.run)
    begun = set(_named(store, ".begun")) - set(done)
    covered = {segment for run in {*done, *begun} for segment in range(run.first, run.last + 1)}
    return sorted(missing | begun) + list(_ranges([segment for segment in sealed if segment not in covered]))


def _since(manifest: Manifest, sealed: Sequence[int], acknowledged: Batches) -> list[int]:
    """The segments of a run that are still there and in which batches were acknowledged since."""
    there = [segment for segment in manifest.batches if segment in sealed]
    return [segment for segment in there if manifest.batches[segment] != _numbers(acknowledged(segment))]


def _ranges(segments: Sequence[int]) -> Iterator[Run]:
    """Consecutive segments together, not too many."""
    first = before = None
    for segment in [*segments, -1]:
        if first is not None and before is not None and (segment != before + 1 or segment - first >= SEGMENTS):
            yield Run(first, before)
            first = None
        first, before = segment if first is None else first, segment


def _compact(
    log: Sealed,
    store: Store,
    streams: Streams,
    acknowledged: Batches,
    run: Run,
    progress: Callable[[str], None],
) -> Manifest:
    store.put(f"{RUNS}/{run.name}.begun", b"")
    batches, entries = _taken(run, log.sealed, acknowledged)
    source = FromLog(log.read)
    files: list[File] = []
    for number, own in entries:
        stream = streams(number)
        for day, of_day in sorted(_days(own, source).items()):
            if (file := _file(store, stream, run, day, of_day, source)) is not None:
                files.append(file)
                progress(file.path)
    manifest = Manifest(run, tuple(files), batches)
    store.put(f"{RUNS}/{run.name}.json", _text(manifest))
    store.delete(f"{RUNS}/{run.name}.begun")
    return manifest


def _taken(
    run: Run, sealed: Sequence[int], acknowledged: Batches
) -> tuple[dict[int, tuple[int, str]], Iterator[tuple[int, list[Entry]]]]:
    """Of every segment its batches as the manifest has them; and the entries of one stream after the other."""
    batches: dict[int, tuple[int, str]] = {}
    tables = [np.empty(0, TAKEN)]
    for segment in range(run.first, run.last + 1):
        if segment in sealed:
            there = list(acknowledged(segment))
            batches[segment] = _numbers(there)
            rows = [(stream, entry.number, entry.first, entry.last, *entry.location) for stream, entry in there]
            tables.append(np.array(rows, TAKEN))
    table = np.sort(np.concatenate(tables), order=["stream", "number"])
    edges = [0, *(np.flatnonzero(np.diff(table["stream"])) + 1).tolist(), len(table)]

    def streams() -> Iterator[tuple[int, list[Entry]]]:
        for first, last in pairwise(edges):
            rows = table[first:last].tolist()
            if rows:
                yield rows[0][0], [Entry(row[1], row[2], row[3], Location(*row[4:])) for row in rows]

    return batches, streams()


def _days(entries: Sequence[Entry], source: FromLog) -> dict[int, list[Entry]]:
    """Under each day the batches with samples in it."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        days = set(range(day_of(entry.first), day_of(entry.last) + 1)) if entry.last - entry.first < DAY else None
        if days is None:
            days = set()
            for piece in source.pieces([entry], entry.first, entry.last + 1):
                stretch = piece.load(None)
                days.update((stretch.moments() // DAY).tolist())
        for day in days:
            found.setdefault(day, []).append(entry)
    return found


def _file(store: Store, stream: Stream, run: Run, day: int, entries: Sequence[Entry], source: FromLog) -> File | None:
    """Write one file, or keep the one that is there, and read it back."""
    path = f"{stream.folder(day)}/{stream.number % (1 << 64):016x}_{run.name}.parquet"
    inputs = digest(entries)
    if (kept := _kept(store, path, inputs)) is not None:
        return kept
    pieces = source.pieces(sorted(entries), day * DAY, (day + 1) * DAY)
    if (written := write(stream, day, pieces, inputs)) is None:
        return None
    data, meant = written
    store.put(path, data)
    found = verify(store, path)
    if found.summary != meant or found.sha256 != hashlib.sha256(data).hexdigest():
        raise SignalError(path, f"{found.summary}", f"{meant}, as was written")
    return found


def _kept(store: Store, path: str, inputs: str) -> File | None:
    """The file of an interrupted run, when it was written from the same batches and reads well."""
    try:
        return verify(store, path) if Written(store, path).inputs == inputs else None
    except (FileNotFoundError, SignalError):
        return None


def verify(store: Store, path: str) -> File:
    """Read a file of samples whole: its size, digest and what its columns hold. Raises ``SignalError``."""
    data = store.get(path)
    written = Written(store, path)
    summary = written.summary()
    described = written.described
    if described and (summary.first, summary.last) != (min(d[2] for d in described), max(d[3] for d in described)):
        raise SignalError(path, "times other than those of its pieces", "times as they were written")
    return File(path, len(data), hashlib.sha256(data).hexdigest(), summary)


def drop(log: SegmentLog, store: Store, acknowledged: Batches, among: Collection[int] | None = None) -> list[int]:
    """Drop the sealed segments, all or those ``among`` some, of which a manifest has every acknowledged batch; their numbers.

    The caller sees to it that no batch in them is still between its append and its acknowledgement. Raises ``LogError`` where
    one was acknowledged since: ``compact`` takes it in.
    """
    dropped: list[int] = []
    there = [segment for segment in log.sealed if among is None or segment in among]
    for manifest in read_manifests(store, there):
        if since := _since(manifest, there, acknowledged):
            raise LogError(f"segments {since} have batches that were acknowledged after they were compacted")
        for segment in manifest.batches:
            if segment in there:
                log.drop(segment)
                dropped.append(segment)
    return dropped


def _numbers(batches: Iterable[Acknowledged]) -> tuple[int, str]:
    """How many, and a digest of which."""
    numbers = sorted((each.stream, each.entry.number) for each in batches)
    return len(numbers), hashlib.sha256(repr(numbers).encode()).hexdigest()


def _named(store: Store, ending: str) -> Iterator[Run]:
    for name in store.names(RUNS):
        stem = name.removeprefix(f"{RUNS}/")
        if stem.endswith(ending):
            first, _, last = stem.removesuffix(ending).partition("_")
            yield Run(int(first), int(last))


def compacted(store: Store) -> list[Run]:
    """The runs that have a manifest."""
    return list(_named(store, ".json"))


def read_manifests(store: Store, segments: Collection[int] | None = None) -> Iterator[Manifest]:
    """Every manifest, or those that speak of some segments, in their order. Raises ``SignalError`` for a damaged one."""
    for run in compacted(store):
        if segments is not None and not any(run.first <= segment <= run.last for segment in segments):
            continue
        path = f"{RUNS}/{run.name}.json"
        try:
            found = json.loads(store.get(path))
            files = tuple(
                File(f["path"], f["size"], f["sha256"], Summary(**f["summary"] | {"sums": tuple(f["summary"]["sums"])}))
                for f in found["files"]
            )
            batches = {int(segment): (int(count), str(which)) for segment, (count, which) in found["batches"].items()}
        except (KeyError, TypeError, ValueError) as error:
            raise SignalError(path, repr(error), "a manifest as it was written") from None
        yield Manifest(run, files, batches)


def _text(manifest: Manifest) -> bytes:
    written = {"files": [asdict(file) for file in manifest.files], "batches": manifest.batches}
    return json.dumps(written, indent=1, sort_keys=True).encode()
