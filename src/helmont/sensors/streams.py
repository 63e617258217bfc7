"""A participant's samples: which devices they come from at which time, corrected on reading, wherever they lie.

A stream is one channel of one assignment of a device (``<assignment>#<channel>``). Where two devices of a participant send the
same channel at once, the one that was given out later counts from then on. Corrections apply here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from helmont.participants.models import Participant
from helmont.samples.correcting import without
from helmont.sensors import keeping
from helmont.sensors.models import DeviceAssignment, SampleBatch, SampleCorrection, Stream
from helmont.signals.channels import Channel
from helmont.signals.recording import MICROSECOND, Signal
from helmont.signals.wire.moments import moment
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.sensing import sensors_of

if TYPE_CHECKING:
    from helmont.samples.correcting import Drift, Span
    from helmont.samples.pieces import Entry
    from helmont.signals.endpoints.reading import Sensors

FOREVER = 4_102_444_800 * 1_000_000_000
"""The end of 2099, in nanoseconds: an assignment that goes on."""


@lru_cache(64)
def sensors_in(study: str, version: str) -> Sensors | None:
    """What a published version of a study says of devices; versions never change."""
    return sensors_of(compiled(study, version).study)


def channels_in(study: str, version: str) -> dict[str, Channel]:
    """The channels that a version of a study takes, by name."""
    found = sensors_in(study, version)
    return {channel.name: channel for channel in found.channels} if found else {}


def channels_ever(study: str) -> dict[str, Channel]:
    """Every channel that any version of the study takes or took, as the latest of them has it."""
    versions = Definition.objects.filter(study=study).order_by("revision").values_list("version", flat=True)
    return {name: channel for version in versions for name, channel in channels_in(study, version).items()}


@dataclass(frozen=True)
class StreamOf:
    """One channel of one assignment, with what is put right of it. ``starts`` and ``ends`` in nanoseconds, true time."""

    key: str
    assignment: str
    participant: str
    channel: Channel
    starts: int
    ends: int
    drift: Drift | None
    worn: tuple[tuple[int, int, str], ...]
    timezone: str
    corrections: str
    revision: int

    def spans_of(self, participant: str) -> tuple[Span, ...]:
        """When the participant wore it, in true time."""
        from helmont.samples.correcting import Worn, spans_of

        assigned = Worn(self.starts, self.ends, self.participant)
        return spans_of(participant, assigned, [Worn(start, end, who or None) for start, end, who in self.worn])

    def device(self, start: int, end: int) -> Span:
        """A span of true time in the device's time."""
        return (start, end) if self.drift is None else (self.drift.device(start) - 1, self.drift.device(end) + 1)

    def true(self, start: int, end: int) -> Span:
        """A span of the device's time in true time."""
        return (start, end) if self.drift is None else (self.drift.true(start) - 1, self.drift.true(end) + 1)


def streams_of(participant: str) -> list[StreamOf]:
    """Every stream that has samples of the participant, also of devices that a correction says they wore; in order of start."""
    others = SampleCorrection.objects.filter(participant=participant, kind="wearer", withdrawn=False)
    keys = set(others.values_list("assignment", flat=True))
    own = DeviceAssignment.objects.filter(participant=participant)
    rows = {row.key: row for row in (*own, *DeviceAssignment.objects.filter(key__in=keys))}
    return streams_among(rows.values())


def stream_of(key: str) -> StreamOf | None:
    """One stream by its key; None when nothing came of it."""
    assignment, _, channel = key.rpartition("#")
    found = streams_among(DeviceAssignment.objects.filter(key=assignment))
    return next((stream for stream in found if stream.channel.name == channel), None)


def streams_among(assignments: Iterable[DeviceAssignment]) -> list[StreamOf]:
    """The streams of these assignments, in the order of their starts."""
    rows = sorted(assignments, key=lambda row: (row.starts, row.key))
    corrections: dict[str, list[SampleCorrection]] = {row.key: [] for row in rows}
    for each in SampleCorrection.objects.filter(assignment__in=list(corrections)):
        corrections[each.assignment].append(each)
    versions = dict(
        Participant.objects.filter(key__in={row.participant for row in rows}).values_list("key", "definition")
    )
    came: dict[str, list[str]] = {}
    for assignment, name in Stream.objects.filter(assignment__in=list(corrections)).values_list(
        "assignment", "channel"
    ):
        came.setdefault(assignment, []).append(name)
    found = []
    for row in rows:
        names = sorted(came.get(row.key, ()))
        channels = channels_in(row.study, versions[row.participant]) if names else {}
        if not channels.keys() >= set(names):  # a later version takes one no more; what came is still there
            channels = channels_ever(row.study) | channels
        mended = sorted(corrections[row.key], key=lambda each: int(each.key.rpartition("/")[2]))
        found += [_stream(row, channels[name], mended) for name in names]
    return found


