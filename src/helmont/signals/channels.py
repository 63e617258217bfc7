"""What a device measures: the kinds of channels, their units (UCUM), and a channel as it is declared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from types import MappingProxyType

from helmont.signals.errors import SignalError

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Kind(StrEnum):
    """What a channel measures."""

    ACCELERATION = "acceleration"
    ANGULAR_RATE = "angular_rate"
    PPG = "ppg"
    ECG = "ecg"
    HEART_RATE = "heart_rate"
    INTERBEAT_INTERVAL = "interbeat_interval"
    GLUCOSE = "glucose"
    TEMPERATURE = "temperature"
    STEPS = "steps"
    BLOOD_PRESSURE = "blood_pressure"
    WEIGHT = "weight"
    LIGHT = "light"
    BATTERY = "battery"
    ACTIVITY_COUNTS = "activity_counts"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A unit's value is ``factor`` times its count of the kind's own unit, plus ``shift``."""

    factor: float
    shift: float = 0.0


_GLUCOSE = 18.01559  # mg/dL in one mmol/L: the molar mass of glucose, 180.1559 g/mol

UNITS = MappingProxyType(
    {
        Kind.ACCELERATION: {"[g]": Quantity(1.0), "m/s2": Quantity(1 / 9.80665), "m[g]": Quantity(1e-3)},
        Kind.ANGULAR_RATE: {"deg/s": Quantity(1.0), "rad/s": Quantity(57.29577951308232)},
        Kind.PPG: {"1": Quantity(1.0)},
        Kind.ECG: {"mV": Quantity(1.0), "uV": Quantity(1e-3), "V": Quantity(1e3)},
        Kind.HEART_RATE: {"/min": Quantity(1.0), "{beats}/min": Quantity(1.0)},
        Kind.INTERBEAT_INTERVAL: {"ms": Quantity(1.0), "s": Quantity(1e3)},
        Kind.GLUCOSE: {"mmol/L": Quantity(1.0), "mg/dL": Quantity(1 / _GLUCOSE)},
        Kind.TEMPERATURE: {"Cel": Quantity(1.0), "K": Quantity(1.0, -273.15), "[degF]": Quantity(5 / 9, -160 / 9)},
        Kind.STEPS: {"{steps}": Quantity(1.0), "1": Quantity(1.0)},
        Kind.BLOOD_PRESSURE: {"mm[Hg]": Quantity(1.0), "kPa": Quantity(7.500615758456564)},
        Kind.WEIGHT: {"kg": Quantity(1.0), "g": Quantity(1e-3), "[lb_av]": Quantity(0.45359237)},
        Kind.LIGHT: {"lx": Quantity(1.0)},
        Kind.BATTERY: {"%": Quantity(1.0), "V": Quantity(1.0), "mV": Quantity(1e-3)},
        Kind.ACTIVITY_COUNTS: {"{counts}": Quantity(1.0), "1": Quantity(1.0)},
    }
)
"""Under each kind the units a channel may have; the first is the kind's own, in which endpoints are defined."""

AXES = MappingProxyType(
    {
        Kind.ACCELERATION: ("x", "y", "z"),
        Kind.ANGULAR_RATE: ("x", "y", "z"),
        Kind.BLOOD_PRESSURE: ("systolic", "diastolic"),
        Kind.ACTIVITY_COUNTS: ("axis1", "axis2", "axis3"),
    }
)
"""The columns of a sample, for kinds that have several. The others have one, ``value``."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One declared channel.

    ``unit`` is a UCUM code of the kind; ``rate`` the nominal number of samples a second, None when samples come when there is
    something to say; ``resolution`` the value of one count, and ``range`` the values that are possible, both in ``unit``.
    """

    name: str
    kind: Kind
    unit: str
    rate: float | None = None
    resolution: float = 1.0
    range: tuple[float, float] = (-float("inf"), float("inf"))

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.name):
            raise SignalError("name", repr(self.name), "a letter, then letters a-z, digits and _, at most 40")
        if self.kind not in UNITS:
            raise SignalError("kind", repr(self.kind), ", ".join(Kind))
        if self.unit not in UNITS[self.kind]:
            raise SignalError("unit", repr(self.unit), f"{', '.join(UNITS[self.kind])} for {self.kind}")
        if self.rate is not None and not 0 < self.rate <= 1e5:
            raise SignalError("rate", self.rate, "above 0 and at most 100000 samples a second, or none")
        if not (isfinite(self.resolution) and self.resolution > 0):
            raise SignalError("resolution", self.resolution, "a number above 0")
        if not self.range[0] < self.range[1]:
            raise SignalError("range", list(self.range), "two numbers, the lower one first")

    @property
    def axes(self) -> tuple[str, ...]:
        """The columns of a sample."""
        return AXES.get(self.kind, ("value",))

    @property
    def quantity(self) -> Quantity:
        """How a value of this channel becomes one in the kind's own unit."""
        return UNITS[self.kind][self.unit]
