"""What a participant's devices measured, as pictures want it: at the level of detail that fits, and how the day goes.

Everything acknowledged is in it: what the background has not taken in yet is taken in first. Samples read at once are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.participants.models import Participant
from helmont.samples.correcting import merged
from helmont.sensors import hours
from helmont.sensors.models import Day, Hour, Stream
from helmont.sensors.streams import FOREVER, Share, shares_of, signal_of, streams_of
from helmont.sensors.windows import zones_of
from helmont.signals import levels
from helmont.signals.channels import Kind
from helmont.signals.endpoints.days import days
from helmont.signals.levels import FINE, HOUR, MINUTE, Level
from helmont.signals.recording import MICROSECOND, SECOND, Signal

Span = tuple[int, int]

RAW = 12_000
"""Samples that are shown each."""
FINE_UPTO, MINUTES_UPTO = 12 * HOUR, 31 * 24 * HOUR
LEVELS = {FINE: "5 s", MINUTE: "1 min", HOUR: "1 h"}


@dataclass(frozen=True, slots=True)
class WornChannel:
    """A channel of which something came of the participant; ``first`` and ``last`` in microseconds since 1970."""

    name: str
    kind: Kind
    unit: str
    axes: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Trace:
    """What a picture shows of a channel from ``start`` until before ``end`` (nanoseconds since 1970).

    ``times`` of shape (points,) are the beginnings of buckets of ``seconds``, or, where ``level`` is "raw", those of samples;
    ``low``, ``mean`` and ``high`` of shape (points, axes) in ``unit``. ``nonwear`` and ``gaps`` are spans; ``extra`` has ``enmo``
    (mg) of acceleration.
    """

    start: int
    end: int
    level: str
    seconds: float
    times: NDArray[np.int64]
    low: NDArray[np.float32]
    mean: NDArray[np.float32]
    high: NDArray[np.float32]
    axes: tuple[str, ...]
    unit: str
    kind: Kind
    nonwear: tuple[Span, ...] = ()
    gaps: tuple[Span, ...] = ()
    extra: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveChannel:
    """How a channel goes: its last sample, and this hour and this day of the participant's own clock.

    Shares are of the time that has passed; means a value per axis in ``unit``, and ``enmo`` in mg for acceleration; None and
    empty where nothing came. ``last_at`` is in microseconds since 1970.
    """

    name: str
    kind: Kind
    unit: str
    axes: tuple[str, ...]
    last: tuple[float, ...]
    last_at: int
    hour_share: float
    day_share: float
    hour_mean: tuple[float, ...]
    day_mean: tuple[float, ...]
    day_low: tuple[float, ...]
    day_high: tuple[float, ...]
    hour_enmo: float | None
    day_enmo: float | None


def channels_of(participant: str) -> list[WornChannel]:
    """The channels of which something came, by name. ``participant`` is one whom the person may see."""
    streams = streams_of(participant)
    spans: dict[str, list[Span]] = {}
    came = {row.key: row for row in Stream.objects.filter(key__in=[stream.key for stream in streams])}
    for stream in streams:
        row = came[stream.key]
        first, last = stream.true(row.first * MICROSECOND, row.last * MICROSECOND)
        for start, end in stream.spans_of(participant):
            if start <= last and end > first:
                spans.setdefault(stream.channel.name, []).append((max(start, first), min(end, last)))
    by_name = {stream.channel.name: stream.channel for stream in streams}
    return [
        WornChannel(name, by_name[name].kind, by_name[name].unit, by_name[name].axes, *_around(each))
        for name, each in sorted(spans.items())
    ]


def _around(spans: Sequence[Span]) -> Span:
    return min(first for first, _ in spans) // MICROSECOND, max(last for _, last in spans) // MICROSECOND


def trace(participant: str, channel: str, start: int, end: int, points: int = 1200) -> Trace:
    """The channel from ``start`` until before ``end`` (nanoseconds since 1970), in some one to three times ``points`` points.

    Raises ``NotFound`` for a channel of which nothing came, ``Invalid`` for a time that is none.
    """
    if not 0 <= start < end <= FOREVER:
        raise Invalid([Fault("from", f"from {start} to {end}", "nanoseconds since 1970, rising, until 2099")])
    shares = shares_of(participant, streams_of(participant), channel)
    if not shares:
        raise NotFound(f"{participant}#{channel}")
    about = shares[0].stream.channel
    if (about.rate or 1.0) * (end - start) / SECOND <= RAW:
        return _raw(participant, shares, start, end)
    for share in shares:
        hours.catch_up(share.stream)
    step = FINE if end - start <= FINE_UPTO else MINUTE if end - start <= MINUTES_UPTO else HOUR
    level = _buckets(shares, start, end, step)
    nonwear = _nonwear(participant, shares, start, end) if about.kind is Kind.ACCELERATION else ()
    gaps = _gaps(level, start, end, about.rate)
    if len(level) > 3 * points:
        level = levels.coarser(level, step * -(-len(level) // points))
    name = LEVELS.get(level.step, f"{level.step // SECOND} s" if level.step < MINUTE else f"{level.step // MINUTE} min")
    extra = {"enmo": level.more["enmo"][:, 0]} if "enmo" in level.more else {}
    return Trace(
        start,
        end,
        name if level.step < 2 * HOUR or level.step % HOUR else f"{level.step // HOUR} h",
        level.step / SECOND,
        level.start,
        level.low,
        level.mean,
        level.high,
        about.axes,
        about.unit,
        about.kind,
        nonwear,
        gaps,
        extra,
    )


def _raw(participant: str, shares: Sequence[Share], start: int, end: int) -> Trace:
    """Every sample."""
    about = shares[0].stream.channel
    parts = [signal_of(share.stream, start, end, share.spans) for share in shares]
    stretches = sorted((each for part in parts for each in part.stretches), key=lambda each: each.start)
    signal = Signal(about, tuple(stretches))
    times, values = signal.whole()
    single = values.astype(np.float32)
    expected = int(3 * SECOND / about.rate) if about.rate else 15 * MINUTE
    edges = [start, *times.tolist(), end] if len(times) <= RAW * 3 else [start, end]
    gaps = tuple((a, b) for a, b in pairwise(edges) if b - a > expected)
    step = 1 / about.rate if about.rate else 0.0
    nonwear = _nonwear(participant, shares, start, end) if about.kind is Kind.ACCELERATION else ()
    return Trace(
        start, end, "raw", step, times, single, single, single, about.axes, about.unit, about.kind, nonwear, gaps
    )


def _buckets(shares: Sequence[Share], start: int, end: int, step: int) -> Level:
    """The buckets of the participant's channel, from whatever devices; only those that lie as a whole in what is theirs."""
    parts = [hours.buckets(share.stream, start, end, step).inside(_grown(share, step)) for share in shares]
    return levels.joined(parts, step, len(shares[0].stream.channel.axes))


