"""A participant's days (UTC), reduced once to what endpoints are computed from, and kept as files that may be deleted.

Rules. An accelerometer is calibrated by the week that ends with the day, from all that the device recorded in it, whoever wore
it; so a day's numbers never change because a later day came. Steps are sought for where the device was worn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from helmont.sensors import hours
from helmont.sensors.models import Day, DeviceAssignment, Hour
from helmont.sensors.streams import Share, StreamOf, shares_of, signal_of
from helmont.signals import levels
from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.levels import CALIBRATED_BY, FINE, HOUR
from helmont.signals.recording import MICROSECOND, Signal

if TYPE_CHECKING:
    from helmont.samples.correcting import Span
    from helmont.signals.endpoints.partition import Partial
    from helmont.signals.motion.calibration import Calibrated

DAY = 24 * HOUR
BACK = "lower_back"
WAIST = ("hip", BACK, "abdomen")
WRIST = ("", "non_dominant_wrist", "dominant_wrist")


def start_of(date: str) -> int:
    """Midnight (UTC) of a date, in nanoseconds."""
    return (calendar_date.fromisoformat(date) - calendar_date(1970, 1, 1)).days * DAY


def date_of(moment: int) -> str:
    """The date (UTC) of a moment."""
    return calendar_date.fromordinal(calendar_date(1970, 1, 1).toordinal() + moment // DAY).isoformat()


def folder() -> Path:
    """Where the parts lie."""
    return Path(settings.HOME, "derived", "days")


def path_of(participant: str, date: str, revision: int) -> Path:
    """The file of one day as it was at a ledger entry."""
    name = sha256(participant.encode()).hexdigest()[:32]
    return folder() / name[:2] / name / f"{date}-{revision}"


@dataclass(frozen=True)
class Came:
    """When something came of a participant: hours since 1970, in order; and the latest ledger entry that each date rests on."""

    hours: tuple[int, ...]
    dates: dict[str, int]

    def within(self, start: int, end: int) -> bool:
        """Whether anything came from ``start`` until before ``end`` (nanoseconds), to the hour."""
        at = bisect_left(self.hours, start // HOUR)
        return at < len(self.hours) and self.hours[at] * HOUR < end


def came(participant: str, streams: Sequence[StreamOf]) -> Came:
    """What the hours have of a participant."""
    there: set[int] = set()
    rests: dict[str, int] = {}
    for share in _all_shares(participant, streams):
        reach = CALIBRATED_BY if share.stream.channel.kind is Kind.ACCELERATION else 1
        for hour, revision in Hour.objects.filter(stream=share.stream.key).values_list("hour", "revision"):
            first, last = (hour - 1) // 24, (hour + 1) // 24  # beats and steps at midnight are looked for on both sides
            for day in range(first, last + reach):
                date = date_of(day * DAY)
                rests[date] = max(rests.get(date, 0), revision)
            if any(start < (hour + 1) * HOUR and end > hour * HOUR for start, end in share.spans):
                there.add(hour)
    dates = dict.fromkeys(date_of(hour * HOUR) for hour in sorted(there))
    return Came(tuple(sorted(there)), {date: rests[date] for date in dates})


def _all_shares(participant: str, streams: Sequence[StreamOf]) -> Iterator[Share]:
    for name in dict.fromkeys(stream.channel.name for stream in streams):
        yield from shares_of(participant, streams, name)


@dataclass(frozen=True)
class Made:
    """A day as it was made: its row, and the file's bytes."""

    row: Day
    data: bytes


def make(participant: str, date: str, revision: int, streams: Sequence[StreamOf]) -> Made:
    """Reduce a day. Raises ``SignalError`` for samples that are damaged."""
    from helmont.signals.endpoints.keeping import pack

    partial, calibrated = reduce(participant, date, streams)
    row = Day(
        key=f"{participant}#{date}",
        study=participant.partition("/")[0],
        participant=participant,
        date=date,
        revision=revision,
        nonwear={name: _micro(spans) for name, spans in _nonwear(partial)},
        calibrations={key: _said(each) for key, each in calibrated.items()},
    )
    return Made(row, pack(partial))


def reduce(participant: str, date: str, streams: Sequence[StreamOf]) -> tuple[Partial, dict[str, Calibrated]]:
    """The parts of a day of all channels, and how each accelerometer (by stream) was calibrated."""
    from helmont.signals.endpoints.partition import Partial, joined

    start = start_of(date)
    end = start + DAY
    warmth = _warmth(participant, streams, start, end)
    calibrated: dict[str, Calibrated] = {}
    kinds: dict[str, Kind] = {}
    placed = dict(
        DeviceAssignment.objects.filter(key__in={s.assignment for s in streams}).values_list("key", "placement")
    )
    found: dict[str, Any] = {}
    for name in dict.fromkeys(stream.channel.name for stream in streams):
        parts: list[tuple[bool, Partial]] = []
        for share, begin, upto in _within(shares_of(participant, streams, name), start, end):
            if share.stream.channel.kind is Kind.ACCELERATION and share.stream.key not in calibrated:
                calibrated[share.stream.key] = _calibrated(share.stream, start, end)
            part = _part(share, begin, upto, calibrated, placed[share.stream.assignment], warmth)
            if part is not None:
                parts.append(part)
            kinds[name] = share.stream.channel.kind
        came = [part for there, part in parts if there] or [part for _, part in parts[:1]]
        whole = joined(came).parts if came else {}
        if name in whole:
            found[name] = whole[name]
    return Partial(start, end, kinds, found), calibrated


