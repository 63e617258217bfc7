"""Acceleration and temperature of a device worn through made-up days, sample by sample from a seed.

Each sample depends on the seed, its time and its phase alone: a recording made minute by minute is the one made at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.compiled import compiled
from helmont.signals.recording import SECOND, Recording, Signal, Stretch
from helmont.signals.synthetic_day import DAY, Phase, Phases, State, synthetic_days, whole_days

MANNERS = {
    State.OFF: (1e9, 0.0, 0.0),
    State.SLEEP: (900.0, 0.0, 0.0),
    State.SIT: (100.0, 0.012, 0.10),
    State.LIGHT: (6.0, 0.10, 0.20),
    State.WALK: (30.0, 0.04, 0.10),
    State.RUN: (30.0, 0.10, 0.10),
}
"""In each state: seconds after which the device is turned elsewhere, how much it moves about (g), how far it sways (of 1 g)."""

SKIN, ROOM, NEARING = 33.0, 21.0, 900.0
"""Degrees Celsius of a device that is worn and of one that lies somewhere, and the seconds in which it nears them."""

WARMTH = Channel("temperature", Kind.TEMPERATURE, "Cel", 0.25, 1 / 16, (-40.0, 125.0))


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor with its errors: it measures ``gain * acceleration + offset + slope * (temperature - 30)`` and noise, in g.

    ``noise`` is a standard deviation; ``resolution`` the g of a count; ``reach`` the most g it can measure.
    """

    rate: float = 100.0
    resolution: float = 1 / 256
    reach: float = 8.0
    noise: float = 0.003
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    slope: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def channel(self) -> Channel:
        """The channel of its acceleration."""
        reach = (-self.reach, self.reach)
        return Channel("acceleration", Kind.ACCELERATION, "[g]", self.rate, self.resolution, reach)


WRIST = Sensor()


def synthetic_recording(seed: int, start: int, end: int, sensor: Sensor = WRIST, zone: int = 0) -> Recording:
    """What a device at the wrist records from ``start`` until before ``end``; ``details["phases"]`` is what was done meanwhile.

    ``zone`` are the nanoseconds by which the person's clock is before UTC.
    """
    phases = whole_days(seed, start - DAY, end, zone)
    warmth = _warmth(phases)
    first, last = _numbered(start, sensor.rate), _numbered(end, sensor.rate)
    counts = np.empty((last - first, 3), np.int16)
    for phase, warm in zip(phases, warmth, strict=True):
        begin, until = _numbered(phase.start, sensor.rate), _numbered(phase.end, sensor.rate)
        here = max(begin, first), min(until, last)
        if here[0] < here[1]:
            _fill(counts[here[0] - first : here[1] - first], here[0], begin, *_settings(seed, phase, warm, sensor))
    stretch = Stretch(_moment(first, sensor.rate), SECOND / sensor.rate, counts)
    signals = {
        "acceleration": Signal(sensor.channel, (stretch,)),
        "temperature": Signal(WARMTH, (_temperatures(phases, warmth, start, end),)),
    }
    details = {"phases": synthetic_days(seed, start, end, zone)}
    return Recording(signals, {"maker": "made up"}, details)


