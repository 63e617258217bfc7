"""Every endpoint anew, from the archive alone: one function over every participant's day, on one machine or on a cluster.

``reduced`` is the heavy step: the samples of a channel's day (UTC) as the parts that endpoints are computed from. Before it,
``still`` is mapped over acceleration, since a calibration rests on the week that ends with the day. The days of a participant are
then summarised into the participant's own days, nights and visit windows, which is mapped over participants. What comes out, and
in which order, does not depend on where it ran; it is what a server computes. Workers need the store, and neither a database
nor Django.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from helmont.samples.archive import Archive
from helmont.samples.mapping import Cluster, Corrected, Partition, PartitionError, map_partitions, processes
from helmont.samples.parquet import DAY, Stream, Written, day_of
from helmont.samples.reducing import Known, Reduced, fitted, reduced, silent, still
from helmont.samples.stores import Store
from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints.computing import Result, compute
from helmont.signals.endpoints.days import Period, Zones, days, nights
from helmont.signals.endpoints.definition import EndpointDefinition, Window
from helmont.signals.endpoints.partition import Partial, joined
from helmont.signals.endpoints.personal import Personal
from helmont.signals.errors import SignalError
from helmont.signals.levels import CALIBRATED_BY, HOUR
from helmont.signals.recording import Values

if TYPE_CHECKING:
    from helmont.signals.epochs import Calibration

People = Mapping[tuple[str, str], "Person"]
"""By study and number."""
Calibrations = Mapping[tuple[str, str, str], Mapping[int, "Calibration"]]
"""By study, participant whose device it is and date: those of streams."""


@dataclass(frozen=True)
class Person:
    """What is known of a participant beside the samples: time zones, where each stream's device was worn.

    ``channels`` in the order in which they are looked at (of two of a kind the first counts), each with when which of its
    streams counts. ``visits`` are the visit windows, each with the endpoints (``id@version``) that are wanted over it;
    ``personal`` are values of the record.
    """

    zones: Zones = field(default_factory=Zones)
    placements: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    channels: Mapping[str, tuple[Channel, tuple[tuple[int, int, int], ...]]] = field(default_factory=dict)
    visits: tuple[tuple[Period, tuple[str, ...]], ...] = ()
    personal: Personal = field(default_factory=dict)


NOBODY = Person()


@dataclass(frozen=True)
class Summarised:
    """The results of one participant; ``rows`` samples were read, and ``refused`` are the days that could not be."""

    study: str
    participant: str
    results: tuple[Result, ...]
    rows: int
    refused: tuple[str, ...]


def summarised(
    reduced_days: Sequence[tuple[Partition, Reduced]], definitions: Sequence[EndpointDefinition], person: Person
) -> tuple[Result, ...]:
    """The endpoints of a participant over every day, night and visit window of which something came.

    Each is computed from the days (UTC) that it has a part of. The order is that of the definitions, then of time.
    """
    hours = sorted({hour for _, each in reduced_days for hour in each.hours})
    partials = _by_day(reduced_days, person)
    wanted = list(_wanted(hours, definitions, person)) if hours else []
    found: dict[int, Result] = {}
    latest, whole = (0, 0), None
    for number, (definition, period) in sorted(enumerate(wanted), key=lambda each: (each[1][1].start, each[1][1].end)):
        first, last = day_of(period.start), day_of(period.end - 1)
        if whole is None or latest != (first, last):
            there = [partials[day] for day in range(first, last + 1) if day in partials]
            latest, whole = (first, last), joined(there) if there else None
        if whole is not None:
            found[number] = compute(definition, whole, period, person.zones, person.personal)
    return tuple(found[number] for number in sorted(found))


def _by_day(reduced_days: Sequence[tuple[Partition, Reduced]], person: Person) -> dict[int, Partial]:
    """All channels of each day on which something came, in the participant's order."""
    came = {(day_of(where.span[0]), where.channel): each for where, each in reduced_days if each.rows}
    names = dict.fromkeys([*person.channels, *sorted(channel for _, channel in came)])
    known = Known(person.placements)
    found: dict[int, Partial] = {}
    for day in sorted({day for day, _ in came}):
        each = [
            came[day, name].partial
            if (day, name) in came
            else silent(*person.channels[name], day, known)
            if name in person.channels
            else None
            for name in names
        ]
        there = [one for one in each if one is not None]
        found[day] = Partial(
            day * DAY,
            (day + 1) * DAY,
            {name: kind for one in there for name, kind in one.kinds.items()},
            {name: part for one in there for name, part in one.parts.items()},
        )
    return found


