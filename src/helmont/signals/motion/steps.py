"""Steps, from the samples of a device at the waist or the wrist."""

from __future__ import annotations

import math
from collections.abc import Iterator
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np

from helmont.signals.channels import Kind
from helmont.signals.compiled import compiled
from helmont.signals.epochs import UNCALIBRATED, Calibration
from helmont.signals.errors import SignalError
from helmont.signals.gathering import joined
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch, Values

THRESHOLDS = MappingProxyType({"waist": 0.0267, "wrist": 0.0359})
"""Least height (g) of a step's peak, by where the device was worn (Ducharme et al. 2021, doi:10.1123/jmpb.2021-0011)."""

BAND = (0.25, 2.5)
ENOUGH = 20.0
"""Samples a second: of faster ones so many in a row are averaged that these are left."""
CHUNK, MARGIN = 600, 20  # seconds


def steps(signal: Signal, placement: str = "wrist", calibration: Calibration = UNCALIBRATED) -> Nanoseconds:
    """The times of the steps, by peaks of the norm of acceleration.

    Samples are averaged to 20 or some more a second; the norm is freed of its mean and filtered to 0.25-2.5 Hz; each peak above
    the threshold of the placement is a step (Ducharme et al. 2021). The filter is a Butterworth of order 2 at either edge, run
    forward and backward, over ten minutes at a time. A calibration's slope by temperature is left out, since a filtered norm
    hardly knows it. Raises ``SignalError`` for a channel that is no acceleration or slower than 10 samples a second, or for
    another placement.
    """
    if signal.channel.kind is not Kind.ACCELERATION:
        raise SignalError(signal.channel.name, signal.channel.kind, "a channel of acceleration")
    if placement not in THRESHOLDS:
        raise SignalError("placement", repr(placement), " or ".join(THRESHOLDS))
    found = [np.empty(0, np.int64)]
    for stretch in joined(each for each in signal.stretches if len(each)):
        rate = _rate(signal, stretch)
        if len(stretch) > MARGIN * rate:
            found += _peaks(signal, stretch, rate, THRESHOLDS[placement], calibration)
    return np.concatenate(found)


def cadence(times: Nanoseconds, start: int, end: int) -> Values:
    """Steps in each whole minute from ``start``, given the times of steps."""
    minutes = np.arange(start, end + 1, 60 * SECOND)
    return np.diff(np.searchsorted(times, minutes)).astype(float)


def _rate(signal: Signal, stretch: Stretch) -> float:
    """Samples a second."""
    rate = SECOND / stretch.step if stretch.step else signal.channel.rate
    if rate is None or rate < 10:
        raise SignalError(signal.channel.name, f"{rate} samples a second", "at least 10")
    return rate


@compiled
def _norms(counts: Any, gain: Any, shift: Any, together: int) -> Any:
    """The mean norm (g) of so many samples in a row, and of the next so many."""
    means = np.zeros(len(counts) // together)
    for i in range(len(means)):
        for k in range(i * together, (i + 1) * together):
            x = gain[0] * counts[k, 0] + shift[0]
            y = gain[1] * counts[k, 1] + shift[1]
            z = gain[2] * counts[k, 2] + shift[2]
            means[i] += math.sqrt(x * x + y * y + z * z)
        means[i] /= together
    return means


def _peaks(
    signal: Signal, stretch: Stretch, rate: float, threshold: float, calibration: Calibration
) -> Iterator[Nanoseconds]:
    """The times of peaks, ten minutes after ten minutes, each with a margin of what is around it."""
    from scipy.signal import butter, sosfiltfilt

    together = max(int(rate / ENOUGH), 1)
    rate /= together
    filters = butter(2, BAND, btype="bandpass", fs=rate, output="sos")
    length, margin = ceil(CHUNK * rate), ceil(MARGIN * rate)
    quantity = signal.channel.quantity
    gain = np.array(calibration.gain) * quantity.factor * np.array(signal.scale)
    shift = np.array(calibration.gain) * (quantity.factor * np.array(signal.offset) + quantity.shift)
    norms: Values = _norms(np.ascontiguousarray(stretch.counts), gain, shift + np.array(calibration.offset), together)
    for first in range(0, len(norms), length):
        begin, last = max(first - margin, 0), min(first + length + margin, len(norms))
        norm = norms[begin:last]
        if len(norm) < margin:
            continue
        smooth: Values = sosfiltfilt(filters, norm - norm.mean())
        inner = smooth[1:-1]
        high = np.flatnonzero((inner > threshold) & (inner > smooth[:-2]) & (inner >= smooth[2:])) + 1 + begin
        own = high[(high >= first) & (high < first + length)] * together + together // 2
        if stretch.times is not None:
            yield stretch.times[own]
        else:
            yield stretch.start + np.rint(own * stretch.step).astype(np.int64)
