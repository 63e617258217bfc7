"""Effects of arms with effects of periods, for many simulated trials at once.

The logit of the response rate (or the mean) of arm ``k`` in period ``b`` is ``alpha[b] + beta[k]``, the control having
no ``beta``. Periods are either free (Bofill Roig et al. 2022) or a second-order random walk back from the current one
(Saville et al. 2022), ``alpha[now - 1] - alpha[now]`` and all second differences being normal with one standard
deviation, which has equal prior weight on some values. Posteriors are normal about the mode (exact for means with a
known deviation, and Student's t where it is estimated). Where nearly everybody or nobody responds the normal
approximation of log odds is cautious (Hauck & Donner 1977, Journal of the American Statistical Association 72:851).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtr, stdtr

from helmont.design.platform.posterior import Floats

_EVEN = 1e-4
"""Prior precision of log odds: a standard deviation of 100."""
_FLAT = 1e-9
"""Prior precision of means, in patients: nothing, but a period or an arm without patients leaves the equations
solvable."""
_STEPS = 25
_CLOSE = 1e-7
_FAR = 3.0
"""No step of Newton's method moves log odds further."""


@dataclass(frozen=True)
class Cells:
    """Patients, sums of their outcomes and of their squares; of shape (trials, periods, arms), the control first."""

    n: Floats
    sums: Floats
    squares: Floats | None = None

    def taken(self, rows: np.ndarray) -> Cells:
        return Cells(self.n[rows], self.sums[rows], None if self.squares is None else self.squares[rows])


@dataclass(frozen=True)
class Effects:
    """Of shape (components, trials, arms): normal (or t) effects in a mixture with ``weights`` of shape (components,
    trials, 1)."""

    weights: Floats
    means: Floats
    deviations: Floats
    freedom: Floats | None = None
    """Degrees of freedom of shape (trials, 1), where the deviation is estimated."""

    def above(self, margin: float) -> Floats:
        """The probability of an effect above ``margin``, of shape (trials, arms)."""
        z = (self.means - margin) / self.deviations
        tail = ndtr(z) if self.freedom is None else stdtr(np.maximum(self.freedom, 1e-9), z)
        return np.asarray((self.weights * tail).sum(axis=0))

    @property
    def mean(self) -> Floats:
        return np.asarray((self.weights * self.means).sum(axis=0))

    @property
    def deviation(self) -> Floats:
        spread = self.deviations**2 + (self.means - self.mean) ** 2
        return np.asarray(np.sqrt((self.weights * spread).sum(axis=0)))


def binary_effects(
    cells: Cells, smoothing: tuple[float, ...] | None, prior: tuple[float, float] = (1.0, 1.0)
) -> Effects:
    """Log odds ratios of the arms; ``smoothing`` are the deviations of the random walk, None for free periods.

    The responses and non-responses that the beta ``prior`` of a rate is worth are spread over the periods of each arm
    in proportion to its patients: one period gives the mode of its beta posterior.
    """
    part = cells.n / np.maximum(cells.n.sum(axis=1, keepdims=True), 1.0)
    n, r = cells.n + sum(prior) * part, cells.sums + prior[0] * part
    level = logit((r.sum(axis=2) + 0.5) / (n.sum(axis=2) + 1))
    beta = np.zeros((len(n), n.shape[2] - 1))
    found = []
    for step in (None,) if smoothing is None else smoothing:
        walk = None if step is None else walk_precision(n.shape[1], step, _EVEN)
        for _ in range(_STEPS):
            score, weight = _likelihood(n, r, level, beta)
            system = _System(weight, walk, _EVEN)
            penalty = _EVEN * level if walk is None else level @ walk
            moved_beta, moved = system.solved(score[:, :, 1:].sum(axis=1) - _EVEN * beta, score.sum(axis=2) - penalty)
            scale = _FAR / np.maximum(_FAR, np.maximum(np.abs(moved).max(axis=1), np.abs(moved_beta).max(axis=1)))
            level, beta = level + scale[:, None] * moved, beta + scale[:, None] * moved_beta
            if max(np.abs(moved).max(initial=0.0), np.abs(moved_beta).max(initial=0.0)) < _CLOSE:
                break
        variance, determinant = system.variances()
        eta = level[:, :, None] + np.concatenate([np.zeros((len(n), 1)), beta], axis=1)[:, None, :]
        fit = (r * eta - n * np.logaddexp(0.0, eta)).sum(axis=(1, 2)) - _EVEN * (beta**2).sum(axis=1) / 2
        if walk is not None and step is not None:
            fit = fit - np.einsum("tb,bc,tc->t", level, walk, level) / 2 - (n.shape[1] - 1) * np.log(step)
        found.append((fit - determinant / 2, beta, np.sqrt(variance)))
    return _mixed(found, None)


