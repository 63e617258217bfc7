"""What a figure rests on: batches, corrections, calibrations and the software; from a result back to the samples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from helmont.sensors.days import DAY, date_of
from helmont.sensors.models import Day, EndpointResult, SampleCorrection
from helmont.sensors.streams import StreamOf, batches_of, shares_of, streams_of
from helmont.signals.recording import MICROSECOND

if TYPE_CHECKING:
    from helmont.signals.endpoints.days import Zones


@dataclass(frozen=True, slots=True)
class BatchOf:
    """A batch that a figure rests on: its key, the sequence of its entry in the ledger, its span (microseconds) and SHA-256."""

    key: str
    sequence: int
    first: int
    last: int
    samples: int
    digest: str


@dataclass(frozen=True)
class Basis:
    """All that a result of a channel over a time was computed from, but for its definition.

    ``personal`` are the values of the participant's record, by the setting that uses them.
    """

    participant: str
    channel: str
    start: int
    end: int
    batches: tuple[BatchOf, ...]
    corrections: tuple[str, ...]
    calibrations: dict[str, dict[str, Any]]
    software: str
    personal: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def digest(self, definition: str, zones: Zones) -> str:
        """SHA-256 over it, the definition's digest and the participant's time zones."""
        what = [
            definition,
            [zones.first, zones.changes],
            [self.participant, self.channel, self.start, self.end],
            [[each.key, each.digest] for each in self.batches],
            self.corrections,
            self.calibrations,
            *([self.personal] if self.personal else []),
        ]
        return sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def basis_of(
    participant: str,
    streams: Sequence[StreamOf],
    channel: str,
    start: int,
    end: int,
    days: Mapping[str, Day] | None = None,
) -> Basis:
    """What a result of a channel rests on, from ``start`` until before ``end`` (nanoseconds of true time).

    ``days`` are the participant's by date; when they are not given, those that are kept.
    """
    found: dict[str, BatchOf] = {}
    kept: list[str] = []
    for share in shares_of(participant, streams, channel):
        mended = SampleCorrection.objects.filter(assignment=share.stream.assignment, withdrawn=False)
        kept += mended.values_list("key", flat=True)
        for begin, upto in share.spans:
            if begin < end and upto > start:
                rows = batches_of(share.stream, max(begin, start), min(upto, end))
                columns = rows.values_list("key", "revision", "first", "last", "samples", "digest")
                found |= {row[0]: BatchOf(*row) for row in columns}
    batches = sorted(found.values(), key=lambda each: (each.first, each.key))
    dates = [date_of(day * DAY) for day in range(start // DAY, (end - 1) // DAY + 1)]
    if days is None:
        days = {row.date: row for row in Day.objects.filter(participant=participant, date__in=dates)}
    calibrations = {
        date: own
        for date in dates
        if date in days and (own := {k: v for k, v in days[date].calibrations.items() if k.endswith(f"#{channel}")})
    }
    return Basis(
        participant,
        channel,
        start,
        end,
        tuple(batches),
        tuple(sorted(set(kept))),
        calibrations,
        f"helmont {version('helmont')}",
    )


def basis_of_result(result: EndpointResult) -> Basis:
    """What a result rests on now; that its digest is still the result's says that nothing changed since."""
    streams = streams_of(result.participant)
    start, end = result.start * MICROSECOND, result.end * MICROSECOND
    return replace(basis_of(result.participant, streams, result.channel, start, end), personal=result.personal)
