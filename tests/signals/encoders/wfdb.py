"""Writes the signals and annotations of WFDB records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def samples(form: int, values: NDArray[np.int32]) -> bytes:
    """Samples in their order, in one of the formats."""
    if form == 212:
        even = np.append(values, 0)[: len(values) + len(values) % 2].reshape(-1, 2) & 0xFFF
        low, high = even[:, 0], even[:, 1]
        data = np.column_stack([low & 255, low >> 8 | high >> 8 << 4, high & 255]).astype(np.uint8).tobytes()
        return data[:-1] if len(values) % 2 else data
    if form == 24:
        return b"".join(int(value).to_bytes(3, "little", signed=True) for value in values)
    if form == 80:
        return (values + 128).astype(np.uint8).tobytes()
    if form == 160:
        return (values + 32768).astype("<u2").tobytes()
    return values.astype({16: "<i2", 61: ">i2", 32: "<i4"}[form]).tobytes()


def checksum(values: NDArray[np.int32]) -> int:
    """The sum of the samples in 16 bits, with a sign."""
    total = int(values.sum()) & 0xFFFF
    return total - (1 << 16) if total >= 1 << 15 else total


def annotations(marks: Sequence[tuple[int, int]], resolution: float = 0) -> bytes:
    """An annotation file of (sample, code); with a resolution it begins by saying so."""
    data = b""
    if resolution:
        said = f"## time resolution: {resolution:g}".encode()
        data += word(22, 0) + word(63, len(said)) + said + b"\0" * (len(said) % 2)
    now = 0
    for sample, code in marks:
        step = sample - now
        if not 0 <= step < 1024:
            far = step & 0xFFFFFFFF
            data += word(59, 0) + (far >> 16).to_bytes(2, "little") + (far & 0xFFFF).to_bytes(2, "little")
            step = 0
        data += word(code, step)
        now = sample
    return data + word(0, 0)


def word(code: int, low: int) -> bytes:
    """A code above and a number of 10 bits below."""
    return (code << 10 | low).to_bytes(2, "little")
