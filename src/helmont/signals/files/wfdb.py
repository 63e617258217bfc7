"""WFDB records: a header (``.hea``), files of signals in formats 16, 24, 32, 61, 80, 160 and 212, and annotations.

After the WFDB applications guide (Moody): header(5), signal(5) and annot(5). A record may have several segments. The files lie
beside the header, or with it in a zip archive; MATLAB files of version 4 are format 16 behind the bytes that the header
says to pass over. A record without a date begins at 1970. Times are those of a running clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.files import clock
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Bytes, Source
from helmont.signals.files.waveforms import Wave, signals_of
from helmont.signals.files.wfdb_annotations import ANNOTATORS, LONGEST, Annotations, annotated
from helmont.signals.files.wfdb_samples import INVALID, decoded, room
from helmont.signals.files.wfdb_segments import GAP, MOST, merged, segments_of
from helmont.signals.recording import SECOND, Finding, Recording, Signal, Stretch

LARGEST_HEADER = 1 << 20
LARGEST = 4 << 30  # bytes of signals out of an archive
ACCEPTED = f"a record with signals in formats {', '.join(map(str, INVALID))}"
_RECORD = re.compile(
    r"(?P<name>[\w.-]+)(?P<segments>/\d+)?\s+(?P<signals>\d{1,4})"
    r"(?:\s+(?P<rate>[\d.eE+-]+)(?:/[\d.eE+-]+(?:\([^)]*\))?)?(?:\s+(?P<samples>\d{1,12})"
    r"(?:\s+(?P<time>[\d:.]+)(?:\s+(?P<date>[\d/]+))?)?)?)?\s*"
)
_SIGNAL = re.compile(
    r"(?P<file>\S+)\s+(?P<format>\d+)(?:x(?P<frame>\d{1,4}))?(?::(?P<skew>\d{1,6}))?(?:\+(?P<offset>\d{1,9}))?"
    r"(?:\s+(?P<gain>[\d.eE+-]+)(?:\((?P<baseline>-?\d{1,10})\))?(?:/(?P<unit>\S+))?)?"
    r"(?:\s+(?P<bits>\d+))?(?:\s+(?P<zero>-?\d{1,10}))?(?:\s+(?P<initial>-?\d+))?(?:\s+(?P<checksum>-?\d+))?"
    r"(?:\s+\d+)?(?:\s+(?P<label>.*))?"
)
Opened = Callable[[str], Bytes]
"""The bytes of a file of the record; raises ``SignalError`` when it is not there."""


@dataclass(frozen=True, slots=True)
class Line:
    """One signal of the header."""

    file: str
    format: int
    frame: int
    skew: int
    offset: int
    gain: float
    baseline: int
    unit: str
    checksum: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Header:
    """The record: the frames a second, how many frames (0: not said), the local start, and its signals."""

    name: str
    rate: float
    frames: int
    start: int
    dated: bool
    lines: tuple[Line, ...]
    segments: tuple[tuple[str, int], ...] = ()


def recognised(head: bytes) -> bool:
    """Whether a file that begins so is a header."""
    lines = _lines(head.decode("latin-1"))
    match = _RECORD.fullmatch(lines[0][1]) if lines else None
    return bool(match) and len(lines) > 1 and bool((match and match["segments"]) or _SIGNAL.fullmatch(lines[1][1]))


def archived(archive: Archive) -> bool:
    """Whether an archive holds one record."""
    return len(_headers(archive)) == 1


def _headers(archive: Archive) -> list[str]:
    """The header of the record; with those of its segments, the one that names these."""
    found = [name for name in archive if name.endswith(".hea") and not name.startswith("__MACOSX/")]
    return [name for name in found if _has_segments(archive.whole(name))] if 1 < len(found) <= MOST else found


def _has_segments(text: bytes) -> bool:
    lines = _lines(text[:LARGEST_HEADER].decode("latin-1"))
    match = _RECORD.fullmatch(lines[0][1]) if lines else None
    return bool(match and match["segments"])


def read(source: Source) -> Recording:
    """The recording of a header whose other files lie beside it. Raises ``SignalError`` when they do not."""

    def opened(name: str) -> Bytes:
        return Source(source.path.with_name(name), name).mapped()

    text = source.head(LARGEST_HEADER)
    stem = source.path.stem
    marks = [kind for kind in ANNOTATORS if source.path.with_name(f"{stem}.{kind}").is_file()]
    return _recording(source, text, stem, opened, marks)


def read_archive(source: Source, archive: Archive) -> Recording:
    """The recording of an archive with one header. Raises ``SignalError`` when a file of the record is not in it."""
    (header,) = _headers(archive)
    folder = PurePosixPath(header).parent

    def opened(name: str) -> Bytes:
        member = str(folder / name)
        if member not in archive:
            raise SignalError(f"{source.name}, {member}", "not there", "every file of the record in the archive")
        return np.frombuffer(b"".join(archive.chunks(member, LARGEST)), np.uint8)

    stem = PurePosixPath(header).stem
    marks = [kind for kind in ANNOTATORS if str(folder / f"{stem}.{kind}") in archive]
    inner = Source(Path(header), archive.place(header), source.timezone)
    return _recording(inner, archive.whole(header), stem, opened, marks)


def _recording(source: Source, text: bytes, stem: str, opened: Opened, marks: list[str]) -> Recording:
    header = _header(source, text)
    findings: list[Finding] = []
    if not header.dated:
        findings.append(Finding(source.name, "the record has no date; its times count from 1970-01-01"))
    offset = clock.running(header.start, source.timezone) if header.dated else 0
    start = header.start - offset
    waves = _of_segment(source, header, opened, start, findings)
    at = 0
    for name, frames in header.segments:
        if name != GAP and frames:
            inner = Source(source.path, f"{source.name}, {name}.hea", source.timezone)
            segment = _header(inner, opened(f"{name}.hea").tobytes())
            if segment.segments or segment.rate != header.rate:
                raise SignalError(inner.name, "segments, or another rate than the record's", "a segment of the record")
            begun = start + round(at / header.rate * SECOND)
            waves += _of_segment(inner, replace(segment, frames=frames), opened, begun, findings)
        at += frames
    waves = merged(waves) if header.segments else waves
    signals, left = signals_of(waves, source.name)
    noted: dict[str, Annotations] = {}
    for kind in marks:
        place = f"{source.name}, {stem}.{kind}"
        found, wrong = annotated(opened(f"{stem}.{kind}").tobytes(), place, start, header.rate)
        noted[kind] = found
        findings += [Finding(place, wrong)] if wrong else []
    if noted:
        signals |= _intervals(next(iter(noted.values())))
    if not signals:
        labels = ", ".join(wave.label for wave in waves)
        raise SignalError(source.name, f"signals of no kind that is kept: {labels}", "a signal of ECG, PPG or the like")
    details: dict[str, Any] = {"format": "WFDB", "rate": header.rate, "utc_offset_seconds": offset // SECOND}
    details |= {"annotations": noted}
    return Recording(signals, {}, details, tuple(findings + left))


def _of_segment(source: Source, header: Header, opened: Opened, start: int, findings: list[Finding]) -> list[Wave]:
    """The signals of one segment, or of a record that has no others, file by file."""
    waves: list[Wave] = []
    for (file, form, passed), lines in groupby(header.lines, key=lambda line: (line.file, line.format, line.offset)):
        waves += _waves(source, header, list(lines), opened(file), (file, form, passed), start, findings)
    return waves


def _lines(text: str) -> list[tuple[int, str]]:
    """The lines that are neither empty nor remarks, with their numbers."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def _header(source: Source, text: bytes) -> Header:
    lines = _lines(text.decode("latin-1"))
    match = _RECORD.fullmatch(lines[0][1]) if lines else None
    if not match:
        raise SignalError(source.line(lines[0][0] if lines else 1), "no record", ACCEPTED)
    several = segments_of(source, lines, int(match["segments"][1:])) if match["segments"] else ()
    number = int(match["signals"]) if not several else 0
    if not several and not 1 <= number <= len(lines) - 1:
        raise SignalError(source.line(lines[0][0]), f"{number} signals in {len(lines) - 1} lines", "one line for each")
    rate = _number(source, lines[0][0], match["rate"] or "250", "frames a second")
    if not 1e-3 <= rate <= 1e5:
        raise SignalError(source.line(lines[0][0]), f"{rate} frames a second", "0.001 to 100000")
    start, dated = _start(source, lines[0][0], match["time"], match["date"])
    signals = tuple(_line(source, place, line) for place, line in lines[1 : number + 1])
    return Header(match["name"], rate, int(match["samples"] or 0), start, dated, signals, several)


