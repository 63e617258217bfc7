"""Simulated paths of Z."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from helmont.design.confirmatory.recursion import Floats

PATHS = 100_000
"""Simulated at once."""


@dataclass(frozen=True)
class Paths:
    """Simulates a part of the trials of a group sequential design; can be sent to another process."""

    information: tuple[float, ...]
    drift: float
    """The mean of Z at information 1."""
    upper: tuple[float, ...]
    lower: tuple[float, ...] | None

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> Floats:
        """How many trials cross first the upper bound (a row), and first the lower one, at each look."""
        times = np.array(self.information)
        steps = np.diff(times, prepend=0.0)
        drawn = np.random.default_rng(seed).standard_normal((trials, times.size))
        z = (drawn * np.sqrt(steps) + self.drift * steps).cumsum(1) / np.sqrt(times)
        above, below = z >= np.array(self.upper), z < np.array(self.lower or (-inf,) * times.size)
        crossed = above | below
        first = np.where(crossed.any(1), crossed.argmax(1), times.size)
        rows = np.arange(trials)[first < times.size]
        up = above[rows, first[rows]]
        return np.stack([np.bincount(first[rows][side], minlength=times.size) for side in (up, ~up)]).astype(float)
