"""When a device was not worn, by two published algorithms, from epochs as they were measured or calibrated.

Both return spans (nanoseconds since 1970) in order of time; ``Epochs.outside`` takes them out.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helmont.signals.epochs import Epochs
from helmont.signals.errors import SignalError
from helmont.signals.folding import EPOCH
from helmont.signals.recording import SECOND, Values

MINUTE = 60 * SECOND
BLOCK = 15 * MINUTE
WINDOW = 60 * MINUTE
_HOUR = 4  # blocks

Found = tuple[tuple[int, int], ...]


def van_hees(
    epochs: Epochs, still: float = 0.013, spread: float = 0.050, axes: int = 2, *, setup: bool = True
) -> Found:
    """Non-wear by windows of an hour with hardly any movement, moved by a quarter of an hour.

    A block of 15 minutes of the clock is not worn when, in the 60 minutes around it, the standard deviation is below ``still``
    g and the range below ``spread`` g on at least ``axes`` axes (van Hees et al. 2011, PLoS ONE 6:e22922; 2013, PLoS ONE
    8:e61691). Then short wear between non-wear is taken for handling of the device, as in ``relabelled``. Blocks without
    epochs are not in the spans, and one in whose window more than half of them are missing is taken as worn.
    """
    filled = epochs[epochs.filled]
    if not len(filled):
        return ()
    first, last = int(filled.start[0]) // BLOCK, int(filled.start[-1]) // BLOCK + 1
    begins = np.arange(first, last, dtype=np.int64) * BLOCK
    ends = int(filled.start[0]), int(filled.start[-1]) + EPOCH
    opens = np.minimum(begins + (BLOCK - WINDOW) // 2, ends[1] - WINDOW)
    opens = np.maximum(opens, ends[0])
    at, until = np.searchsorted(filled.start, opens), np.searchsorted(filled.start, opens + WINDOW)
    quiet = np.array(
        [
            2 * EPOCH * (j - i) >= WINDOW and _quiet_axes(filled[i:j], still, spread) >= axes
            for i, j in zip(at.tolist(), until.tolist(), strict=True)
        ]
    )
    has = np.diff(np.searchsorted(filled.start, np.append(begins, last * BLOCK))) > 0
    off = relabelled(quiet & has, setup=setup) & has
    return tuple((int(begins[i]), int(begins[j - 1]) + BLOCK) for i, j in runs(off))


def _quiet_axes(window: Epochs, still: float, spread: float) -> int:
    """On how many axes a window's samples, taken together, hardly move."""
    samples = window.samples[:, None]
    mean = (samples * window.mean).sum(axis=0) / samples.sum()
    squares = ((samples - 1) * window.sd**2 + samples * (window.mean - mean) ** 2).sum(axis=0)
    deviation = np.sqrt(squares / (samples.sum() - 1))
    reach = window.high.max(axis=0) - window.low.min(axis=0)
    return int(((deviation < still) & (reach < spread)).sum())


def relabelled(off: NDArray[np.bool_], *, setup: bool = True) -> NDArray[np.bool_]:
    """Non-wear, a value for each 15 minutes, with short wear between non-wear added (van Hees et al. 2013, PLoS ONE 8:e61691).

    Wear of less than 6 hours that is less than 30% of the non-wear before and after it together, and wear of less than 3 hours
    that is less than 80% of it, become non-wear; so does wear of less than 3 hours in the last 24 hours after at least 1 hour
    of non-wear. All three times over. With ``setup`` also a beginning with less than 3 hours of wear before non-wear.
    """
    off = off.copy()
    for _ in range(3):
        found = [*runs(off), (len(off), len(off))]
        for (opened, begins), (ends, closed) in pairwise(found):
            wear, around = ends - begins, begins - opened + closed - ends
            late = begins >= len(off) - 24 * _HOUR and wear < 3 * _HOUR and begins - opened >= _HOUR
            between = ends < len(off)
            short = (wear < 6 * _HOUR and wear < 0.3 * around) or (wear < 3 * _HOUR and wear < 0.8 * around)
            if late or (between and short):
                off[begins:ends] = True
    first = runs(off)[:1]
    if setup and first and first[0][0] < 3 * _HOUR:
        off[: first[0][0]] = True
    return off


