"""Heart rates as a watch reports them, at times of its own.

A rate stands until the next one, at most ten minutes, so that frequent readings during exercise do not outweigh sparse
ones at rest. Rates outside 20 to 300 a minute are left out.
"""

from __future__ import annotations

import numpy as np

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Values

STANDS = 600 * SECOND
LOWEST, HIGHEST = 20.0, 300.0


def rates_of(signal: Signal) -> tuple[Nanoseconds, Values]:
    """Times and rates of a channel, beats a minute. Raises ``SignalError`` for a channel of another kind."""
    if signal.channel.kind is not Kind.HEART_RATE:
        raise SignalError(signal.channel.name, f"a channel of {signal.channel.kind}", "a channel of heart_rate")
    times, values = signal.whole()
    possible = (values[:, 0] >= LOWEST) & (values[:, 0] <= HIGHEST)
    return times[possible], values[possible, 0]


def standing(times: Nanoseconds, end: int) -> Nanoseconds:
    """For how many nanoseconds each rate stands, the last one until ``end`` at most."""
    until = np.append(times[1:], end)[: len(times)]
    lasting: Nanoseconds = np.clip(until - times, 0, STANDS)
    return lasting


def mean_rate(times: Nanoseconds, rates: Values, end: int) -> float:
    """The mean rate over the time that rates stand, beats a minute; NaN when none stands."""
    weights = standing(times, end)
    return float((rates * weights).sum() / weights.sum()) if weights.sum() else float("nan")


def lowest_rate(times: Nanoseconds, rates: Values, end: int, minutes: int = 5, least: float = 0.7) -> float:
    """The lowest mean rate over so many minutes (from whole minutes since 1970), of which ``least`` has a rate that stands.

    NaN when there is no such time.
    """
    if not len(times):
        return float("nan")
    first = int(times[0] // (60 * SECOND))
    edges = np.arange(first, (end - 1) // (60 * SECOND) + 2, dtype=np.int64) * 60 * SECOND
    weights = standing(times, end)
    lasting = np.diff(_until(edges, times, weights, np.ones(len(times))))
    sums = np.diff(_until(edges, times, weights, rates))
    if len(lasting) < minutes:
        return float("nan")
    ones = np.ones(minutes)
    time, total = np.convolve(lasting, ones, "valid"), np.convolve(sums, ones, "valid")
    enough = time >= least * minutes * 60
    return float((total[enough] / time[enough]).min()) if np.any(enough) else float("nan")


def _until(edges: Nanoseconds, times: Nanoseconds, weights: Nanoseconds, values: Values) -> Values:
    """The integral of the standing values from the first reading until each edge, in value times seconds."""
    sums = np.concatenate([[0.0], np.cumsum(values * weights / SECOND)])
    number = np.searchsorted(times, edges, side="right") - 1
    inside = np.clip(number, 0, None)
    part = np.minimum(np.maximum(edges - times[inside], 0), weights[inside]) / SECOND * values[inside]
    integral: Values = np.where(number >= 0, sums[inside] + part, 0.0)
    return integral
