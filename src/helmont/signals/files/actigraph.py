"""ActiGraph ``.gt3x``: a zip archive of ``info.txt`` with ``log.bin``, or of older devices with ``activity.bin``.

After ActiGraph's descriptions of the GT3X and the NHANES GT3X file formats. Every activity record is one second; the
seconds in which a device in idle sleep mode slept have none, and are gaps. Times are those of the device's clock, which runs
on local time (in UTC when the file says so); the offset from UTC is the one stated in the file, else of the source's zone.
What the file says of the participant is not taken over, but for the limb on which the device was worn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import actigraph_log as log
from helmont.signals.files import clock
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Source
from helmont.signals.files.timeline import Blocks, lay
from helmont.signals.recording import SECOND, Finding, Recording, Signal, Stretch

INFO, LOG, ACTIVITY, LIGHT = "info.txt", "log.bin", "activity.bin", "lux.bin"
LARGEST = 4 << 30  # bytes of a log or of activity, unpacked: a month of 100 samples a second is 1.2 GB
ACCEPTED = "info.txt with log.bin or activity.bin, of an ActiGraph GT3X+ or a later device"
TICKS = 621_355_968_000_000_000  # of 100 ns, from the year 1 to 1970
EARLY, LATE = 9_466_848_000_000_000, 72_000_000_000_000_000  # ticks after 1970: the year 2000, and 2198
_OFFSET = re.compile(r"([+-]?)(\d\d?):(\d\d)(?::(\d\d))?")
Table = NDArray[np.int64]


@dataclass(slots=True)
class Log:
    """What the records beside activity say, in the order of the file: the second, and the value."""

    seconds: list[Table] = field(default_factory=list)
    samples: list[Table] = field(default_factory=list)
    values: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    events: list[tuple[int, int]] = field(default_factory=list)
    metadata: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[tuple[int, int], int] = field(default_factory=dict)
    lost: int = 0
    where: int = -1
    sensors: int = 0


def recognised(archive: Archive) -> bool:
    """Whether an archive is of this format."""
    return INFO in archive and (LOG in archive or ACTIVITY in archive)


def read(source: Source, archive: Archive) -> Recording:
    """The recording: acceleration, and what there is of light, battery, heart rate and intervals between beats.

    Raises ``SignalError`` without a sample rate or an activity sample.
    """
    info = _info(archive)
    place = archive.place(INFO)
    rate = _number(info.get("sample rate", ""))
    if not 1 <= rate <= 256:
        raise SignalError(f"{place}, Sample Rate", repr(info.get("sample rate", "")), "1 to 256 samples a second")
    member = LOG if LOG in archive else ACTIVITY
    if archive.size(member) > LARGEST:
        raise SignalError(archive.place(member), f"{archive.size(member)} bytes unpacked", f"at most {LARGEST}")
    counts = np.empty((archive.size(member) * 2 // 9 + 1, 3), np.int16)
    noted = Log()
    findings: list[Finding] = []
    old = member == ACTIVITY
    number = _activity(archive, counts, noted, findings, info, rate) if old else _log(archive, counts, noted, findings)
    if not number:
        raise SignalError(archive.place(member), "no activity", ACCEPTED)
    seconds, samples = np.concatenate(noted.seconds), np.concatenate(noted.samples)
    timeline = lay(Blocks(seconds * SECOND, samples, np.ones(len(samples), np.bool_), rate))
    if not timeline.pieces:
        raise SignalError(archive.place(member), "no record has a time", "times from the year 2000 on")
    offset = _utc_offset(info, noted, timeline.pieces[0].start, source)
    timeline = timeline.shifted(-offset)
    findings += [Finding(archive.place(member), message) for message in timeline.messages()]
    per_g = _per_g(info, noted)
    reach = 2048 / per_g
    channel = Channel("acceleration", Kind.ACCELERATION, "[g]", rate, 1 / per_g, (-reach, reach))
    signals = {"acceleration": Signal(channel, timeline.stretches(counts[:number]))}
    signals |= _beside(noted, offset, archive.place(member), findings)
    details = {"format": "ActiGraph GT3X", "rate": rate, "utc_offset_seconds": offset // SECOND}
    details |= {"idle_sleep": _idle(noted, offset), "limb": info.get("limb", "")}
    named = {"model": "device type", "serial": "serial number", "firmware": "firmware"}
    device = {"maker": "ActiGraph"} | {ours: info[theirs] for ours, theirs in named.items() if info.get(theirs)}
    return Recording(signals, device, details, tuple(findings))


def _info(archive: Archive) -> dict[str, str]:
    lines = archive.whole(INFO).decode("utf-8-sig", "replace").splitlines()
    pairs = (line.partition(":") for line in lines[:1000])
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _number(text: str) -> float:
    """A number with a decimal point or, as some computers wrote it, a comma; NaN for anything else."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")


