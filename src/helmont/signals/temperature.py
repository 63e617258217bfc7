"""The temperature of a device at moments of another signal."""

from __future__ import annotations

import numpy as np

from helmont.signals.recording import SECOND, Nanoseconds, Signal, Values

APART = 600 * SECOND
"""Between two samples no further apart, temperature is taken to change evenly."""


def temperatures(signal: Signal, begins: Nanoseconds, length: int) -> Values:
    """The mean temperature (degrees Celsius) in each span of ``length`` nanoseconds from ``begins``, which increase.

    A span without a sample has the temperature of its middle on the line between the sample before and the one after; NaN
    where those are more than ``APART`` from each other, or one is missing.
    """
    found = np.full(len(begins), np.nan)
    if not len(begins):
        return found
    times, values = signal.between(int(begins[0]) - APART, int(begins[-1]) + length + APART).whole()
    if not len(times):
        return found
    quantity = signal.channel.quantity
    degrees = values[:, 0] * quantity.factor + quantity.shift
    at = np.searchsorted(begins, times, side="right") - 1
    inside = (at >= 0) & (times < begins[at] + length)
    samples = np.bincount(at[inside], minlength=len(begins))
    np.divide(np.bincount(at[inside], degrees[inside], len(begins)), samples, out=found, where=samples > 0)
    empty = np.flatnonzero(samples == 0)
    middles = begins[empty] + length // 2
    after = np.searchsorted(times, middles)
    near = (after > 0) & (after < len(times))
    after, middles = after[near], middles[near]
    near[near] = times[after] - times[after - 1] <= APART
    found[empty[near]] = np.interp(begins[empty[near]] + length // 2 - times[0], times - times[0], degrees)
    return found
