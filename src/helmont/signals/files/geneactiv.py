"""GENEActiv (Activinsights): ``.bin``, lines of text, then pages of 300 samples in hexadecimal.

A page has nine lines of text and one of samples: 12 characters each, in which x, y and z have 12 bits, light 10, the button
1 and one bit is spare. A calibrated acceleration is ``(count * 100 - offset) / gain`` g of its axis and light is
``count * lux / volts``, with gains, offsets, lux and volts of the header (Activinsights, GENEActiv instructions for use).
Times are those of the device's running clock, in the zone that its header states. What the header says of the participant
is not taken over, but for the place where the device was worn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.geneactiv_pages import SAMPLE, SAMPLES, Pages, decode, find, pages
from helmont.signals.files.source import Source
from helmont.signals.files.timeline import Blocks, Integers, Timeline, lay
from helmont.signals.recording import SECOND, Finding, Nanoseconds, Recording, Signal, Stretch

HEADER = 64 << 10  # the most bytes of the lines before the first page
ACCEPTED = "pages of GENEActiv, each with a time, a frequency and up to 300 samples of 12 hexadecimal characters"
_ZONE = re.compile(r"GMT ?([+-])(\d\d?):(\d\d)")
_DRIFT = re.compile(r"clock drift (-?\d+(?:\.\d+)?) ?s")


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"Device Identity") and b"GENEActiv" in head


def read(source: Source) -> Recording:
    """The recording: acceleration, light, temperature and battery; times of button presses are in the details.

    Raises ``SignalError`` without calibration data or without a whole page.
    """
    data = source.mapped()
    content = data.data
    first = find(data, content, 0)
    header = _header(bytes(content[: min(first, HEADER)]))
    gains, offsets, lux = _calibration(source, header)
    found = pages(data, content, first)
    if not found.starts:
        raise SignalError(source.byte(first), "no page that can be read", ACCEPTED)
    samples = np.minimum(np.array(found.lengths, np.int64) // SAMPLE, SAMPLES)
    counts, light = np.empty((int(samples.sum()), 3), np.int16), np.empty((int(samples.sum()), 1), np.int16)
    button = np.zeros(len(counts), np.bool_)
    whole = decode(data, np.array(found.data, np.int64), samples, counts, light, button)
    findings = _findings(source, found, samples, whole, header)
    kept = np.flatnonzero(whole > 0)
    if not len(kept):
        raise SignalError(source.byte(found.data[0]), "no sample in hexadecimal characters", ACCEPTED)
    number = int(whole.sum())
    rates, numbers = np.unique(np.array(found.rates)[kept], return_counts=True)
    rate = float(rates[numbers.argmax()])
    joins = np.concatenate([[True], np.diff(np.array(found.sequence, np.int64)[kept]) == 1])
    timeline = lay(Blocks(np.array(found.starts, np.int64)[kept], whole[kept], joins, rate))
    if not timeline.pieces:
        raise SignalError(source.name, "no page has a time", "times from the year 2000 on")
    offset = _offset(header, timeline, source)
    timeline = timeline.shifted(-offset)
    findings += [Finding(source.name, message) for message in timeline.messages()]
    limits = (-8.0, 8.0)
    acceleration = Channel("acceleration", Kind.ACCELERATION, "[g]", rate, 100 / max(gains), limits)
    scale, shift = tuple(100 / gain for gain in gains), tuple(-o / g for o, g in zip(offsets, gains, strict=True))
    lit = Channel("light", Kind.LIGHT, "lx", rate, lux, (0, float("inf")))
    signals = {
        "acceleration": Signal(acceleration, timeline.stretches(counts[:number]), scale, shift),
        "light": Signal(lit, timeline.stretches(light[:number])),
    }
    signals |= _beside(found, kept[timeline.blocks], timeline.starts)
    details = _details(header, rate, offset)
    details["button_presses"] = _presses(button[:number], timeline)
    return Recording(signals, _device(header), details, tuple(findings))


def _header(text: bytes) -> dict[str, str]:
    """The lines ``name:value`` of the header; the first of a name holds."""
    header: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            header.setdefault(name.strip().lower(), value.strip())
    return header


def _calibration(source: Source, header: Mapping[str, str]) -> tuple[list[float], list[float], float]:
    """The gains and offsets of x, y and z, and how many lux one count of light is."""
    found: dict[str, float] = {}
    for name in [f"{axis} {what}" for what in ("gain", "offset") for axis in "xyz"] + ["volts", "lux"]:
        try:
            found[name] = float(header[name])
        except (KeyError, ValueError):
            raise SignalError(
                f"{source.name}, {name}", header.get(name, "not there"), "a number in the calibration data"
            ) from None
        if not np.isfinite(found[name]) or ("offset" not in name and found[name] <= 0):
            raise SignalError(f"{source.name}, {name}", header[name], "a number above 0")
    gains, offsets = ([found[f"{axis} {what}"] for axis in "xyz"] for what in ("gain", "offset"))
    return gains, offsets, found["lux"] / found["volts"]


def _findings(
    source: Source, pages: Pages, samples: Integers, whole: Integers, header: Mapping[str, str]
) -> list[Finding]:
    """Pages that are short, broken or not there."""
    findings = []
    if pages.unread:
        found = f"{len(pages.unread)} pages without a time, a number or a frequency were left out"
        findings.append(Finding(source.byte(pages.unread[0]), found))
    for place in np.flatnonzero(whole < samples)[:100].tolist():
        at = pages.data[place] + int(whole[place]) * SAMPLE
        findings.append(Finding(source.byte(at), "not hexadecimal; the rest of the page was left out"))
    for place in np.flatnonzero(samples < SAMPLES)[:100].tolist():
        found = f"the page is cut off after {int(samples[place])} of {SAMPLES} samples"
        findings.append(Finding(source.byte(pages.data[place] + pages.lengths[place]), found))
    announced = header.get("number of pages", "")
    present = len(pages.starts) + len(pages.unread)
    if announced.isdecimal() and int(announced) > present:
        findings.append(Finding(source.name, f"the file ends after {present} of the {announced} pages it announces"))
    return findings


def _offset(header: Mapping[str, str], timeline: Timeline, source: Source) -> int:
    """The offset of the device's clock from UTC: as the header states it, else of the zone of the source."""
    match = _ZONE.search(header.get("time zone", ""))
    if match and int(match[2]) <= 14 and int(match[3]) < 60:
        seconds = int(match[2]) * 3600 + int(match[3]) * 60
        return (-seconds if match[1] == "-" else seconds) * SECOND
    return clock.running(timeline.pieces[0].start, source.timezone)


