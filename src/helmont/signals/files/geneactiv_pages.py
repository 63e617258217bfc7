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
_LINE = rb"[^\r\n]{0,200}\r?\n"
_TEXT = re.compile(
    b"Recorded Data\\r?\\n" + _LINE + rb"Sequence Number:(\d{1,12})\r?\n"
    rb"Page Time:([\d-]{10}) ([\d:]{12})\r?\n" + _LINE + rb"Temperature:([\d.-]{1,12})\r?\n"
    rb"Battery voltage:([\d.]{1,12})\r?\n" + _LINE + rb"Measurement Frequency:([\d.]{1,12})\r?\n"
)
_DATE = re.compile(rb"(\d{4})-(\d\d)-(\d\d)")
_CLOCK = re.compile(rb"(\d\d):(\d\d):(\d\d):(\d{3})")


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
    days: dict[bytes, int] = {}
    while at < len(data):
        if match := _TEXT.match(content, at):
            values: tuple[bytes, ...] = match.groups()
            begin = match.end()
            following = _following(data, content, begin)
        else:
            values, begin, following = _unusual(data, content, at)
        end = following
        while end > begin and data[end - 1] in b"\r\n":
            end -= 1
        try:
            sequence, date, time, temperature, battery, frequency = values
            if date not in days:
                days[date] = _day(date)
            started = days[date] + _time(time)
            rate = float(frequency)
            if not (0.1 <= rate <= 1000 and 0 <= int(sequence) < 1 << 40):
                raise ValueError(rate)
        except ValueError:
            found.unread.append(at)
        else:
            found.starts.append(started)
            found.rates.append(rate)
            found.sequence.append(int(sequence))
            found.temperature.append(_number(temperature))
            found.battery.append(_number(battery))
            found.data.append(begin)
            found.lengths.append(end - begin)
        at = following
    return found


def _following(data: Bytes, content: memoryview, begin: int) -> int:
    """Where the next page begins: most often right behind 3600 characters of samples and the end of a line."""
    expected = begin + SAMPLE * SAMPLES
    for end in (2, 1):
        if bytes(content[expected + end : expected + end + len(PAGE)]) == PAGE:
            early = bytes(content[begin:expected]).find(PAGE)
            return begin + early if early >= 0 else expected + end
    return find(data, content, begin)


def _unusual(data: Bytes, content: memoryview, at: int) -> tuple[tuple[bytes, ...], int, int]:
    """Sequence number, date, time, temperature, battery and frequency of a page whose lines are not as usual; where its
    samples begin, and where the next page does."""
    following = find(data, content, at + len(PAGE))
    lines = bytes(content[at : min(at + TEXT, following)]).splitlines(keepends=True)[:9]
    said = dict(line.rstrip().split(b":", 1) for line in lines if b":" in line)
    date, _, time = said.get(b"Page Time", b"").strip().partition(b" ")
    names = (b"Temperature", b"Battery voltage", b"Measurement Frequency")
    values = (said.get(b"Sequence Number", b""), date, time, *(said.get(name, b"") for name in names))
    return values, at + sum(map(len, lines)), following


def _day(text: bytes) -> int:
    """Nanoseconds since 1970 at the beginning of a day from 1970 to 2200."""
    if not (match := _DATE.fullmatch(text)) or not 1970 <= int(match[1]) <= 2200:
        raise ValueError(text)
    return clock.nanoseconds(datetime(int(match[1]), int(match[2]), int(match[3])))


def _time(text: bytes) -> int:
    """Nanoseconds since the beginning of the day."""
    if not (match := _CLOCK.fullmatch(text)):
        raise ValueError(text)
    hours, minutes, seconds, thousandths = map(int, match.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(text)
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths) * 1_000_000


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
    digits = np.full(256, -1, np.int64)
    for digit in range(16):
        digits[48 + digit if digit < 10 else 55 + digit] = digit
        digits[48 + digit if digit < 10 else 87 + digit] = digit
    whole = np.zeros(len(places), np.int64)
    number = 0
    for page in range(len(places)):
        at = places[page]
        for _ in range(samples[page]):
            bits, wrong = np.int64(0), np.int64(0)
            for character in range(12):
                digit = digits[data[at + character]]
                wrong |= digit
                bits = bits << 4 | (digit & 15)
            if wrong < 0:
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
