"""WFDB records of several segments: which there are, and their signals as one (header(5) of the WFDB applications guide)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helmont.signals.errors import SignalError
from helmont.signals.files.source import Source
from helmont.signals.files.waveforms import Wave

GAP = "~"
"""In the place of a segment: for so many frames nothing was recorded."""
MOST = 100_000
_SEGMENT = re.compile(r"(?P<name>~|[\w-][\w.-]*)\s+(?P<frames>\d{1,12})")


def segments_of(source: Source, lines: Sequence[tuple[int, str]], number: int) -> tuple[tuple[str, int], ...]:
    """The names of the segments and their frames, from the lines behind the first. Raises ``SignalError`` with the line."""
    if not 1 <= number <= min(MOST, len(lines) - 1):
        raise SignalError(source.line(lines[0][0]), f"{number} segments in {len(lines) - 1} lines", "one line for each")
    found = []
    for place, line in lines[1 : number + 1]:
        match = _SEGMENT.fullmatch(line)
        if not match:
            raise SignalError(source.line(place), repr(line[:60]), "the name of a segment and its frames")
        found.append((match["name"], int(match["frames"])))
    return tuple(found)


def merged(waves: Sequence[Wave]) -> list[Wave]:
    """The signals of all segments: those of one label, unit, rate and scale are one, in the order of the segments."""
    together: dict[object, Wave] = {}
    for wave in waves:
        key = wave.label, wave.unit, wave.rate, wave.scale, wave.offset
        known = together.get(key)
        together[key] = wave if known is None else replace(known, parts=(*known.parts, *wave.parts))
    return list(together.values())