def _beside(pages: Pages, rows: Integers, times: Nanoseconds) -> dict[str, Signal]:
    """Temperature and battery, one value a page."""
    signals = {}
    for channel, values in (
        (Channel("temperature", Kind.TEMPERATURE, "Cel", resolution=0.1), pages.temperature),
        (Channel("battery", Kind.BATTERY, "V", resolution=0.0001), pages.battery),
    ):
        counts = np.array(values)[rows] / channel.resolution
        known = np.isfinite(counts) & (np.abs(counts) < 1e9)
        if known.any():
            stretch = Stretch.at(times[known], np.rint(counts[known]).astype(np.int32).reshape(-1, 1))
            signals[channel.name] = Signal(channel, (stretch,))
    return signals


def _device(header: Mapping[str, str]) -> dict[str, str]:
    named = {"model": "device model", "serial": "device unique serial code", "firmware": "device firmware version"}
    return {"maker": "Activinsights", "type": "GENEActiv"} | {
        ours: header[theirs] for ours, theirs in named.items() if header.get(theirs)
    }


def _details(header: Mapping[str, str], rate: float, offset: int) -> dict[str, Any]:
    details: dict[str, Any] = {
        "format": "GENEActiv bin",
        "rate": rate,
        "utc_offset_seconds": offset // SECOND,
        "location": header.get("device location code", ""),
    }
    if drift := _DRIFT.search(header.get("extract notes", "")):
        details["clock_drift_seconds"] = float(drift[1])  # the device's clock against the computer's, at the end
    return details


def _presses(button: NDArray[np.bool_], timeline: Timeline) -> list[int]:
    """When the button was pressed down, in nanoseconds since 1970."""
    down = np.flatnonzero(button & ~np.concatenate([[False], button[:-1]]))
    return [
        piece.start + round((sample - piece.first) * piece.step)
        for piece in timeline.pieces
        for sample in down[(down >= piece.first) & (down < piece.first + piece.samples)].tolist()
    ]
