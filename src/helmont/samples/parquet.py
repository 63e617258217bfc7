"""One stream's samples of one day (UTC) as a Parquet file that any engine reads, and the pieces of it again.

Columns: ``time`` (nanoseconds, UTC), one for each axis with the device's counts (16 or 32 bits), and ``batch``, the number of
the batch a sample came with; duplicates are in it, as nothing that was received is left out. Numbers are packed as
differences (DELTA_BINARY_PACKED), then by Zstandard. Under the key ``helmont`` of the metadata is JSON: the stream with its
scale and offset (``value = count * scale + offset``), and the pieces, so that reading gives the stretches that were received.
The same pieces give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import parquet

from helmont.samples.pieces import Entry, Piece
from helmont.samples.stores import Store
from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Stretch
from helmont.signals.wire.columnar import numbers

Whole = NDArray[np.int64]

DAY = 86_400 * SECOND
EPOCH = date(1970, 1, 1)
GROUP = 1 << 18
"""Rows after which a row group ends, at the end of a piece."""
KEY = b"helmont"


@dataclass(frozen=True, slots=True)
class Stream:
    """What the samples of a stream are: of which channel, of whom; ``number`` as its batches give it."""

    number: int
    study: str
    participant: str
    channel: Channel
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()

    def folder(self, day: int) -> str:
        """Where the samples of a day are kept."""
        return f"{self.prefix}/date={date_of(day)}"

    @property
    def prefix(self) -> str:
        """Where its samples are kept."""
        return self.place(self.study, self.channel.name, self.participant)

    @staticmethod
    def place(study: str, channel: str | None, participant: str | None) -> str:
        """Where the samples are kept of a study, of a channel of it, of a participant's channel."""
        parts = {"study": study, "channel": channel, "participant": participant if channel else None}
        return "/".join(f"{name}={quote(value, safe='')}" for name, value in parts.items() if value is not None)


def day_of(moment: int) -> int:
    """The day (UTC) of a moment; days are counted from 1970-01-01."""
    return moment // DAY


def date_of(day: int) -> str:
    """The date of a day, as it is in paths."""
    return (EPOCH + timedelta(days=day)).isoformat()


def named(path: str) -> dict[str, str]:
    """The study, channel, participant and date that a path names."""
    parts = (part.partition("=") for part in path.split("/") if "=" in part)
    return {name: unquote(value) for name, _, value in parts}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file holds, to compare what was meant with what is there: ``sums`` of the counts of every axis."""

    rows: int
    sums: tuple[int, ...]
    first: int
    last: int


def digest(entries: Iterable[Entry]) -> str:
    """SHA-256 of which batches went into a file."""
    lines = "".join(f"{e.number} {e.first} {e.last} {tuple(e.location)}\n" for e in sorted(entries))
    return hashlib.sha256(lines.encode()).hexdigest()


def write(stream: Stream, day: int, pieces: Iterable[Piece], inputs: str) -> tuple[bytes, Summary] | None:
    """The file of the samples of a day, and what it holds; None when there is no sample. ``inputs``: see ``digest``.

    Raises ``SignalError`` when a piece has another number of axes than the channel.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.first, piece.number, piece.order))
    axes = stream.channel.axes
    if wrong := [piece.axes for piece in ordered if piece.axes != len(axes)]:
        raise SignalError(stream.channel.name, f"counts of {wrong[0]} axes", f"{len(axes)} axes")
    width = max((piece.width for piece in ordered), default=2)
    schema = _schema(axes, width)
    described: list[list[Any]] = []
    rows, sums, first, last = 0, np.zeros(len(axes), np.int64), 1 << 62, -(1 << 62)
    file = io.BytesIO()
    with _writer(file, schema) as writer:
        group: list[tuple[int, Stretch]] = []
        for piece in ordered:
            part = piece.load(None)
            if piece.first < day * DAY or piece.last >= (day + 1) * DAY:
                part = part.between(day * DAY, (day + 1) * DAY)
            if not len(part):
                continue
            described.append([piece.number, piece.order, part.start, part.last, len(part), piece.step, piece.width])
            rows, sums = rows + len(part), sums + _sums(part.counts)
            first, last = min(first, part.start), max(last, part.last)
            group.append((piece.number, part))
            if sum(len(each) for _, each in group) >= GROUP:
                writer.write_table(_table(group, schema), row_group_size=1 << 62)
                group = []
        if group:
            writer.write_table(_table(group, schema), row_group_size=1 << 62)
        metadata = {"stream": _described(stream), "inputs": inputs, "pieces": described}
        writer.add_key_value_metadata({KEY: json.dumps(metadata, separators=(",", ":"), sort_keys=True).encode()})
    summary = Summary(rows, tuple(sums.tolist()), first, last)
    return (file.getvalue(), summary) if rows else None


def _schema(axes: Sequence[str], width: int) -> pyarrow.Schema:
    counts = pyarrow.int16() if width == np.dtype(np.int16).itemsize else pyarrow.int32()
    fields = [pyarrow.field("time", pyarrow.timestamp("ns", "UTC"), nullable=False)]
    fields += [pyarrow.field(axis, counts, nullable=False) for axis in axes]
    return pyarrow.schema([*fields, pyarrow.field("batch", pyarrow.int64(), nullable=False)])


def _writer(file: BinaryIO, schema: pyarrow.Schema) -> Any:
    return parquet.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        column_encoding=dict.fromkeys(schema.names, "DELTA_BINARY_PACKED"),
        write_page_checksum=True,
    )


