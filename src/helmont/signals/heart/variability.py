"""Heart rate and its variability in the time domain.

Task Force of the European Society of Cardiology and the North American Society of Pacing and Electrophysiology 1996, Circulation
93:1043-1065, table 1. Each gives NaN when there are too few intervals for it.
"""

from __future__ import annotations

import numpy as np

from helmont.signals.heart.intervals import MILLISECOND, Kept
from helmont.signals.recording import SECOND

_NONE = float("nan")


def mean_heart_rate(kept: Kept) -> float:
    """Beats a minute: 60 000 divided by the mean interval."""
    return 60_000 / float(kept.lengths.mean()) if len(kept.lengths) else _NONE


def sdnn(kept: Kept) -> float:
    """The standard deviation of the intervals, with n - 1 below, in milliseconds."""
    return float(kept.lengths.std(ddof=1)) if len(kept.lengths) > 1 else _NONE


def rmssd(kept: Kept) -> float:
    """The root of the mean square of the differences between neighbours, in milliseconds."""
    return float(np.sqrt(np.mean(kept.differences**2))) if len(kept.differences) else _NONE


def pnn50(kept: Kept) -> float:
    """The percentage of differences between neighbours above 50 ms."""
    if not len(kept.differences):
        return _NONE
    return 100 * float(np.count_nonzero(np.abs(kept.differences) > 50)) / len(kept.differences)


def covered(kept: Kept) -> int:
    """How many nanoseconds the kept intervals last together."""
    return round(float(kept.lengths.sum()) * MILLISECOND)


def resting_heart_rate(kept: Kept, minutes: int = 5, least: float = 0.7) -> float:
    """The lowest heart rate over so many minutes, beats a minute: NaN when no such time has the ``least`` share of its intervals.

    Times begin at whole minutes since 1970. There is no agreed definition of resting heart rate from a wearable; this one needs
    nothing but the intervals.
    """
    if not len(kept.ends):
        return _NONE
    number = kept.ends // (60 * SECOND)
    first = int(number[0])
    beats = np.bincount(number - first).astype(np.float64)
    lasting = np.bincount(number - first, kept.lengths)
    if len(beats) < minutes:
        return _NONE
    ones = np.ones(minutes)
    count, time = np.convolve(beats, ones, "valid"), np.convolve(lasting, ones, "valid")
    enough = time >= least * minutes * 60_000
    return float((60_000 * count[enough] / time[enough]).min()) if np.any(enough) else _NONE
