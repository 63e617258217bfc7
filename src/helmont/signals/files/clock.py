"""Local times become moments: the two kinds of clocks that write them, and the hours that occur twice or never.

*A running clock* is set once, when the device is configured, and runs on through a change to or from daylight saving time:
the offset from UTC that held when it was set holds for the whole recording (so Axivity describes its devices).

*A wall clock* (of a phone, a receiver, a person) follows the zone: every time has the offset of its own moment. In the hour
that occurs twice, times belong to the first pass until they go back, then to the second; a time in the hour that never
occurs is taken with the offset before the change, so 02:30 becomes 03:30.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds

SLOT = 900 * SECOND  # zones change their offset at a quarter of an hour
_BEFORE, _AFTER = 0, 253_402_300_799 * SECOND  # 1970 to 9999, exclusive of what datetime cannot tell


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ``SignalError`` for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SignalError("timezone", repr(name), "an IANA name such as Europe/Amsterdam, or UTC") from None


def nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1970 of a moment, or of a local time as if it were UTC."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1_000


def running(first: int, timezone: str) -> int:
    """The offset from UTC, in nanoseconds, of a clock that was set at ``first`` (its own local time, in nanoseconds)."""
    return _offset(first, zone(timezone), 0)


def walls(local: Nanoseconds, timezone: str) -> Nanoseconds:
    """The moments of local times in the order in which they were written, by the rule of a wall clock."""
    there = zone(timezone)
    slots, place = np.unique(local // SLOT, return_inverse=True)
    first = np.array([_offset(int(slot) * SLOT, there, 0) for slot in slots], np.int64)
    second = np.array([_offset(int(slot) * SLOT, there, 1) for slot in slots], np.int64)
    offsets = first[place]
    twice = np.flatnonzero((first > second)[place])
    for group in np.split(twice, np.flatnonzero(np.diff(twice) != 1) + 1) if len(twice) else ():
        back = np.flatnonzero(np.diff(local[group]) < 0)
        if len(back):
            later = group[back[0] + 1 :]
            offsets[later] = second[place[later]]
    moments: Nanoseconds = local - offsets
    return moments


def _offset(local: int, there: ZoneInfo, fold: int) -> int:
    """The offset of one local time, in nanoseconds; a time in the hour that never occurs has that before the change."""
    seconds = min(max(local, _BEFORE), _AFTER) // SECOND
    naive = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    first, second = (naive.replace(tzinfo=there, fold=pass_).utcoffset() or timedelta() for pass_ in (0, 1))
    offset = first if first < second else (first, second)[fold]
    return round(offset.total_seconds()) * SECOND
