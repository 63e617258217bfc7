"""One trial of two agents: through the matrix of doses (Lin & Yin 2017), or down its rows (Zhang & Yuan 2016)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from helmont.design.dose_finding.isotonic import Flags, Floats, Ints
from helmont.design.dose_finding.walk import Walk

Cell = tuple[int, int]
"""Levels of the agents, from 0 in here."""
Uniforms = Callable[[int], list[float]]
"""The next so many uniform numbers."""
PER_PATIENT = 0.0005
"""Of equally desirable neighbours the one with more patients is taken."""


@dataclass
class Trial:
    """What was seen so far; matrices of counts and of given-up doses."""

    n: list[list[int]]
    dlt: list[list[int]]
    gone: list[list[bool]]
    selected: list[Cell] = field(default_factory=list)
    safe: bool = True
    """The lowest dose was not found too toxic."""


@dataclass(frozen=True)
class Rules:
    """``tables`` holds what is done after n patients and y toxicities at a dose."""

    levels: Cell
    tables: Walk
    lambdas: tuple[float, float]
    cohorts: tuple[int, ...]
    start: Cell
    stop_at: int | None

    def begun(self) -> Trial:
        rows, columns = self.levels
        return Trial(
            [[0] * columns for _ in range(rows)],
            [[0] * columns for _ in range(rows)],
            [[False] * columns for _ in range(rows)],
        )

    def give_up(self, trial: Trial, at: Cell) -> None:
        for row in range(at[0], self.levels[0]):
            for column in range(at[1], self.levels[1]):
                trial.gone[row][column] = True

    def options(self, trial: Trial, at: Cell, move: int) -> list[Cell]:
        """The most desirable neighbours up or down: Pr(rate between the boundaries | data) is largest (Lin & Yin 2017)."""
        best, found = 0.0, list[Cell]()
        for step in ((move, 0), (0, move)):
            row, column = at[0] + step[0], at[1] + step[1]
            if not (0 <= row < self.levels[0] and 0 <= column < self.levels[1]) or (
                move > 0 and trial.gone[row][column]
            ):
                continue
            wanted = desirability(trial.n[row][column], trial.dlt[row][column], *self.lambdas)
            if wanted > best:
                best, found = wanted, []
            if wanted == best:
                found.append((row, column))
        return found

    def ends(self, trial: Trial, at: Cell) -> bool:
        """Enough patients at a dose that the table would not leave."""
        n, dlt = trial.n[at[0]][at[1]], trial.dlt[at[0]][at[1]]
        if self.stop_at is None or n < self.stop_at:
            return False
        move = int(self.tables.move[n, dlt])
        return (move <= 0 or not self.options(trial, at, 1)) and (move >= 0 or at == (0, 0))

    def through(self, truth: tuple[tuple[float, ...], ...], uniforms: Uniforms) -> Trial:
        """A trial for one dose."""
        trial, at, size = self.begun(), self.start, self.tables.cohort_size
        for _ in range(self.cohorts[0]):
            row, column = at
            trial.dlt[row][column] += sum([number < truth[row][column] for number in uniforms(size)])
            trial.n[row][column] += size
            n, dlt = trial.n[row][column], trial.dlt[row][column]
            if self.tables.eliminated[n, dlt]:
                self.give_up(trial, at)
            if at == (0, 0) and (self.tables.eliminated[n, dlt] or self.tables.unsafe[n, dlt]):
                trial.safe = False
                break
            if self.ends(trial, at):
                break
            move = int(self.tables.move[n, dlt])
            ahead = self.options(trial, at, move) if move else []
            if ahead:  # the draw is made even where there is no choice
                at = ahead[int(uniforms(1)[0] * len(ahead))]
        return trial

    def down(self, truth: tuple[tuple[float, ...], ...], uniforms: Uniforms, forget: bool = False) -> Trial:
        """A trial for the contour: subtrials along a row, each from where the one in the row below it ended.

        The first goes up the lowest level of the second agent and along the last row; what it selects says where the next begins.
        A subtrial that selects nothing is the last; ``forget`` leaves it out, as BOIN 2.7.2 does in its simulations.
        """
        rows, columns = self.levels
        trial, subtrial = self.begun(), 0
        path = [(row, 0) for row in range(rows - 1)] + [(rows - 1, column) for column in range(columns)]
        start, planned = 0, sum(self.cohorts) * self.tables.cohort_size
        while sum(map(sum, trial.n)) < planned and subtrial < len(self.cohorts):
            before = deepcopy(trial) if forget else trial
            chosen, rising = self._along(trial, path, truth, start, self.cohorts[subtrial], uniforms)
            if chosen is None:
                return before
            row, column = chosen
            if subtrial == 0 and column == 0 and row < rows - 1:
                for above in range(row + 1, rows):
                    trial.gone[above] = [True] * columns
                if rising:
                    subtrial += 1
                    further, _ = self._along(
                        trial, [(row, each) for each in range(1, columns)], truth, 0, self.cohorts[subtrial], uniforms
                    )
                    row, column = further or chosen
            if row == 0:
                break
            subtrial += 1
            for each in range(column + 1, columns):
                trial.gone[row][each] = True
            start = min(column, columns - 2)
            path = [(row - 1, each) for each in range(1, columns)]
        return trial

    def _along(
        self,
        trial: Trial,
        path: list[Cell],
        truth: tuple[tuple[float, ...], ...],
        start: int,
        cohorts: int,
        uniforms: Uniforms,
    ) -> tuple[Cell | None, bool]:
        """A trial of one agent on the doses of a path: the dose it selects, and whether its data there would go up."""
        tables, size = self.tables, self.tables.cohort_size
        n, dlt, at, highest, safe = [0] * len(path), [0] * len(path), start, len(path) - 1, True
        for _ in range(cohorts):
            row, column = path[at]
            dlt[at] += sum([number < truth[row][column] for number in uniforms(size)])
            n[at] += size
            here, seen = n[at], dlt[at]
            if tables.eliminated[here, seen]:
                highest = min(highest, at - 1)
            if at == 0 and (highest < 0 or tables.unsafe[here, seen]):
                safe = False
                break
            move = int(tables.move[here, seen])
            at = min(at + 1, max(highest, at)) if move > 0 else max(at - 1, 0) if move < 0 else at
            if self.stop_at is not None and n[at] >= self.stop_at:  # at the dose that would be next
                break
        for place, (row, column) in enumerate(path):
            trial.n[row][column], trial.dlt[row][column] = n[place], dlt[place]
            trial.gone[row][column] = place > highest or not safe
        dose = self._selected(tuple(n), tuple(dlt)) if safe else 0
        if not dose:
            return None, False
        return path[dose - 1], bool(tables.move[n[dose - 1], dlt[dose - 1]] > 0)

    def _selected(self, n: tuple[int, ...], dlt: tuple[int, ...]) -> int:
        walk = along(self.tables, len(n))
        return int(walk.select(np.array([n]), np.array([dlt]))[0])


@lru_cache(maxsize=4096)
def desirability(n: int, dlt: int, low: float, high: float) -> float:
    """Pr(low < rate < high | data) with Jeffreys' prior, and a little for patients that are there."""
    a, b = dlt + 0.5, n - dlt + 0.5
    return float(special.betainc(a, b, high) - special.betainc(a, b, low) + n * PER_PATIENT)


def along(tables: Walk, doses: int) -> Walk:
    """The same tables for another number of doses."""
    return Walk(**{**tables.__dict__, "doses": doses})


def given_up(tables: Walk, n: Ints, dlt: Ints) -> Flags:
    """Doses out of selection (trials x rows x columns): too toxic ones, those above in their row or in their column.

    In each row the lowest too toxic dose counts.
    """
    toxic = tables.eliminated[n, dlt]
    gone = np.logical_or.accumulate(toxic, axis=2)
    first = toxic & (np.cumsum(toxic, axis=2) == 1)
    gone |= np.logical_or.accumulate(first, axis=1)
    gone |= (toxic | tables.unsafe[n, dlt])[:, :1, :1]
    return gone


def raised(rates: Floats) -> Floats:
    """Of equal rates below the target the highest dose is nearest, above it the lowest: 1e-5 for each level of both agents."""
    levels = np.arange(1, rates.shape[1] + 1)[:, None] + np.arange(1, rates.shape[2] + 1)
    return rates + 1e-5 * levels
