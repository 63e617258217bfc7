"""Every endpoint anew, from the archive alone: one function over every participant's day, on one machine or on a cluster.

``reduced`` is the heavy step: the samples of a channel's day (UTC) as the parts that endpoints are computed from. It is mapped
twice over acceleration, since a calibration rests on all days of a channel. The parts of a participant are then joined and
summarised into the participant's own days and nights, which is mapped over participants. What comes out, and in which order,
does not depend on where it ran. Workers need the store, and neither a database nor Django.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from helmont.samples.archive import Archive
from helmont.samples.correcting import Span
from helmont.samples.mapping import Cluster, Corrected, Part, Partition, PartitionError, map_partitions, processes
from helmont.samples.parquet import Stream, Written
from helmont.samples.stores import Store
from helmont.signals.channels import Kind
from helmont.signals.endpoints.computing import Result, summarise
from helmont.signals.endpoints.days import Zones
from helmont.signals.endpoints.definition import EndpointDefinition, Window
from helmont.signals.endpoints.movement import Movement
from helmont.signals.endpoints.partition import MARGIN, Partial, joined, partition
from helmont.signals.errors import SignalError
from helmont.signals.recording import Signal

if TYPE_CHECKING:
    from helmont.signals.epochs import Calibration

WRIST = ("wrist",)
People = Mapping[tuple[str, str], "Person"]
"""By study and number."""


@dataclass(frozen=True)
class Person:
    """What is known of a participant beside the samples: time zones, where each stream's device was worn, a leg's length."""

    zones: Zones = field(default_factory=Zones)
    placements: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    leg: float | None = None


@dataclass(frozen=True)
class Reduced:
    """The parts of a channel's day, None where it cannot be read (``refused`` says why); of how many samples, and when."""

    partial: Partial | None
    rows: int
    span: Span = (0, 0)
    refused: str = ""


@dataclass(frozen=True)
class Summarised:
    """The results of one participant; ``rows`` samples were read, and ``refused`` are the days that could not be."""

    study: str
    participant: str
    results: tuple[Result, ...]
    rows: int
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Reduce:
    """The function of a partition. ``calibrations`` are by (study, channel, participant); None: they are still to be found."""

    people: People
    warmth: Mapping[str, str]
    calibrations: Mapping[tuple[str, str, str], Calibration] | None = None

    def __call__(self, part: Part) -> Reduced:
        """Raises ``SignalError`` for a damaged file; a channel that no endpoint can be computed from is told as refused."""
        where = part.partition
        found = _signal(part)
        if found is None:
            return Reduced(None, 0)
        streams, signal = found
        name = signal.channel.name
        beside: dict[str, Signal] = {}
        placements: tuple[str, ...] = ()
        used: dict[str, Calibration] = {}
        person = self.people.get((where.study, where.participant), Person())
        if signal.channel.kind is Kind.ACCELERATION:
            if (warm := self.warmth.get(where.study)) is not None:
                other = _signal(replace(part, partition=replace(where, channel=warm)))
                beside = {warm: other[1]} if other is not None else {}
            if self.calibrations is not None:
                placements = person.placements.get(streams[-1].number, WRIST)
                key = (where.study, where.channel, where.participant)
                used = {name: self.calibrations[key]} if key in self.calibrations else {}
        start, end = where.span
        own = signal.between(start, end)
        try:
            whole = partition({name: signal, **beside}, start, end, used, placements, person.leg)
        except SignalError as fault:
            return Reduced(None, len(own), own.span, str(fault))
        parts = {name: whole.parts[name]} if name in whole.parts else {}
        return Reduced(Partial(start, end, {name: signal.channel.kind}, parts), len(own), own.span)


def _signal(part: Part) -> tuple[list[Stream], Signal] | None:
    """The samples of a part's day and a little around it, of all streams; None when there are none."""
    found = [(stream, view.signal) for stream, view in part.views(MARGIN, MARGIN) if len(view.signal)]
    if not found:
        return None
    first = found[0][1]
    stretches = sorted((each for _, signal in found for each in signal.stretches), key=lambda each: each.start)
    return [stream for stream, _ in found], Signal(first.channel, tuple(stretches), first.scale, first.offset)


def summarised(
    partials: Sequence[Partial], span: Span, definitions: Sequence[EndpointDefinition], zones: Zones
) -> tuple[Result, ...]:
    """The endpoints of a participant's own days and nights in a span, from the parts of all channels and days."""
    by_channel = sorted(partials, key=lambda each: (sorted(each.kinds), each.start))
    each = [joined(group) for _, group in groupby(by_channel, key=lambda partial: sorted(partial.kinds))]
    kinds = {name: kind for one in each for name, kind in one.kinds.items()}
    parts = {name: part for one in each for name, part in one.parts.items()}
    whole = Partial(*span, kinds, parts)
    return summarise([one for one in definitions if one.window is not Window.VISIT], whole, zones)