def _grown(share: Share, step: int) -> list[Span]:
    """The spans up to whole buckets where nobody else's samples are: at the beginning and the end of an assignment."""
    stream = share.stream
    return [
        (
            start // step * step if start == stream.starts else start,
            -(-end // step) * step if end == stream.ends else end,
        )
        for start, end in share.spans
    ]


def _gaps(level: Level, start: int, end: int, rate: float | None) -> tuple[Span, ...]:
    """Where nothing came for some time: longer than two buckets, or a quarter of an hour of a channel without a rate."""
    least = 2 * level.step if rate and rate * level.step >= SECOND else max(2 * level.step, 15 * MINUTE)
    ends = np.concatenate([[start], np.minimum(level.start + level.step, end)])
    begins = np.concatenate([np.maximum(level.start, start), [end]])
    return tuple((int(ends[i]), int(begins[i])) for i in np.flatnonzero(begins - ends > least))


def _nonwear(participant: str, shares: Sequence[Share], start: int, end: int) -> tuple[Span, ...]:
    """When the device was not worn: by day as it was found with the endpoints, of the time since then from the buckets."""
    name = shares[0].stream.channel.name
    first, last = _date(start), _date(end - 1)
    rows = Day.objects.filter(participant=participant, date__gte=first, date__lte=last).order_by("date")
    found = [
        (max(begin * MICROSECOND, start), min(upto * MICROSECOND, end))
        for row in rows
        for begin, upto in row.nonwear.get(name, ())
    ]
    known = max((row.date for row in rows), default="")
    if end - start <= MINUTES_UPTO and last > known:
        since = max(start, _midnight(known) + 24 * HOUR if known else start)
        found += _unknown_yet(shares, since, end)
    return tuple(span for span in merged(found) if span[0] < span[1])


def _unknown_yet(shares: Sequence[Share], start: int, end: int) -> list[Span]:
    from helmont.signals.motion.nonwear import van_hees

    if end - start > 2 * 24 * HOUR:
        return []
    level = _buckets(shares, start - HOUR, end + HOUR, FINE)
    spans = van_hees(
        levels.epochs_of(level, shares[0].stream.channel), setup=False
    )  # the time is cut out of a longer one
    return [(max(begin, start), min(upto, end)) for begin, upto in spans if begin < end and upto > start]


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment // SECOND, UTC).date().isoformat()


def _midnight(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * 24 * HOUR


def live(participant: str, now: datetime) -> list[LiveChannel]:
    """How every channel of the participant goes, by name; what was acknowledged by now is in it."""
    streams = streams_of(participant)
    moment = int(now.timestamp() * SECOND)
    if not streams:
        return []
    [day] = days(zones_of(Participant.objects.get(key=participant)), moment, moment + 1)
    hour = moment // HOUR * HOUR
    found = []
    for name in sorted({stream.channel.name for stream in streams}):
        shares = shares_of(participant, streams, name)
        for share in shares:
            if share.spans[-1][1] > day.start:
                hours.catch_up(share.stream)
        found.append(_live(shares, day.start, hour, moment))
    return found


def _live(shares: Sequence[Share], day: int, hour: int, now: int) -> LiveChannel:
    rows = [
        row
        for share in shares
        for row in Hour.objects.filter(stream=share.stream.key, hour__gte=day // HOUR, hour__lte=now // HOUR)
        if any(start < (row.hour + 1) * HOUR and end > row.hour * HOUR for start, end in share.spans)
    ]
    latest = _latest(shares)
    about = shares[0].stream.channel
    of_hour = [row for row in rows if row.hour == hour // HOUR]
    return LiveChannel(
        name=about.name,
        kind=about.kind,
        unit=about.unit,
        axes=about.axes,
        last=tuple(latest.last) if latest else (),
        last_at=latest.last_at if latest else 0,
        hour_share=_share(of_hour, now - hour),
        day_share=_share(rows, now - day),
        hour_mean=_mean(of_hour),
        day_mean=_mean(rows),
        day_low=tuple(map(min, zip(*(row.low for row in rows), strict=True))),
        day_high=tuple(map(max, zip(*(row.high for row in rows), strict=True))),
        hour_enmo=_enmo(of_hour),
        day_enmo=_enmo(rows),
    )


def _latest(shares: Sequence[Share]) -> Hour | None:
    rows = (Hour.objects.filter(stream=share.stream.key).order_by("-hour").first() for share in shares)
    return max((row for row in rows if row is not None), key=lambda row: row.last_at, default=None)


def _share(rows: Sequence[Hour], passed: int) -> float:
    return min(sum(row.seconds for row in rows) / (passed / SECOND), 1.0) if passed > 0 else 0.0


def _mean(rows: Sequence[Hour]) -> tuple[float, ...]:
    total = sum(row.samples for row in rows)
    axes: Any = zip(*([each * row.samples for each in row.mean] for row in rows), strict=True)
    return tuple(sum(values) / total for values in axes)


def _enmo(rows: Sequence[Hour]) -> float | None:
    known = [(row.enmo, row.seconds) for row in rows if row.enmo is not None and row.seconds]
    return sum(enmo * seconds for enmo, seconds in known) / sum(s for _, s in known) if known else None