def _log(archive: Archive, counts: NDArray[np.int16], noted: Log, findings: list[Finding]) -> int:
    """Reads ``log.bin``: fills in the counts and notes the rest; returns how many samples there were."""
    number = 0
    broken: list[SignalError] = []
    for records in log.records(archive.chunks(LOG, LARGEST, broken)):
        table = records.table
        active = table[(table[:, 0] == log.ACTIVITY) | (table[:, 0] == log.ACTIVITY2)]
        samples = log.activity(records.data, active, counts, number)
        number += int(samples.sum())
        noted.seconds.append(active[samples > 0, 1])
        noted.samples.append(samples[samples > 0])
        for row in table[(table[:, 0] != log.ACTIVITY) & (table[:, 0] != log.ACTIVITY2)].tolist():
            _note(noted, row[0], row[1], records.data[row[2] : row[2] + row[3]].tobytes())
        if records.lost:
            noted.lost += records.lost
            noted.where = noted.where if noted.where >= 0 else records.where
    findings += [Finding(error.place, f"{error.found}: what could not be unpacked was left out") for error in broken]
    if noted.sensors:
        message = f"{noted.sensors} records of gyroscope, magnetometer and temperature (SENSOR_DATA) were left out"
        findings.append(Finding(archive.place(LOG), message))
    if noted.lost:
        place = f"{archive.place(LOG)}, byte {noted.where}"
        findings.append(Finding(place, f"{noted.lost} bytes that belong to no whole record were left out"))
    return number


