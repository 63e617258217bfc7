"""Axivity AX3 and AX6: continuous wave accelerometry (``.cwa``), 512-byte blocks after a 1024-byte header.

The format is Open Movement's technical documentation of the AX3 and its auxiliary data (openmovement project, Newcastle
University). Times are the device's running clock. A block's time is that of one of its samples: the fraction of a second is
put back, with it the whole samples that older readers were spared, and the first sample's time counted back from there.
What the header says of the participant is not taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.compiled import compiled
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Bytes, Source
from helmont.signals.files.timeline import Blocks, Integers, Timeline, lay
from helmont.signals.recording import SECOND, Counts, Finding, Nanoseconds, Recording, Signal, Stretch

HEADER, BLOCK = 1024, 512
ACCEPTED = "blocks of 512 bytes that begin with AX, with 3, 6 or 9 axes of 16 bits or 3 packed axes of 10 bits"
LIGHTEST = 100_000.0  # lx, beyond what the sensor tells apart
_FIELDS = np.dtype(
    {
        "names": [
            *("magic", "length", "fraction", "session", "sequence", "time", "light"),
            *("temperature", "battery", "rate", "packing", "offset", "samples"),
        ],
        "formats": ["<u2", "<u2", "<u2", "<u4", "<u4", "<u4", "<u2", "<u2", "u1", "u1", "u1", "<i2", "<u2"],
        "offsets": [0, 2, 4, 6, 10, 14, 18, 20, 23, 24, 25, 26, 28],
        "itemsize": BLOCK,
    }
)
Fields = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the samples of a file are stored: the axes of one, packed or not, rate, range and the size of a count."""

    axes: int
    packed: bool
    rate: float
    range: float
    per_g: int
    degrees: float

    @property
    def capacity(self) -> int:
        """The most samples in a block."""
        return 120 if self.packed else 240 // self.axes


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return head[:4] in (b"MD\xfc\x03", b"AX\xfc\x01")


def read(source: Source) -> Recording:
    """The recording: acceleration, angular rate where the device has it, temperature, light and battery.

    Raises ``SignalError`` when no block is whole.
    """
    data = source.mapped()
    begin = HEADER if bytes(data[:2]) == b"MD" else 0
    number = max(len(data) - begin, 0) // BLOCK
    findings = [Finding(source.byte(0), "the file has no header")] if not begin else []
    if (len(data) - begin) % BLOCK:
        findings.append(
            Finding(source.byte(begin + number * BLOCK), "the file ends within a block, which was left out")
        )
    blocks = data[begin : begin + number * BLOCK].reshape(number, BLOCK)
    fields: Fields = blocks.view(_FIELDS)[:, 0]
    rows, layout = _whole(source, blocks, fields, begin, findings)
    timeline, offset = _timed(source, data[:begin], fields[rows], layout)
    findings += [Finding(source.name, message) for message in timeline.messages()]
    signals = _movement(blocks, rows, fields["samples"][rows], timeline, layout)
    signals |= _beside(fields[rows[timeline.blocks]], timeline.starts, layout)
    device, details = _described(bytes(data[:begin]), layout)
    details["utc_offset_seconds"] = offset // SECOND
    return Recording(signals, device, details, tuple(findings))


def _whole(
    source: Source, blocks: Bytes, fields: Fields, begin: int, findings: list[Finding]
) -> tuple[Integers, Layout]:
    """The numbers of the blocks that are whole and alike, and how they are stored; what is not is a finding."""
    headed = (fields["magic"] == 0x5841) & (fields["length"] == BLOCK - 4)
    sums = _checksums(blocks)
    good = headed & ((sums == 0) | (blocks[:, 510:].view("<u2")[:, 0] == 0))  # 0: none was written
    filled = good & (fields["samples"] > 0)
    if not filled.any():
        raise SignalError(source.byte(begin), f"{len(blocks)} blocks, none of them whole", ACCEPTED)
    scales = fields["light"] >> 10
    alike = fields["rate"].astype(np.int64) << 16 | fields["packing"].astype(np.int64) << 8 | scales
    kinds, numbers = np.unique(alike[filled], return_counts=True)
    usual = filled & (alike == kinds[numbers.argmax()])
    first = int(np.flatnonzero(usual)[0])
    layout = _layout(source.byte(begin + first * BLOCK + 24), fields[first])
    fits = usual & (fields["samples"] <= layout.capacity)
    for left, why in (
        (~headed, "blocks that do not begin as one were left out"),
        (headed & ~good, "blocks with a wrong checksum were left out"),
        (filled & ~fits, "blocks stored in another way than the others were left out"),
    ):
        if left.any():
            place = source.byte(begin + int(left.argmax()) * BLOCK)
            findings.append(Finding(place, f"{int(left.sum())} {why}"))
    if not fits.any():
        raise SignalError(source.byte(begin), "no block with as many samples as it has room for", ACCEPTED)
    rows: Integers = np.flatnonzero(fits)
    return rows, layout


