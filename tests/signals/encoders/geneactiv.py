"""Writes GENEActiv ``.bin`` files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SAMPLES = 300


@dataclass(frozen=True)
class Setting:
    """The device, and its calibration."""

    rate: float = 50.0
    zone: str = "GMT -04:00"
    gains: tuple[int, int, int] = (25522, 25457, 24829)
    offsets: tuple[int, int, int] = (272, -1129, 101)
    volts: int = 42
    lux: int = 886
    notes: str = "(device clock drift -1.459s)"


def header(setting: Setting, pages: int) -> str:
    """The lines before the first page."""
    axes = zip("xyz", setting.gains, setting.offsets, strict=True)
    calibration = [line for axis, gain, offset in axes for line in (f"{axis} gain:{gain}", f"{axis} offset:{offset}")]
    lines = [
        *("Device Identity", "Device Unique Serial Code:051386", "Device Type:GENEActiv", "Device Model:1.1"),
        *("Device Firmware Version:Ver4.08a", "Calibration Date:2019-02-04 13:49:24:000", "", "Configuration Info"),
        *(f"Measurement Frequency:{setting.rate:g} Hz", "Start Time:2019-05-21 16:16:38:500"),
        *(f"Time Zone:{setting.zone}", "", "Trial Info", f"Extract Notes:{setting.notes}", "", "Subject Info"),
        *("Device Location Code:left wrist", "Subject Code:0001", "Date of Birth:1900-1-1", "", "Calibration Data"),
        *(*calibration, f"Volts:{setting.volts}", f"Lux:{setting.lux}", "", "Memory Status"),
        f"Number of Pages:{pages}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def page(
    counts: NDArray[np.int16],
    light: NDArray[np.int16],
    button: NDArray[np.bool_],
    start: datetime,
    number: int,
    setting: Setting,
    *,
    temperature: float = 28.2,
    battery: float = 4.1642,
) -> str:
    """One page: nine lines of text and one of samples."""
    rows = zip(counts.tolist(), light.tolist(), button.tolist(), strict=True)
    samples = "".join(
        f"{(x & 4095) << 36 | (y & 4095) << 24 | (z & 4095) << 12 | lit << 2 | pressed << 1:012X}"
        for (x, y, z), lit, pressed in rows
    )
    time = f"{start:%Y-%m-%d %H:%M:%S}:{start.microsecond // 1000:03d}"
    lines = ["Recorded Data", "Device Unique Serial Code:051386", f"Sequence Number:{number}", f"Page Time:{time}"]
    lines += ["Unassigned:", f"Temperature:{temperature}", f"Battery voltage:{battery}", "Device Status:Recording"]
    return "\r\n".join([*lines, f"Measurement Frequency:{setting.rate:.1f}", samples]) + "\r\n"


def file(
    counts: NDArray[np.int16],
    start: datetime,
    setting: Setting,
    *,
    light: NDArray[np.int16] | None = None,
    button: NDArray[np.bool_] | None = None,
) -> bytes:
    """A whole file of the samples; the last page is as long as they go."""
    light = np.zeros(len(counts), np.int16) if light is None else light
    button = np.zeros(len(counts), np.bool_) if button is None else button
    firsts = range(0, len(counts), SAMPLES)
    pages = [
        page(
            counts[first : first + SAMPLES],
            light[first : first + SAMPLES],
            button[first : first + SAMPLES],
            start + timedelta(seconds=first / setting.rate),
            number,
            setting,
        )
        for number, first in enumerate(firsts)
    ]
    return (header(setting, len(firsts)) + "".join(pages)).encode()