def _table(group: Sequence[tuple[int, Stretch]], schema: pyarrow.Schema) -> pyarrow.Table:
    """The rows of a row group."""
    moments = np.concatenate([part.moments() for _, part in group])
    batches = np.repeat(np.array([number for number, _ in group], np.int64), [len(part) for _, part in group])
    counts = np.concatenate([part.counts for _, part in group])
    columns = [moments, *np.ascontiguousarray(counts.T, schema.field(1).type.to_pandas_dtype()), batches]
    arrays = [
        pyarrow.Array.from_buffers(field.type, len(column), [None, pyarrow.py_buffer(column)])
        for column, field in zip(columns, schema, strict=True)
    ]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _sums(counts: Counts) -> Whole:
    """The sum of every axis."""
    sums: Whole = np.ascontiguousarray(counts.T).sum(axis=1, dtype=np.int64)
    return sums


def _described(stream: Stream) -> dict[str, Any]:
    described = asdict(stream)
    described["channel"]["range"] = [each if np.isfinite(each) else None for each in stream.channel.range]
    return described


def _stream(described: dict[str, Any]) -> Stream:
    channel = dict(described["channel"])
    low, high = channel["range"]
    channel["range"] = (-float("inf") if low is None else low, float("inf") if high is None else high)
    channel["kind"] = Kind(channel["kind"])
    scale, offset = tuple(described["scale"]), tuple(described["offset"])
    return Stream(described["number"], described["study"], described["participant"], Channel(**channel), scale, offset)


class Written:
    """A file in a store. Raises ``SignalError`` when it is not one, ``FileNotFoundError``.

    Row groups are read, from the file opened anew, when a piece of them is.
    """

    def __init__(self, store: Store, place: str) -> None:
        self._store, self.place = store, place
        with store.open(place) as file:
            try:
                self._metadata = parquet.ParquetFile(file).metadata
                found = json.loads(self._metadata.metadata[KEY])
                self.stream, self.inputs = _stream(found["stream"]), str(found["inputs"])
                self.described: list[list[Any]] = found["pieces"]
                total = sum(rows for _, _, _, _, rows, _, _ in self.described)
            except (pyarrow.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
                raise SignalError(place, repr(error), "samples that were compacted") from None
        sizes = [self._metadata.row_group(each).num_rows for each in range(self._metadata.num_row_groups)]
        self._begins = np.concatenate([[0], np.cumsum(sizes)])
        self._timed = any(not step for _, _, _, _, _, step, _ in self.described)
        self._groups = OrderedDict[int, tuple[Nanoseconds, Counts]]()
        if total != self._begins[-1]:
            raise SignalError(place, f"{self._begins[-1]} rows", "as many as its pieces have")

    def pieces(self, numbers: set[int] | None = None) -> Iterator[Piece]:
        """The pieces of batches with these numbers; of all."""
        at = 0
        for number, order, first, last, rows, step, width in self.described:
            if numbers is None or number in numbers:
                load = partial(self._load, at, rows, first, step, width)
                axes = len(self.stream.channel.axes)
                yield Piece(number, order, first, last, rows, axes, step, width, load)
            at += rows

    def summary(self) -> Summary:
        """What the columns hold, read anew."""
        axes = len(self.stream.channel.axes)
        rows, sums, first, last = 0, np.zeros(axes, np.int64), 1 << 62, -(1 << 62)
        for group in range(len(self._begins) - 1):
            times, counts = self._read(group, times=True)
            rows, sums = rows + len(times), sums + _sums(counts)
            first, last = min(first, int(times.min())), max(last, int(times.max()))
        return Summary(rows, tuple(sums.tolist()), first, last)

    def _load(self, at: int, rows: int, first: int, step: float, width: int, out: Counts | None = None) -> Stretch:
        group = int(np.searchsorted(self._begins, at, side="right")) - 1
        times, counts = self._group(group)
        within = slice(at - int(self._begins[group]), at - int(self._begins[group]) + rows)
        if len(counts[within]) != rows:
            raise SignalError(self.place, "a piece that goes on in another row group", "pieces that are whole")
        taken = np.empty((rows, counts.shape[1]), f"i{width}") if out is None else out
        taken[:] = counts[within]
        return Stretch(first, step, taken) if step else Stretch.at(times[within].copy(), taken)

    def _group(self, group: int) -> tuple[Nanoseconds, Counts]:
        """Counts of a row group, and times where a piece needs them; the last few are kept."""
        if (kept := self._groups.get(group)) is None:
            kept = self._groups[group] = self._read(group, times=self._timed)
            while len(self._groups) > 2:
                self._groups.popitem(last=False)
        return kept

    def _read(self, group: int, *, times: bool) -> tuple[Nanoseconds, Counts]:
        """Times, if they are wanted, and counts of a row group."""
        axes = list(self.stream.channel.axes)
        with self._store.open(self.place) as file:
            try:
                reader = parquet.ParquetFile(file, metadata=self._metadata, page_checksum_verification=True)
                table = reader.read_row_group(group, columns=["time"] * times + axes, use_threads=False)
                moments = numbers(table.column("time"), np.int64) if times else np.empty(0, np.int64)
                columns = [numbers(table.column(axis)) for axis in axes]
            except (pyarrow.ArrowException, OSError, KeyError) as error:
                raise SignalError(self.place, str(error), "samples that were compacted") from None
        return moments, np.stack(columns, axis=1)
