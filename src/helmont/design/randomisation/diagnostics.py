"""How balanced and how predictable allocations are.

An observer who knows the past allocations guesses the arm that is furthest behind its share, one at random where several are:
with arms alike, the one with the fewest patients (the convergence strategy of Blackwell & Hodges 1957, Annals of Mathematical
Statistics 28:449).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Reals: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Diagnosis(Result):
    """Over many allocations. Imbalance is the difference between the most and the fewest patients of an arm, each divided by its
    ratio."""

    trials: int
    seed: int
    imbalance: tuple[float, ...]
    """Mean, after each patient."""
    largest: tuple[float, ...]
    """The largest that came, after each patient."""
    final_deviation: float
    """Standard deviation of the imbalance after the last patient."""
    correct_guess: float
    """Probability of a correct guess, mean over patients; without any restriction it is that of chance."""
    correct_guess_error: float
    chance: float
    """The probability of a correct guess of who knows nothing but the ratio."""
    certain: float
    """Share of the patients whose allocation was certain before."""
    arms: tuple[float, ...]
    """Share of the patients in each arm."""

    def frame(self) -> pl.DataFrame:
        """A row a patient."""
        import polars as pl

        return pl.DataFrame(
            {"patient": range(1, len(self.imbalance) + 1), "imbalance": self.imbalance, "largest": self.largest}
        )


def cumulated(allocated: Counts, arms: int) -> Counts:
    """Patients of each arm before each patient and after the last: trials x (patients + 1) x arms."""
    here = (allocated[:, :, None] == np.arange(1, arms + 1)).astype(np.int64)
    return np.concatenate([np.zeros((len(allocated), 1, arms), dtype=np.int64), here.cumsum(axis=1)], axis=1)


def imbalances(counts: Counts, ratio: tuple[int, ...]) -> Reals:
    """Over the last axis, the arms."""
    share = counts / np.array(ratio)
    return np.asarray(share.max(axis=-1) - share.min(axis=-1))


def diagnosed(allocated: Counts, certain: float, ratio: tuple[int, ...], seed: int) -> Diagnosis:
    """What allocations (trials x patients, arms from 1) were like; ``certain`` is the share that was certain before."""
    arms = len(ratio)
    counts = cumulated(allocated, arms)
    uneven = imbalances(counts[:, 1:], ratio)
    due = np.arange(1, allocated.shape[1] + 1)[None, :, None] * np.array(ratio) / sum(ratio)
    behind = due - counts[:, :-1]
    guesses = behind >= behind.max(axis=-1, keepdims=True) - 1e-9
    hit = np.take_along_axis(guesses, allocated[:, :, None] - 1, axis=2)[:, :, 0] / guesses.sum(axis=2)
    right = hit.mean(axis=1)
    trials = len(allocated)
    return Diagnosis(
        trials,
        seed,
        tuple(uneven.mean(axis=0).tolist()),
        tuple(uneven.max(axis=0).tolist()),
        float(uneven[:, -1].std()),
        float(right.mean()),
        float(right.std(ddof=1) / trials**0.5) if trials > 1 else 0.0,
        max(ratio) / sum(ratio),
        certain,
        tuple((counts[:, -1].mean(axis=0) / allocated.shape[1]).tolist()),
    )