def _stream(row: DeviceAssignment, channel: Channel, corrections: Sequence[SampleCorrection]) -> StreamOf:
    holding = [each for each in corrections if not each.withdrawn]
    clock = next((each for each in reversed(holding) if each.kind == "clock"), None)
    drift = None
    if clock is not None:
        from helmont.samples.correcting import Drift

        pairs = ((moment(shown, "points"), moment(true, "points")) for shown, true in clock.points.items())
        drift = Drift(tuple(sorted(pairs)))
    worn = tuple(
        (moment(each.starts, "starts"), moment(each.ends, "ends"), each.participant)
        for each in holding
        if each.kind == "wearer"
    )
    said = json.dumps([drift.pairs if drift else None, worn, channel.resolution, channel.unit])
    ends = moment(row.ends, "ends") if row.ends else FOREVER
    return StreamOf(
        f"{row.key}#{channel.name}",
        row.key,
        row.participant,
        channel,
        moment(row.starts, "starts"),
        ends,
        drift,
        worn,
        row.timezone,
        sha256(said.encode()).hexdigest(),
        max((each.revision for each in corrections), default=0),
    )


def entries_of(stream: StreamOf, start: int, end: int) -> list[Entry]:
    """The acknowledged batches with samples from ``start`` until before ``end`` (true time), as ``samples.view`` takes them."""
    rows = batches_of(stream, start, end).values_list("revision", "first", "last", "place")
    return [keeping.entry_of(*row) for row in rows]


def batches_of(stream: StreamOf, start: int, end: int) -> QuerySet[SampleBatch]:
    """The batches of a stream with samples from ``start`` until before ``end``, nanoseconds of true time."""
    first, last = stream.device(start, end)
    longest = Stream.objects.filter(key=stream.key).values_list("longest", flat=True).first() or 0
    return SampleBatch.objects.filter(
        participant=stream.participant,
        assignment=stream.assignment,
        channel=stream.channel.name,
        first__gte=first // MICROSECOND - longest - 1,
        first__lte=-(-last // MICROSECOND),
        last__gte=first // MICROSECOND,
    )


def signal_of(stream: StreamOf, start: int, end: int, only: Sequence[Span] | None = None) -> Signal:
    """What a stream has from ``start`` until before ``end``, corrected, in some spans only. Raises ``SignalError``."""
    from helmont.samples.view import view

    source = keeping.source(keeping.stream_of(stream.assignment, stream.participant, stream.channel))
    entries = entries_of(stream, start, end)
    return view(entries, source, stream.channel, start, end, drift=stream.drift, only=only).signal


@dataclass(frozen=True)
class Share:
    """The spans (true time) in which a stream has the samples of a participant's channel."""

    stream: StreamOf
    spans: tuple[Span, ...]


def shares_of(participant: str, streams: Sequence[StreamOf], channel: str) -> list[Share]:
    """Who wore what when: the spans of each stream, none shared; where two sent at once, the one given out later counts."""
    taken: list[Span] = []
    found: list[Share] = []
    mine = [stream for stream in streams if stream.channel.name == channel]
    for stream in sorted(mine, key=lambda each: (each.starts, each.key), reverse=True):
        spans = without(stream.spans_of(participant), taken)
        taken = sorted([*taken, *spans])
        if spans:
            found.append(Share(stream, spans))
    return found[::-1]


def signals_of(participant: str, start: int, end: int) -> dict[str, Signal]:
    """The participant's signals by channel, from ``start`` until before ``end`` (nanoseconds of true time), corrected.

    Raises ``SignalError`` for samples that are damaged.
    """
    streams = streams_of(participant)
    found: dict[str, Signal] = {}
    for name in dict.fromkeys(stream.channel.name for stream in streams):
        parts = [signal_of(share.stream, start, end, share.spans) for share in shares_of(participant, streams, name)]
        stretches = sorted((each for part in parts for each in part.stretches), key=lambda each: each.start)
        found[name] = Signal(parts[0].channel, tuple(stretches)) if parts else Signal(streams[0].channel, ())
    return found
