"""Samples as WFDB stores them in its signal files (signal(5) of the WFDB applications guide)."""

from __future__ import annotations

import numpy as np

from helmont.signals.files.source import Bytes
from helmont.signals.recording import Counts

INVALID = {16: -32768, 24: -(1 << 23), 32: -(1 << 31), 61: -32768, 80: -128, 160: -32768, 212: -2048}
"""The formats that are read, and the value with which each marks a sample that is missing."""


def room(form: int, length: int) -> int:
    """How many whole samples so many bytes hold."""
    if form == 212:
        return length // 3 * 2 + length % 3 // 2
    return length // {16: 2, 61: 2, 160: 2, 24: 3, 32: 4, 80: 1}[form]


def decoded(form: int, data: Bytes, number: int) -> Counts:
    """The first ``number`` samples, of shape (samples,)."""
    if form in (16, 61):
        words: Counts = np.frombuffer(data[: 2 * number].tobytes(), "<i2" if form == 16 else ">i2").astype(np.int16)
        return words
    if form == 160:
        return (np.frombuffer(data[: 2 * number].tobytes(), "<u2").astype(np.int32) - 32768).astype(np.int16)
    if form == 32:
        return np.frombuffer(data[: 4 * number].tobytes(), "<i4").astype(np.int32)
    if form == 80:
        return data[:number].astype(np.int16) - np.int16(128)
    if form == 24:
        threes = data[: 3 * number].reshape(-1, 3).astype(np.int32)
        wide: Counts = ((threes[:, 0] | threes[:, 1] << 8 | threes[:, 2] << 16) ^ 0x800000) - 0x800000
        return wide
    # 212: two samples of 12 bits in three bytes; the middle one has the upper bits of both
    padded = np.zeros(-(-number // 2) * 3, np.uint8)
    some = data[: len(padded)]
    padded[: len(some)] = some
    triples = padded.reshape(-1, 3).astype(np.int16)
    pairs = np.empty((len(triples), 2), np.int16)
    pairs[:, 0] = triples[:, 0] | (triples[:, 1] & 15) << 8
    pairs[:, 1] = triples[:, 2] | (triples[:, 1] & 240) << 4
    counts: Counts = ((pairs.reshape(-1) ^ 2048) - 2048)[:number]
    return counts
