"""Channels that are not for everybody: what a person must not see of a participant's devices."""

from __future__ import annotations

from datetime import date

from helmont.core.permissions import Actor
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.sensors.streams import sensors_in
from helmont.studies.models import Definition, Study


def hidden_channels(actor: Actor, participant: Participant, today: date) -> frozenset[str]:
    """The channels of the participant that the person must not see, nor anything that was computed of them.

    A channel is under a privilege when the version of the study that the participant is under says so, or the latest one; of a
    channel that neither has any more, when any version did.
    """
    lacking = actor.hidden(scope_of(participant), today)
    if not lacking:
        return frozenset()
    study = participant.study
    latest = Study.objects.filter(key=study).values_list("definition", flat=True).first()
    holding = {participant.definition, latest}
    found: set[str] = set()
    declared: set[str] = set()
    earlier: set[str] = set()
    for version in Definition.objects.filter(study=study).values_list("version", flat=True):
        sensors = sensors_in(study, version)
        if sensors is not None:
            private = {name for name, privilege in sensors.privileges.items() if privilege in lacking}
            (found if version in holding else earlier).update(private)
            declared |= {channel.name for channel in sensors.channels} if version in holding else set()
    return frozenset(found | (earlier - declared))