def _number(source: Source, line: int, text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SignalError(source.line(line), f"{name} {text!r}", "a number") from None


def _start(source: Source, line: int, time: str | None, date: str | None) -> tuple[int, bool]:
    """The local start in nanoseconds, and whether it has a date."""
    try:
        parts = [float(part) for part in (time or "0").split(":")]
        seconds = sum(part * 60**place for place, part in enumerate(reversed(parts)))
        day, month, year = (int(part) for part in date.split("/")) if date else (1, 1, 1970)
        if not (0 <= seconds < 86_400 and 1900 <= year <= 2200):
            raise ValueError(seconds)
        return clock.nanoseconds(datetime(year, month, day)) + round(seconds * SECOND), bool(date)
    except ValueError:
        raise SignalError(source.line(line), f"start {time} {date or ''}", "hh:mm:ss dd/mm/yyyy") from None


def _line(source: Source, number: int, text: str) -> Line:
    match = _SIGNAL.fullmatch(text)
    if not match:
        raise SignalError(source.line(number), repr(text[:60]), "a file, a format, a gain and a name")
    if int(match["format"]) not in INVALID:
        raise SignalError(source.line(number), f"format {match['format']}", ACCEPTED)
    if re.search(r"[/\\:]|^\.", match["file"]):
        raise SignalError(source.line(number), f"file {match['file']!r}", "the name of a file beside the header")
    gain = _number(source, number, match["gain"] or "0", "gain") or 200.0
    baseline = int(match["baseline"] if match["baseline"] is not None else match["zero"] or 0)
    checksum = int(match["checksum"]) & 0xFFFF if match["checksum"] else None
    numbers = (int(match["format"]), int(match["frame"] or 1) or 1, int(match["skew"] or 0), int(match["offset"] or 0))
    return Line(
        match["file"], *numbers, gain, baseline, match["unit"] or "mV", checksum, (match["label"] or "").strip()
    )


def _waves(
    source: Source,
    header: Header,
    lines: list[Line],
    data: Bytes,
    where: tuple[str, int, int],
    start: int,
    findings: list[Finding],
) -> list[Wave]:
    """The signals of one file, whose samples stand in turn: of each frame those of one signal after those of another."""
    file, form, passed = where
    each = sum(line.frame for line in lines)
    present = room(form, max(len(data) - passed, 0)) // each
    frames = min(header.frames or present, present)
    if not frames:
        raise SignalError(f"{source.name}, {file}", "no whole frame", ACCEPTED)
    if frames / header.rate > LONGEST:
        raise SignalError(f"{source.name}, {file}", f"{frames} frames at {header.rate} a second", "at most 30 years")
    if header.frames > present:
        found = f"the file ends after {present} of the {header.frames} frames that the header announces"
        findings.append(Finding(f"{source.name}, {file}", found))
    samples = decoded(form, data[passed:], frames * each).reshape(frames, each)
    waves, column = [], 0
    for line in lines:
        own = samples[:, column : column + line.frame].reshape(-1)
        column += line.frame
        total = int(own.sum(dtype=np.int64)) & 0xFFFF
        if line.checksum is not None and total != line.checksum and header.frames == frames:
            place = f"{source.name}, {line.label!r}"
            findings.append(Finding(place, f"the samples sum up to {total}, the header says {line.checksum}"))
        rate = header.rate * line.frame
        own = own[line.skew * line.frame :]
        step = SECOND / rate
        known = own != INVALID[form]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8))).reshape(-1, 2)
        parts = tuple(
            Stretch(start + round(first * step), step, own[first:last].reshape(-1, 1)) for first, last in edges.tolist()
        )
        waves.append(Wave(line.label, line.unit, rate, 1 / line.gain, -line.baseline / line.gain, parts))
    return waves


def _intervals(found: Annotations) -> Mapping[str, Signal]:
    """The intervals between beats that were marked, each at its end."""
    beats = np.unique(found.beats())
    channel = Channel("interbeat_interval", Kind.INTERBEAT_INTERVAL, "ms", resolution=0.001)
    lengths = np.rint(np.diff(beats) / 1000)
    usable = lengths < 1 << 31
    if not usable.any():
        return {}
    stretch = Stretch.at(beats[1:][usable], lengths[usable].astype(np.int32).reshape(-1, 1))
    return {"interbeat_interval": Signal(channel, (stretch,))}
