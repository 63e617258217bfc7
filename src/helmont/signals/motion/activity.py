"""Activity in a window of time, from epochs: means, minutes by intensity, bouts, the intensity gradient, extreme hours.

Every function takes a table of epochs and a window from ``start`` until before ``end`` (nanoseconds since 1970): who knows the
participant's time zone says what a day is. Epochs with less than half their samples count as missing. Epochs in which the device
was not worn are taken out before (``Epochs.outside``), and are missing as well: nothing is imputed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from helmont.signals.epochs import Epochs
from helmont.signals.folding import EPOCH
from helmont.signals.motion.cutpoints import CutPoints, Metric
from helmont.signals.recording import SECOND, Values

HOUR, MINUTE = 3600 * SECOND, 60 * SECOND
EACH = EPOCH / MINUTE
"""Minutes of an epoch."""


def present(epochs: Epochs, start: int, end: int) -> Epochs:
    """The epochs of a window that are not missing."""
    here = epochs.between(start, end)
    return here[here.filled]


def recorded(epochs: Epochs, start: int, end: int) -> float:
    """Minutes of a window with epochs that are not missing; of epochs outside non-wear, minutes of wear."""
    return len(present(epochs, start, end)) * EACH


def mean(epochs: Epochs, start: int, end: int, metric: Metric = Metric.ENMO) -> float:
    """The mean of a metric over a window in mg, NaN without epochs."""
    values = getattr(present(epochs, start, end), metric)
    return float(values.mean()) if len(values) else nan


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes by intensity. NaN where the cut points do not part two levels: ``below_moderate`` and ``mvpa`` are always there."""

    sedentary: float
    light: float
    moderate: float
    vigorous: float
    below_moderate: float
    mvpa: float


def minutes(epochs: Epochs, start: int, end: int, cuts: CutPoints) -> Minutes:
    """How long a window's epochs were of each intensity."""
    values = getattr(present(epochs, start, end), cuts.metric)

    def share(low: float | None, high: float | None) -> float:
        if low is None or high is None:
            return nan
        return float(((values >= low) & (values < high)).sum() * EACH)

    return Minutes(
        share(0.0, cuts.light),
        share(cuts.light, cuts.moderate),
        share(cuts.moderate, cuts.vigorous),
        share(cuts.vigorous, np.inf),
        share(0.0, cuts.moderate),
        share(cuts.moderate, np.inf),
    )


@dataclass(frozen=True, slots=True)
class BoutRule:
    """When epochs of a level make a bout: in every window of ``minutes`` that begins and ends with such an epoch, at least
    ``share`` of the epochs are of the level, and none that are not follow each other for longer than ``pause`` minutes.

    All epochs of such windows are the bout: that is criterion 5 of GGIR (Migueles et al. 2019, J Meas Phys Behav 2:188), whose
    criterion 4 asks for more than the share.
    """

    minutes: float
    share: float
    pause: float = 1.0


MVPA_BOUT = BoutRule(10.0, 0.8)
SEDENTARY_BOUT = BoutRule(30.0, 0.9)


@dataclass(frozen=True, slots=True)
class Bouts:
    """How many bouts there were, their minutes together, the longest's and the mean (0 and NaN without bouts)."""

    number: int
    minutes: float
    longest: float
    mean: float


def mvpa_bouts(epochs: Epochs, start: int, end: int, cuts: CutPoints, rule: BoutRule = MVPA_BOUT) -> Bouts:
    """Bouts of moderate or vigorous activity that lie in a window."""
    values = getattr(_regular(epochs, start, end), cuts.metric)
    return counted(in_bouts(values >= cuts.moderate, rule))


def sedentary_bouts(
    epochs: Epochs, start: int, end: int, cuts: CutPoints, rule: BoutRule = SEDENTARY_BOUT
) -> Bouts | None:
    """Bouts below light activity that lie in a window; None when the cut points do not say what light is."""
    if cuts.light is None:
        return None
    values = getattr(_regular(epochs, start, end), cuts.metric)
    return counted(in_bouts(values < cuts.light, rule))


