"""Results that are there and wait for samples that may still come, before they are entered into the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helmont.core.transactions import format_time
from helmont.participants.models import Encounter, Participant
from helmont.sensors import grace
from helmont.sensors.actions.results import entry_key
from helmont.sensors.endpoints import published
from helmont.sensors.entering import form_value, places
from helmont.sensors.models import EndpointEntry, EndpointResult
from helmont.sensors.streams import sensors_in
from helmont.signals.recording import SECOND
from helmont.studies.queries import compiled


@dataclass(frozen=True)
class Coming:
    """A result for an item of a form, as the item will hold it; entered at ``until`` (UTC) at the latest.

    The other names are those of ``EndpointResult``.
    """

    form: str
    item: str
    endpoint: str
    window: str
    label: str
    unit: str
    value: object
    since: str
    until: str


def coming(participant: Participant, now: datetime) -> list[Coming]:
    """What waits for one participant, by form and item. Whoever shows it leaves out what is not the person's to see."""
    sensors = sensors_in(participant.study, participant.definition)
    if sensors is None or not sensors.record:
        return []
    _ready, held = grace.ready_and_held(participant, sensors, int(now.timestamp()) * SECOND)
    if not held:
        return []
    results = {row.key: row for row in EndpointResult.objects.filter(participant=participant.key, final=True)}
    entered = set(EndpointEntry.objects.filter(participant=participant.key).values_list("key", flat=True))
    study = compiled(participant.study, participant.definition)
    found = []
    for window in held:
        items = {item.id: item for item in study.forms[window.entry.form].form.items()}
        for place in places(participant.key, window, results):
            if entry_key(window.form, place.item) not in entered:
                row = place.result
                found.append(
                    Coming(
                        window.form,
                        place.item,
                        f"{row.endpoint}@{row.version}",
                        row.window,
                        row.label,
                        row.unit,
                        form_value(row, items[place.item.rpartition(".")[2]]),
                        _time(window.end),
                        _time(grace.ends(window)),
                    )
                )
    return sorted(found, key=lambda each: (each.form, each.item))


def coming_at(form: str, item: str, now: datetime) -> str:
    """When at the latest a result is entered into the item that waits for samples; empty where none does."""
    participant = Participant.objects.filter(key="/".join(form.split("/")[:2])).first()
    waiting = coming(participant, now) if participant else []
    return next((each.until for each in waiting if (each.form, each.item) == (form, item)), "")


def coming_for(study: str, now: datetime) -> set[str]:
    """The participants (keys) for whom something may wait: whose encounters are not longer ago than is waited for."""
    entries = [entry for sensors in published(study) for entry in sensors.record]
    if not entries:
        return set()
    farthest = timedelta(days=max(entry.last + 2 for entry in entries), hours=max(entry.after for entry in entries))
    since = (now - farthest).date().isoformat()
    rows = Encounter.objects.filter(study=study, status="begun", date__gte=since)
    return set(rows.values_list("participant", flat=True))


def _time(moment: int) -> str:
    return format_time(datetime.fromtimestamp(moment // SECOND, UTC))