def _layout(place: str, block: Any) -> Layout:
    code, packing, scales = int(block["rate"]), int(block["packing"]), int(block["light"]) >> 10
    axes, size = packing >> 4, packing & 15
    if (axes, size) not in ((3, 0), (3, 2), (6, 2), (9, 2)):
        raise SignalError(place, f"{axes} axes stored in way {size}", ACCEPTED)
    rate = 3200 / (1 << (15 - (code & 15))) if code else float(block["offset"])
    if not 0 < rate <= 3200:
        raise SignalError(place, f"{rate} samples a second", "0.1 to 3200")
    per_g = 256 if size == 0 else 1 << (8 + (scales >> 3))
    degrees = 8000 / (1 << (scales & 7)) if scales & 7 else 2000.0
    return Layout(axes, size == 0, rate, float(16 >> (code >> 6)), per_g, degrees)


def _timed(source: Source, header: Bytes, fields: Fields, layout: Layout) -> tuple[Timeline, int]:
    """When the blocks were recorded, and the offset of the device's clock from UTC, both in nanoseconds."""
    fraction = np.where(fields["fraction"] & 0x8000, fields["fraction"] & 0x7FFF, 0).astype(np.int64)
    index = fields["offset"].astype(np.int64) + (fraction * 2 * int(layout.rate) >> 16)
    if not fields["rate"].any():
        index[:] = 0  # the oldest firmware stored the rate here
    starts = _seconds(fields["time"]) * SECOND + (fraction * SECOND >> 15)
    starts -= np.rint(index * (SECOND / layout.rate)).astype(np.int64)
    sequence, session = fields["sequence"].astype(np.int64), fields["session"]
    joins = np.concatenate([[True], (np.diff(sequence) == 1) & (session[1:] == session[:-1])])
    timeline = lay(Blocks(starts, fields["samples"].astype(np.int64), joins, layout.rate))
    if not timeline.pieces:
        raise SignalError(source.name, "no block has a time", "times from the year 2000 on")
    first = timeline.pieces[0].start
    if len(header):
        configured = int(_seconds(header[37:41].view("<u4").copy())[0]) * SECOND
        first = configured if 0 < first - configured < 100 * 86_400 * SECOND else first
    offset = clock.running(first, source.timezone)
    return timeline.shifted(-offset), offset