def _within(shares: Sequence[Share], start: int, end: int) -> Iterator[tuple[Share, int, int]]:
    """The spans of the shares as far as they lie in a time, in the order of time."""
    spans = [
        (max(begin, start), min(upto, end), number)
        for number, share in enumerate(shares)
        for begin, upto in share.spans
        if begin < end and upto > start
    ]
    for begin, upto, number in sorted(spans):
        yield shares[number], begin, upto


def _part(
    share: Share, start: int, end: int, calibrated: dict[str, Calibrated], placement: str, warmth: Signal | None
) -> tuple[bool, Partial] | None:
    """What one device has from ``start`` to ``end``, and whether that is anything.

    None of a channel that cannot be read, such as an ECG of 10 Hz.
    """
    from helmont.signals.endpoints.partition import MARGIN, Partial, partition

    stream = share.stream
    signal = signal_of(stream, start - MARGIN, end + MARGIN, share.spans)
    name = stream.channel.name
    moving = stream.channel.kind is Kind.ACCELERATION
    beside = {warmth.channel.name: warmth} if warmth is not None and moving else {}
    used = {name: calibrated[stream.key].calibration} if moving and calibrated[stream.key].done else {}
    try:
        found = partition({name: signal, **beside}, start, end, used, sought_at(placement))
    except SignalError:
        return None
    parts = {name: found.parts[name]} if name in found.parts else {}
    return len(signal.between(start, end)) > 0, Partial(start, end, {name: stream.channel.kind}, parts)


def sought_at(placement: str) -> tuple[str, ...]:
    """What steps and walking are sought for in an acceleration from there."""
    if placement == BACK:
        return "waist", BACK
    return ("wrist",) if placement in WRIST else ("waist",) if placement in WAIST else ()


def _warmth(participant: str, streams: Sequence[StreamOf], start: int, end: int) -> Signal | None:
    """The temperature that the participant's devices measured, if any did."""
    for stream in streams:
        if stream.channel.kind is Kind.TEMPERATURE:
            shares = shares_of(participant, streams, stream.channel.name)
            parts = [signal_of(share.stream, start, end, share.spans) for share in shares]
            stretches = sorted((each for part in parts for each in part.stretches), key=lambda each: each.start)
            return Signal(stream.channel, tuple(stretches))
    return None


def _calibrated(stream: StreamOf, start: int, end: int) -> Calibrated:
    from helmont.signals.motion.calibration import calibrate

    week = hours.buckets(stream, start - (CALIBRATED_BY - 1) * DAY, end, FINE)
    return calibrate(levels.epochs_of(week, stream.channel))


def _nonwear(partial: Partial) -> Iterator[tuple[str, Sequence[Span]]]:
    from helmont.signals.endpoints.movement import Movement
    from helmont.signals.motion.nonwear import van_hees

    for name, part in partial.parts.items():
        if isinstance(part, Movement) and len(part.epochs):
            yield name, van_hees(part.epochs, setup=False)


def _micro(spans: Sequence[Span]) -> list[list[int]]:
    return [[start // MICROSECOND, end // MICROSECOND] for start, end in spans]


def _said(found: Calibrated) -> dict[str, Any]:
    """A calibration as it is shown: gain and offset per axis and what it brought, or why there is none."""
    said: dict[str, Any] = {"windows": found.windows}
    if found.done:
        numbers = found.calibration
        said |= {"gain": numbers.gain, "offset": numbers.offset, "before": found.before, "after": found.after}
        return said
    return said | {"reason": found.reason}


class Partials:
    """Days of a participant as they are asked for, the last few of them kept."""

    MOST = 40

    def __init__(self, participant: str, rows: dict[str, Day], streams: Sequence[StreamOf]) -> None:
        self.participant, self.rows, self._streams = participant, rows, streams
        self._kept: dict[str, Partial] = {}

    def of(self, start: int, end: int) -> Partial | None:
        """All that there is of the days that a time has a part of; None without any."""
        from helmont.signals.endpoints.partition import joined

        dates = [date_of(day * DAY) for day in range(start // DAY, (end - 1) // DAY + 1)]
        found = [self._day(date) for date in dates if date in self.rows]
        return joined(found) if found else None

    def _day(self, date: str) -> Partial:
        if date not in self._kept:
            while len(self._kept) >= self.MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[date] = self._read(date)
        return self._kept[date]

    def _read(self, date: str) -> Partial:
        from helmont.signals.endpoints.keeping import unpack

        try:
            return unpack(path_of(self.participant, date, self.rows[date].revision).read_bytes())
        except FileNotFoundError:
            return reduce(self.participant, date, self._streams)[0]


def changed(participant: str, wanted: dict[str, int]) -> tuple[dict[str, Day], list[str], list[str]]:
    """The days that are made, by date; the dates to be made anew; and those of which nothing is left."""
    rows = {row.date: row for row in Day.objects.filter(participant=participant)}
    stale = [date for date, revision in wanted.items() if date not in rows or rows[date].revision != revision]
    return rows, stale, [date for date in rows if date not in wanted]
