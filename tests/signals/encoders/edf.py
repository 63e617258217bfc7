"""Writes EDF, EDF+ and BDF files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Track:
    """One signal: ``counts`` of shape (records, samples a record)."""

    label: str
    unit: str
    counts: NDArray[np.int32]
    physical: tuple[float, float] = (-3.2768, 3.2767)
    digital: tuple[int, int] = (-32768, 32767)


@dataclass(frozen=True)
class Notes:
    """The annotations of one record: each its onset, its duration if any, and its texts."""

    lists: Sequence[tuple[float, float | None, Sequence[str]]] = field(default_factory=tuple)

    def encoded(self, size: int) -> bytes:
        text = b""
        for onset, duration, texts in self.lists:
            text += f"{onset:+g}".encode() + (b"" if duration is None else f"\x15{duration:g}".encode())
            text += b"".join(b"\x14" + said.encode() for said in texts or [""]) + b"\x14\x00"
        return text.ljust(size, b"\0")


def file(
    tracks: Sequence[Track],
    *,
    seconds: float = 1,
    start: str = "26.08.20 10.09.00",
    recording: str = "Startdate 26-AUG-2020 X X Holter_7",
    kind: str = "",
    notes: Sequence[Notes] = (),
    announced: int | None = None,
) -> bytes:
    """A whole file. ``kind`` is EDF+C, EDF+D, BDF or empty; ``notes`` are the annotations of each record."""
    width = 3 if kind == "BDF" else 2
    records = len(tracks[0].counts)
    size = max((len(note.encoded(0)) for note in notes), default=0)
    size += -size % width
    number = len(tracks) + bool(notes)
    cells = [
        [track.label for track in tracks] + ["EDF Annotations"] * bool(notes),
        [""] * number,
        [track.unit for track in tracks] + [""] * bool(notes),
        [f"{track.physical[0]:g}" for track in tracks] + ["-1"] * bool(notes),
        [f"{track.physical[1]:g}" for track in tracks] + ["1"] * bool(notes),
        [str(track.digital[0]) for track in tracks] + ["-32768"] * bool(notes),
        [str(track.digital[1]) for track in tracks] + ["32767"] * bool(notes),
        [""] * number,
        [str(track.counts.shape[1]) for track in tracks] + [str(size // width)] * bool(notes),
        [""] * number,
    ]
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    date, time = start.split(" ")
    version = b"\xffBIOSEMI" if kind == "BDF" else b"0       "
    head = "".join(
        text.ljust(wide)
        for text, wide in (
            *(("12345 F 02-MAY-1951 Somebody", 80), (recording, 80), (date, 8), (time, 8)),
            *((str(256 + 256 * number), 8), ("" if kind == "BDF" else kind, 44)),
            *((str(records if announced is None else announced), 8), (f"{seconds:g}", 8), (str(number), 4)),
        )
    )
    data = (
        version
        + head.encode()
        + "".join(cell.ljust(wide) for row, wide in zip(cells, widths, strict=True) for cell in row).encode("latin-1")
    )
    for record in range(records):
        for track in tracks:
            words = [int(value).to_bytes(width, "little", signed=True) for value in track.counts[record]]
            data += b"".join(words)
        data += notes[record].encoded(size) if notes else b""
    return data
