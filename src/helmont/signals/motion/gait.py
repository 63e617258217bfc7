"""Walking, from the samples of a device at the lower back: the steps of each bout, and how far the trunk rises in each.

The model is that of Zijlstra and Hof (2003, Gait & Posture 18:1-10): during a step the trunk moves over the standing leg as an
inverted pendulum of length ``l``, so that a rise ``h`` means a step of ``2 * sqrt(2 * l * h - h ** 2)``. The model leaves out
the time in which both feet stand, and comes out short; what it gives is multiplied by a factor (1.25, or one that was found for
the person). Steps differ from those of an instrumented walkway by some per cent, and from other models' by more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Kind
from helmont.signals.epochs import UNCALIBRATED, Calibration
from helmont.signals.errors import SignalError
from helmont.signals.gathering import joined
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch, Values

PLACEMENT = "lower_back"
FACTOR = 1.25
LEG = 0.53
"""The length of a leg as a share of the height (Winter DA, Biomechanics and Motor Control of Human Movement)."""
GRAVITY = 9.80665

LEAST, ENOUGH = 20.0, 40.0
"""Samples a second: what it takes, and what is enough: of faster ones so many in a row are averaged that these are left."""
POSTURE, DRIFT = 0.2, 0.1  # Hz: what is slower is the trunk's posture; of integrals, drift
WINDOW, HOP, EDGE = 4.0, 1.0, 5.0  # seconds
MOVING = 0.05
"""Least standard deviation of the vertical acceleration (g) in a window of walking."""
REGULAR = 0.4
"""Least autocorrelation at the time of a step or stride (as Moe-Nilssen & Helbostad 2004, J Biomech 37:121-126, measure it)."""
PERIODS = (0.3, 2.0)
TOGETHER = 1 << 10
"""So many windows are looked at at once."""
PIECE, BESIDE = 3600.0, 60.0
"""Seconds that are filtered at once, and those that go before and after them."""
STEP = (0.33, 1.25)
RISE = (0.005, 0.15)
"""Seconds that a step takes, and metres that the trunk rises in one."""


@dataclass(frozen=True, slots=True, eq=False)
class Gait:
    """Steps in the order of time, one row each.

    ``start`` of the step and ``bout`` in which it was made (the start of its first step), nanoseconds; how many ``seconds`` it
    took and how far the trunk rose in it (``height``, metres).
    """

    start: Nanoseconds
    bout: Nanoseconds
    seconds: Values
    height: Values

    def __len__(self) -> int:
        return len(self.start)

    def between(self, start: int, end: int) -> Gait:
        """The steps that begin from ``start`` until before ``end``."""
        first, last = np.searchsorted(self.start, [start, end])
        rows = slice(int(first), int(last))
        return Gait(self.start[rows], self.bout[rows], self.seconds[rows], self.height[rows])


@dataclass(frozen=True, slots=True)
class Bout:
    """A time of walking without a break: ``steps`` in so many ``seconds``, so many metres a second in ``speed``.

    ``cadence`` is in steps a minute; ``stride`` the median time of two steps in a row, seconds.
    """

    start: int
    steps: int
    seconds: float
    speed: float
    cadence: float
    stride: float


NOTHING = Gait(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))


def together(parts: Sequence[Gait]) -> Gait:
    """The steps of several times, each after the one before."""
    names = ("start", "bout", "seconds", "height")
    return Gait(*(np.concatenate([getattr(part, name) for part in parts]) for name in names)) if parts else NOTHING


def gait(signal: Signal, calibration: Calibration = UNCALIBRATED) -> Gait:
    """The steps of all walking that a device at the lower back recorded.

    A window of 4 s is walking when its vertical acceleration is strong and repeats itself; the direction of gravity is that of
    the slow acceleration, so that it does not matter how the device is turned. Within a bout the vertical acceleration is
    integrated twice, each time freed of what is slower than 0.1 Hz (Butterworth of order 4, forward and backward); a step lasts
    from one lowest point of the trunk to the next, and ``height`` is its highest point above the line between them. What was
    recorded in pieces that do not meet is walked in pieces. Raises ``SignalError`` for a channel that is no acceleration, or
    slower than 20 samples a second.
    """
    if signal.channel.kind is not Kind.ACCELERATION:
        raise SignalError(signal.channel.name, signal.channel.kind, "a channel of acceleration")
    parts: list[Gait] = []
    for stretch in joined(each for each in signal.stretches if len(each)):
        rate = SECOND / stretch.step if stretch.step else signal.channel.rate
        if rate is None or rate < LEAST:
            raise SignalError(signal.channel.name, f"{rate} samples a second", f"at least {LEAST:g}")
        if len(stretch) > 2 * EDGE * rate:
            parts += _walked(signal, stretch, rate, calibration)
    return together(parts)


def bouts(steps: Gait, leg: float, *, seconds: float = 10.0, factor: float = FACTOR) -> list[Bout]:
    """Every bout of at least so many seconds, by a leg of so many metres. Raises ``SignalError`` for a leg that is none."""
    if not 0.3 <= leg <= 1.5:
        raise SignalError("leg_length", leg, "0.3 to 1.5 metres")
    found: list[Bout] = []
    edges = np.flatnonzero(np.diff(steps.bout, prepend=-1, append=-1))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        taken, rise = steps.seconds[first:last], steps.height[first:last]
        total = float(taken.sum())
        if total < seconds or last - first < 2:
            continue
        lengths = factor * 2 * np.sqrt(2 * leg * rise - rise**2)
        follows = np.abs(np.diff(steps.start[first:last]) / SECOND - taken[:-1]) < 0.5 / LEAST
        strides = (taken[:-1] + taken[1:])[follows]
        stride = float(np.median(strides)) if len(strides) else float("nan")
        count = last - first
        found.append(
            Bout(int(steps.bout[first]), count, total, float(lengths.sum()) / total, 60 * count / total, stride)
        )
    return found


def _walked(signal: Signal, stretch: Stretch, rate: float, calibration: Calibration) -> Iterator[Gait]:
    """The steps of each bout in a stretch."""
    every = max(int(rate / ENOUGH), 1)
    rate /= every
    vertical = _vertical(signal, stretch, every, rate, calibration)
    for first, last in _bouts(vertical, rate):
        edge = round(EDGE * rate)
        begin = max(first - edge, 0)
        rise = _displacement(vertical[begin : last + edge], rate)
        lows, seconds, height = _steps(rise, rate)
        at = lows[:-1] + begin
        inside = (at >= first) & (at < last) & (seconds >= STEP[0]) & (seconds <= STEP[1])
        inside &= (height >= RISE[0]) & (height <= RISE[1])
        if not inside.any():
            continue
        own = at[inside] * every + every // 2
        evenly = stretch.start + np.rint(own * stretch.step).astype(np.int64)
        start = evenly if stretch.times is None else stretch.times[own]
        yield Gait(start, np.full(len(start), start[0]), seconds[inside], height[inside])


def _vertical(signal: Signal, stretch: Stretch, every: int, rate: float, calibration: Calibration) -> Values:
    """The acceleration along gravity without it (g, upward), of means of so many samples; ``rate`` is that of the means.

    An hour is filtered at a time, with a minute on either side, after which the filter has forgotten all that a number can hold.
    """
    from scipy.signal import butter, sosfiltfilt

    posture = butter(2, POSTURE, fs=rate, output="sos")
    found = np.empty(len(stretch) // every)
    piece, beside = round(PIECE * rate), round(BESIDE * rate)
    for begin in range(0, len(found), piece):
        first, last = max(begin - beside, 0), min(begin + piece + beside, len(found))
        values = _averaged(signal, stretch.counts[first * every : last * every], every, calibration)
        slow: Values = sosfiltfilt(posture, values, axis=0)
        size = np.maximum(np.sqrt(np.einsum("ij,ij->i", slow, slow)), 1e-3)
        vertical = np.einsum("ij,ij->i", values, slow) / size - size
        found[begin : begin + piece] = vertical[begin - first : begin - first + piece]
    return found


def _averaged(signal: Signal, counts: NDArray[Any], every: int, calibration: Calibration) -> Values:
    """Acceleration in g, each row the mean of so many samples."""
    quantity = signal.channel.quantity
    gain = np.array(calibration.gain) * quantity.factor * np.array(signal.scale)
    shift = np.array(calibration.gain) * (quantity.factor * np.array(signal.offset) + quantity.shift)
    total = np.zeros((len(counts) // every, 3))
    for each in range(every):
        total += counts[each::every]
    values: Values = total * (gain / every) + (shift + np.array(calibration.offset))
    return values


def _bouts(vertical: Values, rate: float) -> Iterator[tuple[int, int]]:
    """From which sample until before which one somebody walked."""
    length, hop = round(WINDOW * rate), round(HOP * rate)
    if len(vertical) < length:
        return
    windows = np.lib.stride_tricks.sliding_window_view(vertical, length)[::hop]
    walking = np.zeros(len(windows), np.bool_)
    for begin in range(0, len(windows), TOGETHER):
        some = windows[begin : begin + TOGETHER]
        moving = begin + np.flatnonzero(some.std(axis=1) > MOVING)
        walking[moving] = _repeats(windows[moving], rate)
    edges = np.flatnonzero(np.diff(walking.astype(np.int8), prepend=0, append=0))
    reached = 0
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        begin = max(first * hop, reached)
        reached = (last - 1) * hop + length
        if reached > begin:
            yield begin, reached


def _repeats(windows: Values, rate: float) -> NDArray[np.bool_]:
    """Which windows look like themselves a step or a stride later."""
    from scipy.fft import irfft, rfft

    first, last = max(int(PERIODS[0] * rate), 1), int(PERIODS[1] * rate) + 1
    length = windows.shape[1]
    room = 1 << (length + last).bit_length()
    freed = windows - windows.mean(axis=1, keepdims=True)
    size = np.maximum((freed**2).mean(axis=1, keepdims=True), 1e-12)
    alike = irfft(np.abs(rfft(freed, room)) ** 2, room)[:, first:last] / ((length - np.arange(first, last)) * size)
    middle = alike[:, 1:-1]
    peaks = (middle >= REGULAR) & (middle >= alike[:, :-2]) & (middle >= alike[:, 2:])
    found: NDArray[np.bool_] = np.asarray(peaks.any(axis=1))
    return found


@lru_cache(8)
def _without_drift(rate: float) -> Values:
    from scipy.signal import butter

    filters: Values = butter(4, DRIFT, btype="highpass", fs=rate, output="sos")
    return filters


def _displacement(vertical: Values, rate: float) -> Values:
    """How high the trunk is (metres), without what is slower than walking."""
    from scipy.signal import sosfiltfilt

    filters = _without_drift(rate)
    moved: Any = (vertical - vertical.mean()) * GRAVITY
    for _ in range(2):
        moved = sosfiltfilt(filters, (np.cumsum(moved) - moved / 2) / rate)
    found: Values = moved
    return found


def _steps(height: Values, rate: float) -> tuple[Nanoseconds, Values, Values]:
    """The samples of lowest points; between each and the next the seconds, and the rise above the line between them."""
    from scipy.signal import find_peaks

    lows, _ = find_peaks(-height, distance=max(STEP[0] * rate, 1), prominence=RISE[0] / 2)
    if len(lows) < 2:
        return lows, np.empty(0), np.empty(0)
    above = height[: lows[-1]] - np.interp(np.arange(lows[-1]), lows, height[lows])
    return lows, np.diff(lows) / rate, np.maximum.reduceat(above, lows[:-1])
