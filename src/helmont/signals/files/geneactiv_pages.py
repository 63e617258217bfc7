"""The pages of a GENEActiv file: what their text says, where their samples lie, and the samples."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from helmont.signals.compiled import compiled
from helmont.signals.files import clock
from helmont.signals.files.source import Bytes
from helmont.signals.files.timeline import Integers

PAGE = b"Recorded Data"
TEXT = 2 << 10  # the most bytes of the lines of text of a page
SAMPLE, SAMPLES = 12, 300  # characters a sample, samples a page
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d):(\d{3})")


@dataclass(slots=True)
class Pages:
    """What the text of the pages says, in the order of the file."""

    starts: list[int] = field(default_factory=list)
    sequence: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    temperature: list[float] = field(default_factory=list)
    battery: list[float] = field(default_factory=list)
    data: list[int] = field(default_factory=list)  # where the samples begin
    lengths: list[int] = field(default_factory=list)  # characters of samples
    unread: list[int] = field(default_factory=list)  # where pages begin that were left out


def find(data: Bytes, content: memoryview, begin: int) -> int:
    """Where the next page begins, from ``begin`` on; the length of the file when there is none."""
    step = 4 << 10
    while begin < len(data):
        at = bytes(content[begin : begin + step + len(PAGE)]).find(PAGE)
        if at >= 0:
            return begin + at
        begin += step
        step = min(2 * step, 4 << 20)
    return len(data)


def pages(data: Bytes, content: memoryview, at: int) -> Pages:
    """The text of every page, and where its samples lie."""
    found = Pages()
    while at < len(data):
        text = bytes(content[at : at + TEXT])
        after = text.find(PAGE, len(PAGE))
        lines = text[: after if after > 0 else None].splitlines(keepends=True)[:10]
        values = dict(line.rstrip().split(b":", 1) for line in lines[:9] if b":" in line)
        begin = at + sum(map(len, lines[:9]))
        # a full page is 3600 characters, so the next one is looked for behind them first
        expected = begin + SAMPLE * SAMPLES
        following = find(data, content, begin if after > 0 else max(expected - TEXT, begin))
        end = following
        while end > begin and data[end - 1] in b"\r\n":
            end -= 1
        try:
            started = _moment(values[b"Page Time"].decode("ascii"))
            rate = float(values[b"Measurement Frequency"])
            sequence = int(values[b"Sequence Number"])
            if not (0.1 <= rate <= 1000 and 0 <= sequence < 1 << 40):
                raise ValueError(rate)
        except (KeyError, ValueError):
            found.unread.append(at)
        else:
            found.starts.append(started)
            found.rates.append(rate)
            found.sequence.append(sequence)
            found.temperature.append(_number(values.get(b"Temperature", b"")))
            found.battery.append(_number(values.get(b"Battery voltage", b"")))
            found.data.append(begin)
            found.lengths.append(end - begin)
        at = following
    return found


def _moment(text: str) -> int:
    """Nanoseconds since 1970 of a local time, as if it were UTC."""
    match = _TIME.fullmatch(text.strip())
    if not match or int(match[1]) > 2200:
        raise ValueError(text)
    *parts, thousandths = map(int, match.groups())
    return clock.nanoseconds(datetime(*parts)) + thousandths * 1_000_000  # type: ignore[arg-type]


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


@compiled
def decode(
    data: Bytes,
    places: Integers,
    samples: Integers,
    counts: NDArray[np.int16],
    light: NDArray[np.int16],
    button: NDArray[np.bool_],
) -> Integers:
    """Fills in the samples of every page; returns how many there were before a character that is not hexadecimal."""
    whole = np.zeros(len(places), np.int64)
    number = 0
    for page in range(len(places)):
        at = places[page]
        for _ in range(samples[page]):
            bits = np.int64(0)
            fine = True
            for character in range(12):
                code = data[at + character]
                if 48 <= code <= 57:
                    digit = code - 48
                elif 65 <= code <= 70:
                    digit = code - 55
                elif 97 <= code <= 102:
                    digit = code - 87
                else:
                    fine = False
                    break
                bits = bits << 4 | np.int64(digit)
            if not fine:
                break
            for axis in range(3):
                value = (bits >> (36 - 12 * axis)) & 4095
                counts[number, axis] = (value ^ 2048) - 2048
            light[number, 0] = (bits >> 2) & 1023
            button[number] = (bits >> 1) & 1
            number += 1
            at += 12
            whole[page] += 1
    return whole
