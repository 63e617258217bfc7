"""The rule of duplicates and overlaps: what was acknowledged first stays; what comes later only fills what is not there.

A figure may have been computed, and a decision taken, from what was acknowledged; so what a batch said of a moment never
changes because another batch comes, whatever the order in which batches arrive. A batch that was wrong is withdrawn by a
correction, in the open, and then another one may fill its place.

* Samples with a step stand for half a step on either side. A later batch's sample within that time is a duplicate.
* A sample with a time of its own stands for that moment alone: another one at exactly the same moment is a duplicate.
* Within a batch, what comes first in it goes before.
* Two stretches of which one begins up to half a step before the other ends do not share a sample. The step of the later
  acknowledged one is made so much smaller that they meet: none of its samples moves by more than half a step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helmont.samples.pieces import Piece
from helmont.signals.recording import Counts, Nanoseconds, Stretch


@dataclass(frozen=True, slots=True)
class Resolved:
    """Stretches in the order of time, none overlapping; samples left out as duplicates; batches that gave at least one."""

    stretches: tuple[Stretch, ...]
    duplicates: int
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples that are kept, of one batch."""

    number: int
    stretch: Stretch


def resolve(pieces: Sequence[Piece], start: int, end: int) -> Resolved:
    """What the pieces give from ``start`` until before ``end``. A stretch whose samples go on with the same step is joined."""
    parts: list[_Part] = []
    batches: set[int] = set()
    duplicates = 0
    alone: list[Piece] = []
    for cluster in _clusters(sorted(pieces, key=lambda piece: (piece.first, piece.number, piece.order))):
        inside = len(cluster) == 1 and start <= cluster[0].first and cluster[0].last < end
        if alone and not (inside and _goes_on(alone, cluster[0])):
            parts.append(_joined(alone))
            alone = []
        if inside:
            alone.append(cluster[0])
            batches.add(cluster[0].number)
            continue
        found = [_Part(cluster[0].number, cluster[0].load(None))]
        if len(cluster) > 1:
            found, left_out = _kept(cluster, start, end)
            duplicates += left_out
        cut = [_Part(part.number, part.stretch.between(start, end)) for part in found]
        parts += [part for part in cut if len(part.stretch)]
        batches |= {part.number for part in cut if len(part.stretch)}
    if alone:
        parts.append(_joined(alone))
    merged = _merged(parts)
    stretches = meeting([part.stretch for part in merged], [part.number for part in merged])
    return Resolved(stretches, duplicates, tuple(sorted(batches)))


