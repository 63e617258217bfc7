"""Writes Axivity ``.cwa`` files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SCALES = {256: 0, 512: 1, 1024: 2, 2048: 3, 4096: 4, 8192: 5, 16384: 6}
RATES = {6.25: 6, 12.5: 7, 25: 8, 50: 9, 100: 10, 200: 11, 400: 12, 800: 13, 1600: 14, 3200: 15}
RANGES = {16: 0, 8: 1, 4: 2, 2: 3}


@dataclass(frozen=True)
class Setting:
    """How a device was configured."""

    rate: float = 100.0
    range: int = 8
    packed: bool = False
    per_g: int = 256
    degrees: int = 0
    device: int = 51888
    session: int = 7
    light: int = 300
    temperature: int = 256
    battery: int = 200

    @property
    def axes(self) -> int:
        return 6 if self.degrees else 3

    @property
    def capacity(self) -> int:
        return 120 if self.packed else 240 // self.axes


def packed_time(moment: datetime) -> int:
    """YYYYYYMM MMDDDDDh hhhhmmmm mmssssss."""
    date = (moment.year - 2000) << 26 | moment.month << 22 | moment.day << 17
    return date | moment.hour << 12 | moment.minute << 6 | moment.second


def header(setting: Setting, configured: datetime | None = None) -> bytes:
    """The first 1024 bytes."""
    data = bytearray(b"\xff" * 512 + b"\x00" * 512)
    data[:4] = b"MD\xfc\x03"
    data[4] = 0x64 if setting.axes > 3 else 0x17
    data[5:7] = (setting.device & 0xFFFF).to_bytes(2, "little")
    data[7:11] = setting.session.to_bytes(4, "little")
    data[11:13] = (setting.device >> 16).to_bytes(2, "little")
    data[36] = RATES[setting.rate] | RANGES[setting.range] << 6
    data[37:41] = (packed_time(configured) if configured else 0xFFFFFFFF).to_bytes(4, "little")
    data[41] = 45
    return bytes(data)


def block(
    counts: NDArray[np.int16], first: datetime, setting: Setting, sequence: int, *, at: int = 0, fractional: bool = True
) -> bytes:
    """One block. Its time is written for the sample ``at``, which was taken that much after the ``first``."""
    moment = first + timedelta(seconds=at / setting.rate)
    fraction = moment.microsecond * 32768 // 1_000_000
    offset = at - ((fraction * 2 * int(setting.rate)) >> 16) if fractional else at
    data = bytearray(512)
    data[:4] = b"AX\xfc\x01"
    data[4:6] = (fraction | 0x8000 if fractional else 1).to_bytes(2, "little")
    data[6:10] = setting.session.to_bytes(4, "little")
    data[10:14] = sequence.to_bytes(4, "little")
    data[14:18] = packed_time(moment).to_bytes(4, "little")
    gyroscope = (8000 // setting.degrees).bit_length() - 1 if setting.degrees else 0
    data[18:20] = (SCALES[setting.per_g] << 13 | gyroscope << 10 | setting.light).to_bytes(2, "little")
    data[20:22] = setting.temperature.to_bytes(2, "little")
    data[23] = setting.battery
    data[24] = RATES[setting.rate] | RANGES[setting.range] << 6
    data[25] = setting.axes << 4 | (0 if setting.packed else 2)
    data[26:28] = offset.to_bytes(2, "little", signed=True)
    data[28:30] = len(counts).to_bytes(2, "little")
    samples = packed(counts) if setting.packed else counts.astype("<i2").tobytes()
    data[30 : 30 + len(samples)] = samples
    return sealed(data)


def sealed(data: bytearray) -> bytes:
    """With the checksum that makes the sum of all 16-bit words zero."""
    data[510:] = b"\x00\x00"
    total = int(np.frombuffer(bytes(data), "<u2").sum(dtype=np.uint16))
    data[510:] = (-total & 0xFFFF).to_bytes(2, "little")
    return bytes(data)


def packed(counts: NDArray[np.int16]) -> bytes:
    """Three values of 10 bits with the least exponent that holds them all."""
    words = []
    for row in counts.astype(int).tolist():
        exponent = next(e for e in range(4) if all(-512 << e <= value < 512 << e for value in row))
        x, y, z = ((value >> exponent) & 1023 for value in row)
        words.append(exponent << 30 | z << 20 | y << 10 | x)
    return np.array(words, "<u4").tobytes()


def file(
    counts: NDArray[np.int16],
    start: datetime,
    setting: Setting,
    *,
    rate: float | None = None,
    at: Sequence[int] = (0,),
    fractional: bool = True,
    configured: datetime | None = None,
) -> bytes:
    """A whole file of the samples, taken at ``rate`` (default: the nominal one); the times are of samples ``at``, in turn."""
    pieces = [header(setting, configured)]
    for number, first in enumerate(range(0, len(counts), setting.capacity)):
        moment = start + timedelta(seconds=first / (rate or setting.rate))
        piece = counts[first : first + setting.capacity]
        pieces.append(block(piece, moment, setting, number, at=at[number % len(at)], fractional=fractional))
    return b"".join(pieces)
