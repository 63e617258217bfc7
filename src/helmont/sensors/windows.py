"""Visit windows of participants: the days around an encounter over which results are computed for the record.

A window begins with the first midnight of its first day and ends with that after its last, by the clock where the participant
is: the time zones are those that were said when devices were given (``DeviceAssignment.timezone``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from helmont.participants.models import Encounter, Participant
from helmont.sensors.models import DeviceAssignment
from helmont.signals.recording import SECOND
from helmont.studies.models import Site
from helmont.studies.queries import compiled

if TYPE_CHECKING:
    from helmont.signals.endpoints.days import Period, Zones
    from helmont.signals.endpoints.reading import Sensors
    from helmont.signals.endpoints.recorded import Recorded

DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class VisitWindow:
    """The window of one entry of ``record`` at one encounter that has begun.

    ``label`` is the encounter's key; ``start`` and ``end`` are nanoseconds since 1970, the end not included; ``days`` are the
    participant's days in it, each labelled with its date.
    """

    label: str
    start: int
    end: int
    entry: Recorded
    days: tuple[Period, ...]

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints (``id@version``) that are wanted over this window."""
        return self.entry.endpoints

    @property
    def form(self) -> str:
        """The key of the form that holds what comes of it."""
        return f"{self.label}/{self.entry.form}"

    @property
    def name(self) -> str:
        """What tells the results over it from those over other windows: ``<form's key> -7..-1``."""
        return f"{self.form} {self.entry.first}..{self.entry.last}"


def zones_of(participant: Participant) -> Zones:
    """The participant's time zones: of the devices that were given, in their order; without any, the zone of the site."""
    from helmont.signals.endpoints.days import Zones

    given = DeviceAssignment.objects.filter(participant=participant.key).order_by("starts", "key")
    told = [(_moment(row.starts), row.timezone) for row in given]
    if not told:
        site = Site.objects.filter(key=f"{participant.study}/sites/{participant.site}").first()
        return Zones(site.timezone if site else "UTC")
    changes: dict[int, str] = {}
    zone = told[0][1]
    for moment, name in told[1:]:
        if name != zone:
            changes[moment] = zone = name
    return Zones(told[0][1], tuple(changes.items()))


def _moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def visit_windows(participant: Participant, sensors: Sensors) -> list[VisitWindow]:
    """The windows of every encounter of the participant that has begun, in order of time."""
    if not sensors.record:
        return []
    study = compiled(participant.study, participant.definition)
    zones = zones_of(participant)
    found = []
    for encounter in Encounter.objects.filter(participant=participant, status="begun").order_by("key"):
        forms = study.forms_at(encounter.oid)
        for entry in sensors.record:
            if entry.form in forms and (not entry.encounters or encounter.oid in entry.encounters) and encounter.date:
                whole = _days(zones, date.fromisoformat(encounter.date), entry)
                if whole:
                    found.append(VisitWindow(encounter.key, whole[0].start, whole[-1].end, entry, whole))
    return sorted(found, key=lambda window: (window.start, window.label))


def _days(zones: Zones, day: date, entry: Recorded) -> tuple[Period, ...]:
    """The participant's days of a window around an encounter on ``day``."""
    from helmont.signals.endpoints.days import days

    wanted = {(day + timedelta(days=number)).isoformat() for number in range(entry.first, entry.last + 1)}
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * SECOND
    around = days(zones, max(noon + (entry.first - 2) * DAY, 0), noon + (entry.last + 2) * DAY)
    return tuple(period for period in around if period.label in wanted)


def over(windows: Iterable[VisitWindow], now: int) -> list[VisitWindow]:
    """Those that have ended by ``now`` (nanoseconds since 1970)."""
    return [window for window in windows if window.end <= now]
