"""One stretch of counts packed into a block of bytes, and back, without loss.

Of every axis the next count is predicted from the two before it, with the predictor that leaves least on that block; what is
left is written as unsigned numbers (zigzag), the low bytes of all samples first, then the next ones, without the planes that
are zero throughout; Zstandard packs these. Axes, types and times are in a header of their own with a checksum; the packed
planes carry the checksum of Zstandard. Numbers are little-endian. A block is at most ``MOST`` counts, so that its size is
known to be bounded before anything is reserved for it.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from operator import itemgetter
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.predicting import PREDICTORS, choose, planes, predict, predict_narrow, restore, restore_narrow
from helmont.signals.recording import SECOND, Counts, Nanoseconds, Stretch

MOST = 1 << 22
"""Counts (samples times axes) that one block may hold."""

MAGIC = b"HMB1"
AXES = 32
FIXED = struct.Struct("<4s5B3xIIIqqd")
BASE = struct.Struct("<qB")
CHECK = struct.Struct("<I")
TIMED = 1
FAST = zstandard.ZstdCompressionParameters.from_level(
    1, strategy=zstandard.STRATEGY_FAST, min_match=7, hash_log=7, write_checksum=True, write_content_size=True
)
"""Of what predictors leave, short repetitions are chance, and most long ones are near: looking for those only is quicker, and
packs movement as well within a hundredth."""
LIMIT = 1 << 62  # nanoseconds either side of 1970 that a moment may be away


@dataclass(frozen=True, slots=True)
class Head:
    """What a block says of itself: where it lies in the bytes it was found in, and what it holds.

    ``first`` and ``last`` are the moments of the first and the last sample (nanoseconds); ``step`` is 0 when every sample has
    a time of its own; ``width`` is the bytes of a count. Of the counts and of the times: the ``planes`` kept, the packed
    ``sizes``; of every axis, the times last, its base and predictor.
    """

    offset: int
    length: int
    rows: int
    axes: int
    width: int
    first: int
    last: int
    step: float
    planes: tuple[int, int]
    sizes: tuple[int, int]
    bases: tuple[tuple[int, int], ...]

    @property
    def timed(self) -> bool:
        """Whether every sample has a time of its own."""
        return len(self.bases) > self.axes


class _Codecs(threading.local):
    """A compressor serves one thread at a time."""

    def __init__(self) -> None:
        self.packer = zstandard.ZstdCompressor(compression_params=FAST)
        self.unpacker = zstandard.ZstdDecompressor()


_codecs = _Codecs()


def pack(stretch: Stretch) -> bytes:
    """The block of one stretch. Raises ``SignalError`` for what no block holds: too many counts, another type, a bad step."""
    counts, times = stretch.counts, stretch.times
    rows, axes = _shape(counts)
    _check_times(stretch)
    kept, bases, body = _columns(np.ascontiguousarray(counts))
    kept_times, size = 0, len(body)
    if times is not None and rows:
        kept_times, more, timed = _columns(np.ascontiguousarray(times).reshape(-1, 1))
        bases, body = bases + more, body + timed
    elif times is not None:
        bases += ((0, 0),)
    head = FIXED.pack(
        *(MAGIC, counts.dtype.itemsize, axes, TIMED if times is not None else 0, kept, kept_times),
        *(rows, size, len(body) - size, stretch.start, stretch.last, 0.0 if times is not None else float(stretch.step)),
    )
    head += b"".join(BASE.pack(*base) for base in bases)
    return head + CHECK.pack(zlib.crc32(head)) + body


def _shape(counts: Counts) -> tuple[int, int]:
    """Samples and axes, where a block holds them."""
    if counts.dtype not in (np.int16, np.int32) or counts.ndim != 2 or not 1 <= counts.shape[1] <= AXES:
        raise SignalError(
            "counts", f"{counts.dtype} of shape {counts.shape}", f"int16 or int32, (samples, at most {AXES} axes)"
        )
    if counts.size > MOST:
        raise SignalError("counts", f"{counts.size} in one block", f"at most {MOST}")
    return counts.shape[0], counts.shape[1]


def _check_times(stretch: Stretch) -> None:
    """Raise ``SignalError`` for times or a step that no block can hold."""
    rows, times = len(stretch.counts), stretch.times
    if times is None:
        if not (isfinite(stretch.step) and 0 < stretch.step < LIMIT):
            raise SignalError("step", stretch.step, "nanoseconds above 0")
    elif times.dtype != np.int64 or times.shape != (rows,):
        raise SignalError("times", f"{times.dtype} of shape {times.shape}", f"int64 of shape ({rows},)")
    elif rows and (times[0] != stretch.start or (np.diff(times) < 0).any()):
        raise SignalError("times", "times that decrease, or another start", "not decreasing, the first the start")
    if not -LIMIT < stretch.start <= stretch.last < LIMIT:
        raise SignalError("start", stretch.start, f"moments within {LIMIT} nanoseconds of 1970")


def _columns(columns: NDArray[Any]) -> tuple[int, tuple[tuple[int, int], ...], bytes]:
    """How many planes were kept, the base and predictor of every axis, and the packed planes."""
    if not columns.size:
        return 0, ((0, 0),) * columns.shape[1], b""
    axes = np.empty((columns.shape[1], 2), np.int64)
    choose(columns, PREDICTORS, axes)
    if columns.dtype == np.int16:
        spread = np.empty((2, columns.size), np.uint8)
        kept = (int(predict_narrow(columns, PREDICTORS, axes, spread)).bit_length() + 7) // 8
    else:
        left = np.empty(columns.size, f"u{columns.dtype.itemsize}")
        kept = (int(predict(columns, PREDICTORS, axes, left)).bit_length() + 7) // 8
        spread = np.empty((kept, left.size), np.uint8)
        planes(left.view(np.uint8).reshape(left.size, -1), spread)
    body = _codecs.packer.compress(spread[:kept].data) if kept else b""
    return kept, tuple((base, chosen) for base, chosen in axes.tolist()), body


def head(data: bytes | memoryview, offset: int = 0) -> Head:
    """What the block at ``offset`` says of itself. Raises ``SignalError`` where there is no whole block."""
    place = f"block at byte {offset}"
    if offset < 0 or len(data) - offset < FIXED.size:
        raise SignalError(place, f"{max(len(data) - offset, 0)} bytes", f"a header of {FIXED.size} bytes")
    magic, width, axes, flags, *rest = FIXED.unpack_from(data, offset)
    kept, kept_times, rows, size, size_times, first, last, step = rest
    timed = flags == TIMED
    if magic != MAGIC or width not in (2, 4) or not 1 <= axes <= AXES or flags not in (0, TIMED):
        raise SignalError(place, "no header of a block", MAGIC.decode())
    described = offset + FIXED.size + BASE.size * (axes + timed)
    if len(data) < described + CHECK.size:
        raise SignalError(place, "a header cut short", "a whole header")
    if zlib.crc32(data[offset:described]) != CHECK.unpack_from(data, described)[0]:
        raise SignalError(place, "a header whose checksum differs", "a header as it was written")
    bases = tuple(BASE.iter_unpack(data[offset + FIXED.size : described]))
    sound = (
        rows * axes <= MOST
        and kept <= width
        and kept_times <= 8 * timed
        and bool(size) == bool(kept)
        and bool(size_times) == bool(kept_times)
        and -LIMIT < first <= last < LIMIT
        and (timed or (isfinite(step) and 0 < step < LIMIT))
        and max(bases, key=itemgetter(1))[1] < len(PREDICTORS)
    )
    if not sound:
        raise SignalError(place, "a header that contradicts itself", "a header as it was written")
    length = described + CHECK.size + size + size_times - offset
    if len(data) - offset < length:
        raise SignalError(place, f"{len(data) - offset} bytes", f"{length} bytes")
    return Head(offset, length, rows, axes, width, first, last, step, (kept, kept_times), (size, size_times), bases)


def unpack(data: bytes | memoryview, at: Head | int = 0, out: Counts | None = None) -> Stretch:
    """The stretch of a block; ``out`` (rows, axes) takes the counts where it is given.

    Raises ``SignalError`` for a block that is not as it was written.
    """
    found = at if isinstance(at, Head) else head(data, at)
    place, view = f"block at byte {found.offset}", memoryview(data)
    end = found.offset + found.length
    middle = end - found.sizes[1]
    counts = np.empty((found.rows, found.axes), f"i{found.width}") if out is None else out
    if counts.shape != (found.rows, found.axes) or counts.dtype.itemsize != found.width:
        raise SignalError(
            place, f"{found.rows} samples of {found.axes} axes, {found.width} bytes each", "the room given"
        )
    _restore(place, view[middle - found.sizes[0] : middle], found.planes[0], found.bases[: found.axes], counts)
    if not found.timed:
        return Stretch(found.first, found.step, counts)
    times = np.empty((found.rows, 1), np.int64)
    _restore(place, view[middle:end], found.planes[1], found.bases[found.axes :], times)
    given: Nanoseconds = times.reshape(-1)
    if found.rows and (given[0] != found.first or given[-1] != found.last or (np.diff(given) < 0).any()):
        raise SignalError(place, "times that contradict the header", "a block as it was written")
    return Stretch.at(given, counts)


def _restore(place: str, packed: memoryview, kept: int, bases: tuple[tuple[int, int], ...], out: NDArray[Any]) -> None:
    """The counts of packed planes, into ``out``."""
    size = kept * out.size
    spread = np.zeros((1, out.size), np.uint8)
    if kept:
        try:
            if zstandard.frame_content_size(packed) != size:
                raise SignalError(place, "planes of another size", f"{size} bytes")
            spread = np.frombuffer(_codecs.unpacker.decompress(packed, max_output_size=size), np.uint8)
        except zstandard.ZstdError as error:
            raise SignalError(place, str(error), "planes as they were written") from None
        if spread.size != size:
            raise SignalError(place, f"{spread.size} bytes", f"{size} bytes")
        spread = spread.reshape(kept, -1)
    axes = np.array(bases, np.int64)
    if out.dtype == np.int16:
        restore_narrow(spread, axes, out)
    else:
        restore(spread, PREDICTORS, axes, out)


def cut(stretch: Stretch, seconds: float = 60.0) -> Iterator[Stretch]:
    """The stretch in parts of at most ``seconds`` and ``MOST`` counts, each a view."""
    most = max(MOST // max(stretch.counts.shape[1], 1), 1)
    if stretch.times is None:
        rows = min(max(int(seconds * SECOND / stretch.step), 1), most)
        for first in range(0, len(stretch), rows):
            yield Stretch(
                stretch.start + round(first * stretch.step), stretch.step, stretch.counts[first : first + rows]
            )
        return
    times = stretch.times
    edges = [0]
    while edges[-1] < len(times):
        upto = int(np.searchsorted(times, times[edges[-1]] + int(seconds * SECOND), side="left"))
        edges.append(min(max(upto, edges[-1] + 1), edges[-1] + most))
    for first, upto in pairwise(edges):
        yield Stretch.at(times[first:upto], stretch.counts[first:upto])


def pack_all(stretches: Iterable[Stretch], seconds: float = 60.0) -> bytes:
    """Blocks of about so many seconds, one after the other."""
    return b"".join(pack(part) for stretch in stretches for part in cut(stretch, seconds))


def heads(data: bytes | memoryview) -> list[Head]:
    """What the blocks that follow each other in ``data`` say of themselves. Raises ``SignalError`` for anything else there."""
    found: list[Head] = []
    offset = 0
    while offset < len(data):
        found.append(head(data, offset))
        offset += found[-1].length
    return found


def unpack_all(data: bytes | memoryview) -> list[Stretch]:
    """The stretches of the blocks that follow each other in ``data``."""
    return [unpack(data, each) for each in heads(data)]
