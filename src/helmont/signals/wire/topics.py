"""The topics of RADAR-base that Helmont takes, and how their records become samples.

Names, fields and units are those of the RADAR-base schemas (``RADAR-base/RADAR-Schemas``: ``specifications`` and ``commons``).
A record's ``time`` is seconds since 1970 as the device tells it. Location, sound and whatever people write or whom they call
are never taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError


@dataclass(frozen=True, slots=True)
class Topic:
    """What the records of a topic hold: ``factor`` brings the fields' values into ``unit``."""

    kind: Kind
    fields: tuple[str, ...]
    unit: str
    factor: float = 1.0


XYZ = ("x", "y", "z")


def _topics() -> Iterator[tuple[str, Topic]]:
    for device in ("android_empatica_e4", "android_bittium_faros", "android_phone", "android_pebble_2"):
        yield f"{device}_acceleration", Topic(Kind.ACCELERATION, XYZ, "[g]")
        yield f"{device}_battery_level", Topic(Kind.BATTERY, ("batteryLevel",), "%", 100.0)
    for device in ("android_empatica_e4", "android_bittium_faros"):
        yield f"{device}_inter_beat_interval", Topic(Kind.INTERBEAT_INTERVAL, ("interBeatInterval",), "s")
        yield f"{device}_temperature", Topic(Kind.TEMPERATURE, ("temperature",), "Cel")
    yield "android_empatica_e4_blood_volume_pulse", Topic(Kind.PPG, ("bloodVolumePulse",), "1")
    yield "android_bittium_faros_ecg", Topic(Kind.ECG, ("ecgChannel1",), "uV")
    yield "android_phone_gyroscope", Topic(Kind.ANGULAR_RATE, XYZ, "rad/s")
    yield "android_phone_light", Topic(Kind.LIGHT, ("light",), "lx")
    yield "android_phone_step_count", Topic(Kind.STEPS, ("steps",), "{steps}")
    yield "connect_fitbit_intraday_heart_rate", Topic(Kind.HEART_RATE, ("heartRate",), "/min")
    yield "connect_fitbit_intraday_steps", Topic(Kind.STEPS, ("steps",), "{steps}")
    yield "connect_dexcom_egv", Topic(Kind.GLUCOSE, ("value",), "mg/dL")


TOPICS = MappingProxyType(dict(_topics()))
NEVER = ("location", "audio", "call", "sms", "contacts", "keyboard", "message", "speech", "image", "video", "usage")
"""Words of topics that are refused whatever a study asks for."""


def topic_of(name: str) -> Topic:
    """The topic of this name. Raises ``SignalError``."""
    if found := TOPICS.get(name):
        return found
    if any(word in name.lower().split("_") for word in NEVER):
        raise SignalError(
            "topic", repr(name[:80]), "measurements of the body; location, sound and messages are never taken"
        )
    raise SignalError("topic", repr(name[:80]), ", ".join(TOPICS))
