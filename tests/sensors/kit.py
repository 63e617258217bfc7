"""Devices and their wearers for the tests of sensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from helmont.core.actions import Action
from helmont.core.writer import perform
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.sensors.secrets import new_secret
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import JSON
from helmont.signals.wire.moments import moment, written
from tests.cast import PARTICIPANT, STUDY, actor

WEARER = f"{STUDY}/{PARTICIPANT}"
BEGIN = "2026-01-12T08:00:00Z"
BEGUN = "2025-03-10T08:00:00Z"
"""Of an assignment whose samples are past, whatever the day."""


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


def send(secret: str, number: int) -> NDArray[np.int16]:
    """Ten seconds of a wrist, beginning so many times five seconds after the first; gives the counts."""
    counts = np.random.default_rng(number).integers(-400, 401, (500, 3)).astype(np.int16)
    said = {"start": written(moment(BEGUN, "") + 5 * number * SECOND), "rate": 50, "counts": counts.tolist()}
    receive_now(find_sender(secret), Sent("wrist", f"b{number}", JSON, "", orjson.dumps(said)), "test")
    return counts