def in_bouts(active: NDArray[np.bool_], rule: BoutRule) -> NDArray[np.bool_]:
    """Which of the epochs, one every 5 seconds, lie in bouts, of those that are of the level."""
    length, pause = round(rule.minutes / EACH), round(rule.pause / EACH) + 1
    windows = len(active) - length + 1
    inside = np.zeros(len(active) + 1, np.int64)
    if windows < 1:
        return np.zeros(len(active), np.bool_)
    sums = np.concatenate([[0], np.cumsum(active)])
    good = active[:windows] & active[length - 1 :] & (sums[length:] - sums[:windows] >= rule.share * length - 1e-9)
    if pause <= length:
        broken = np.concatenate([[0], np.cumsum(sums[pause:] == sums[: len(sums) - pause])])
        good &= broken[length - pause + 1 :][:windows] == broken[:windows]
    inside[:windows] += good
    inside[length : length + windows] -= good
    return np.asarray(np.cumsum(inside)[:-1] > 0)


def counted(inside: NDArray[np.bool_]) -> Bouts:
    """Runs of epochs as bouts."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]])))
    lengths = (edges[1::2] - edges[::2]) * EACH
    if not len(lengths):
        return Bouts(0, 0.0, 0.0, nan)
    return Bouts(len(lengths), float(lengths.sum()), float(lengths.max()), float(lengths.mean()))


@dataclass(frozen=True, slots=True)
class Gradient:
    """The line of the logarithm of minutes on that of intensity (mg)."""

    slope: float
    intercept: float
    r_squared: float


def intensity_gradient(epochs: Epochs, start: int, end: int) -> Gradient:
    """How fast time falls with intensity: Rowlands et al. 2018, Med Sci Sports Exerc 50:1323.

    ENMO in classes of 25 mg up to 4 g, and one above up to 8 g; the line through the classes in which there was any time, by
    their middles. NaN with fewer than two such classes.
    """
    edges = np.append(np.arange(0.0, 4001.0, 25.0), 8000.0)
    time = np.histogram(present(epochs, start, end).enmo, edges)[0] * EACH
    used = time > 0
    if used.sum() < 2:
        return Gradient(nan, nan, nan)
    x, y = np.log((edges[1:] + edges[:-1])[used] / 2), np.log(time[used])
    across, along = x - x.mean(), y - y.mean()
    slope = float(across @ along / (across @ across))
    explained = float(slope * (across @ along) / (along @ along)) if along.any() else nan
    return Gradient(slope, float(y.mean() - slope * x.mean()), explained)


@dataclass(frozen=True, slots=True)
class Hours:
    """Mean ENMO (mg) of a span of hours, and when it began (nanoseconds since 1970; None when there is none)."""

    enmo: float
    start: int | None


def most_active(epochs: Epochs, start: int, end: int, hours: float = 10.0, share: float = 0.5) -> Hours:
    """The hours with the highest mean ENMO in a window: M10. Of its epochs at least ``share`` must not be missing."""
    return _extreme(epochs, start, end, hours, share, -1.0)


def least_active(epochs: Epochs, start: int, end: int, hours: float = 5.0, share: float = 0.5) -> Hours:
    """The hours with the lowest mean ENMO in a window: L5. Of its epochs at least ``share`` must not be missing."""
    return _extreme(epochs, start, end, hours, share, 1.0)


def _extreme(epochs: Epochs, start: int, end: int, hours: float, share: float, sign: float) -> Hours:
    """The first of the spans with the least mean, times ``sign``."""
    table = _regular(epochs, start, end)
    length = round(hours * HOUR / EPOCH)
    if len(table) < length:
        return Hours(nan, None)
    known = np.isfinite(table.enmo)
    number = _sliding(known.astype(float), length)
    means = _sliding(np.where(known, table.enmo, 0.0), length) / np.maximum(number, 1)
    means[number < share * length] = np.inf * sign
    at = int(np.argmin(means * sign))
    return Hours(float(means[at]), int(table.start[at])) if np.isfinite(means[at]) else Hours(nan, None)


def _sliding(values: Values, length: int) -> Values:
    """Sums of so many values in a row."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(sums[length:] - sums[:-length])


def _regular(epochs: Epochs, start: int, end: int) -> Epochs:
    """Every epoch of a window; those that are missing have NaN."""
    return present(epochs, start, end).regular(start, end)
