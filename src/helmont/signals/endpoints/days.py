"""A participant's own days and nights, whatever the clocks do and wherever the participant travels.

A day lasts from midnight to midnight by the clock where the participant is, a night from noon to noon; each bears the date on
which it begins. When clocks change, a day has 23 or 25 hours. When the participant changes zone, the clock jumps: forward it
makes a day shorter, or skips one; backward it makes a day longer, since a date that has begun does not begin again. Every moment
is in exactly one day and one night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

LAST = 4_102_444_800 * SECOND
"""The end of 2099; later moments are a mistake."""
MIDNIGHT, NOON = 0, 12


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` until before ``end``, nanoseconds since 1970; ``label`` is a date, or the name of a visit window."""

    label: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= LAST:
            raise SignalError(self.label, f"from {self.start} to {self.end}", "nanoseconds, rising, from 1970 to 2099")

    @property
    def hours(self) -> float:
        """How long it lasts."""
        return (self.end - self.start) / (3600 * SECOND)


@dataclass(frozen=True, slots=True)
class Zones:
    """The IANA time zone a participant is in at ``first``, and ``changes``: moments and the zone from then on, in order.

    Raises ``SignalError`` for a zone that is not in the database, and for changes out of order.
    """

    first: str = "UTC"
    changes: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        for number, name in enumerate((self.first, *(zone for _moment, zone in self.changes))):
            _zone(name, "zone" if number == 0 else f"changes[{number - 1}]")
        if any(after[0] <= before[0] for before, after in pairwise(self.changes)):
            raise SignalError("changes", [moment for moment, _zone in self.changes], "moments in order of time")

    def at(self, moment: int) -> str:
        """The zone in force at a moment."""
        return next((zone for start, zone in reversed(self.changes) if start <= moment), self.first)

    def local(self, moment: int) -> datetime:
        """The date and time the participant's clock shows, to the second."""
        return datetime.fromtimestamp(moment // SECOND, UTC).astimezone(_zone(self.at(moment), "zone"))

    def stays(self, start: int, end: int) -> Iterator[tuple[int, int, ZoneInfo]]:
        """The times from ``start`` to ``end`` in one zone each."""
        edges = [start, *(moment for moment, _zone in self.changes if start < moment < end), end]
        for begin, finish in pairwise(edges):
            yield begin, finish, _zone(self.at(begin), "zone")


def _zone(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, or a name too long
        raise SignalError(place, repr(name), "a time zone of the IANA database, such as Europe/Brussels") from None


def days(zones: Zones, start: int, end: int) -> tuple[Period, ...]:
    """The days, midnight to midnight, that have a part of the time from ``start`` until before ``end``; whole days."""
    return _periods(zones, start, end, MIDNIGHT)


def nights(zones: Zones, start: int, end: int) -> tuple[Period, ...]:
    """The nights, noon to noon, that have a part of the time from ``start`` until before ``end``; whole nights."""
    return _periods(zones, start, end, NOON)


def _periods(zones: Zones, start: int, end: int, hour: int) -> tuple[Period, ...]:
    if start >= end:
        return ()
    if not 0 <= start < end <= LAST:
        raise SignalError("time", f"from {start} to {end}", "nanoseconds since 1970, until 2099")
    week = 7 * 86_400 * SECOND
    begun = list(_begun(zones, start - week, end + week, hour))
    return tuple(
        Period(one[0].isoformat(), max(one[1], 0), two[1])
        for one, two in pairwise(begun)
        if one[1] < end and two[1] > max(start, one[1])  # a date that is left out in its zone begins and ends at once
    )


def _begun(zones: Zones, start: int, end: int, hour: int) -> Iterator[tuple[date, int]]:
    """The dates that begin, and when: a date begins at the first moment that shows it or a later one."""
    back = timedelta(hours=hour)
    newest = date.min
    for begin, finish, zone in zones.stays(start, end):
        shown = (datetime.fromtimestamp(begin // SECOND, UTC).astimezone(zone).replace(tzinfo=None) - back).date()
        if shown > newest:
            if newest != date.min:  # the clock jumped over a midnight
                yield shown, begin
            newest = shown
        while True:
            following = newest + timedelta(days=1)
            clock = datetime(following.year, following.month, following.day, hour, tzinfo=zone)
            moment = int(clock.astimezone(UTC).timestamp()) * SECOND
            if moment >= finish:
                break
            newest = following
            yield following, max(moment, begin)
