"""What is known of every arm's effect at a look, under each way of treating controls of another time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, polygamma, psi

from helmont.design.platform.posterior import Floats, beta_greater
from helmont.design.platform.regression import Cells, Effects, binary_effects, normal_effects
from helmont.design.platform.settings import BinaryEndpoint, Controls, NormalEndpoint

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Analysis:
    """The settings that an analysis takes."""

    endpoint: BinaryEndpoint | NormalEndpoint
    controls: Controls
    discount: float = 0.5
    robust: float = 0.5
    smoothing: tuple[float, ...] = ()
    lower_is_better: bool = False


@dataclass(frozen=True)
class Knowledge:
    """Of shape (trials, arms); what is not asked for is not computed."""

    above: Callable[[float], Floats]
    """The probability that the effect is above a margin."""
    moments: Callable[[], tuple[Floats, Floats]]
    """The mean and the standard deviation of the log odds ratio, or of the difference of means."""


@dataclass(frozen=True)
class Compared:
    """Patients, sums and squares of the arms, of their concurrent controls and of the other controls; (trials, arms)
    each."""

    arm: tuple[Floats, Floats, Floats]
    concurrent: tuple[Floats, Floats, Floats]
    other: tuple[Floats, Floats, Floats]


def analysed(settings: Analysis, cells: Cells, enrolled: Floats, wanted: Bools | None = None) -> Knowledge:
    """``cells`` hold known outcomes, ``enrolled`` all patients: an arm is there in the periods in which it enrolled.

    ``wanted`` of shape (trials, arms) are those whose probability is asked for; of the others it may be one half.
    """
    if settings.lower_is_better:
        turned = cells.n - cells.sums if isinstance(settings.endpoint, BinaryEndpoint) else -cells.sums
        cells = Cells(cells.n, turned, cells.squares)
    present = enrolled[:, :, 1:] > 0
    if settings.controls in ("time-adjusted", "time-machine"):
        smoothing = settings.smoothing if settings.controls == "time-machine" else None
        return _of(_effects(settings.endpoint, cells, smoothing))
    if settings.controls == "concurrent-adjusted":
        return _of(_effects_apart(settings.endpoint, cells, present))
    compared = split(cells, present)
    if isinstance(settings.endpoint, BinaryEndpoint):
        return _binary(settings, settings.endpoint, compared, wanted)
    return _of(_normal(settings, settings.endpoint, compared))


def split(cells: Cells, present: Bools) -> Compared:
    """Controls by whether they were enrolled in a period in which the arm enrolled."""
    parts = [cells.n, cells.sums, np.zeros_like(cells.n) if cells.squares is None else cells.squares]
    arm, concurrent, other = [], [], []
    for each in parts:
        arm.append(each[:, :, 1:].sum(axis=1))
        concurrent.append(np.matmul(each[:, None, :, 0], present.astype(np.float64))[:, 0])
        other.append(each[:, :, 0].sum(axis=1)[:, None] - concurrent[-1])
    return Compared(*((found[0], found[1], found[2]) for found in (arm, concurrent, other)))


def _of(effects: Effects) -> Knowledge:
    return Knowledge(effects.above, lambda: (effects.mean, effects.deviation))


def _effects(endpoint: BinaryEndpoint | NormalEndpoint, cells: Cells, smoothing: tuple[float, ...] | None) -> Effects:
    if isinstance(endpoint, BinaryEndpoint):
        return binary_effects(cells, smoothing, endpoint.prior)
    return normal_effects(cells, smoothing, endpoint.deviation)


def _effects_apart(endpoint: BinaryEndpoint | NormalEndpoint, cells: Cells, present: Bools) -> Effects:
    """Every arm with its concurrent controls alone: as many trials of one arm as there are trials and arms."""
    trials, periods, arms = present.shape

    def apart(each: Floats) -> Floats:
        pairs = np.stack(np.broadcast_arrays(each[:, :, :1], each[:, :, 1:]), axis=3) * present[..., None]
        return np.asarray(pairs.transpose(0, 2, 1, 3).reshape(trials * arms, periods, 2))

    squares = None if cells.squares is None else apart(cells.squares)
    found = _effects(endpoint, Cells(apart(cells.n), apart(cells.sums), squares), None)
    freedom = None if found.freedom is None else found.freedom.reshape(trials, arms)
    shape = (-1, trials, arms)
    return Effects(np.ones((1, trials, 1)), found.means.reshape(shape), found.deviations.reshape(shape), freedom)


def _binary(settings: Analysis, endpoint: BinaryEndpoint, compared: Compared, wanted: Bools | None) -> Knowledge:
    a, b = endpoint.prior
    n, r, _ = compared.arm
    m, s, _ = compared.concurrent
    more, good, _ = compared.other
    x = (a + r, b + n - r)
    part = {"concurrent": 0.0, "pooled": 1.0}.get(settings.controls, settings.discount)
    borrowed = (a + s + part * good, b + m - s + part * (more - good))
    components = [borrowed]
    weights = np.ones((1, *n.shape))
    if settings.controls == "robust":
        alone = (a + s, b + m - s)
        prior = (a + part * good, b + part * (more - good))
        fits = np.stack(
            [
                np.log1p(-settings.robust) + betaln(*borrowed) - betaln(*prior),
                np.log(settings.robust) + betaln(*alone) - betaln(a, b),
            ]
        )
        weights = np.exp(fits - fits.max(axis=0))
        weights, components = weights / weights.sum(axis=0), [borrowed, alone]

    def moments() -> tuple[Floats, Floats]:
        effects = Effects(
            weights,
            np.stack([psi(x[0]) - psi(x[1]) - psi(each[0]) + psi(each[1]) for each in components]),
            np.sqrt(np.stack([_bend(*x) + _bend(*each) for each in components])),
        )
        return effects.mean, effects.deviation

    def above(margin: float) -> Floats:
        some = np.ones(n.shape, dtype=bool) if wanted is None else wanted
        found = np.full(n.shape, 0.5)
        found[some] = sum(
            weight[some] * beta_greater(x[0][some], x[1][some], each[0][some], each[1][some], margin)
            for weight, each in zip(weights, components, strict=True)
        )
        return found

    return Knowledge(above, moments)


def _bend(a: Floats, b: Floats) -> Floats:
    """The variance of the log odds of a beta distribution."""
    return np.asarray(polygamma(1, a) + polygamma(1, b))


def _normal(settings: Analysis, endpoint: NormalEndpoint, compared: Compared) -> Effects:
    """Differences of means; without patients on either side nothing is known: the deviation is huge."""
    n, y, y2 = compared.arm
    m, z, z2 = compared.concurrent
    more, other, other2 = compared.other
    part = {"concurrent": 0.0, "pooled": 1.0}.get(settings.controls, settings.discount)
    size, total = m + part * more, z + part * other
    freedom = None
    variance = np.full(n.shape, 1.0 if endpoint.deviation is None else endpoint.deviation**2)
    if endpoint.deviation is None:
        rest = y2 - _over(y**2, n) + z2 + part * other2 - _over(total**2, size)
        freedom = np.maximum(n + size - 2, 0.0)
        variance = np.maximum(rest, 1e-300) / np.maximum(freedom, 1e-9)
    here = _over(y, n)
    centres, shares = [_over(total, size)], [_over(np.ones_like(size), size, _NOTHING)]
    weights = np.ones((1, *n.shape))
    if settings.controls == "robust":
        centre = _over(other, more)
        alone = np.where(more > 0, 1.0, 1 / _NOTHING)  # as much as one patient, where there is a centre
        centres.append((z + alone * centre) / (m + alone))
        shares.append(1 / (m + alone))
        mean, spread = _over(z, m), _over(np.ones_like(m), m, _NOTHING)
        fits = np.stack(
            [
                np.log(weight) - np.log(width) / 2 - _over((mean - centre) ** 2, 2 * width * variance)
                for weight, width in (
                    (1 - settings.robust, spread + _over(np.ones_like(more), part * more, _NOTHING)),
                    (settings.robust, spread + 1 / alone),
                )
            ]
        )
        weights = np.exp(fits - fits.max(axis=0))
        weights = weights / weights.sum(axis=0)
    widths = [np.sqrt(variance * (_over(np.ones_like(n), n, _NOTHING) + each)) for each in shares]
    return Effects(weights, np.stack([here - each for each in centres]), np.stack(widths), freedom)


_NOTHING = 1e12
"""The variance of the mean of no patients."""


def _over(top: Floats, bottom: Floats, otherwise: float = 0.0) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(np.shape(top), otherwise), where=bottom > 0))