def _seconds(packed: NDArray[np.uint32]) -> Integers:
    """Seconds since 1970 of times packed into years, months, days, hours, minutes and seconds; 0 for what is no time."""
    value = packed.astype(np.int64)
    year, month, day = value >> 26 & 63, value >> 22 & 15, value >> 17 & 31
    hour, minute, second = value >> 12 & 31, value >> 6 & 63, value & 63
    known = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = ((year + 30) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    known &= days < (months + 1).astype("datetime64[D]").astype(np.int64)
    seconds: Integers = np.where(known, days * 86_400 + hour * 3_600 + minute * 60 + second, 0)
    return seconds


def _movement(
    blocks: Bytes, rows: Integers, samples: NDArray[np.uint16], timeline: Timeline, layout: Layout
) -> dict[str, Signal]:
    """Acceleration and, of devices with six axes or more, angular rate."""
    total = int(samples.sum(dtype=np.int64))
    scale = 1 / layout.per_g
    channel = Channel("acceleration", Kind.ACCELERATION, "[g]", layout.rate, scale, (-layout.range, layout.range))
    counts = np.empty((total, 3), np.int16)
    if layout.packed:
        _unpack(blocks, rows, samples, counts)
    else:
        _words(blocks, rows, samples, layout.axes, 3 if layout.axes > 3 else 0, counts)
    signals = {"acceleration": Signal(channel, timeline.stretches(counts))}
    if layout.axes > 3:
        turned = np.empty((total, 3), np.int16)
        _words(blocks, rows, samples, layout.axes, 0, turned)
        limits = (-layout.degrees, layout.degrees)
        channel = Channel("angular_rate", Kind.ANGULAR_RATE, "deg/s", layout.rate, layout.degrees / 32768, limits)
        signals["angular_rate"] = Signal(channel, timeline.stretches(turned))
    return signals


def _beside(fields: Fields, times: Nanoseconds, layout: Layout) -> dict[str, Signal]:
    """Temperature, light and battery: one value of each a block, at the time of its first sample.

    A raw unit of temperature is 75/256 of a degree from -50 °C on. Light rises tenfold over 341.3 raw units of an AX3 and
    over 34.13 of an AX6; it is kept in tenths of a lux. The battery's unit is 6/1024 V from 3 V on
    (as Open Movement's own readers have it; twice that, as its documentation says, would be beyond a lithium cell).
    """
    warmth = (fields["temperature"] & 0x3FF).astype(np.int16)
    decade = 34.13 if layout.axes > 3 or layout.per_g > 256 else 341.3
    light = np.minimum(np.power(10.0, np.minimum((fields["light"] & 0x3FF) / decade, 6.0)), LIGHTEST)
    signals = {}
    for channel, counts, offset in (
        (Channel("temperature", Kind.TEMPERATURE, "Cel", resolution=75 / 256), warmth, -50.0),
        (Channel("light", Kind.LIGHT, "lx", resolution=0.1, range=(0, LIGHTEST)), np.rint(light * 10), 0.0),
        (Channel("battery", Kind.BATTERY, "V", resolution=6 / 1024), fields["battery"].astype(np.int16), 3.0),
    ):
        raw = {"temperature": warmth, "light": fields["light"] & 0x3FF, "battery": counts}[channel.name]
        known = raw > 0
        if known.any():
            some = counts[known].reshape(-1, 1)
            values: Counts = some.astype(np.int32) if channel.kind is Kind.LIGHT else some.astype(np.int16)
            signals[channel.name] = Signal(channel, (Stretch.at(times[known], values),), offset=(offset,))
    return signals


def _described(header: bytes, layout: Layout) -> tuple[Mapping[str, str], dict[str, Any]]:
    """The device, and what else is worth knowing."""
    model = "AX6" if layout.axes > 3 else "AX3"
    device = {"maker": "Axivity", "model": model}
    details: dict[str, Any] = {"format": "Axivity CWA", "rate": layout.rate, "range_g": layout.range}
    if header:
        upper = int.from_bytes(header[11:13], "little")
        number = int.from_bytes(header[5:7], "little") | (upper if upper != 0xFFFF else 0) << 16
        device |= {
            "model": {0x64: "AX6"}.get(header[4], model),
            "serial": str(number),
            "firmware": str(header[41]),
        }
        details["session"] = int.from_bytes(header[7:11], "little")
    return device, details


def _checksums(blocks: Bytes) -> NDArray[np.uint16]:
    sums: NDArray[np.uint16] = blocks.view("<u2").sum(axis=1, dtype=np.uint16)
    return sums


@compiled
def _unpack(blocks: Bytes, rows: Integers, samples: NDArray[np.uint16], counts: NDArray[np.int16]) -> None:
    """Three axes of 10 bits that share an exponent of 2 bits, in little-endian words of 32 bits."""
    number = 0
    for place in range(len(rows)):
        block = blocks[rows[place]]
        for sample in range(samples[place]):
            at = 30 + 4 * sample
            word = np.int64(block[at]) | np.int64(block[at + 1]) << 8
            word |= np.int64(block[at + 2]) << 16 | np.int64(block[at + 3]) << 24
            exponent = word >> 30
            for axis in range(3):
                value = (word >> 10 * axis) & 1023
                counts[number, axis] = ((value ^ 512) - 512) << exponent
            number += 1


@compiled
def _words(
    blocks: Bytes, rows: Integers, samples: NDArray[np.uint16], axes: int, first: int, counts: NDArray[np.int16]
) -> None:
    """Three of the axes, each a little-endian word of 16 bits."""
    number = 0
    for place in range(len(rows)):
        block = blocks[rows[place]]
        for sample in range(samples[place]):
            for axis in range(3):
                at = 30 + 2 * (sample * axes + first + axis)
                value = np.int64(block[at]) | np.int64(block[at + 1]) << 8
                counts[number, axis] = (value ^ 32768) - 32768
            number += 1