def normal_effects(cells: Cells, smoothing: tuple[float, ...] | None, deviation: float | None) -> Effects:
    """Differences of means; ``smoothing`` is in standard deviations of an outcome."""
    n, y = cells.n, cells.sums
    right_arm, right = y[:, :, 1:].sum(axis=1), y.sum(axis=2)
    system = _System(n, None, _FLAT)
    freedom = None
    variance = np.full(len(n), 1.0 if deviation is None else deviation**2)
    if deviation is None:
        assert cells.squares is not None
        beta, level = system.solved(right_arm, right)
        rest = cells.squares.sum(axis=(1, 2)) - (beta * right_arm).sum(axis=1) - (level * right).sum(axis=1)
        unknown = (n.sum(axis=2) > 0).sum(axis=1) + (n[:, :, 1:].sum(axis=1) > 0).sum(axis=1)
        freedom = np.maximum(n.sum(axis=(1, 2)) - unknown, 0.0)
        variance = np.maximum(rest, 1e-300) / np.maximum(freedom, 1e-9)
        freedom = freedom[:, None]
    found = []
    for step in (None,) if smoothing is None else smoothing:
        if step is not None:
            system = _System(n, walk_precision(n.shape[1], step, _FLAT), _FLAT)
        beta, level = system.solved(right_arm, right)
        explained = (beta * right_arm).sum(axis=1) + (level * right).sum(axis=1)
        share, determinant = system.variances()
        fit = explained / (2 * variance) - determinant / 2
        if step is not None:
            fit = fit - (n.shape[1] - 1) * np.log(step)
        found.append((fit, beta, np.sqrt(share * variance[:, None])))
    return _mixed(found, freedom)


def _mixed(found: list[tuple[Floats, Floats, Floats]], freedom: Floats | None) -> Effects:
    fits, means, deviations = (np.stack(each) for each in zip(*found, strict=True))
    weights = np.exp(fits - fits.max(axis=0))
    return Effects((weights / weights.sum(axis=0))[:, :, None], means, deviations, freedom)


def _likelihood(n: Floats, r: Floats, level: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """The score and the information of the linear predictor of every cell."""
    eta = np.repeat(level[:, :, None], n.shape[2], axis=2)
    eta[:, :, 1:] += beta[:, None, :]
    p = expit(eta)
    return r - n * p, n * p * (1 - p)


def walk_precision(periods: int, step: float, level: float) -> Floats:
    """The prior precision of the effects of periods: a random walk of second order that begins at the last one.

    ``level`` is the precision of the last one. Its determinant is ``level / step ** (2 (periods - 1))``.
    """
    differences = np.zeros((periods, periods))
    differences[0, -1] = np.sqrt(level)
    for back in range(1, periods):
        place = periods - 1 - back
        differences[back, place] = 1 / step
        differences[back, place + 1] = -1 / step if back == 1 else -2 / step
        if back > 1:
            differences[back, place + 2] = 1 / step
    return np.asarray(differences.T @ differences)


class _System:
    """The equations of arms and periods, in which one of the two is eliminated."""

    def __init__(self, weight: Floats, walk: Floats | None, even: float) -> None:
        self.arms = weight[:, :, 1:].sum(axis=1) + even
        self.cross = weight[:, :, 1:]
        self.walk = walk
        periods = weight.sum(axis=2)
        if walk is None:
            self.periods = periods + even
            self.scaled = self.cross / self.periods[:, :, None]
            self.left = -np.matmul(self.cross.transpose(0, 2, 1), self.scaled)
            _diagonal(self.left)[...] += self.arms
        else:
            self.scaled = self.cross / self.arms[:, None, :]
            self.left = walk - np.matmul(self.scaled, self.cross.transpose(0, 2, 1))
            _diagonal(self.left)[...] += periods

    def solved(self, arms: Floats, periods: Floats) -> tuple[Floats, Floats]:
        """The unknowns of arms and periods."""
        if self.walk is None:
            right = arms - np.einsum("tbk,tb->tk", self.scaled, periods)
            first = np.linalg.solve(self.left, right[:, :, None])[:, :, 0]
            return first, periods / self.periods - np.einsum("tbk,tk->tb", self.scaled, first)
        right = periods - np.einsum("tbk,tk->tb", self.scaled, arms)
        second = np.linalg.solve(self.left, right[:, :, None])[:, :, 0]
        return arms / self.arms - np.einsum("tbk,tb->tk", self.scaled, second), second

    def variances(self) -> tuple[Floats, Floats]:
        """The variances of the arms' unknowns and the logarithm of the determinant of the whole."""
        whole = np.linalg.slogdet(self.left)[1]
        if self.walk is None:
            inverse = np.linalg.inv(self.left)
            return np.diagonal(inverse, axis1=1, axis2=2), whole + np.log(self.periods).sum(axis=1)
        half = np.linalg.solve(self.left, self.scaled)
        return 1 / self.arms + (self.scaled * half).sum(axis=1), whole + np.log(self.arms).sum(axis=1)


def _diagonal(matrices: Floats) -> Floats:
    """A view of the diagonals of matrices that may be written to."""
    view: Floats = np.einsum("tii->ti", matrices)
    return view
