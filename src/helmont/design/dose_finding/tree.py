"""All outcomes of a table-driven trial, equal states merged, counted once for every truth.

The way from dose to dose depends on outcomes alone, not on the truth. A state is what was seen at each dose, and where the trial
stands; states reached on different ways are one. Each ending with n and y at the doses has the probability::

    ways(n, y) * product over doses of p**y * (1 - p)**(n - y)

where ``ways`` counts the orders of patients that lead there. So the tree of a design is grown once, and a truth only weighs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from helmont.design.checking import DesignError
from helmont.design.dose_finding.isotonic import Flags, Floats, Ints, rate, weight
from helmont.design.dose_finding.walk import Walk, titrated

MOST_STATES = 6_000_000
"""About ten seconds and one gigabyte."""

States = tuple[Ints, Floats]
"""Keys, and the ways that lead to each."""


@dataclass(frozen=True)
class Tree:
    """``place[dose]`` are the states' rows in ``n`` and ``dlt``, the data that one dose can have."""

    n: Ints
    dlt: Ints
    place: tuple[NDArray[np.int32], ...]
    ways: Floats
    selected: NDArray[np.int8]

    def probabilities(self, truth: tuple[float, ...]) -> Floats:
        """Of every ending."""
        found = self.ways.copy()
        for place, p in zip(self.place, truth, strict=True):
            found *= (np.power(p, self.dlt) * np.power(1 - p, self.n - self.dlt))[place]
        return found