def _wanted(
    hours: Sequence[int], definitions: Sequence[EndpointDefinition], person: Person
) -> Iterator[tuple[EndpointDefinition, Period]]:
    begin, end = hours[0] * HOUR, (hours[-1] + 1) * HOUR
    periods = {Window.DAY: days(person.zones, begin, end), Window.NIGHT: nights(person.zones, begin, end)}
    for definition in definitions:
        visits = tuple(period for period, endpoints in person.visits if definition.key in endpoints)
        for period in periods.get(definition.window, visits):
            at = bisect_left(hours, period.start // HOUR)
            if at < len(hours) and hours[at] * HOUR < period.end:
                yield definition, period


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
    total = len(moving) + len(ordered)

    def mapped(
        function: Callable[..., Any], some: Sequence[Partition], before: int, about: Callable[[Partition], Any]
    ) -> Iterator[tuple[Partition, Any]]:
        return map_partitions(
            function,
            store,
            some,
            on=on,
            about=about,
            corrections=corrections,
            progress=lambda done, _: progress(before + done, total),
        )

    calibrations = _calibrations(mapped(still, moving, 0, lambda _partition: ()), on)
    lenders: dict[str, set[str]] = defaultdict(set)
    for each in corrections:
        for worn in each.worn:
            if worn.wearer is not None:
                lenders[worn.wearer].add(each.participant)

    def about(where: Partition) -> tuple[Known]:
        person = people.get((where.study, where.participant), NOBODY)
        names = person.channels or sorted(name for study, name in kinds if study == where.study)
        warm = next((name for name in names if kinds.get((where.study, name)) is Kind.TEMPERATURE), None)
        owners = {where.participant, *lenders.get(where.participant, ())}
        own = [calibrations.get((where.study, owner, where.date), {}) for owner in owners]
        used = {number: one for each in own for number, one in each.items()}
        return (Known(person.placements, used, warm),)

    waiting: list[tuple[Summarised, Future[tuple[Result, ...]]]] = []
    for (study, number), group in groupby(
        mapped(reduced, ordered, len(moving), about), key=lambda each: (each[0].study, each[0].participant)
    ):
        found = list(group)
        refused = tuple(f"{where.channel} {where.date}: {one.refused}" for where, one in found if one.refused)
        result = Summarised(study, number, (), sum(one.rows for _, one in found), refused)
        if any(one.partial is not None for _, one in found):
            person = people.get((study, number), NOBODY)
            waiting.append((result, _asked(on, summarised, found, definitions, person)))
        while len(waiting) > AHEAD or (waiting and waiting[0][1].done()):
            yield _done(waiting.pop(0))
    for one in waiting:
        yield _done(one)


AHEAD = 8
"""Participants whose results are computed while days of further ones are reduced; and calibrations on their way."""


def _done(waited: tuple[Summarised, Future[tuple[Result, ...]]]) -> Summarised:
    return replace(waited[0], results=waited[1].result())


def _asked(on: Executor | None, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    if on is not None:
        return on.submit(function, *arguments)
    done: Future[Any] = Future()
    done.set_result(function(*arguments))
    return done


def _calibrations(found: Iterator[tuple[Partition, dict[int, Values]]], on: Executor | None) -> Calibrations:
    """The calibration of each device on each day, by the week that ends with it, where that is enough to find one."""
    calibrations: dict[tuple[str, str, str], dict[int, Calibration]] = defaultdict(dict)
    waiting: deque[tuple[tuple[str, str, str], int, Future[Calibration | None]]] = deque()

    def take() -> None:
        key, number, future = waiting.popleft()
        if (one := future.result()) is not None:
            calibrations[key][number] = one

    for _, group in groupby(found, key=lambda each: (each[0].study, each[0].participant, each[0].channel)):
        seen: dict[tuple[int, int], Values] = {}
        for where, windows in group:
            day = day_of(where.span[0])
            seen = {key: values for key, values in seen.items() if key[1] > day - CALIBRATED_BY}
            for number, values in windows.items():
                seen[number, day] = values
                week = [some for (stream, _day), some in seen.items() if stream == number]
                key = (where.study, where.participant, where.date)
                waiting.append((key, number, _asked(on, fitted, week)))
            while len(waiting) > AHEAD:
                take()
    while waiting:
        take()
    return calibrations


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
