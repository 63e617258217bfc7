"""Results wait for samples that come late: once a window is over, until its samples are there, or for as long as ``after`` says.

Samples of a window are there when every device that the participant wore in it has sent a later sample than its end, of each
channel that the results may be computed from. Where nothing came of an endpoint's channels, it may be on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helmont.participants.models import Participant
from helmont.sensors.models import Stream
from helmont.sensors.streams import StreamOf, shares_of, streams_of
from helmont.sensors.windows import VisitWindow, over, visit_windows
from helmont.signals.levels import HOUR
from helmont.signals.recording import MICROSECOND

if TYPE_CHECKING:
    from helmont.signals.endpoints.reading import Sensors


def ends(window: VisitWindow) -> int:
    """When nothing is waited for any more, in nanoseconds since 1970."""
    return window.end + round(window.entry.after * HOUR)


def ready_and_held(person: Participant, sensors: Sensors, now: int) -> tuple[list[VisitWindow], list[VisitWindow]]:
    """The windows that are over by ``now`` (nanoseconds): those whose results may be entered, and those that wait."""
    ready: list[VisitWindow] = []
    held: list[VisitWindow] = []
    streams: list[StreamOf] | None = None
    last: dict[str, int] = {}
    for window in over(visit_windows(person, sensors), now):
        if ends(window) <= now:
            ready.append(window)
            continue
        if streams is None:
            streams = streams_of(person.key)
            last = _last(streams)
        (ready if _are_there(person.key, window, sensors, streams, last) else held).append(window)
    return ready, held


def _last(streams: Sequence[StreamOf]) -> dict[str, int]:
    """The last sample of each stream, in nanoseconds of true time."""
    rows = dict(Stream.objects.filter(key__in=[each.key for each in streams]).values_list("key", "last"))
    return {each.key: each.true(at := rows[each.key] * MICROSECOND, at)[0] for each in streams}


def _are_there(
    participant: str, window: VisitWindow, sensors: Sensors, streams: Sequence[StreamOf], last: dict[str, int]
) -> bool:
    """Whether the samples of every endpoint of the window came."""
    wanted = [each for each in sensors.endpoints if each.key in window.entry.all_endpoints]
    for definition in wanted:
        due = [
            (share.stream.key, min(end, window.end))
            for channel in sensors.channels
            if channel.kind in definition.kinds and definition.channel in (None, channel.name)
            for share in shares_of(participant, streams, channel.name)
            for start, end in share.spans
            if start < window.end and end > window.start
        ]
        if not due or any(last[key] < end for key, end in due):
            return False
    return True
