"""Recordings that several tests look at, made once."""

from __future__ import annotations

from functools import cache

from helmont.signals.epochs import Epochs, epochs
from helmont.signals.recording import Recording
from helmont.signals.synthetic_day import Phases
from helmont.signals.synthetic_motion import Sensor, synthetic_recording
from tests.signals.motion.tables import DAY, MIDNIGHT

RIGHT = Sensor(20.0)
WRONG = Sensor(20.0, gain=(1.02, 0.98, 1.01), offset=(0.03, -0.02, 0.015), slope=(0.002, 0.0, -0.001))


@cache
def worn(days: int = 4, seed: int = 4, sensor: Sensor = RIGHT) -> Recording:
    return synthetic_recording(seed, MIDNIGHT, MIDNIGHT + days * DAY, sensor)


@cache
def measured(days: int = 4, seed: int = 4, sensor: Sensor = RIGHT) -> Epochs:
    """The epochs of a recording as they were measured."""
    recording = worn(days, seed, sensor)
    return epochs(recording.signals["acceleration"], temperature=recording.signals["temperature"])


def phases(recording: Recording) -> Phases:
    found: Phases = recording.details["phases"]
    return found
