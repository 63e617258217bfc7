"""Permuted blocks, of one size or of sizes at random (Matts & Lachin 1988, Controlled Clinical Trials 9:327)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import design
from helmont.design.randomisation.diagnostics import Counts, Reals
from helmont.design.randomisation.restricted import Randomisation


@design
@dataclass(frozen=True)
class PermutedBlocks(Randomisation):
    """Each block has every arm as often as its ratio; its size is one of ``sizes``, each with the same chance."""

    sizes: tuple[int, ...] = (4,)

    def __post_init__(self) -> None:
        super().__post_init__()
        least = sum(self.parts)
        sizes = tuple(checking.count(f"sizes[{place}]", size, 1) for place, size in enumerate(self.sizes, start=1))
        if not sizes or any(size % least for size in sizes):
            raise DesignError("sizes", sizes, f"multiples of {least}, the sum of the ratio")
        object.__setattr__(self, "sizes", sizes)

    def allocate(self, uniform: Reals) -> tuple[Counts, Counts, float]:
        """The second uniform number of a block's first patient gives its size; a draw without replacement gives each arm."""
        trials, patients, _ = uniform.shape
        rows = np.arange(trials)
        parts = np.array(self.parts)
        sizes = np.array(self.sizes)
        left = np.zeros((trials, self.arms), dtype=np.int64)
        block = np.zeros(trials, dtype=np.int64)
        arms, blocks = np.zeros((2, trials, patients), dtype=np.int64)
        certain = 0
        for patient in range(patients):
            opens = left.sum(axis=1) == 0
            size = sizes[np.minimum((uniform[:, patient, 1] * len(sizes)).astype(np.int64), len(sizes) - 1)]
            left = np.where(opens[:, None], parts * (size // parts.sum())[:, None], left)
            block += opens
            certain += int(((left > 0).sum(axis=1) == 1).sum())
            place = uniform[:, patient, 0] * left.sum(axis=1)
            arm = (place[:, None] >= np.cumsum(left, axis=1)[:, :-1]).sum(axis=1)
            left[rows, arm] -= 1
            arms[:, patient], blocks[:, patient] = arm + 1, block
        return arms, blocks, certain / arms.size
