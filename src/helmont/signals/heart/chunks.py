"""Long stretches a few minutes at a time, so that a day of samples is filtered in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from helmont.signals.recording import SECOND, Signal, Stretch, Values

CORE, MARGIN = 300, 3
"""Seconds of a chunk, and seconds more on either side, in which the filters settle."""


def chunks(signal: Signal, stretch: Stretch, least: float) -> Iterator[tuple[int, int, int, Values]]:
    """The samples of a stretch: number of the first sample, then where the core begins and ends in ``values``, and the values.

    The cores follow each other without a gap. A stretch shorter than ``least`` seconds gives none.
    """
    rate = SECOND / stretch.step
    core, margin, samples = round(CORE * rate), round(MARGIN * rate), len(stretch)
    if samples < least * rate:
        return
    for begin in range(0, samples, core):
        first, last = max(begin - margin, 0), min(begin + core + margin, samples)
        part = Stretch(stretch.start, stretch.step, stretch.counts[first:last])
        values = signal.values(part)[:, 0]
        if last - first < 2 * margin and first:  # what is left at the end is too short to be filtered alone
            first = max(last - 2 * margin, 0)
            values = signal.values(Stretch(stretch.start, stretch.step, stretch.counts[first:last]))[:, 0]
        yield first, begin - first, min(begin + core, samples) - first, values


def averaged(values: Values, width: int) -> Values:
    """The mean of each value and its neighbours, ``width`` in all; the ends are repeated."""
    from scipy.ndimage import uniform_filter1d

    mean: Values = uniform_filter1d(values, max(width, 1), mode="nearest")
    return mean


def sections(kind: Literal["bandpass", "lowpass"], hertz: Sequence[float], rate: float) -> Values:
    """A Butterworth filter of second order as second-order sections."""
    from scipy.signal import butter

    limits = [limit / (rate / 2) for limit in hertz]
    design: Values = butter(2, limits if len(limits) > 1 else limits[0], kind, output="sos")
    return design


def filtered(values: Values, design: Values) -> Values:
    """Filtered forwards and backwards, so that nothing moves in time."""
    from scipy.signal import sosfiltfilt

    smooth: Values = sosfiltfilt(design, values)
    return smooth
