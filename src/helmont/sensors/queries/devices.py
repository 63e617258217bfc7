"""The devices of a study with whoever wears them, and what has come of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.sensors.models import Device, DeviceAssignment, SampleBatch, SampleCorrection, Stream
from helmont.sensors.projections import MILLION

VIEW = "samples.view"


@dataclass(frozen=True)
class Worn:
    """One assignment of a device to a participant whom the person may see."""

    assignment: DeviceAssignment
    participant: Participant
    streams: tuple[Stream, ...] = ()

    @property
    def number(self) -> int:
        """Which of the device's assignments it is, from 1."""
        return int(self.assignment.key.rpartition("/")[2])

    @property
    def received(self) -> str:
        """When the last batch came; "" before the first."""
        return max((stream.received for stream in self.streams), default="")

    @property
    def samples(self) -> int:
        return sum(stream.samples for stream in self.streams)

    @property
    def delay(self) -> float | None:
        """Seconds from the last sample of the batch that came last until it came."""
        latest = max(self.streams, key=lambda stream: stream.received, default=None)
        return latest.delay if latest else None

    def coverage(self, now: datetime) -> float | None:
        """The share of the time of wear that has come, of the channel of which most has; None before it begins."""
        begins = datetime.fromisoformat(self.assignment.starts)
        ends = datetime.fromisoformat(self.assignment.ends) if self.assignment.ends else now
        due = (min(now, ends) - begins).total_seconds()
        if due <= 0:
            return None
        return min(max((stream.seconds for stream in self.streams), default=0.0) / due, 1.0)


@dataclass(frozen=True)
class DeviceView:
    """A device and who wears it now, where that is the person's to know; ``elsewhere`` when somebody else wears it."""

    device: Device
    worn: Worn | None
    elsewhere: bool


def devices_for(actor: Actor, study: str, today: date) -> list[DeviceView]:
    """Every device of the study, by label. Raises ``NotFound`` for somebody to whom samples are nobody's business."""
    people = {row.key: row for row in participants_for(actor, study, today, VIEW)}
    current = DeviceAssignment.objects.filter(study=study, ends="")
    by_device = {row.device: row for row in current}
    streams = streams_by_assignment(row.key for row in current)
    found = []
    for device in Device.objects.filter(study=study).order_by("label"):
        row = by_device.get(device.label)
        mine = row is not None and row.participant in people
        worn = Worn(row, people[row.participant], tuple(streams[row.key])) if row is not None and mine else None
        found.append(DeviceView(device, worn, row is not None and not mine))
    return found


def device_for(actor: Actor, study: str, label: str, today: date) -> tuple[Device, list[Worn]]:
    """One device and everybody whom the person may see who wore it, the latest first. Raises ``NotFound``."""
    people = {row.key: row for row in participants_for(actor, study, today, VIEW)}
    device = Device.objects.filter(key=f"{study}/devices/{label}").first()
    if device is None:
        raise NotFound(f"{study}/devices/{label}")
    rows = [row for row in DeviceAssignment.objects.filter(study=study, device=label) if row.participant in people]
    streams = streams_by_assignment(row.key for row in rows)
    worn = [Worn(row, people[row.participant], tuple(streams[row.key])) for row in rows]
    return device, sorted(worn, key=lambda each: -each.number)


def assignment_for(actor: Actor, study: str, label: str, number: int, today: date) -> Worn:
    """One assignment. Raises ``NotFound`` also for one of a participant whom the person may not see."""
    _device, worn = device_for(actor, study, label, today)
    for each in worn:
        if each.number == number:
            return each
    raise NotFound(f"{study}/devices/{label}/{number}")


def worn_by(participant: Participant) -> list[Worn]:
    """The devices of one participant, whom the person may see, the latest first."""
    rows = list(DeviceAssignment.objects.filter(participant=participant.key))
    streams = streams_by_assignment(row.key for row in rows)
    worn = [Worn(row, participant, tuple(streams[row.key])) for row in rows]
    return sorted(worn, key=lambda each: each.assignment.starts, reverse=True)


def corrections_of(assignment: str) -> list[SampleCorrection]:
    """Every correction of an assignment in the order in which they were made, withdrawn ones too."""
    rows = SampleCorrection.objects.filter(assignment=assignment)
    return sorted(rows, key=lambda row: int(row.key.rpartition("/")[2]))


def latest_batches(assignment: str, most: int) -> list[SampleBatch]:
    """The batches of an assignment that came last, the latest first."""
    return list(SampleBatch.objects.filter(assignment=assignment).order_by("-revision")[:most])


@dataclass(frozen=True)
class Gap:
    """A time in which no sample of a channel was taken, in microseconds since 1970."""

    channel: str
    start: int
    end: int

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / MILLION


def gaps_of(assignment: str, longer_than: float = 60.0) -> list[Gap]:
    """Where batches leave the time of a channel uncovered for longer than so many seconds, in order of time."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rows = SampleBatch.objects.filter(assignment=assignment).values_list("channel", "first", "last")
    for channel, first, last in rows:
        spans[channel].append((first, last))
    found = []
    for channel, each in spans.items():
        reached = 0
        for first, last in sorted(each):
            if reached and first - reached > longer_than * MILLION:
                found.append(Gap(channel, reached, first))
            reached = max(reached, last)
    return sorted(found, key=lambda gap: (gap.start, gap.channel))


def streams_by_assignment(assignments: Iterable[str]) -> dict[str, list[Stream]]:
    """What came of each of the assignments, by its key, channel after channel."""
    found: dict[str, list[Stream]] = defaultdict(list)
    for stream in Stream.objects.filter(assignment__in=list(assignments)).order_by("channel"):
        found[stream.assignment].append(stream)
    return found


def now() -> datetime:
    return datetime.now(UTC)
