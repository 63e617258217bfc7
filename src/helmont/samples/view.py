"""What a stream holds over a span: acknowledged batches put together by one rule (see ``resolving``), corrected on reading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from helmont.samples.correcting import Drift, Span, common
from helmont.samples.pieces import Entry, FromLog, Piece, Source
from helmont.samples.resolving import meeting, resolve
from helmont.signals.channels import Channel
from helmont.signals.recording import Signal, Stretch

__all__ = ["Drift", "Entry", "FromLog", "Piece", "Source", "View", "view"]


@dataclass(frozen=True, eq=False)
class View:
    """The samples of a stream in ``spans`` (true time): ``duplicates`` were left out of them; ``batches`` gave samples."""

    signal: Signal
    spans: tuple[Span, ...]
    duplicates: int
    batches: tuple[int, ...]

    def gaps(self, longer_than: int) -> Iterator[Span]:
        """Where in the spans there is nothing for longer than so many nanoseconds, at their beginnings and ends as well."""
        for begin, end in self.spans:
            at = begin
            for stretch in self.signal.between(begin, end).stretches:
                yield from _quiet(stretch, longer_than, at)
                at = stretch.end
            if end - at > longer_than:
                yield at, end


def _quiet(stretch: Stretch, longer_than: int, since: int) -> Iterator[Span]:
    """Before the stretch, and within one whose samples have times of their own."""
    if stretch.start - since > longer_than:
        yield since, stretch.start
    if stretch.times is not None:
        for at in np.flatnonzero(np.diff(stretch.times) > longer_than):
            yield int(stretch.times[at]) + 1, int(stretch.times[at + 1])


def view(
    entries: Iterable[Entry],
    source: Source,
    channel: Channel,
    start: int,
    end: int,
    *,
    scale: tuple[float, ...] = (),
    offset: tuple[float, ...] = (),
    drift: Drift | None = None,
    only: Sequence[Span] | None = None,
    withdrawn: Collection[int] = (),
) -> View:
    """The samples of a stream from ``start`` until before ``end`` (true time, nanoseconds).

    ``entries``: at least every acknowledged batch with a sample in that time, in any order; ``withdrawn``: numbers of those
    that a correction took back. ``drift`` turns the device's times into true ones, ``only`` leaves the samples of some spans
    (true time). Raises ``SignalError`` for a batch that is damaged, or whose samples have another number of axes.
    """
    spans = common([(start, end)], only if only is not None else [(start, end)])
    taken = [entry for entry in entries if entry.number not in withdrawn]
    stretches: list[Stretch] = []
    duplicates, batches = 0, set[int]()
    for begin, upto in spans:
        first, last = (begin, upto) if drift is None else (drift.device(begin) - 1, drift.device(upto) + 1)
        wanted = sorted(entry for entry in taken if entry.first < last and entry.last >= first)
        resolved = resolve(list(source.pieces(wanted, first, last)), first, last)
        for stretch in resolved.stretches:
            stretches += (
                [stretch] if drift is None else (part.between(begin, upto) for part in drift.corrected(stretch))
            )
        duplicates += resolved.duplicates
        batches.update(resolved.batches)
    whole = meeting([stretch for stretch in stretches if len(stretch)])
    return View(Signal(channel, whole, scale, offset), spans, duplicates, tuple(sorted(batches)))
