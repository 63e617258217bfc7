"""Channels of files that name them freely: which kind a label and a unit mean, and the signals of what is of a kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.recording import Counts, Finding, Signal, Stretch

UNITS = {
    **{"mv": "mV", "uv": "uV", "µv": "uV", "μv": "uV", "v": "V"},
    **{"degc": "Cel", "°c": "Cel", "deg c": "Cel", "c": "Cel", "cel": "Cel", "celsius": "Cel", "k": "K"},
    **{"degf": "[degF]", "°f": "[degF]", "g": "[g]", "mg": "m[g]", "m/s^2": "m/s2", "m/s2": "m/s2", "m/s²": "m/s2"},
    **{"bpm": "/min", "/min": "/min", "beats/min": "/min", "1/min": "/min", "lux": "lx", "lx": "lx", "%": "%"},
    **{"deg/s": "deg/s", "dps": "deg/s", "°/s": "deg/s", "rad/s": "rad/s"},
}
"""UCUM codes of the units as people write them, in small letters."""

_LEAD = r"(lead ?)?(i{1,3}|a?v[rlf]|v\d{0,2}|ml?[iv]+\d?|mcl\d|cm\d|cc5|d\d)"
_ECG = re.compile(rf"(ecg|ekg)\b.*|{_LEAD}", re.IGNORECASE)
_PPG = re.compile(r"\b(ppg|pleth\w*|bvp|photopleth\w*)\b", re.IGNORECASE)
_RATE = re.compile(r"\b(hr|heart ?rate|pulse( ?rate)?)\b", re.IGNORECASE)
_AXIS = re.compile(r"(?P<name>.*?)[ _.\-(\[]*(?P<axis>[xyz])[)\]]?", re.IGNORECASE)
_MOVING = {Kind.ACCELERATION: ("[g]", "m[g]", "m/s2"), Kind.ANGULAR_RATE: ("deg/s", "rad/s")}


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """One channel as a file has it. ``parts`` are its stretches of shape (samples, 1); a value is ``count * scale + offset``."""

    label: str
    unit: str
    rate: float
    scale: float
    offset: float
    parts: tuple[Stretch, ...]
    range: tuple[float, float] = (-float("inf"), float("inf"))


def signals_of(waves: Sequence[Wave], place: str) -> tuple[dict[str, Signal], list[Finding]]:
    """The signals of the waves that are of a kind, by name, and a finding for each of the others.

    Three waves whose labels differ in an x, y and z at the end, of one unit of acceleration or angular rate, are one signal.
    """
    signals: dict[str, Signal] = {}
    findings: list[Finding] = []
    usable = [wave for wave in waves if _usable(wave)]
    for wave in waves:
        if not _usable(wave):
            findings.append(Finding(f"{place}, {wave.label!r}", "left out: its scale or rate is no number"))
    triples = _triples(usable)
    for number, wave in enumerate(usable):
        if number in triples:
            x, y, z = (usable[axis] for axis in triples[number])
            if wave is x:
                _add(signals, _moving(x, y, z))
            continue
        kind, unit = _kind(wave)
        if kind is None:
            findings.append(Finding(f"{place}, {wave.label!r}", f"left out: in {wave.unit!r}, of no kind that is kept"))
            continue
        channel = Channel(_name(wave.label, kind), kind, unit, wave.rate, abs(wave.scale), _range(wave))
        _add(signals, Signal(channel, wave.parts, (wave.scale,), (wave.offset,)))
    return signals, findings


def _usable(wave: Wave) -> bool:
    return bool(np.isfinite([wave.scale, wave.offset]).all() and wave.scale and 0 < wave.rate <= 1e5)


def _range(wave: Wave) -> tuple[float, float]:
    return wave.range if wave.range[0] < wave.range[1] else (-float("inf"), float("inf"))


def _kind(wave: Wave) -> tuple[Kind | None, str]:
    """The kind of a wave and the UCUM code of its unit."""
    label, unit = wave.label.strip(), UNITS.get(wave.unit.strip().lower(), "")
    if _PPG.search(label):
        return Kind.PPG, "1"
    if unit in ("mV", "uV", "V") and _ECG.fullmatch(label):
        return Kind.ECG, unit
    if unit in ("Cel", "[degF]") or (unit == "K" and "temp" in label.lower()):
        return Kind.TEMPERATURE, unit
    if unit == "/min" and _RATE.search(label):
        return Kind.HEART_RATE, unit
    if unit == "lx":
        return Kind.LIGHT, unit
    if "batt" in label.lower() and unit in ("%", "V", "mV"):
        return Kind.BATTERY, unit
    return None, ""


def _triples(waves: Sequence[Wave]) -> dict[int, tuple[int, int, int]]:
    """Of each wave that is one of three axes, the numbers of the x, y and z that belong together."""
    groups: dict[object, dict[str, int]] = {}
    for number, wave in enumerate(waves):
        unit = UNITS.get(wave.unit.strip().lower(), "")
        match = _AXIS.fullmatch(wave.label.strip())
        if match and any(unit in units for units in _MOVING.values()):
            parts = tuple((part.start, len(part)) for part in wave.parts)
            key = (match["name"].lower(), unit, wave.rate, parts)
            groups.setdefault(key, {}).setdefault(match["axis"].lower(), number)
    whole = [group for group in groups.values() if len(group) == 3]
    return {number: (group["x"], group["y"], group["z"]) for group in whole for number in group.values()}


def _moving(x: Wave, y: Wave, z: Wave) -> Signal:
    unit = UNITS[x.unit.strip().lower()]
    kind = next(kind for kind, units in _MOVING.items() if unit in units)
    match = _AXIS.fullmatch(x.label.strip())
    name = _name(match["name"] if match else x.label, kind)
    channel = Channel(name, kind, unit, x.rate, abs(x.scale), _range(x))
    parts: list[Stretch] = []
    for a, b, c in zip(x.parts, y.parts, z.parts, strict=True):
        counts: Counts = np.empty((len(a), 3), np.promote_types(a.counts.dtype, np.int16))
        for axis, part in enumerate((a, b, c)):
            counts[:, axis] = part.counts[:, 0]
        parts.append(Stretch(a.start, a.step, counts))
    return Signal(channel, tuple(parts), (x.scale, y.scale, z.scale), (x.offset, y.offset, z.offset))


def _name(label: str, kind: Kind) -> str:
    """A name of a channel that begins with its kind."""
    said = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    said = said.removeprefix(kind.value).strip("_")
    return f"{kind.value}_{said}"[:36].rstrip("_") if said and said != kind.value else kind.value


def _add(signals: dict[str, Signal], signal: Signal) -> None:
    """Under its name, with a number behind when that is taken."""
    channel, number = signal.channel, 1
    name = channel.name
    while name in signals:
        number += 1
        name = f"{channel.name}_{number}"
    if name != channel.name:
        channel = Channel(name, channel.kind, channel.unit, channel.rate, channel.resolution, channel.range)
        signal = Signal(channel, signal.stretches, signal.scale, signal.offset)
    signals[name] = signal
