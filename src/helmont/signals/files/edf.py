"""EDF and EDF+ (European data format) and BDF: a header of text, then records of whole numbers of 16 bits (BDF: 24).

Kemp, Värri, Rosa, Nielsen and Gade, Electroencephalography and Clinical Neurophysiology 1992; Kemp and Olivan, Clinical
Neurophysiology 2003 (EDF+). In a discontinuous file every record begins when its own annotation says; annotations are in the
details. Times are those of the device's running clock. What the header says of the participant is not taken over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.source import Bytes, Source
from helmont.signals.files.timeline import Blocks, Integers, lay
from helmont.signals.files.waveforms import Wave, signals_of
from helmont.signals.recording import SECOND, Counts, Finding, Recording, Stretch

FIXED, EACH = 256, 256  # bytes of the header, and of it for each signal
LONGEST = 1_000_000_000  # seconds: 30 years
MOST_SIGNALS, MOST_ANNOTATIONS = 2000, 200_000
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
ACCEPTED = "an EDF, EDF+ or BDF header, then records"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_STARTED = re.compile(r"Startdate (\d\d)-([A-Z]{3})-(\d{4})\b")
_ONSET = re.compile(rb"[+-]\d+(?:\.\d*)?")
_DURATION = re.compile(rb"\d+(?:\.\d*)?")


@dataclass(frozen=True, slots=True)
class Part:
    """One signal of the header: its texts, its scaling, and where in a record its samples stand."""

    label: str
    unit: str
    scale: float
    offset: float
    range: tuple[float, float]
    begin: int
    samples: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says: the start as a local time in nanoseconds, and how the records are laid out."""

    start: int
    length: int
    width: int
    record: int
    seconds: float
    announced: int
    interrupted: bool
    parts: tuple[Part, ...]
    device: str


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return (head[:8] == b"0       " or head[:8] == b"\xffBIOSEMI") and len(head) >= FIXED


