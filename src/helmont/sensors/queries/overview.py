"""How the devices of a study do over some days: what came, how long they were worn, and how long it was on its way.

Everything is read from derived rows, none of it from samples, so that hundreds of devices take a moment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Sum

from helmont.core.permissions import Actor
from helmont.participants.queries import participants_for
from helmont.sensors.delays import quantile
from helmont.sensors.models import Delay, DeviceAssignment, EndpointResult, Hour
from helmont.sensors.projections import MILLION
from helmont.sensors.queries.devices import VIEW, Worn, streams_by_assignment

SILENT = 24 * 3600.0
"""Seconds without data after which a device that is worn is called silent."""


@dataclass
class Figures:
    """What came of some devices.

    ``received`` and ``due`` are seconds, ``wear`` minutes of ``days`` days of which it is known; ``delays`` counts batches by the
    class of their delay; ``silent`` of ``devices`` that somebody wears have not been heard of for a day.
    """

    devices: int = 0
    silent: int = 0
    received: float = 0.0
    due: float = 0.0
    wear: float = 0.0
    days: int = 0
    delays: Counter[int] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        self.devices += other.devices
        self.silent += other.silent
        self.received += other.received
        self.due += other.due
        self.wear += other.wear
        self.days += other.days
        self.delays.update(other.delays)

    @property
    def share(self) -> float | None:
        """What came of what was due, 0 to 1; None where nothing was due."""
        return min(self.received / self.due, 1.0) if self.due > 0 else None

    @property
    def hours_a_day(self) -> float | None:
        """Hours of wear a day; None where it is not known."""
        return self.wear / 60 / self.days if self.days else None

    def delay(self, share: float) -> float | None:
        """The seconds within which that share of the batches came; None without batches."""
        return quantile(self.delays, share)


@dataclass(frozen=True)
class DeviceLine:
    """One device with one participant, over the days that are looked at."""

    worn: Worn
    figures: Figures

    @property
    def site(self) -> str:
        return self.worn.participant.site


def overview(actor: Actor, study: str, today: date, now: datetime, days: int) -> list[DeviceLine]:
    """Every device that somebody whom the person may see had within the last ``days`` days, by site and label.

    Raises ``NotFound`` for somebody to whom samples are nobody's business.
    """
    people = {row.key: row for row in participants_for(actor, study, today, VIEW)}
    since = now - timedelta(days=days)
    rows = [
        row
        for row in DeviceAssignment.objects.filter(study=study)
        if row.participant in people and _moment(row.starts) < now and (not row.ends or _moment(row.ends) > since)
    ]
    streams = streams_by_assignment(row.key for row in rows)
    all_worn = [Worn(row, people[row.participant], tuple(streams[row.key])) for row in rows]
    received = _received([stream.key for worn in all_worn for stream in worn.streams], since)
    wear = _wear({row.participant for row in rows}, since, now)
    delays = _delays(study, since)
    lines = [
        DeviceLine(worn, _figures(worn, since, now, received, wear, delays.get(worn.assignment.key, Counter())))
        for worn in all_worn
    ]
    return sorted(lines, key=lambda line: (line.site, line.worn.assignment.device))


def by_site(lines: Iterable[DeviceLine]) -> dict[str, Figures]:
    """The figures of each site together, by its number."""
    found: dict[str, Figures] = defaultdict(Figures)
    for line in lines:
        found[line.site].add(line.figures)
    return dict(sorted(found.items()))


def _figures(
    worn: Worn,
    since: datetime,
    now: datetime,
    received: Mapping[str, float],
    wear: Mapping[tuple[str, str], Sequence[float]],
    delays: Counter[int],
) -> Figures:
    given = worn.assignment
    start, end = max(_moment(given.starts), since), _moment(given.ends) if given.ends else now
    each = [wear.get((given.participant, stream.channel), ()) for stream in worn.streams]
    known = max(each, key=len, default=())
    return Figures(
        devices=1,
        silent=int(not given.ends and _silent(worn, now)),
        received=max((received.get(stream.key, 0.0) for stream in worn.streams), default=0.0),
        due=max((min(end, now) - start).total_seconds(), 0.0),
        wear=sum(known),
        days=len(known),
        delays=delays,
    )


def _silent(worn: Worn, now: datetime) -> bool:
    last = _moment(worn.received or worn.assignment.starts)
    return (now - last).total_seconds() > SILENT


def _received(streams: Sequence[str], since: datetime) -> dict[str, float]:
    """Seconds covered since then, by stream."""
    hour = int(since.timestamp()) // 3600 + 1
    rows = Hour.objects.filter(stream__in=streams, hour__gte=hour).order_by()
    return dict(rows.values_list("stream").annotate(Sum("seconds")))


def _wear(participants: Iterable[str], since: datetime, now: datetime) -> dict[tuple[str, str], list[float]]:
    """Minutes of wear of each day that ended since then, by participant and channel."""
    start, end = (int(moment.timestamp() * MILLION) for moment in (since, now))
    rows = EndpointResult.objects.filter(
        participant__in=list(participants),
        start__gte=start - 2 * 86_400 * MILLION,
        end__gt=start,
        end__lte=end,
        window="day",
        wear__isnull=False,
    ).order_by()
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for participant, channel, _label, most in rows.values_list("participant", "channel", "label").annotate(Max("wear")):
        found[participant, channel].append(most)
    return found


def _delays(study: str, since: datetime) -> dict[str, Counter[int]]:
    rows = Delay.objects.filter(study=study, day__gte=since.astimezone(UTC).date().isoformat()).order_by()
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for assignment, number, batches in rows.values_list("assignment", "number").annotate(Sum("batches")):
        found[assignment][number] = batches
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