def _numbered(moment: int, rate: float) -> int:
    """The number, from 1970 on, of the first sample at or after a moment."""
    exact = Fraction(rate).limit_denominator(1000)
    return -(-moment * exact.numerator // (exact.denominator * SECOND))


def _moment(number: int, rate: float) -> int:
    """The time of a sample by its number."""
    exact = Fraction(rate).limit_denominator(1000)
    return -(-number * exact.denominator * SECOND // exact.numerator)


def _warmth(phases: Phases) -> list[tuple[float, float]]:
    """Of each phase the temperature at its start, and the one it nears."""
    found, now = [], SKIN
    for phase in phases:
        target = ROOM if phase.state is State.OFF else SKIN
        found.append((now, target))
        now = target + (now - target) * math.exp(-(phase.end - phase.start) / SECOND / NEARING)
    return found


def _temperatures(phases: Phases, warmth: list[tuple[float, float]], start: int, end: int) -> Stretch:
    """The device's temperature each four seconds."""
    step = 4 * SECOND
    moments = np.arange(-(-start // step) * step, end, step, dtype=np.int64)
    at = np.searchsorted([phase.start for phase in phases], moments, side="right") - 1
    begins = np.array([phase.start for phase in phases])[at]
    now, target = np.array(warmth)[at].T
    degrees = target + (now - target) * np.exp(-(moments - begins) / SECOND / NEARING)
    return Stretch(
        int(moments[0]) if len(moments) else start, float(step), np.rint(degrees * 16).astype(np.int16)[:, None]
    )


def _settings(seed: int, phase: Phase, warm: tuple[float, float], sensor: Sensor) -> tuple[Any, ...]:
    """What the kernel takes after the samples' numbers."""
    own = np.random.SeedSequence((seed, phase.start // SECOND, phase.state)).generate_state(1, np.uint64)[0]
    device = np.array([sensor.gain, sensor.offset, sensor.slope])
    most = min(round(sensor.reach / sensor.resolution), 32767)
    manner = (*MANNERS[phase.state], phase.cadence / 60)
    return own, sensor.rate, manner, warm, device, (sensor.noise, sensor.resolution, most)


@compiled
def _mixed(seed: Any, number: int) -> Any:
    """64 bits that look random, of a seed and a number (splitmix64)."""
    bits = seed + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@compiled
def _uniform(seed: Any, number: int) -> float:
    """From 0 until before 1."""
    return float(_mixed(seed, number) >> np.uint64(11)) / 9007199254740992.0


@compiled
def _normal(seed: Any, number: int) -> float:
    """About normal, of standard deviation 1: four uniform numbers of 16 bits together."""
    bits = _mixed(seed, number)
    total = 0
    for _ in range(4):
        total += int(bits & np.uint64(0xFFFF))
        bits >>= np.uint64(16)
    return (total / 65535.0 - 2.0) * 1.7320508


@compiled
def _posture(seed: Any, number: int, out: Any) -> None:
    """A direction: where gravity pulls in the ``number``-th posture, not often along the z-axis."""
    angle = 6.283185307 * _uniform(seed, 8 * number + 5)
    z = 1.8 * _uniform(seed, 8 * number + 6) - 0.9
    level = math.sqrt(1.0 - z * z)
    out[0], out[1], out[2] = level * math.cos(angle), level * math.sin(angle), z


@compiled
def _moved(gravity: Any, time: float, manner: tuple[float, float, float, float], beat: Any, out: Any) -> None:
    """Gravity, which sways, and movement, in g. ``beat`` holds a strength, a frequency and three phases."""
    _, much, sway, cadence = manner
    turn = sway * math.sin(6.283185307 * time / 17.0 + beat[2]) if sway else 0.0
    x, y, z = gravity[0], gravity[1], gravity[2]
    along = 0.0
    swing = 0.0
    if cadence:
        steps = 6.283185307 * cadence * time
        strength = 0.3 * (cadence / 1.8) ** 2
        along = strength * (math.cos(steps) + 0.35 * math.cos(2.0 * steps + 0.8))
        swing = 0.3 * strength * math.sin(0.5 * steps + 0.4)
    out[0] = x * (1.0 + along) - y * (turn + swing)
    out[1] = y * (1.0 + along) + x * (turn + swing)
    out[2] = z * (1.0 + along) + turn
    if much:
        for axis in range(3):
            frequency = beat[1] * (1.0 + 0.7 * axis)
            out[axis] += much * beat[0] * math.sin(6.283185307 * frequency * time + beat[2 + axis])


@compiled
def _fill(
    out: Any, first: int, begin: int, seed: Any, rate: float, manner: Any, warm: Any, device: Any, limits: Any
) -> None:
    """Counts of the samples from number ``first`` on, of a phase that begins with number ``begin``."""
    noise, resolution, most = limits
    posture = -1
    before, gravity, after = np.empty(3), np.empty(3), np.empty(3)
    beat, value = np.empty(5), np.empty(3)
    colder = 0.0
    for i in range(len(out)):
        number = first + i
        time = (number - begin) / rate
        if int(time / manner[0]) != posture:
            posture = int(time / manner[0])
            _posture(seed, max(posture - 1, 0), before)
            _posture(seed, posture, after)
            beat[0] = math.exp(0.6 * _normal(seed, 8 * posture)) * (_uniform(seed, 8 * posture + 1) > 0.2)
            beat[1] = 0.4 + 1.2 * _uniform(seed, 8 * posture + 2)
            for k in range(3):
                beat[2 + k] = 6.283185307 * _uniform(seed, 8 * posture + 3 + k)
        turned = min((time - posture * manner[0]) / 1.5, 1.0)
        if turned < 1.0:
            norm = 0.0
            for axis in range(3):
                gravity[axis] = (1.0 - turned) * before[axis] + turned * after[axis]
                norm += gravity[axis] ** 2
            for axis in range(3):
                gravity[axis] /= math.sqrt(norm) + 1e-9
        else:
            gravity[:] = after
        _moved(gravity, time, manner, beat, value)
        if device[2, 0] or device[2, 1] or device[2, 2]:
            colder = warm[1] + (warm[0] - warm[1]) * math.exp(-time / 900.0) - 30.0
        for axis in range(3):
            measured = device[0, axis] * value[axis] + device[1, axis] + device[2, axis] * colder
            measured += noise * _normal(seed, 3 * number + axis)
            out[i, axis] = min(max(round(measured / resolution), -most), most - 1)
