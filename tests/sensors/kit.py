"""Devices and their wearers for the tests of sensors."""

from __future__ import annotations

from typing import Any

from helmont.core.actions import Action
from helmont.core.writer import perform
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.secrets import new_secret
from tests.cast import PARTICIPANT, STUDY, actor

WEARER = f"{STUDY}/{PARTICIPANT}"
BEGIN = "2026-01-12T08:00:00Z"


def do(action: Action, handle: str = "coordinator") -> Any:
    return perform(action, actor(handle)).result


def register(label: str = "W-001") -> str:
    key: str = do(RegisterDevice(STUDY, label, "Axivity AX3"), "data.manager")
    return key


def assign(label: str = "W-001", participant: str = WEARER, starts: str = BEGIN, **options: str) -> tuple[str, str]:
    """A device with somebody: the assignment's key, and the secret."""
    secret, digest = new_secret()
    settings = {"timezone": "Europe/Brussels", "placement": "non_dominant_wrist", **options}
    return do(AssignDevice(participant, label, starts, digest=digest, **settings)), secret