def runs(values: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where values are true: from the first until before the second number."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def detach(epochs: Epochs) -> Found:
    """Non-wear by stillness and how the device's temperature falls and rises: DETACH.

    Vert et al. 2022, BMC Med Res Methodol 22:147. It begins where two axes have standard deviations below 8 mg over a minute, for
    90% of 5 minutes, while the temperature, smoothed by a second-order Butterworth filter of 0.005 Hz, stays below 26 degrees
    Celsius, or falls by more than 0.2 a minute and stays below 30. It ends, at least 5 minutes later, where no axis is still for
    the minute before, at most half of the next 5 minutes are, and the temperature stays above 26 or rises by more than 0.1 a
    minute. The paper has 75 samples a second and a temperature each 4 seconds; here they are those of epochs. A part of the
    recording shorter than 10 minutes without a gap is not judged. Raises ``SignalError`` when there is no temperature.
    """
    judged = epochs[epochs.filled & np.isfinite(epochs.temperature)]
    if not len(judged):
        raise SignalError("temperature", "none beside the acceleration", "the device's temperature in degrees Celsius")
    cuts = (np.flatnonzero(np.diff(judged.start) != EPOCH) + 1).tolist()
    found: list[tuple[int, int]] = []
    for first, last in pairwise([0, *cuts, len(judged)]):
        if last - first >= 10 * _MINUTE:
            begin = int(judged.start[first])
            found += ((begin + i * EPOCH, begin + j * EPOCH) for i, j in _detached(judged[first:last]))
    return tuple(found)


_MINUTE = MINUTE // EPOCH  # epochs


def _detached(part: Epochs) -> list[tuple[int, int]]:
    """Non-wear among epochs without a gap, by their numbers."""
    from scipy.signal import butter, sosfiltfilt

    rate = SECOND / EPOCH
    still = np.zeros(len(part))
    still[: 1 - _MINUTE] = (_deviations(part) < 0.008).sum(axis=1)
    before = np.concatenate([np.zeros(_MINUTE - 1), still[: 1 - _MINUTE]])
    warmth: Values = sosfiltfilt(butter(2, 0.005, fs=rate, output="sos"), part.temperature)
    change = np.diff(warmth, prepend=warmth[0]) * 60 * rate
    length = 5 * _MINUTE
    lowest, highest = _windows(warmth, length).min(axis=1), _windows(warmth, length).max(axis=1)
    slope = _windows(change, length).mean(axis=1)
    share = _windows((still >= 2).astype(float), length).mean(axis=1)
    share_before = _windows((before >= 2).astype(float), length).mean(axis=1)
    whole = len(share)
    cooling = ((highest < 30.0) & (slope < -0.2)) | (highest < 26.0)
    starts = np.flatnonzero((still[:whole] >= 2) & (share >= 0.9) & cooling)
    warming = (slope > 0.1) | (lowest > 26.0)
    ends = np.flatnonzero((before[:whole] == 0) & (share_before <= 0.5) & warming)
    found: list[tuple[int, int]] = []
    for start in starts.tolist():
        if not found or start >= found[-1][1]:
            later = ends[np.searchsorted(ends, start + length, side="right") :]
            found.append((start, int(later[0]) if len(later) else len(part)))
    return found


def _deviations(part: Epochs) -> Values:
    """The standard deviation (g) of each axis over each minute, of shape (minutes, 3), a minute beginning with each epoch."""
    samples = part.samples[:, None].astype(float)
    sums = (samples, samples * part.mean, (samples - 1) * part.sd**2 + samples * part.mean**2)
    n, total, squares = (_windows(each.T, _MINUTE).sum(axis=-1).T for each in sums)
    return np.asarray(np.sqrt(np.maximum(squares - total**2 / n, 0.0) / (n - 1)))


def _windows(values: Values, length: int) -> Values:
    """Views of so many values in a row, along the last axis."""
    return np.lib.stride_tricks.sliding_window_view(values, length, axis=-1)
