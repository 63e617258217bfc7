"""Which combination is selected, for many trials at once: arrays are trials x rows x columns."""

from __future__ import annotations

import numpy as np

from helmont.design.dose_finding.bivariate import isotonic_matrix
from helmont.design.dose_finding.combination_results import Matrix
from helmont.design.dose_finding.combination_walk import raised
from helmont.design.dose_finding.isotonic import PRIOR, Flags, Floats, Ints, rate

TIED = 1e-6
"""Distances from the target that may be equal."""
UNABLE = 9.0


def nearest_cells(truth: Matrix, target: float, contour: bool) -> Flags:
    """The true answer: the cells nearest to the target, or the first such in every row where it is at most 0.05 above it."""
    rates = np.array(truth)
    away = np.abs(rates - target)
    if not contour:
        return np.asarray(away == away.min(), dtype=np.bool_)
    first: Flags = np.arange(rates.shape[1]) == away.argmin(axis=1)[:, None]
    return np.asarray(first & (rates <= target + 0.05), dtype=np.bool_)


def matrix_rates(n: Ints, dlt: Ints) -> Floats:
    return isotonic_matrix(rate(n, dlt), (n + 2 * PRIOR).astype(np.float64))


def nearest_cell(target: float, limit: float | None, rates: Floats, n: Ints, gone: Flags) -> Ints:
    """The cell of each trial, row by row from 0; -1 for none. Of equally near ones the first down the columns."""
    away = distance(target, limit, rates, n, gone)
    down = away.transpose(0, 2, 1).reshape(len(n), -1).argmin(axis=1)
    rows, columns = n.shape[1:]
    return np.where(gone[:, 0, 0] | (away >= UNABLE).all(axis=(1, 2)), -1, down % rows * columns + down // rows)


def distance(target: float, limit: float | None, rates: Floats, n: Ints, gone: Flags) -> Floats:
    """From the target; far away where a combination cannot be selected."""
    found = raised(np.where(gone, 1.1, rates))
    able = n > 0 if limit is None else (n > 0) & (found < limit)
    return np.where(able, np.abs(found - target), UNABLE)


def by_row(target: float, n: Ints, dlt: Ints, gone: Flags) -> Ints:
    """The column of the contour in each row of each trial, -1 for none; a row reaches at least as far as the one below."""
    rates = np.where(gone, 1.1, (dlt + PRIOR) / (n + 2 * PRIOR))
    away = np.abs(raised(isotonic_matrix(rates, (n + 2 * PRIOR).astype(np.float64))) - target)
    able = (n > 0) & ~gone & ~gone[:, :, :1]
    columns = np.where(able.any(axis=2), np.where(able, away, np.inf).argmin(axis=2), -1)
    for row in range(n.shape[1] - 2, -1, -1):
        below = columns[:, row + 1]
        take = (below >= 0) & (columns[:, row] >= 0) & (columns[:, row] <= below)
        columns[:, row] = np.where(take, below, columns[:, row])
    return np.asarray(columns, dtype=np.int64)
