"""Levels of a signal for pictures and dashboards: buckets of 5 seconds, and coarser ones folded from them.

A bucket has how many samples there were, the lowest, the mean and the highest value of each axis in the channel's unit; one of
acceleration also what an epoch has (``EPOCH_COLUMNS``). Buckets begin at whole multiples of their length since 1970, and those
without samples are left out. Everything here can be made again from the samples at any time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import zstandard
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds, Signal

if TYPE_CHECKING:
    from helmont.signals.epochs import Epochs

FINE, MINUTE, HOUR = 5 * SECOND, 60 * SECOND, 3600 * SECOND
CALIBRATED_BY = 7
"""Days by whose buckets an accelerometer is calibrated: the day itself and those before it."""
EPOCH_COLUMNS = {"sd": 3, "enmo": 1, "enmoa": 1, "mad": 1, "angle": 1}
"""What an epoch of acceleration has beside low, mean and high, and of how many axes (see ``Epochs``; no temperature)."""
_HEAD = struct.Struct("<4sBBHIq")
_MAGIC = b"HLV1"
_LARGEST = 64 << 20

Single = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Level:
    """Buckets of ``step`` nanoseconds in the order of time.

    ``start`` (nanoseconds since 1970) and ``samples`` of shape (buckets,); ``low``, ``mean`` and ``high`` of shape (buckets,
    axes); ``more`` has the columns of epochs, of shape (buckets, axes of the column).
    """

    step: int
    start: Nanoseconds
    samples: NDArray[np.int64]
    low: Single
    mean: Single
    high: Single
    more: Mapping[str, Single] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, chosen: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Level:
        """Some of the buckets, by a slice, a mask or numbers."""
        more = {name: column[chosen] for name, column in self.more.items()}
        three = self.low[chosen], self.mean[chosen], self.high[chosen]
        return Level(self.step, self.start[chosen], self.samples[chosen], *three, more)

    def between(self, start: int, end: int) -> Level:
        """The buckets that begin at ``start`` or later and before ``end``."""
        first, last = np.searchsorted(self.start, [start, end], side="left")
        return self[int(first) : int(last)]

    def inside(self, spans: Sequence[tuple[int, int]]) -> Level:
        """The buckets that lie as a whole in one of the spans."""
        kept = np.zeros(len(self), np.bool_)
        for start, end in spans:
            kept |= (self.start >= start) & (self.start + self.step <= end)
        return self if kept.all() else self[kept]

    @property
    def _three(self) -> tuple[Single, Single, Single]:
        return self.low, self.mean, self.high


def fine(signal: Signal) -> Level:
    """The buckets of 5 seconds of a signal, without calibration."""
    if signal.channel.kind is Kind.ACCELERATION:
        return _of_acceleration(signal)
    parts = [_folded(*_values(signal, number)) for number in range(len(signal.stretches))]
    return coarser(joined(parts, FINE, len(signal.channel.axes)), FINE)


def _values(signal: Signal, number: int) -> tuple[Nanoseconds, NDArray[np.float64]]:
    stretch = signal.stretches[number]
    return stretch.moments(), signal.values(stretch)


def _folded(times: Nanoseconds, values: NDArray[np.float64]) -> Level:
    begins = times // FINE
    edges = np.flatnonzero(np.diff(begins, prepend=begins[0] - 1)) if len(begins) else np.empty(0, np.int64)
    samples = np.diff(np.append(edges, len(begins)))
    if not len(edges):
        return empty(FINE, values.shape[1])
    mean = np.add.reduceat(values, edges) / samples[:, None]
    low, high = np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
    return Level(FINE, begins[edges] * FINE, samples, _single(low), _single(mean), _single(high))


def _single(column: NDArray[np.float64]) -> Single:
    return column.astype(np.float32)


def _of_acceleration(signal: Signal) -> Level:
    from helmont.signals.epochs import epochs  # it brings a compiler along

    table = epochs(signal)
    quantity = signal.channel.quantity

    def own(column: NDArray[np.float64]) -> Single:
        """From g to the channel's unit."""
        return ((column - quantity.shift) / quantity.factor).astype(np.float32)

    more = {name: getattr(table, name).astype(np.float32).reshape(len(table), -1) for name in EPOCH_COLUMNS}
    samples = table.samples.astype(np.int64)
    return Level(FINE, table.start, samples, own(table.low), own(table.mean), own(table.high), more)


def empty(step: int, axes: int) -> Level:
    """No bucket at all."""
    none = np.empty((0, axes), np.float32)
    return Level(step, np.empty(0, np.int64), np.empty(0, np.int64), none, none, none)


def joined(levels: Iterable[Level], step: int, axes: int) -> Level:
    """Levels of one step, one after the other; in the order of their beginnings, which may meet in a bucket."""
    parts = [level for level in levels if len(level)]
    if not parts:
        return empty(step, axes)
    if len(parts) == 1:
        return parts[0]
    names = set.intersection(*(set(part.more) for part in parts))
    low, mean, high = (np.concatenate([part._three[i] for part in parts]) for i in range(3))
    more = {name: np.concatenate([part.more[name] for part in parts]) for name in sorted(names)}
    start = np.concatenate([part.start for part in parts])
    whole = Level(step, start, np.concatenate([part.samples for part in parts]), low, mean, high, more)
    order = np.argsort(start, kind="stable")
    return whole if np.array_equal(order, np.arange(len(order))) else whole[order]


