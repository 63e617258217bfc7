"""The latest entries of a study's log that concern the person: what was done, by whom, without any value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from helmont.core.ledger.models import Entry
from helmont.core.people.models import Person
from helmont.core.permissions import Actor, Scope
from helmont.participants.models import Participant
from helmont.participants.queries import in_places
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.web.addresses import participant_address
from helmont.web.audit.words import action_title, record_title

SHOWN = 12


@dataclass(frozen=True)
class Happening:
    sequence: int
    time: str
    who: str
    done: str
    what: str
    url: str


def latest(actor: Actor, study: Study, today: date, language: str) -> list[Happening]:
    """Entries about participants at the person's places; of the study itself for those who see all of it."""
    condition = in_places(actor, "participant.view", study.key, today)
    if condition is None:
        return []
    entries = Entry.objects.filter(log=study.key).exclude(action__startswith="people.")
    entries = entries.exclude(action="sensors.record_batch").order_by("-sequence")
    if not actor.may("participant.view", Scope(study.key), today):
        people = Participant.objects.filter(condition).order_by().values("key")
        entries = entries.filter(participant__in=people)
    found = list(entries.defer("body")[:SHOWN])
    names = dict(Person.objects.filter(handle__in={entry.actor for entry in found}).values_list("handle", "name"))
    definition = compiled(study.key, study.definition)
    return [
        Happening(
            entry.sequence,
            entry.time,
            names.get(entry.actor, entry.actor),
            action_title(entry.action),
            record_title(definition, entry.record, language),
            participant_address(entry.participant) if entry.participant else "",
        )
        for entry in found
    ]
