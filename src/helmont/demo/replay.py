"""Replaying a trial: what happened at the sites becomes actions, in the order of its dates, audited like a person's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from helmont.core.actions import Action, Job
from helmont.core.permissions import Actor
from helmont.core.writer import perform_all
from helmont.demo.pilot.events import (
    ChangeParticipantStatus,
    EnterForm,
    Event,
    MissEncounter,
    ScreenParticipant,
    StartEncounter,
)
from helmont.edc.actions.entry import SaveForm
from helmont.edc.keys import LOG, form_key
from helmont.participants.actions import (
    BeginEncounter,
    ChangeStatus,
    encounter_key,
)
from helmont.participants.actions import (
    MissEncounter as RecordMissed,
)
from helmont.participants.actions import (
    ScreenParticipant as Screen,
)

BATCH = 200
TRANSITIONS = {"screen_failed": "fail", "randomised": "enrol", "completed": "complete", "withdrawn": "withdraw"}


@dataclass
class Tally:
    """What the replay did; ``refused`` names each event that an action refused, and why."""

    events: int = 0
    values: int = 0
    refused: list[str] = field(default_factory=list)


def action_of(study: str, event: Event) -> Action:
    """The action a site would have taken."""
    match event:
        case ScreenParticipant(participant, site, day):
            return Screen(study, site, participant, day.isoformat())
        case StartEncounter(participant, encounter, day, number, reason):
            return BeginEncounter(study, participant, encounter, day.isoformat(), number or "", reason=reason or "")
        case MissEncounter(participant, encounter, _day, reason):
            return RecordMissed(study, participant, encounter, reason)
        case ChangeParticipantStatus(participant, status, _day):
            return ChangeStatus(study, participant, TRANSITIONS[status])
        case EnterForm():
            return SaveForm(key=_key(study, event), values=event.values, complete=True)


def _key(study: str, event: EnterForm) -> str:
    if event.encounter is None:
        return form_key(study, event.participant_id, LOG, event.form, str(event.line))
    place = encounter_key(study, event.participant_id, event.encounter, event.unscheduled_number or "")
    return f"{place}/{event.form}"


def replay(
    study: str,
    events: Iterable[Event],
    actor: Actor,
    source: str,
    progress: Callable[[int, date], None] = lambda _done, _day: None,
) -> Tally:
    """Carry out every event through its action, ``BATCH`` to a commit. ``source`` names where the data come from.

    The entry's time is now; its source says the day on which the event happened.
    """
    tally = Tally()
    for batch in _batches(events):
        jobs = [Job(action_of(study, event), actor, _source(source, event.date)) for event in batch]
        for event, job, outcome in zip(batch, jobs, perform_all(jobs), strict=True):
            if isinstance(outcome, Exception):
                tally.refused.append(f"{event.date} {job.action.name} {_name(event)}: {outcome}")
            elif isinstance(event, EnterForm):
                tally.values += len(event.values)
        tally.events += len(batch)
        progress(tally.events, batch[-1].date)
    return tally


def _source(dataset: str, day: date) -> dict[str, Any]:
    return {"channel": "import", "dataset": dataset, "date": day.isoformat()}


def _name(event: Event) -> str:
    return event.participant_id + (f" {event.encounter or LOG} {event.form}" if isinstance(event, EnterForm) else "")


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    iterator = iter(events)
    while batch := list(islice(iterator, BATCH)):
        yield batch