def _clusters(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces in the order of time, those together of which one stands for some time that another does."""
    cluster: list[Piece] = []
    reach = 0
    for piece in pieces:
        if cluster and piece.first - piece.half >= reach:
            yield cluster
            cluster = []
        upto = piece.last + max(piece.half, 1)
        reach = max(reach, upto) if cluster else upto
        cluster.append(piece)
    if cluster:
        yield cluster


def _goes_on(run: list[Piece], piece: Piece) -> bool:
    """Whether the piece begins where the next sample of the run is due, within a nanosecond."""
    last = run[-1]
    same = piece.step == last.step > 0 and piece.width == last.width and piece.axes == last.axes
    return same and abs(last.first + round(last.rows * last.step) - piece.first) <= 1


def _joined(run: list[Piece]) -> _Part:
    """The samples of a run in one array."""
    if len(run) == 1:
        return _Part(run[0].number, run[0].load(None))
    counts: Counts = np.empty((sum(piece.rows for piece in run), run[0].axes), run[0].dtype)
    at = 0
    for piece in run:
        piece.load(counts[at : at + piece.rows])
        at += piece.rows
    step = run[0].step
    if drifted := run[-1].first - run[0].first - round((at - run[-1].rows) * step):
        step += drifted / (at - run[-1].rows)  # of nanoseconds that were rounded in the same direction
    return _Part(run[0].number, Stretch(run[0].first, step, counts))


def _kept(cluster: list[Piece], start: int, end: int) -> tuple[list[_Part], int]:
    """Of overlapping pieces what is kept, in the order of time, and how many samples from ``start`` to ``end`` are not."""
    spans: list[tuple[int, int]] = []
    points: Nanoseconds = np.empty(0, np.int64)
    parts: list[_Part] = []
    left_out = 0
    for piece in sorted(cluster, key=lambda piece: (piece.number, piece.order)):
        stretch = piece.load(None)
        if stretch.times is not None:
            found = _free_moments(stretch, spans, points)
            points = np.union1d(points, stretch.times)
        else:
            found = _free_steps(stretch, piece.half, spans, points)
            spans = _with(spans, (piece.first - piece.half, piece.last + max(piece.half, 1)))
        parts += [_Part(piece.number, each) for each in found if len(each)]
        left_out += len(stretch.between(start, end)) - sum(len(each.between(start, end)) for each in found)
    return parts, left_out


def _free_moments(stretch: Stretch, spans: Sequence[tuple[int, int]], points: Nanoseconds) -> list[Stretch]:
    """The samples with times of their own at moments for which none stands yet."""
    times = stretch.moments()
    free: NDArray[np.bool_] = ~np.isin(times, points)
    for begin, upto in spans:
        free &= (times < begin) | (times >= upto)
    return [Stretch.at(times[free], stretch.counts[free])]


def _free_steps(stretch: Stretch, half: int, spans: list[tuple[int, int]], points: Nanoseconds) -> list[Stretch]:
    """The samples with a step at moments for which none stands yet."""
    edges = [stretch.start, *(edge for span in spans for edge in span), stretch.last + 1]
    between = [(begin, upto) for begin, upto in zip(edges[::2], edges[1::2], strict=True) if begin < upto]
    free = [stretch.between(begin, upto) for begin, upto in between]
    if not len(points):
        return free
    return [each for part in free if len(part) for each in _without(part, half, points)]


def _without(stretch: Stretch, half: int, points: Nanoseconds) -> Iterator[Stretch]:
    """The samples of a stretch within half a step of which there is no point."""
    moments = stretch.moments()
    near = np.searchsorted(points, moments - half, side="left") < np.searchsorted(points, moments + half, side="right")
    edges = np.flatnonzero(np.diff(np.concatenate([[True], near, [True]])))
    for first, upto in zip(edges[::2], edges[1::2], strict=True):
        yield Stretch(int(moments[first]), stretch.step, stretch.counts[first:upto])


def _with(spans: list[tuple[int, int]], another: tuple[int, int]) -> list[tuple[int, int]]:
    """Spans in their order, none touching the next, with another one."""
    begin, upto = another
    first = bisect_left(spans, begin, key=lambda span: span[1])
    after = first
    while after < len(spans) and spans[after][0] <= upto:
        begin, upto = min(begin, spans[after][0]), max(upto, spans[after][1])
        after += 1
    return [*spans[:first], (begin, upto), *spans[after:]]


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """In the order of time; where samples with times of their own lie among others, they become one stretch."""
    merged: list[_Part] = []
    for part in sorted(parts, key=lambda part: part.stretch.start):
        before = merged[-1].stretch if merged else None
        timed = before is not None and (before.times is not None or part.stretch.times is not None)
        if before is not None and timed and part.stretch.start <= before.last:
            times = np.concatenate([before.moments(), part.stretch.moments()])
            order = np.argsort(times, kind="stable")
            counts: Counts = np.concatenate([before.counts, part.stretch.counts])
            merged[-1] = _Part(max(merged[-1].number, part.number), Stretch.at(times[order], counts[order]))
        else:
            merged.append(part)
    return merged


def meeting(stretches: Sequence[Stretch], numbers: Sequence[int] = ()) -> tuple[Stretch, ...]:
    """Where one ends after the next begins, one with a step gives way: the later acknowledged one, if ``numbers`` say."""
    met = list(stretches)
    for at, later in enumerate(stretches[1:]):
        earlier = met[at]
        if earlier.end <= later.start:
            continue
        if later.times is None and (not numbers or numbers[at + 1] >= numbers[at]):
            met[at + 1] = _from_to(later, earlier.end, later.end)
        else:
            met[at] = _from_to(earlier, earlier.start, later.start)
    return tuple(met)


def _from_to(stretch: Stretch, start: int, end: int) -> Stretch:
    """The samples of a stretch, evenly from ``start`` until ``end``."""
    fitted = replace(stretch, start=start, step=(end - start) / len(stretch))
    while fitted.end > end:
        fitted = replace(fitted, step=float(np.nextafter(fitted.step, 0)))
    return fitted
