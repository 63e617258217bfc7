"""The records of ActiGraph's ``log.bin``, found one after the other, and samples of 12 bits or 16.

A record is a separator (0x1E), a type, the second it belongs to, the length of what follows (little-endian) and, behind
that, a checksum: the complement of the exclusive or of all bytes before it (ActiGraph, GT3X file format).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.compiled import compiled
from helmont.signals.files.source import Bytes
from helmont.signals.files.timeline import Integers

ACTIVITY, BATTERY, EVENT, HEART_RATE, LUX, METADATA = 0, 2, 3, 4, 5, 6
HEART_RATE_BLE, PARAMETERS, SENSORS, ACTIVITY2 = 14, 21, 25, 26
LONGEST = 9 + 65535  # bytes of a record
SEPARATOR = 0x1E


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of one piece of the log. ``table`` of shape (records, 4): type, second, where the payload begins in
    ``data``, and its length. ``lost`` bytes were no record, the first of them at ``where`` in the log (-1: none)."""

    data: Bytes
    table: Integers
    lost: int
    where: int


def records(chunks: Iterator[bytes]) -> Iterator[Records]:
    """The records of a log that comes in pieces, with what of a piece belongs to none."""
    carried, passed = b"", 0
    for chunk in chunks:
        data = np.frombuffer(carried + chunk, np.uint8)
        table, used, lost, where = _scan(data, False)
        yield Records(data, table, lost, passed + where if where >= 0 else -1)
        carried, passed = data[used:].tobytes(), passed + used
    data = np.frombuffer(carried, np.uint8)
    table, used, lost, where = _scan(data, True)
    yield Records(data, table, lost, passed + where if where >= 0 else -1)


@compiled
def _scan(data: Bytes, last: bool) -> tuple[Integers, int, int, int]:
    """The records in a piece; how many bytes are done with; how many were no record (zeros aside), and the first of them."""
    length = len(data)
    sums = np.empty(length + 1, np.uint8)  # exclusive or of all bytes before each
    sums[0] = 0
    for at in range(length):
        sums[at + 1] = sums[at] ^ data[at]
    table = np.empty((length // 9 + 1, 4), np.int64)
    number, at, lost, where = 0, 0, 0, -1
    while at < length:
        if data[at] == 0x1E:
            if at + 9 > length:
                if not last:
                    break
            else:
                size = np.int64(data[at + 6]) | np.int64(data[at + 7]) << 8
                end = at + 8 + size
                if end >= length:
                    if not last:
                        break
                elif sums[end] ^ sums[at] ^ 255 == data[end]:
                    second = np.int64(data[at + 2]) | np.int64(data[at + 3]) << 8
                    second |= np.int64(data[at + 4]) << 16 | np.int64(data[at + 5]) << 24
                    table[number, 0] = data[at + 1]
                    table[number, 1] = second
                    table[number, 2] = at + 8
                    table[number, 3] = size
                    number += 1
                    at = int(end + 1)
                    continue
        if data[at] != 0:
            lost += 1
            if where < 0:
                where = at
        at += 1
    return table[:number].copy(), at, lost, where


@compiled
def twelve(data: Bytes, at: int, samples: int, counts: NDArray[np.int16], number: int) -> None:
    """Samples of y, x and z in 12 bits each, most significant first, into ``counts`` (x, y, z) from ``number`` on."""
    nibble = 0
    for sample in range(samples):
        for place in range(3):
            byte = at + nibble // 2
            if nibble % 2:
                value = (np.int64(data[byte]) & 15) << 8 | np.int64(data[byte + 1])
            else:
                value = np.int64(data[byte]) << 4 | np.int64(data[byte + 1]) >> 4
            axis = 1 - place if place < 2 else 2
            counts[number + sample, axis] = (value ^ 2048) - 2048
            nibble += 3


@compiled
def activity(data: Bytes, table: Integers, counts: NDArray[np.int16], number: int) -> Integers:
    """Decodes the activity records of a table into ``counts`` from ``number`` on; returns the samples of each record."""
    samples = np.zeros(len(table), np.int64)
    for row in range(len(table)):
        kind, at, size = table[row, 0], table[row, 2], table[row, 3]
        if kind == 0 and size > 1:
            samples[row] = size * 2 // 9
            twelve(data, at, samples[row], counts, number)
        elif kind == 26 and size > 1:
            samples[row] = size // 6
            for sample in range(samples[row]):
                for axis in range(3):
                    byte = at + 6 * sample + 2 * axis
                    value = np.int64(data[byte]) | np.int64(data[byte + 1]) << 8
                    counts[number + sample, axis] = (value ^ 32768) - 32768
        number += samples[row]
    return samples
