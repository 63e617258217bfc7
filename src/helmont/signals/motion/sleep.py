"""Sleep of a night, from the angle of the z-axis of a device at the wrist.

The window, such as noon to noon where the participant lives, comes from the caller in nanoseconds since 1970. Missing epochs, and
those taken out as non-wear, count as movement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.epochs import Epochs
from helmont.signals.folding import EPOCH
from helmont.signals.motion.activity import EACH, present
from helmont.signals.motion.nonwear import runs
from helmont.signals.recording import Values


@dataclass(frozen=True, slots=True)
class Night:
    """A night: sleep between ``onset`` and ``wake`` (nanoseconds since 1970), the first and the last of its sleep period.

    ``period_start`` until ``period_end`` is the sleep period time window. ``sleep`` and ``waso`` (wake after sleep onset) are
    minutes between onset and wake, ``efficiency`` sleep's part of them in percent; ``awakenings`` how many times awake.
    """

    period_start: int
    period_end: int
    onset: int
    wake: int
    sleep: float
    waso: float
    efficiency: float
    awakenings: int


def night(epochs: Epochs, start: int, end: int) -> Night | None:
    """The main sleep of a window; None when there is no sleep period, or none is sleep in it."""
    found = sleep_period(epochs, start, end)
    if found is None:
        return None
    table = present(epochs, start, end).regular(start, end)
    inside = (table.start >= found[0]) & (table.start < found[1])
    asleep = runs(sustained_inactivity(table.angle) & inside)
    if not asleep:
        return None
    onset, wake = int(table.start[asleep[0][0]]), int(table.start[asleep[-1][1] - 1]) + EPOCH
    sleep = sum(last - first for first, last in asleep) * EACH
    between = (wake - onset) / EPOCH * EACH
    return Night(*found, onset, wake, sleep, between - sleep, 100 * sleep / between, len(asleep) - 1)


def sustained_inactivity(angle: Values, degrees: float = 5.0, minutes: float = 5.0) -> NDArray[np.bool_]:
    """Which epochs are sleep: no change by more than so many degrees for more than so many minutes.

    ``angle`` has a value each 5 seconds, NaN where it is unknown (van Hees et al. 2015, PLoS ONE 10:e0142533).
    """
    still = np.abs(np.diff(angle)) <= degrees  # an unknown angle is a change
    asleep = np.zeros(len(angle), np.bool_)
    for first, last in runs(still):
        if last - first > minutes / EACH:
            asleep[first : last + 1] = True
    return asleep


def sleep_period(epochs: Epochs, start: int, end: int) -> tuple[int, int] | None:
    """The sleep period time window, found without a diary: HDCZA (van Hees et al. 2018, Sci Rep 8:12975).

    The median change of the angle over 5 minutes lies below 15 times its 10th percentile in the window, that limit being from
    0.13 to 0.50 degrees; blocks longer than 30 minutes count, pauses shorter than 60 minutes between them are taken in, and
    the longest is the night. None without such a block.
    """
    table = present(epochs, start, end).regular(start, end)
    width = round(5 / EACH)
    if len(table) <= width:
        return None
    change = np.abs(np.diff(table.angle))
    windows = np.lib.stride_tricks.sliding_window_view(np.where(np.isnan(change), np.inf, change), width)
    median = np.partition(windows, [width // 2 - 1, width // 2], axis=1)[:, width // 2 - 1 : width // 2 + 1].mean(
        axis=1
    )
    known = median[np.isfinite(median)]
    if not len(known):
        return None
    limit = min(max(float(np.percentile(known, 10)) * 15, 0.13), 0.50)
    blocks = [each for each in runs(median < limit) if each[1] - each[0] > 30 / EACH]
    joined: list[tuple[int, int]] = []
    for first, last in blocks:
        if joined and first - joined[-1][1] < 60 / EACH:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    if not joined:
        return None
    first, last = max(joined, key=lambda each: each[1] - each[0])
    middle = width // 2
    return int(table.start[first + middle]), int(table.start[last - 1 + middle]) + EPOCH
