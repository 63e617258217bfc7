"""Channels that are not for everybody: what a person must not see of a participant's devices."""

from __future__ import annotations

from datetime import date

from helmont.core.permissions import Actor
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.sensing import sensors_of


def hidden_channels(actor: Actor, participant: Participant, today: date) -> frozenset[str]:
    """The channels of the participant that the person must not see, nor anything that was computed of them.

    A channel is under a privilege when the version of the study that the participant is under says so, or the latest one.
    """
    lacking = actor.hidden(scope_of(participant), today)
    latest = Study.objects.filter(key=participant.study).values_list("definition", flat=True).first()
    found: set[str] = set()
    for version in {participant.definition, latest} - {None, ""}:
        sensors = sensors_of(compiled(participant.study, str(version)).study)
        if sensors is not None:
            found.update(name for name, privilege in sensors.privileges.items() if privilege in lacking)
    return frozenset(found)
