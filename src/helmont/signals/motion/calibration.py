"""Calibration of an accelerometer to gravity, from its own recording in daily life.

A device at rest measures gravity: 1 g in whatever direction. From windows without movement the gain and the offset of each axis,
and how they follow temperature, are found such that these lie on the unit sphere (van Hees et al. 2014, J Appl Physiol 117:738).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from helmont.signals.compiled import compiled
from helmont.signals.epochs import UNCALIBRATED, Calibration, Epochs
from helmont.signals.errors import SignalError
from helmont.signals.folding import EPOCH
from helmont.signals.recording import Values


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked of a recording, with the published values.

    A window of 10 seconds has no movement when the standard deviation of each axis is below ``still`` g and its mean within
    ``range`` g. The sphere is populated when each axis has windows below ``-sphere`` and above ``sphere`` g. The calibration is
    taken when it leaves a lower mean distance from 1 g than before, below ``error`` g. ``windows`` is the least number of them.
    Not published: gains that differ from 1 by more than ``gain`` are those of a fit that lost its way.
    """

    still: float = 0.013
    range: float = 2.0
    sphere: float = 0.3
    error: float = 0.010
    windows: int = 10
    gain: float = 0.2
    tolerance: float = 1e-10
    iterations: int = 1000


PUBLISHED = Criteria()


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The calibration found, or the one that changes nothing when ``reason`` says why none was.

    ``before`` and ``after`` are mean distances of still windows' norms from 1 g, in mg: as measured, and with the fit (also one
    that was not good enough to be taken; NaN when none was made). ``windows`` is their number.
    """

    calibration: Calibration
    reason: str
    before: float
    after: float
    windows: int

    @property
    def done(self) -> bool:
        """Whether a calibration was found."""
        return not self.reason


def calibrate(epochs: Epochs, criteria: Criteria = PUBLISHED, *, temperature: bool = True) -> Calibrated:
    """The calibration of a device from the epochs of a recording, best of some days, that no calibration was applied to.

    ``temperature`` takes the device's temperature into account where it is known and changes. Raises ``SignalError`` for epochs
    that are calibrated already.
    """
    if epochs.calibration != UNCALIBRATED:
        raise SignalError("calibration", "epochs that are calibrated already", "epochs as measured")
    return calibrated(*still_windows(epochs, criteria), criteria, temperature=temperature)


def calibrated(
    points: Values, warmth: Values, criteria: Criteria = PUBLISHED, *, temperature: bool = True
) -> Calibrated:
    """The calibration by windows without movement, as ``still_windows`` finds them (of several times, one after the other)."""
    if len(points) < criteria.windows:
        return Calibrated(UNCALIBRATED, f"{len(points)} windows without movement", nan, nan, len(points))
    before = _error(points)
    sparse = [
        f"{axis} from {low:.2f} to {high:.2f} g"
        for axis, low, high in zip("xyz", points.min(axis=0), points.max(axis=0), strict=True)
        if not (low < -criteria.sphere and high > criteria.sphere)
    ]
    if sparse:
        reason = f"too few directions without movement: {', '.join(sparse)}"
        return Calibrated(UNCALIBRATED, reason, before, nan, len(points))
    known = temperature and bool(np.isfinite(warmth).all()) and float(warmth.std()) > 0.05
    reference = float(warmth.mean()) if known else 0.0
    warmer = warmth - reference if known else np.zeros(len(points))
    fit = _fitted(points, warmer, known, criteria.tolerance, criteria.iterations)
    after = _error(fit[:, 0] + points * fit[:, 1] + warmer[:, None] * fit[:, 2])
    offset, gain, slope = ((float(each[0]), float(each[1]), float(each[2])) for each in fit.T)
    reason = ""
    if not max(abs(each - 1.0) for each in gain) <= criteria.gain:
        reason = f"gains of {gain[0]:.2f}, {gain[1]:.2f} and {gain[2]:.2f}"
    elif not (after < before and after < 1000 * criteria.error):
        reason = f"the mean distance from 1 g would go from {before:.1f} to {after:.1f} mg"
    if reason:
        return Calibrated(UNCALIBRATED, reason, before, after, len(points))
    return Calibrated(Calibration(gain, offset, slope, reference), "", before, after, len(points))


def still_windows(epochs: Epochs, criteria: Criteria = PUBLISHED) -> tuple[Values, Values]:
    """The means (g), of shape (windows, 3), and temperatures of whole 10 seconds of the clock without movement."""
    filled = epochs[epochs.filled]
    first = np.flatnonzero((np.diff(filled.start) == EPOCH) & (filled.start[:-1] % (2 * EPOCH) == 0))
    one, two = filled[first], filled[first + 1]
    n, m = one.samples[:, None], two.samples[:, None]
    mean = (n * one.mean + m * two.mean) / (n + m)
    squares = (n - 1) * one.sd**2 + (m - 1) * two.sd**2 + n * m / (n + m) * (one.mean - two.mean) ** 2
    still = (squares / (n + m - 1) < criteria.still**2).all(axis=1) & (np.abs(mean) < criteria.range).all(axis=1)
    return mean[still], ((one.temperature + two.temperature) / 2)[still]


def _error(points: Values) -> float:
    """The mean distance from 1 g, in mg."""
    return 1000 * float(np.abs(np.linalg.norm(points, axis=1) - 1.0).mean())


@compiled
def _line(sums: Any, warm: bool) -> tuple[float, float, float]:
    """Offset, gain and slope of least squares, from sums of w, wx, wt, wc, wxx, wxt, wtt, wxc and wtc."""
    w = sums[0]
    x, t, c = sums[1] / w, sums[2] / w, sums[3] / w
    xx, xt, tt = sums[4] / w - x * x, sums[5] / w - x * t, sums[6] / w - t * t
    xc, tc = sums[7] / w - x * c, sums[8] / w - t * c
    if not warm:
        return c - xc / xx * x, xc / xx, 0.0
    apart = xx * tt - xt * xt
    gain, slope = (xc * tt - tc * xt) / apart, (tc * xx - xc * xt) / apart
    return c - gain * x - slope * t, gain, slope


@compiled
def _fitted(points: Any, warmer: Any, warm: bool, tolerance: float, iterations: int) -> Any:
    """Offset, gain and slope of each axis, of shape (3, 3), by iterated closest points on the sphere.

    Each iteration fits the axes to the points of the sphere closest to the windows as calibrated so far, the closer the
    heavier, until the weighted mean square changes by less than ``tolerance``.
    """
    windows = len(points)
    fit = np.zeros((3, 3))
    fit[:, 1] = 1.0
    weights = np.full(windows, 100.0)
    closest = np.empty((windows, 3))
    before = math.inf
    for _ in range(iterations):
        sums = np.zeros((3, 9))
        for i in range(windows):
            norm = 0.0
            for axis in range(3):
                value = fit[axis, 0] + fit[axis, 1] * points[i, axis] + fit[axis, 2] * warmer[i]
                closest[i, axis] = value
                norm += value * value
            norm = math.sqrt(norm)
            for axis in range(3):
                closest[i, axis] /= norm
                w, x, t, c = weights[i], points[i, axis], warmer[i], closest[i, axis]
                each = (w, w * x, w * t, w * c, w * x * x, w * x * t, w * t * t, w * x * c, w * t * c)
                for k in range(9):
                    sums[axis, k] += each[k]
        total = sums[0, 0]
        for axis in range(3):
            fit[axis, 0], fit[axis, 1], fit[axis, 2] = _line(sums[axis], warm)
        residual = 0.0
        for i in range(windows):
            away = 0.0
            for axis in range(3):
                value = fit[axis, 0] + fit[axis, 1] * points[i, axis] + fit[axis, 2] * warmer[i]
                away += (value - closest[i, axis]) ** 2
            residual += weights[i] * away / total
            weights[i] = min(1.0 / max(math.sqrt(away), 1e-12), 100.0)
        residual /= windows
        if abs(residual - before) < tolerance:
            break
        before = residual
    return fit
