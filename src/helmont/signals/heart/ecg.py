"""Beats in an electrocardiogram: the rules of Hamilton P 2002, Open source ECG analysis, Computers in Cardiology 29:101-104.

The signal is band-passed from 8 to 16 Hz, its slope made positive and averaged over 80 ms; a beat is a peak of that:

1. peaks within 200 ms of a larger one are left out;
2. a peak around which the signal only rises or only falls is a shift of the baseline;
3. a peak within 360 ms of the last beat with less than half its slope is a T wave;
4. a peak above the threshold is a beat, the others are noise. The threshold lies at 0.45 of the way from the median of the last
   eight noise peaks to the median of the last eight beats;
5. when one and a half times the median of the last eight intervals has passed without a beat, the largest peak later than 360 ms
   after the last beat is one, if it is above half the threshold.

Beside the paper, as its published program does: after 8 seconds without a beat the threshold is learnt anew from the
peaks of these seconds. No beat is then lower than a tenth of what beats were, so that an electrode that came off has none.
The time of a beat is that of the R wave: the extreme of the signal (below 30 Hz) within 80 ms, interpolated by a parabola.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Kind
from helmont.signals.compiled import compiled
from helmont.signals.heart.beats import Beats, beats_in
from helmont.signals.heart.chunks import averaged, chunks, filtered, sections
from helmont.signals.recording import SECOND, Signal, Stretch, Values

LEAST_RATE = 50.0
"""Samples a second; below, the band is not in the signal."""
SHORTEST = 10.0
"""Seconds; a shorter stretch does not teach a threshold."""
Found = tuple[Values, Values, Values, NDArray[np.bool_]]


def ecg_beats(signal: Signal) -> Beats:
    """The beats of one lead, in any unit. Stretches shorter than 10 s have none.

    Raises ``SignalError`` for a channel of another kind, for samples with a time each, and below 50 samples a second.
    """
    return beats_in(signal, (Kind.ECG,), LEAST_RATE, _beats_of)


def _beats_of(signal: Signal, stretch: Stretch) -> Values:
    """Where the R waves of one stretch are, in samples from its start."""
    rate = SECOND / stretch.step
    parts = []
    for first, begin, end, values in chunks(signal, stretch, SHORTEST):
        moments, heights, slopes, waves = _peaks(values, rate)
        inside = (moments >= begin) & (moments < end)
        parts.append((moments[inside] + first, heights[inside], slopes[inside], waves[inside]))
    if not parts:
        return np.empty(0)
    moments, heights, slopes, waves = (np.concatenate(column) for column in zip(*parts, strict=True))
    taken = _decided(moments / rate, heights, slopes, waves)
    peaks = np.flatnonzero(taken)
    return _r_waves(signal, stretch, moments[peaks].astype(np.int64), rate)


def _peaks(values: Values, rate: float) -> Found:
    """Candidate peaks: where they are (samples), their height, the steepest slope there, and whether it rises and falls."""
    from scipy.signal import find_peaks

    slope = np.gradient(filtered(values, sections("bandpass", (8.0, min(16.0, 0.45 * rate)), rate)))
    energy = averaged(np.abs(slope), round(0.08 * rate))
    moments = find_peaks(energy, distance=max(round(0.2 * rate), 1))[0]
    raw = np.gradient(filtered(values, sections("lowpass", [min(30.0, 0.45 * rate)], rate)))
    around = moments[:, None] + np.arange(-round(0.1 * rate), round(0.1 * rate) + 1)
    near = np.clip(around, 0, len(values) - 1)
    rise, fall = raw[near].max(axis=1, initial=0), -raw[near].min(axis=1, initial=0)
    waves: NDArray[np.bool_] = np.minimum(rise, fall) * 8 > np.maximum(rise, fall)
    return moments.astype(np.float64), energy[moments], np.abs(slope)[near].max(axis=1, initial=0), waves


@compiled
def _median(values: Values, positive: bool) -> float:
    """The median of a few values, or of those above 0 (0 when there are none)."""
    ordered = np.empty(len(values))
    count = 0
    for value in values:
        if positive and value <= 0:
            continue
        place = count
        while place > 0 and ordered[place - 1] > value:
            ordered[place] = ordered[place - 1]
            place -= 1
        ordered[place] = value
        count += 1
    if count == 0:
        return 0.0
    return 0.5 * float(ordered[(count - 1) // 2] + ordered[count // 2])


@compiled
def _learnt(times: Values, heights: Values, waves: NDArray[np.bool_], begin: int, until: float) -> float:
    """The median of the highest peaks of each second from peak ``begin`` until a time, nine seconds at most."""
    best = np.zeros(9)
    for number in range(begin, len(times)):
        if times[number] > until:
            break
        second = min(int(times[number] - times[begin]), 8)
        if waves[number]:
            best[second] = max(best[second], heights[number])
    return _median(best, True)


@compiled
def _missed(
    times: Values, heights: Values, waves: NDArray[np.bool_], begin: int, end: int, after: float, least: float
) -> int:
    """The highest of the peaks from ``begin`` until before ``end`` that is later and higher than asked for; -1 without one."""
    found = -1
    for number in range(begin, end):
        higher = heights[number] > (least if found < 0 else heights[found])
        if higher and waves[number] and times[number] > after:
            found = number
    return found


@compiled
def _decided(times: Values, heights: Values, slopes: Values, waves: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the peaks are beats: rules 2 to 5. ``times`` in seconds, increasing."""
    count = len(times)
    taken = np.zeros(count, dtype=np.bool_)
    beats, noises, intervals = np.zeros(8), np.zeros(8), np.ones(8)
    n_beats = n_noises = n_intervals = number = near = 0
    last = -1  # the number of the last beat
    usual, recent = 0.0, 0  # the median height of beats, once there are eight since the threshold was learnt
    learnt, first = -1.0, 0  # when the threshold was last learnt anew, and the first peak after that
    while number < count:
        now = times[number]
        if n_beats == 0 or (now - learnt > 8.0 and (last < 0 or now - times[last] > 8.0)):
            begin = max(last + 1, first)
            beats[:] = _learnt(times, heights, waves, begin, now if n_beats else now + 8.0)
            noises[:] = 0.0
            n_beats, recent, learnt, first = max(n_beats, 1), 0, now, number + 1
            number = begin
            continue
        while times[near] < now - 8.0:
            near += 1
        threshold = 0.55 * _median(noises, False) + 0.45 * _median(beats, False)
        beat = -1
        if last >= 0 and now - times[last] > 1.5 * _median(intervals, False):
            least = max(0.5 * threshold, 0.1 * usual)
            beat = _missed(times, heights, waves, max(last + 1, near), number, times[last] + 0.36, least)
        if beat < 0:
            beat = number
            number += 1
            since = now - times[last] if last >= 0 else 2.0
            if since < 0.2:
                continue
            t_wave = since < 0.36 and slopes[beat] < 0.5 * slopes[last]
            if t_wave or not waves[beat] or heights[beat] <= max(threshold, 0.1 * usual):
                noises[n_noises % 8] = heights[beat]
                n_noises += 1
                continue
        taken[beat] = True
        if last >= 0:
            intervals[n_intervals % 8] = min(times[beat] - times[last], 2.0)
            n_intervals += 1
        beats[n_beats % 8] = heights[beat]
        n_beats, recent, last = n_beats + 1, recent + 1, beat
        if recent >= 8:
            usual = _median(beats, False)
    return taken