def coarser(level: Level, step: int) -> Level:
    """Buckets of ``step`` nanoseconds, a multiple of the level's own: means weigh by samples."""
    if not len(level):
        return Level(step, level.start, level.samples, *level._three, level.more)
    begins = level.start // step
    edges = np.flatnonzero(np.diff(begins, prepend=begins[0] - 1))
    if step == level.step and len(edges) == len(level):
        return level
    samples = np.add.reduceat(level.samples, edges)

    def mean(column: Single) -> Single:
        known = np.isfinite(column)
        weights = np.where(known, level.samples[:, None], 0).astype(np.float64)
        total = np.add.reduceat(np.where(known, column, 0.0) * weights, edges)
        of = np.add.reduceat(weights, edges)
        return np.divide(total, of, out=np.full_like(total, np.nan), where=of > 0).astype(np.float32)

    low, high = np.minimum.reduceat(level.low, edges), np.maximum.reduceat(level.high, edges)
    more = {name: mean(column) for name, column in level.more.items()}
    return Level(step, begins[edges] * step, samples, low, mean(level.mean), high, more)


def spliced(level: Level, new: Level, spans: Sequence[tuple[int, int]]) -> Level:
    """The level with what ``new`` has in the spans in the place of what was there. Spans begin and end at whole buckets."""
    kept = np.ones(len(level), np.bool_)
    for start, end in spans:
        kept &= (level.start < start) | (level.start >= end)
    axes = new.mean.shape[1]
    return joined([level[kept], new], level.step, axes)


def epochs_of(level: Level, channel: Channel) -> Epochs:
    """The epochs that buckets of 5 seconds of acceleration were made of, to the precision of a float32.

    Raises ``SignalError`` for another level.
    """
    from helmont.signals.epochs import Epochs

    if level.step != FINE or (len(level) and set(level.more) != set(EPOCH_COLUMNS)):
        raise SignalError(channel.name, f"buckets of {level.step} ns", "buckets of 5 s of acceleration")
    quantity = channel.quantity

    def g(column: Single) -> NDArray[np.float64]:
        return column.astype(np.float64) * quantity.factor + quantity.shift

    def more(name: str) -> NDArray[np.float64]:
        column = level.more[name].astype(np.float64) if len(level) else np.empty((0, EPOCH_COLUMNS[name]))
        return column if EPOCH_COLUMNS[name] > 1 else column[:, 0]

    return Epochs(
        start=level.start,
        samples=level.samples.astype(np.int32),
        mean=g(level.mean),
        sd=more("sd"),
        low=g(level.low),
        high=g(level.high),
        enmo=more("enmo"),
        enmoa=more("enmoa"),
        mad=more("mad"),
        angle=more("angle"),
        temperature=np.full(len(level), np.nan),
        loose=Signal(channel, ()),
    )


def pack(level: Level) -> bytes:
    """Buckets of 5 seconds as a file: those of a minute first, so that they are read without the others."""
    frames = [_packed(each) for each in (coarser(level, MINUTE), level)]
    return b"".join(frames)


def _packed(level: Level) -> bytes:
    base = int(level.start[0]) if len(level) else 0
    columns = [(level.start - base) // level.step, level.samples]
    body = b"".join(column.astype("<u4").tobytes() for column in columns)
    singles = [*level._three, *(level.more[name] for name in level.more)]
    body += b"".join(column.astype("<f4").T.tobytes() for column in singles)
    data = zstandard.ZstdCompressor(level=3).compress(body)
    axes = level.mean.shape[1]
    return _HEAD.pack(_MAGIC, level.step // SECOND, axes, len(level), len(data), base) + bytes([len(level.more)]) + data


def unpack(data: bytes, step: int) -> Level:
    """The buckets of a minute, or of 5 seconds, of what ``pack`` gave. Raises ``SignalError`` for anything else."""
    at = 0
    while at + _HEAD.size < len(data):
        magic, seconds, axes, count, size, base = _HEAD.unpack_from(data, at)
        more = data[at + _HEAD.size]
        at += _HEAD.size + 1
        if magic != _MAGIC:
            break
        if seconds * SECOND == step:
            return _unpacked(data[at : at + size], step, axes, count, base, bool(more))
        at += size
    raise SignalError("levels", f"no buckets of {step // SECOND} s", "a file of levels")


def _unpacked(data: bytes, step: int, axes: int, count: int, base: int, more: bool) -> Level:
    width = 3 * axes + (sum(EPOCH_COLUMNS.values()) if more else 0)
    try:
        body = zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST)
    except zstandard.ZstdError as error:
        raise SignalError("levels", str(error), "a file of levels as it was written") from None
    if len(body) != count * 4 * (2 + width):
        raise SignalError("levels", f"{len(body)} bytes", f"{count} buckets of {width} columns")
    whole = np.frombuffer(body, "<u4", 2 * count).astype(np.int64)
    table = np.frombuffer(body, "<f4", count * width, 8 * count).reshape(width, count)
    at = 0

    def take(columns: int) -> Single:
        nonlocal at
        found = np.ascontiguousarray(table[at : at + columns].T, np.float32)
        at += columns
        return found

    low, mean, high = take(axes), take(axes), take(axes)
    columns = {name: take(wide) for name, wide in EPOCH_COLUMNS.items()} if more else {}
    return Level(step, base + whole[:count] * step, whole[count:], low, mean, high, columns)
