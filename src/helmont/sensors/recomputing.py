"""What a recomputation of the archive needs of the database: definitions, time zones, placements and corrections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from helmont.core.errors import Fault, Invalid
from helmont.core.projections.runner import catch_up
from helmont.participants.models import Participant
from helmont.sensors import keeping
from helmont.sensors.days import sought_at
from helmont.sensors.endpoints import definitions_of, windows_of
from helmont.sensors.models import DeviceAssignment
from helmont.sensors.personal import personal_of
from helmont.sensors.streams import FOREVER, Share, StreamOf, shares_of, streams_of
from helmont.sensors.windows import zones_of
from helmont.signals.endpoints.days import Period
from helmont.signals.endpoints.definition import EndpointDefinition

if TYPE_CHECKING:
    from helmont.samples.correcting import Worn
    from helmont.samples.mapping import Corrected, Partition
    from helmont.samples.recomputing import People, Person
    from helmont.samples.stores import Store


@dataclass(frozen=True)
class Plan:
    """What ``samples.recomputing.recompute`` takes."""

    partitions: Sequence[Partition]
    definitions: Sequence[EndpointDefinition]
    people: People
    corrections: Sequence[Corrected]


def plan(store: Store, study: str, endpoints: Collection[str] = ()) -> Plan:
    """Everything of a study that is in the archive; ``endpoints`` are ``id@version``, by default all that it ever declared.

    Definitions of the study come before those of the catalogue. Visit windows are those of the study's ``record``. Raises
    ``Invalid`` for an endpoint that there is not.
    """
    from helmont.samples.correcting import Worn
    from helmont.samples.mapping import partitions

    catch_up("sensor streams")
    definitions = _definitions(study, endpoints)
    there = partitions(store, study)
    people: dict[tuple[str, str], Person] = {}
    further: set[Partition] = set()
    worn: dict[str, list[Worn]] = {}
    known: dict[str, StreamOf] = {}
    for row in Participant.objects.filter(study=study).order_by("key"):
        if not (streams := streams_of(row.key)):
            continue
        number = row.key.partition("/")[2]
        further.update(_elsewhere(number, streams, there))
        known |= {each.key: each for each in streams}
        shares = {
            name: shares_of(row.key, streams, name) for name in dict.fromkeys(each.channel.name for each in streams)
        }
        for share in (one for each in shares.values() for one in each):
            spans = [Worn(start, end, number) for start, end in share.spans]
            worn.setdefault(share.stream.key, []).extend(spans)
        people[study, number] = _person(row, streams, shares, definitions)
    corrections = [_corrected(stream, worn.get(key, [])) for key, stream in known.items()]
    return Plan(sorted({*there, *further}), definitions, people, corrections)


def _definitions(study: str, endpoints: Collection[str]) -> list[EndpointDefinition]:
    from helmont.signals.endpoints.catalogue import catalogue

    declared = definitions_of(study)
    known = {**catalogue(), **declared}
    if unknown := [key for key in endpoints if key not in known]:
        raise Invalid([Fault("endpoint", f"there is no {each}", ", ".join(declared) or "mvpa@1") for each in unknown])
    return [known[key] for key in endpoints] if endpoints else list(declared.values())


def _person(
    row: Participant,
    streams: Sequence[StreamOf],
    shares: Mapping[str, Sequence[Share]],
    definitions: Sequence[EndpointDefinition],
) -> Person:
    from helmont.samples.recomputing import Person

    assigned = {each.assignment for each in streams}
    placed = dict(DeviceAssignment.objects.filter(key__in=assigned).values_list("key", "placement"))
    return Person(
        zones_of(row),
        {keeping.number_of(each.key): sought_at(placed[each.assignment]) for each in streams},
        channels={
            name: (
                next(stream.channel for stream in streams if stream.channel.name == name),
                tuple((*span, keeping.number_of(share.stream.key)) for share in found for span in share.spans),
            )
            for name, found in shares.items()
        },
        visits=tuple((Period(each.name, each.start, each.end), each.endpoints) for each in windows_of(row)),
        personal=personal_of(row.key, definitions),
    )


def _corrected(stream: StreamOf, worn: Sequence[Worn]) -> Corrected:
    """A stream's clock, and when it was worn by whom while no device that was given out later sent the same."""
    from helmont.samples.correcting import Worn
    from helmont.samples.mapping import Corrected

    nobody = Worn(-FOREVER, FOREVER, None)
    owner = stream.participant.partition("/")[2]
    return Corrected(keeping.number_of(stream.key), owner, stream.drift, (nobody, *worn))


def _elsewhere(number: str, streams: Sequence[StreamOf], there: Sequence[Partition]) -> Iterator[Partition]:
    """Days of the participant that have no file of their own: of a device of somebody else's, or whose clock was corrected."""
    from helmont.samples.parquet import DAY, date_of, day_of

    for stream in streams:
        owner = stream.participant.partition("/")[2]
        if owner == number and stream.drift is None:
            continue
        for each in there:
            if (each.channel, each.participant) == (stream.channel.name, owner):
                start, end = stream.true(each.span[0], each.span[0] + DAY)
                for day in range(day_of(start), day_of(end - 1) + 1):
                    yield replace(each, participant=number, date=date_of(day))