class _Growing:
    """Keys are the rows of all doses in one number of mixed radix."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.n, self.dlt, self.after = _reachable(walk)
        self.rows = len(self.n)
        self.radix = [self._radix(dose) for dose in range(walk.doses)]
        self.step = [prod(self.radix[:dose]) for dose in range(walk.doses)]
        if prod(self.radix) >= 2**63:
            raise DesignError("doses", walk.doses, "fewer for this many cohorts to be enumerated; simulate instead")
        self.eliminated = walk.eliminated[self.n, self.dlt]
        self.unsafe = walk.unsafe[self.n, self.dlt] | self.eliminated
        self.move = walk.move[self.n, self.dlt]
        self.full = np.zeros(self.rows, dtype=np.bool_) if walk.stop_at is None else self.n >= walk.stop_at
        self.steps = {(dose, size): self._steps(dose, size) for dose in range(walk.doses) for size in self.after}
        self.ended: list[States] = []

    def _radix(self, dose: int) -> int:
        """How many rows the dose can have: each dose on the way to it took a cohort."""
        if self.walk.titration:
            return self.rows
        most = self.walk.patients - self.walk.cohort_size * abs(dose - self.walk.start)
        return max(int((self.n <= most).sum()), 1)  # rows are in the order of patients

    def row(self, keys: Ints, dose: int) -> Ints:
        return np.asarray(keys // self.step[dose] % self.radix[dose], dtype=np.int64)

    def _steps(self, dose: int, size: int) -> tuple[Ints, NDArray[np.int8]]:
        """What 0, 1, ... toxicities in a cohort do in each row of the dose: what the key grows by, and where the trial goes.

        It goes up (1), stays, goes down (-1) or ends (2). Rows are there twice, the second time where the next dose is
        eliminated.
        """
        rows = self.after[size]
        move = self.move[rows] if dose + 1 < self.walk.doses else np.minimum(self.move[rows], 0)
        move = np.maximum(move, 0) if dose == 0 else move
        moves = np.concatenate([move, np.minimum(move, 0)])
        full = np.concatenate([self.full[rows]] * 2)
        ends = full if self.walk.stop_any else full & (moves == 0)
        if dose == 0:
            ends = ends | np.concatenate([self.unsafe[rows]] * 2)
        return (rows - np.arange(self.rows)[:, None]) * self.step[dose], np.where(ends, np.int8(2), moves)

    def treated(self, states: States, dose: int, size: int) -> tuple[Ints, Floats, NDArray[np.int8]]:
        """The new keys, their ways, and where the trial goes, after a cohort with 0, 1, ... toxicities."""
        keys, ways = states
        grows, goes = self.steps[dose, size]
        row = self.row(keys, dose)
        moved = np.take(grows, row, axis=0)
        moved += keys[:, None]
        counted = ways[:, None] * np.array([comb(size, toxic) for toxic in range(size + 1)], dtype=np.float64)
        if dose + 1 < self.walk.doses:
            row += self.rows * self.eliminated[self.row(keys, dose + 1)]
        return moved.ravel(), counted.ravel(), np.take(goes, row, axis=0).ravel()

    def cohort(self, standing: list[States], size: int) -> list[States]:
        """Treat one cohort at the dose where each state stands; ``standing`` has the states by current dose."""
        arriving: list[list[States]] = [[] for _ in standing]
        for dose, states in enumerate(standing):
            if not len(states[0]):
                continue
            keys, ways, goes = self.treated(states, dose, size)
            for move in (-1, 0, 1, 2):
                here = np.flatnonzero(goes == move)
                if len(here):
                    (self.ended if move == 2 else arriving[dose + move]).append((keys[here], ways[here]))
        found = [merged(each) for each in arriving]
        if sum(len(keys) for keys, _ in found) > MOST_STATES:
            raise DesignError("cohorts", "this", f"few enough for {MOST_STATES:,} states; simulate instead")
        return found

    def begin(self, dose: int, toxic: int) -> list[States]:
        """One state, after titration that ended at the dose (or before the first patient)."""
        key = 0
        if self.walk.titration:
            known = {pair: row for row, pair in enumerate(zip(self.n.tolist(), self.dlt.tolist(), strict=True))}
            key = sum(known[1, toxic if below == dose else 0] * self.step[below] for below in range(dose + 1))
        states = [_none() for _ in range(self.walk.doses)]
        states[dose] = (np.array([key], dtype=np.int64), np.ones(1))
        return states

    def grow(self) -> States:
        walk = self.walk
        for dose, toxic in titrated(walk) if walk.titration else [(walk.start, 0)]:
            left, size = walk.patients, walk.cohort_size
            if walk.titration:  # the first cohort completes that of titration
                left, size = left - dose - 1, size - 1
            standing = self.begin(dose, toxic)
            while left > size:
                standing = self.cohort(standing, size)
                left, size = left - size, walk.cohort_size
            for here, states in enumerate(standing):  # nothing is decided after the last cohort
                if len(states[0]):
                    keys, ways, _ = self.treated(states, here, left)
                    self.ended.append((keys, ways))
        return merged(self.ended)


def _none() -> States:
    return np.empty(0, dtype=np.int64), np.empty(0)


def merged(parts: list[States]) -> States:
    """Equal states are one, their ways added."""
    if not parts:
        return _none()
    keys, ways = (np.concatenate(each) for each in zip(*parts, strict=True))
    if not len(keys):
        return keys, ways
    keys, order = _sorted(keys)
    new = np.empty(len(keys), dtype=np.bool_)
    new[0] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    first = np.flatnonzero(new)
    return keys[first], np.add.reduceat(ways[order], first)


def _sorted(keys: Ints) -> tuple[Ints, Ints]:
    """The keys in order and their places; both in one number where they fit, as numbers are sorted faster than places."""
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >= 2 ** (63 - bits):
        order = np.argsort(keys)
        return keys[order], order
    both = keys << bits
    both |= np.arange(len(keys))
    both.sort()
    order = both & ((1 << bits) - 1)
    both >>= bits
    return both, order


def _reachable(walk: Walk) -> tuple[Ints, Ints, dict[int, Ints]]:
    """The data that one dose can have, and by cohort size the row after 0, 1, ... toxicities."""
    sizes = {walk.cohort_size}
    if walk.titration:
        sizes |= {walk.cohort_size - 1} | {
            (walk.patients - dose - walk.cohort_size - 1) % walk.cohort_size + 1 for dose in range(walk.doses)
        }
    rows = {(0, 0): 0}
    waiting = [(0, 0)]
    if walk.titration:
        waiting += [(1, 0), (1, 1)]
        rows |= {(1, 0): 1, (1, 1): 2}
    links: dict[int, dict[int, list[int]]] = {size: {} for size in sizes}
    for n, dlt in waiting:  # grows while it is read
        if walk.eliminated[n, dlt] and n:
            continue
        for size in sizes:
            if n + size > walk.patients:
                continue
            links[size][rows[n, dlt]] = []
            for toxic in range(size + 1):
                pair = (n + size, dlt + toxic)
                if pair not in rows:
                    rows[pair] = len(rows)
                    waiting.append(pair)
                links[size][rows[n, dlt]].append(rows[pair])
    after = {}
    for size in sizes:
        after[size] = np.zeros((len(rows), size + 1), dtype=np.int64)
        for row, reached in links[size].items():
            after[size][row] = reached
    pairs = np.array(list(rows), dtype=np.int64)
    return pairs[:, 0], pairs[:, 1], after


def tree(walk: Walk) -> Tree:
    """Grow the tree. Raises ``DesignError`` where it would be too large."""
    growing = _Growing(walk)
    keys, ways = growing.grow()
    n, dlt = growing.n, growing.dlt
    place = tuple(growing.row(keys, dose).astype(np.int32) for dose in range(walk.doses))
    rates, weights = rate(n, dlt), weight(n, dlt)
    selected = np.empty(len(keys), dtype=np.int8)
    for begin in range(0, len(keys), 1 << 16):  # parts that stay in the processor's cache
        part = [each[begin : begin + (1 << 16)] for each in place]
        gone: list[Flags] = [
            (growing.unsafe if dose == 0 else growing.eliminated)[rows] for dose, rows in enumerate(part)
        ]
        selected[begin : begin + (1 << 16)] = walk.select_from(
            [rates[rows] for rows in part], [weights[rows] for rows in part], gone
        )
    return Tree(n, dlt, place, ways, selected)
