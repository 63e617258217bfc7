"""Writes ActiGraph ``.gt3x`` archives, of the present devices and of the older ones."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from helmont.signals.files.clock import nanoseconds


def ticks(moment: datetime) -> int:
    """Units of 100 ns since the year 1."""
    return nanoseconds(moment) // 100 + 621_355_968_000_000_000


def info(
    start: datetime, *, rate: int = 30, zone: str = "", serial: str = "MOS2E39180594", scale: str = "256.0"
) -> str:
    """``info.txt``."""
    lines = [f"Serial Number: {serial}", "Device Type: wGT3XBT", "Firmware: 1.9.2", "Battery Voltage: 4,03"]
    lines += [f"Sample Rate: {rate}", f"Start Date: {ticks(start)}", "Stop Date: 0", "Board Revision: 5"]
    lines += [f"TimeZone: {zone}"] if zone else []
    lines += [f"Acceleration Scale: {scale}"] if scale else []
    return "\r\n".join([*lines, "Limb: Waist", "DateOfBirth: 624016617000000000", "Subject Name: someone"]) + "\r\n"


def record(kind: int, second: int, payload: bytes) -> bytes:
    """One record of ``log.bin``, with its checksum."""
    data = bytes([0x1E, kind]) + second.to_bytes(4, "little") + len(payload).to_bytes(2, "little") + payload
    return data + bytes([int(np.bitwise_xor.reduce(np.frombuffer(data, np.uint8))) ^ 0xFF])


def twelve(counts: NDArray[np.int16]) -> bytes:
    """Samples as y, x and z of 12 bits each."""
    nibbles = "".join(f"{value & 0xFFF:03x}" for x, y, z in counts.tolist() for value in (y, x, z))
    return bytes.fromhex(nibbles + "0" * (len(nibbles) % 2))


def sixteen(counts: NDArray[np.int16]) -> bytes:
    """Samples as x, y and z of 16 bits each."""
    return counts.astype("<i2").tobytes()


def log(counts: NDArray[np.int16], first: int, rate: int, *, kind: int = 0, asleep: tuple[int, int] = (0, 0)) -> bytes:
    """Activity from the second ``first`` on; in the seconds ``asleep`` (from, before) the device sleeps and notes it."""
    data, second = b"", first
    for number in range(0, len(counts), rate):
        if second == asleep[0] != asleep[1]:
            data += record(3, second, b"\x08") + record(3, asleep[1], b"\x09")
            second = asleep[1]
        piece = counts[number : number + rate]
        data += record(kind, second, twelve(piece) if kind == 0 else sixteen(piece))
        second += 1
    return data


def metadata(second: int, **said: object) -> bytes:
    """A record of metadata."""
    return record(6, second, json.dumps(said).encode())


def ssp(value: float) -> int:
    """A number of the parameters: a fraction of 24 bits and an exponent of 8."""
    fraction, exponent = np.frexp(value)
    return (int(fraction * (1 << 23)) & 0xFFFFFF) | (int(exponent) & 0xFF) << 24


def archive(members: Mapping[str, bytes | str]) -> bytes:
    """The zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()
