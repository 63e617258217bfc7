"""Isotonic regression of a matrix: rates that rise along rows and columns, for many trials at once.

Row-wise and column-wise pooling alternate, each on what the other left, until nothing changes (Dykstra & Robertson 1982, Annals
of Statistics 10:708-716). Start and end are those of algorithm AS 206 (Bril, Dykstra, Pillers & Robertson 1984, Applied
Statistics 33:352-357), so that the approximation is the same one too.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from helmont.design.dose_finding.isotonic import Floats, pooled

STILL = 2.0**-26
"""The rates are settled when none changes by this much."""
VIOLATION = 1e-9
"""Rates that fall by less are left, where operations follow AS 206 one by one."""
MOST_CYCLES = 50_000


def isotonic_matrix(values: Floats, weights: Floats) -> Floats:
    """Rates (trials x rows x columns), all weights above 0."""
    by_column = _second(values, weights, (2, 1)) > _second(values, weights, (1, 2))
    found = np.empty_like(values)
    for start, chosen in ((2, by_column), (1, ~by_column)):
        if chosen.any():
            found[chosen] = _settled(values[chosen], weights[chosen], start)
    return found


def _pooled(values: Floats, weights: Floats, axis: int) -> Floats:
    """Along the rows (axis 2) or the columns (axis 1) of each matrix."""
    parts = [np.moveaxis(each, axis, 0) for each in (values, weights)]
    return np.moveaxis(np.stack(pooled(list(parts[0]), list(parts[1]))), 0, axis)


def _second(values: Floats, weights: Floats, axes: tuple[int, int]) -> Floats:
    """How much the second direction changes after the first: the regression starts with the one that leaves less to do."""
    once = _pooled(values, weights, axes[0])
    twice = _pooled(once, weights, axes[1])
    return np.asarray(((twice - once) ** 2).sum(axis=(1, 2)), dtype=np.float64)


def _settled(values: Floats, weights: Floats, start: int) -> Floats:
    """``start`` 1 pools along rows first, 2 along columns."""
    found, done = values.copy(), np.zeros(len(values), dtype=np.bool_)
    changes = [np.zeros_like(values), np.zeros_like(values)]
    for cycle in range(MOST_CYCLES):
        place = (cycle + start - 1) % 2
        here = ~done
        before = found[here] - changes[place][here]
        after = _pooled(before, weights[here], 2 - place)
        still = (np.abs(after - found[here]) < STILL).all(axis=(1, 2))
        changes[place][here] = after - before
        found[here] = after
        if cycle:
            done[np.flatnonzero(here)[still]] = True
        if done.all():
            break
    return found


def isotonic_one(values: Floats, weights: Floats) -> Floats:
    """One matrix (rows x columns), operation by operation in the order of AS 206.

    Where two doses are equally near to a target, the last digits decide, and only this order has R's.
    """
    nothing = np.zeros_like(values)
    sizes = []
    for axes in ((0, 1), (1, 0)):
        once = _along(values, weights, axes[0])
        sizes.append(((_along(once, weights, axes[1]) - once) ** 2).sum())
    axis, found, changes = int(sizes[0] > sizes[1]), values, [nothing, nothing]
    for cycle in range(MOST_CYCLES):
        before = found - changes[axis]
        after = _along(before, weights, axis)
        still = bool((np.abs(after - found) < STILL).all())
        changes[axis], found, axis = after - before, after, 1 - axis
        if cycle and still:
            break
    return found


def _along(values: Floats, weights: Floats, axis: int) -> Floats:
    """Rows (axis 0) or columns (axis 1), each by itself."""
    if axis:
        return _along(values.T, weights.T, 0).T
    return np.array([_line(row, weight) for row, weight in zip(values.tolist(), weights.tolist(), strict=True)])


def _line(values: list[float], weights: list[float]) -> list[float]:
    rates, sums, totals, sizes = (
        values[:],
        [x * w for x, w in zip(values, weights, strict=True)],
        weights[:],
        [1] * len(values),
    )
    falls = True
    while falls:
        place = 0
        while place < len(rates) - 1:
            if rates[place] - rates[place + 1] <= VIOLATION:
                place += 1
                continue
            sums[place] += sums.pop(place + 1)
            totals[place] += totals.pop(place + 1)
            sizes[place] += sizes.pop(place + 1)
            rates[place : place + 2] = [sums[place] / totals[place]]
        falls = any(before - after > VIOLATION for before, after in pairwise(rates))
    return [rate for rate, size in zip(rates, sizes, strict=True) for _ in range(size)]