def _r_waves(signal: Signal, stretch: Stretch, peaks: NDArray[np.int64], rate: float) -> Values:
    """The extreme of the signal within 80 ms of each peak, in samples and parts of one; upwards or downwards for the stretch."""
    if not len(peaks):
        return np.empty(0)
    reach = max(round(0.08 * rate), 1)
    design = sections("lowpass", [min(30.0, 0.45 * rate)], rate)
    windows = np.empty((len(peaks), 2 * reach + 1))
    for first, begin, end, values in chunks(signal, stretch, SHORTEST):
        here = np.flatnonzero((peaks >= first + begin) & (peaks < first + end))
        near = peaks[here, None] - first + np.arange(-reach, reach + 1)
        windows[here] = filtered(values, design)[np.clip(near, 0, len(values) - 1)]
    windows -= np.median(windows, axis=1, keepdims=True)
    if np.median(windows.max(axis=1) + windows.min(axis=1)) < 0:
        windows = -windows
    extremes = windows.argmax(axis=1)
    inner = np.clip(extremes, 1, 2 * reach - 1)
    rows = np.arange(len(peaks))
    before, top, after = windows[rows, inner - 1], windows[rows, inner], windows[rows, inner + 1]
    bend = before - 2 * top + after
    shift = np.where((bend < 0) & (inner == extremes), 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
    found = np.clip(peaks + extremes - reach + shift, 0, len(stretch) - 1)
    unique: Values = found[np.concatenate([[True], np.diff(found) > 0.15 * rate])]
    return unique
