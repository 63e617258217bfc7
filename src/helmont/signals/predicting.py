"""The kernels of packing: what a predictor leaves of a series of whole numbers, and the series again.

Predictor ``(a, b)`` says that the next number is ``(a * previous + b * the one before) / 2``, rounded down, all counted from
the base of the axis. What is left wraps around, so every series of whole numbers comes back exactly, and is written as an
unsigned number whose lowest bit is the sign (zigzag): byte ``p`` of all of them is plane ``p``, one axis after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.compiled import compiled

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]

PREDICTORS: Whole = np.array([(0, 0), (2, 0), (4, -2), (1, 1), (3, -1)], np.int64)
"""The base; the previous number; the straight line; the mean of two; half of the straight line's slope."""

BASE, PREVIOUS, LINE, MEAN = range(4)


@compiled
def choose(columns: NDArray[Any], predictors: Whole, axes: Whole) -> None:
    """Fill ``axes`` (axes, 2) with the base and predictor of each of the ``columns`` (samples, axes), from a sixteenth of them.

    Another predictor than the previous number has to leave a tenth less, and of numbers that are not small already: halves
    cost more than they gain where nearly everything is 0 or 1.
    """
    rows = len(columns)
    cost = np.empty(len(predictors), np.int64)
    for axis in range(len(axes)):
        first = np.int64(columns[0, axis])
        total, number = np.int64(0), 0
        for row in range(0, rows, 16):
            total += np.int64(columns[row, axis]) - first
            number += 1
        base = first + total // number
        cost[:] = 0
        count = 0
        for window in range(0, rows - 2, 512):
            before, previous = np.int64(columns[window, axis]) - base, np.int64(columns[window + 1, axis]) - base
            for row in range(window + 2, min(window + 34, rows)):
                current = np.int64(columns[row, axis]) - base
                for each in range(len(predictors)):
                    expected = (predictors[each, 0] * previous + predictors[each, 1] * before) >> 1
                    cost[each] += abs(current - expected)
                before, previous = previous, current
                count += 1
        axes[axis, 0], axes[axis, 1] = base, PREVIOUS
        least = cost[PREVIOUS] - cost[PREVIOUS] // 10
        if cost[PREVIOUS] > 2 * count:
            for each in range(len(predictors)):
                if each != PREVIOUS and cost[each] < least:
                    least, axes[axis, 1] = cost[each], each


@compiled
def predict_narrow(columns: NDArray[np.int16], predictors: Whole, axes: Whole, spread: Bytes) -> np.uint16:
    """Fill both planes of ``spread`` (2, axes x samples) with what is left of 16-bit columns; gives all bits that occur."""
    rows = len(columns)
    numbers = np.zeros(rows + 2, np.int32)
    bits = np.uint16(0)
    for axis in range(len(axes)):
        base, chosen = np.int32(axes[axis, 0]), axes[axis, 1]
        ahead, behind = np.int32(predictors[chosen, 0]), np.int32(predictors[chosen, 1])
        for row in range(rows):
            numbers[row + 2] = np.int32(columns[row, axis]) - base
        low, high = spread[0, axis * rows : (axis + 1) * rows], spread[1, axis * rows : (axis + 1) * rows]
        for row in range(rows):
            doubled = np.int32(np.int32(ahead * numbers[row + 1]) + np.int32(behind * numbers[row]))
            left = np.int16(numbers[row + 2] - np.int32(doubled >> np.int32(1)))
            zigzag = np.uint16(np.int16(left << 1) ^ np.int16(left >> 15))
            bits |= zigzag
            low[row], high[row] = np.uint8(zigzag & 255), np.uint8(zigzag >> 8)
    return bits


@compiled
def predict(columns: NDArray[Any], predictors: Whole, axes: Whole, left: NDArray[Any]) -> np.uint64:
    """Fill ``left`` (axes x samples, unsigned, as wide as the columns) with what is left; gives all bits that occur."""
    rows = len(columns)
    shift = 64 - 8 * columns.itemsize
    bits = np.uint64(0)
    for axis in range(len(axes)):
        base, chosen = axes[axis, 0], axes[axis, 1]
        ahead, behind = predictors[chosen, 0], predictors[chosen, 1]
        previous, before = np.int64(0), np.int64(0)
        for row in range(rows):
            number = np.int64(columns[row, axis]) - base
            rest = ((number - ((ahead * previous + behind * before) >> 1)) << shift) >> shift
            zigzag = np.uint64((rest << 1) ^ (rest >> 63))
            bits |= zigzag
            left[axis * rows + row] = zigzag
            before, previous = previous, number
    return bits


@compiled
def planes(numbers: Bytes, spread: Bytes) -> None:
    """Byte ``p`` of every number (numbers, bytes) into row ``p`` of ``spread``, which may have fewer rows than bytes."""
    for plane in range(spread.shape[0]):
        for number in range(spread.shape[1]):
            spread[plane, number] = numbers[number, plane]


@compiled
def restore_narrow(spread: Bytes, axes: Whole, out: NDArray[np.int16]) -> None:
    """Fill ``out`` (samples, axes) with the 16-bit columns of which this was left, in one plane or two.

    A loop for each predictor, since every number waits for the one before: those without halves need not be wrapped on the
    way, and in the others the base cancels out.
    """
    rows = len(out)
    left = np.empty(rows, np.int16)
    for axis in range(len(axes)):
        low, high = spread[0, axis * rows : (axis + 1) * rows], spread[-1, axis * rows : (axis + 1) * rows]
        above = np.uint16(0 if spread.shape[0] == 1 else 255)
        for row in range(rows):
            zigzag = np.uint16(np.uint16(low[row]) | np.uint16((np.uint16(high[row]) & above) << np.uint16(8)))
            left[row] = np.int16(np.uint16(zigzag >> np.uint16(1)) ^ np.uint16(-(zigzag & np.uint16(1))))
        base, predictor = axes[axis, 0], axes[axis, 1]
        number, slope = base, np.int64(0)
        if predictor == BASE:
            for row in range(rows):
                out[row, axis] = base + left[row]
        elif predictor == PREVIOUS:
            for row in range(rows):
                number += left[row]
                out[row, axis] = number
        elif predictor == LINE:
            for row in range(rows):
                slope += left[row]
                number += slope
                out[row, axis] = number
        elif predictor == MEAN:
            before = base
            for row in range(rows):
                following = np.int64(np.int16(((number + before) >> 1) + left[row]))
                out[row, axis] = following
                before, number = number, following
        else:
            before = base
            for row in range(rows):
                following = np.int64(np.int16(number + ((number - before) >> 1) + left[row]))
                out[row, axis] = following
                before, number = number, following


@compiled
def restore(spread: Bytes, predictors: Whole, axes: Whole, out: NDArray[Any]) -> None:
    """Fill ``out`` (samples, axes) of any width with the columns of which this was left."""
    rows, kept = len(out), spread.shape[0]
    for axis in range(len(axes)):
        base, chosen = axes[axis, 0], axes[axis, 1]
        ahead, behind = predictors[chosen, 0], predictors[chosen, 1]
        previous, before = np.int64(0), np.int64(0)
        for row in range(rows):
            zigzag = np.uint64(0)
            for plane in range(kept):
                zigzag |= np.uint64(spread[plane, axis * rows + row]) << np.uint64(8 * plane)
            left = np.int64(zigzag >> np.uint64(1)) ^ -np.int64(zigzag & np.uint64(1))
            out[row, axis] = base + ((ahead * previous + behind * before) >> 1) + left
            before, previous = previous, np.int64(out[row, axis]) - base
