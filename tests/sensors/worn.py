"""A trial whose participants wear devices: what the devices measured becomes items of the form WORN at week 2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from helmont.core.actions import Action, Job, Outcome
from helmont.core.permissions import Actor, Grant, service
from helmont.core.writer import perform, perform_all
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Participant
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.secrets import new_secret
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study
from helmont.study.model import Study

PACKAGE = Path(__file__).parents[1] / "packages" / "worn"
TRIAL = "WORN1"
HIM, HER = f"{TRIAL}/701-001", f"{TRIAL}/702-001"
WEEK_2 = f"{HIM}/WEEK_2"
WORN = f"{WEEK_2}/WORN"
GIVEN = "2026-03-16T08:00:00Z"
IMPORT = service("import", "import_service")


def person(handle: str, role: str, site: str = "") -> Actor:
    return Actor(handle, (Grant(role, TRIAL, site=site),), "Europe/Brussels")


CLEO = person("cleo.coordinator", "site_coordinator", "701")
INES = person("ines.investigator", "investigator", "701")
MONA = person("mona.monitor", "monitor")
DANA = person("dana.manager", "data_manager")


@cache
def definition() -> Study:
    return load_study(PACKAGE)


def do(action: Action, by: Actor = DANA) -> Any:
    return perform(action, by).result


def begin_trial() -> None:
    """Two sites with a participant each, who came to baseline; week 2 of one of them is the day after clocks changed."""
    actions: list[Action] = [
        PublishDefinition(definition()),
        OpenSite(TRIAL, "701", "Ghent", "BE", "Europe/Brussels"),
        OpenSite(TRIAL, "702", "Leiden", "NL", "Europe/Amsterdam"),
        ScreenParticipant(TRIAL, "701", "701-001", "2026-03-10"),
        ScreenParticipant(TRIAL, "702", "702-001", "2026-03-10"),
        BeginEncounter(TRIAL, "701-001", "BASELINE", "2026-03-16"),
        BeginEncounter(TRIAL, "702-001", "BASELINE", "2026-03-16"),
        BeginEncounter(TRIAL, "701-001", "WEEK_2", "2026-03-30"),
    ]
    for outcome in perform_all([Job(action, IMPORT) for action in actions]):
        assert isinstance(outcome, Outcome), outcome


def wear(participant: str = HIM, label: str = "W-001", zone: str = "Europe/Brussels", starts: str = GIVEN) -> str:
    """A new device with the participant; the secret that it sends with."""
    secret, digest = new_secret()
    do(RegisterDevice(TRIAL, label, "Polar H10"))
    do(AssignDevice(participant, label, starts, zone, digest=digest))
    return secret


def row(participant: str = HIM) -> Participant:
    return Participant.objects.get(key=participant)