def _note(noted: Log, kind: int, second: int, payload: bytes) -> None:
    """One record that is no activity."""
    whole = int.from_bytes(payload[:2], "little")
    if kind == log.BATTERY and len(payload) == 2:
        noted.values.setdefault("battery", []).append((second, whole))
    elif kind == log.LUX and len(payload) == 2 and whole != 0xFFFF:
        noted.values.setdefault("light", []).append((second, whole))
    elif kind == log.HEART_RATE and len(payload) == 1 and whole:
        noted.values.setdefault("heart_rate", []).append((second, whole))
    elif kind == log.HEART_RATE_BLE:
        _heart(noted, second, payload)
    elif kind == log.EVENT and len(payload) == 1:
        noted.events.append((second, whole))
    elif kind == log.SENSORS:
        noted.sensors += 1
    elif kind == log.PARAMETERS and not noted.parameters:
        words = np.frombuffer(payload[: len(payload) // 8 * 8], "<u2").reshape(-1, 4).astype(np.int64)
        noted.parameters = {(row[0], row[1]): row[2] | row[3] << 16 for row in words.tolist()}
    elif kind == log.METADATA and len(noted.metadata) < 100:
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            noted.metadata.append(said)


def _heart(noted: Log, second: int, payload: bytes) -> None:
    """A heart rate measurement of Bluetooth's heart rate service: flags, rate, energy and intervals of 1/1024 s."""
    if len(payload) < 2:
        return
    wide, at = payload[0] & 1, 3 if payload[0] & 1 else 2
    rate = int.from_bytes(payload[1:at], "little")
    if len(payload) >= at and 0 < rate < (1000 if wide else 256):
        noted.values.setdefault("heart_rate", []).append((second, rate))
    at += 2 if payload[0] & 8 else 0
    if payload[0] & 16:
        intervals = np.frombuffer(payload[at : at + (len(payload) - at) // 2 * 2], "<u2").tolist()
        noted.values.setdefault("interbeat_interval", []).extend((second, interval) for interval in intervals)


def _activity(
    archive: Archive,
    counts: NDArray[np.int16],
    noted: Log,
    findings: list[Finding],
    info: Mapping[str, str],
    rate: float,
) -> int:
    """Reads ``activity.bin`` and ``lux.bin`` of an older device, which begin at the start date and know no gap."""
    broken: list[SignalError] = []
    data = np.frombuffer(b"".join(archive.chunks(ACTIVITY, LARGEST, broken)), np.uint8)
    findings += [Finding(error.place, f"{error.found}: what could not be unpacked was left out") for error in broken]
    ticks = info.get("start date", "")
    if not (ticks.isdecimal() and TICKS + EARLY < int(ticks) < TICKS + LATE):
        raise SignalError(f"{archive.place(INFO)}, Start Date", repr(ticks), "ticks of 100 ns since the year 1")
    start = (int(ticks) - TICKS) // 10_000_000
    number = len(data) * 2 // 9
    if rate != int(rate):
        raise SignalError(f"{archive.place(INFO)}, Sample Rate", rate, "a whole number of samples a second")
    if number:
        log.twelve(data, 0, number, counts, 0)
    whole = int(rate)
    seconds = start + np.arange(-(-number // whole), dtype=np.int64)
    noted.seconds.append(seconds)
    noted.samples.append(np.minimum(number - whole * np.arange(len(seconds), dtype=np.int64), whole))
    if LIGHT in archive:
        raw = archive.whole(LIGHT)
        light = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2").astype(np.int64)
        sleeping = info.get("serial number", "").startswith("MRA")  # ActiSleep+, in a case of another colour
        factor, most = (3.25, 6000) if sleeping else (1.25, 2500)
        lux = np.where((light < 20) | (light == 0xFFFF), 0, np.minimum(np.rint(light * factor), most)).astype(np.int64)
        noted.values["light"] = list(zip((start + np.arange(len(lux))).tolist(), lux.tolist(), strict=True))
    if number and (expected := len(data) * 2 % 9) > 1:
        findings.append(Finding(archive.place(ACTIVITY), f"{expected / 2:g} bytes at the end are no whole sample"))
    return number


def _utc_offset(info: Mapping[str, str], noted: Log, first: int, source: Source) -> int:
    """The offset of the device's clock from UTC, in nanoseconds."""
    if any(said.get("MetadataType") == "LocalTimeLog" and said.get("UsedUtc") is True for said in noted.metadata):
        return 0
    match = _OFFSET.fullmatch(info.get("timezone", ""))
    if match and int(match[2]) <= 14 and int(match[3]) < 60:
        seconds = int(match[2]) * 3600 + int(match[3]) * 60
        return (-seconds if match[1] == "-" else seconds) * SECOND
    return clock.running(first, source.timezone)


def _per_g(info: Mapping[str, str], noted: Log) -> float:
    """How many counts are one g: as the file says, else as is known of the device by its serial number."""
    stated = _number(info.get("acceleration scale", ""))
    if 1 <= stated <= 65536:
        return stated
    encoded = noted.parameters.get((0, 55), 0)
    fraction = (encoded & 0xFFFFFF ^ 0x800000) - 0x800000
    exponent = (encoded >> 24 ^ 0x80) - 0x80
    scale = fraction / (1 << 23) * 2.0**exponent
    if 1 <= scale <= 65536:
        return scale
    return 341.0 if info.get("serial number", "")[:3] in ("NEO", "CLE", "MRA") else 256.0


def _beside(noted: Log, offset: int, place: str, findings: list[Finding]) -> dict[str, Signal]:
    """Light, battery, heart rate and intervals between beats, one value whenever there was one."""
    channels = (
        Channel("light", Kind.LIGHT, "lx", range=(0, 65535)),
        Channel("battery", Kind.BATTERY, "mV"),
        Channel("heart_rate", Kind.HEART_RATE, "/min", range=(0, 1000)),
        Channel("interbeat_interval", Kind.INTERBEAT_INTERVAL, "s", resolution=1 / 1024),
    )
    signals = {}
    for channel in channels:
        if not (values := noted.values.get(channel.name)):
            continue
        table = np.array(values, np.int64)
        if (np.diff(table[:, 0]) < 0).any():
            findings.append(
                Finding(place, f"times of {channel.name} go back; the values were put in the order of time")
            )
            table = table[np.argsort(table[:, 0], kind="stable")]
        stretch = Stretch.at(table[:, 0] * SECOND - offset, table[:, 1:].astype(np.int32))
        signals[channel.name] = Signal(channel, (stretch,))
    return signals


def _idle(noted: Log, offset: int) -> list[tuple[int, int]]:
    """When the device slept because it was not moved, in nanoseconds since 1970: events 8 and 9 begin and end it."""
    spans, asleep = [], None
    for second, event in noted.events:
        if event == 8:
            asleep = second
        elif event == 9 and asleep is not None:
            if second >= asleep:
                spans.append((asleep * SECOND - offset, second * SECOND - offset))
            asleep = None
    return spans