def read(source: Source) -> Recording:
    """The recording: the signals that are of a kind, with the device's own counts.

    Raises ``SignalError`` for a header that does not hold together, or when no signal is of a kind.
    """
    data = source.mapped()
    header = _header(source, data)
    number = (len(data) - header.length) // header.record
    findings = _length(source, header, len(data), number)
    if not number:
        raise SignalError(source.byte(header.length), "no whole record", ACCEPTED)
    if number * header.seconds > LONGEST:
        raise SignalError(source.byte(236), f"{number} records of {header.seconds} s", f"at most {LONGEST} s in all")
    records = data[header.length : header.length + number * header.record].reshape(number, header.record)
    begins, annotations = _told(records, header)
    local = header.start + begins
    offset = clock.running(int(local[0]), source.timezone)
    waves: list[Wave] = []
    for part in header.parts:
        if part.label in ANNOTATIONS or not part.samples:
            continue
        counts = _counts(records, part, header.width)
        rate = part.samples / header.seconds if header.seconds else 0.0
        parts, said = _stretches(local - offset, part.samples, counts, header)
        findings += [Finding(source.name, message) for message in said if not waves]
        waves.append(Wave(part.label, part.unit, rate, part.scale, part.offset, parts, part.range))
    signals, left = signals_of(waves, source.name)
    if not signals:
        labels = ", ".join(part.label for part in header.parts)
        raise SignalError(source.name, f"signals of no kind that is kept: {labels}", "a signal of ECG, PPG or the like")
    details: dict[str, Any] = {"format": "BDF" if header.width == 3 else "EDF", "utc_offset_seconds": offset // SECOND}
    moved = [(header.start - offset + onset, duration, text) for onset, duration, text in annotations]
    details |= {"annotations": moved}
    device = {"equipment": header.device} if header.device else {}
    return Recording(signals, device, details, tuple(findings + left))


def _header(source: Source, data: Bytes) -> Header:
    """The header; raises ``SignalError`` with the field that cannot be."""
    fixed = bytes(data[:FIXED])
    number = _whole(source, fixed, 252, 4, "number of signals", 1, MOST_SIGNALS)
    length = FIXED + EACH * number
    if len(data) < length:
        raise SignalError(source.byte(len(data)), "the end of the file", f"a header of {length} bytes")
    stated = _whole(source, fixed, 184, 8, "bytes of the header", length, length)
    seconds = _real(source, fixed, 244, "duration of a record")
    reserved = fixed[192:236].decode("latin-1")
    width = 3 if fixed[0] == 0xFF else 2
    text = bytes(data[FIXED:length])
    parts: list[Part] = []
    begin = 0
    for place in range(number):
        part = _part(source, text, number, place, begin)
        begin += part.samples * width
        parts.append(part)
    if not begin or not 0 <= seconds <= 86_400:
        raise SignalError(source.byte(244), f"records of {begin} bytes, {seconds} s", "records of samples, up to a day")
    announced = _whole(source, fixed, 236, 8, "number of records", -1, 1 << 40)
    interrupted = reserved.startswith(("EDF+D", "BDF+D"))
    start = _start(source, fixed)
    device = _equipment(fixed[88:168].decode("latin-1"))
    return Header(start, stated, width, begin, seconds, announced, interrupted, tuple(parts), device)


def _part(source: Source, text: bytes, number: int, place: int, begin: int) -> Part:
    """One signal; the fields of all signals stand together, one kind after the other."""
    at = 0
    cells: list[bytes] = []
    places: list[int] = []
    for width in (16, 80, 8, 8, 8, 8, 8, 80, 8, 32):
        cells.append(text[at + width * place : at + width * (place + 1)])
        places.append(FIXED + at + width * place)
        at += width * number
    label, unit = (cells[cell].decode("latin-1").strip() for cell in (0, 2))
    samples = _whole(source, cells[8], 0, 8, f"samples of {label!r} in a record", 0, 1 << 24, places[8])
    if label in ANNOTATIONS:
        return Part(label, unit, 1.0, 0.0, (-1.0, 1.0), begin, samples)
    low, high, least, most = (
        _real(source, cells[cell], 0, f"limit of {label!r}", places[cell]) for cell in (3, 4, 5, 6)
    )
    if low == high or least >= most:
        found = f"{low} to {high} stored as {least} to {most}"
        raise SignalError(source.byte(places[3]), found, f"two different limits of {label!r}")
    scale = (high - low) / (most - least)
    return Part(label, unit, scale, low - least * scale, (min(low, high), max(low, high)), begin, samples)


def _whole(
    source: Source, text: bytes, at: int, width: int, name: str, least: int, most: int, place: int | None = None
) -> int:
    cell = text[at : at + width].decode("latin-1").strip(" \0")
    if not re.fullmatch(r"[+-]?\d{1,15}", cell) or not least <= int(cell) <= most:
        raise SignalError(
            source.byte(at if place is None else place), f"{name} {cell!r}", f"a whole number from {least} to {most}"
        )
    return int(cell)


def _real(source: Source, text: bytes, at: int, name: str, place: int | None = None) -> float:
    cell = text[at : at + 8].decode("latin-1").strip(" \0").replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", cell):
        raise SignalError(source.byte(at if place is None else place), f"{name} {cell!r}", "a number")
    return float(cell)


def _start(source: Source, fixed: bytes) -> int:
    """The local start in nanoseconds. The header has two digits of the year: 85 to 99 are of the 20th century."""
    date, time = fixed[168:176].decode("latin-1"), fixed[176:184].decode("latin-1")
    numbers = [int(cell) if cell.isdecimal() else -1 for cell in re.split(r"[.:/-]", f"{date}.{time}")]
    full = _STARTED.search(fixed[88:168].decode("latin-1").upper().replace("STARTDATE", "Startdate"))
    try:
        day, month, year, hour, minute, second = numbers
        year += 1900 if year >= 85 else 2000
        if full and full[2] in _MONTHS:
            day, month, year = int(full[1]), _MONTHS.index(full[2]) + 1, int(full[3])
        if not 1900 <= year <= 2200:
            raise ValueError(year)
        return clock.nanoseconds(datetime(year, month, day, hour, minute, second))
    except ValueError:
        raise SignalError(source.byte(168), f"start {date!r} {time!r}", "dd.mm.yy and hh.mm.ss") from None


def _equipment(recording: str) -> str:
    """The equipment of an EDF+ file: the last of the four parts behind the start date."""
    cells = recording.strip().split(" ")
    return cells[4] if cells[0] == "Startdate" and len(cells) > 4 and cells[4] != "X" else ""


def _length(source: Source, header: Header, size: int, number: int) -> list[Finding]:
    """What is missing at the end, or too much."""
    end = header.length + number * header.record
    findings = []
    if end < size:
        findings.append(Finding(source.byte(end), "the file ends within a record, which was left out"))
    if header.announced >= 0 and number != header.announced:
        found = f"{number} whole records, although the header announces {header.announced}"
        findings.append(Finding(source.byte(236), found))
    return findings


def _told(records: Bytes, header: Header) -> tuple[Integers, list[tuple[int, float | None, str]]]:
    """When each record begins, in nanoseconds after the start of the file, and the annotations (onset, duration, text)."""
    begins = np.rint(np.arange(len(records)) * (header.seconds * SECOND)).astype(np.int64)
    annotations: list[tuple[int, float | None, str]] = []
    noted = [part for part in header.parts if part.label in ANNOTATIONS and part.samples]
    first = True
    for part in noted:
        cells = np.ascontiguousarray(records[:, part.begin : part.begin + part.samples * header.width])
        for number, cell in enumerate(cells):
            for place, (onset, duration, texts) in enumerate(_lists(cell.tobytes())):
                if first and place == 0 and (header.interrupted or number == 0):
                    begins[number] = onset
                    if not header.interrupted:
                        begins[1:] += onset
                if len(annotations) < MOST_ANNOTATIONS:
                    annotations += [(onset, duration, text) for text in texts if text]
        first = False
    return begins, sorted(annotations, key=lambda annotation: annotation[0])


def _lists(cell: bytes) -> list[tuple[int, float | None, list[str]]]:
    """The time-stamped annotation lists in the bytes of one record."""
    found = []
    for text in cell.split(b"\0"):
        stamp, *texts = text.split(b"\x14")
        onset, _, duration = stamp.partition(b"\x15")
        if not texts or not _ONSET.fullmatch(onset) or len(onset) > 18:
            continue
        lasted = float(duration) if _DURATION.fullmatch(duration) and len(duration) < 18 else None
        seconds = float(onset)
        if abs(seconds) < 1e9:
            found.append((round(seconds * SECOND), lasted, [cell.decode("utf-8", "replace") for cell in texts]))
    return found


def _counts(records: Bytes, part: Part, width: int) -> Counts:
    """The samples of one signal from all records, of shape (samples, 1)."""
    cells = np.ascontiguousarray(records[:, part.begin : part.begin + part.samples * width])
    if width == 2:
        words: Counts = cells.view("<i2").reshape(-1, 1)
        return words
    threes = cells.reshape(-1, 3).astype(np.int32)
    values = threes[:, 0] | threes[:, 1] << 8 | threes[:, 2] << 16
    wide: Counts = ((values ^ 0x800000) - 0x800000).reshape(-1, 1)
    return wide


def _stretches(begins: Integers, samples: int, counts: Counts, header: Header) -> tuple[tuple[Stretch, ...], list[str]]:
    """The stretches of one signal, and what had to be done about the times of its records."""
    if not header.seconds:
        return (), ["records without a duration have no samples in time"]
    if not header.interrupted:
        return (Stretch(int(begins[0]), header.seconds * SECOND / samples, counts),), []
    every = np.full(len(begins), samples, np.int64)
    joins = np.ones(len(begins), np.bool_)
    timeline = lay(Blocks(begins, every, joins, samples / header.seconds), earliest=-(1 << 62))
    return timeline.stretches(counts), timeline.messages()