def recompute(
    store: Store,
    of: Sequence[Partition],
    definitions: Sequence[EndpointDefinition],
    people: People | None = None,
    *,
    on: Executor | None = None,
    corrections: Sequence[Corrected] = (),
    kinds: Mapping[tuple[str, str], Kind] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[Summarised]:
    """The endpoints of every participant of these partitions, in their order.

    ``kinds`` by (study, channel) are looked up in the files where they are not given. Raises
    ``PartitionError`` for a damaged file, ``SignalError`` for settings that a method cannot have.
    """
    people = people or {}
    ordered = sorted(of, key=lambda each: (each.study, each.participant, each.channel, each.date))
    kinds = kinds or _kinds(store, ordered)
    moving = [each for each in ordered if kinds.get((each.study, each.channel)) is Kind.ACCELERATION]
    warmth = {study: name for (study, name), kind in sorted(kinds.items()) if kind is Kind.TEMPERATURE}
    total = len(moving) + len(ordered)

    def mapped(function: Reduce, some: Sequence[Partition], before: int) -> Iterator[tuple[Partition, Reduced]]:
        return map_partitions(
            function,
            store,
            some,
            on=on,
            corrections=corrections,
            progress=lambda done, _: progress(before + done, total),
        )

    calibrations = dict(_calibrated(mapped(Reduce(people, warmth), moving, 0)))
    waiting: list[tuple[Summarised, Future[tuple[Result, ...]]]] = []
    days = mapped(Reduce(people, warmth, calibrations), ordered, len(moving))
    for (study, number), group in groupby(days, key=lambda each: (each[0].study, each[0].participant)):
        found = list(group)
        partials = [reduced.partial for _, reduced in found if reduced.partial is not None]
        refused = tuple(f"{each.channel} {each.date}: {one.refused}" for each, one in found if one.refused)
        about = Summarised(study, number, (), sum(reduced.rows for _, reduced in found), refused)
        spans = [reduced.span for _, reduced in found if reduced.rows]
        if partials and spans:
            span = min(spans)[0], max(end for _, end in spans)
            zones = people.get((study, number), Person()).zones
            waiting.append((about, _asked(on, summarised, partials, span, definitions, zones)))
        while len(waiting) > AHEAD or (waiting and waiting[0][1].done()):
            yield _done(waiting.pop(0))
    for each in waiting:
        yield _done(each)


AHEAD = 8
"""Participants whose results are computed while days of further ones are reduced."""


def _done(waited: tuple[Summarised, Future[tuple[Result, ...]]]) -> Summarised:
    return replace(waited[0], results=waited[1].result())


def _asked(on: Executor | None, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    if on is not None:
        return on.submit(function, *arguments)
    done: Future[Any] = Future()
    done.set_result(function(*arguments))
    return done


def _calibrated(
    days: Iterator[tuple[Partition, Reduced]],
) -> Iterator[tuple[tuple[str, str, str], Calibration]]:
    """The calibration of each channel of each participant, where there is enough to find one."""
    from helmont.signals.motion.calibration import calibrate

    for key, group in groupby(days, key=lambda each: (each[0].study, each[0].channel, each[0].participant)):
        partials = [reduced.partial for _, reduced in group if reduced.partial is not None]
        part = joined(partials).parts.get(key[1]) if partials else None
        if isinstance(part, Movement) and len(part.epochs):
            found = calibrate(part.epochs)
            if found.done:
                yield key, found.calibration


def _kinds(store: Store, of: Sequence[Partition]) -> dict[tuple[str, str], Kind]:
    """What each channel measures, as a file of it says."""
    archive = Archive(store)
    found: dict[tuple[str, str], Kind] = {}
    for each in of:
        if (each.study, each.channel) not in found:
            place = Stream.place(each.study, each.channel, each.participant)
            for name in archive.files(place, *each.span)[:1]:
                try:
                    found[each.study, each.channel] = Written(store, name).stream.channel.kind
                except SignalError as fault:
                    raise PartitionError(each, f"SignalError: {fault}") from None
    return found


def workers(where: str) -> AbstractContextManager[Executor | None]:
    """Where to compute: ``here``; ``processes:4``; ``ray:4`` (a cluster of so many processes, started here and ended again),
    ``ray`` (the one that RAY_ADDRESS names, or that this machine belongs to) or ``ray://host:port``.

    Raises ``SignalError`` for anything else.
    """
    kind, _, number = where.partition(":")
    if where == "here":
        return nullcontext()
    if where == "ray":
        return Cluster(os.environ.get("RAY_ADDRESS") or "auto")
    if where.startswith("ray://"):
        return Cluster(where)
    if kind in ("processes", "ray") and number.isdecimal() and int(number) > 0:
        return processes(int(number)) if kind == "processes" else Cluster(workers=int(number))
    raise SignalError("on", where, "here, processes:4, ray:4, ray, ray://host:10001")
