"""How beats that were found agree with those that are true."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Agreement(NamedTuple):
    """Beats found, true beats that were not, beats found that are none, and the distances (seconds) of those found."""

    found: int
    missed: int
    false: int
    distances: NDArray[np.float64]

    @property
    def sensitivity(self) -> float:
        return self.found / (self.found + self.missed)

    @property
    def predictivity(self) -> float:
        return self.found / (self.found + self.false)


def agreement(true: NDArray[np.float64], found: NDArray[np.float64], within: float) -> Agreement:
    """Each true beat with the nearest beat found within so many seconds; a beat found counts once. All in seconds, sorted."""
    taken: set[int] = set()
    distances = []
    for moment in true:
        near = int(np.searchsorted(found, moment))
        best = min(
            (n for n in (near - 1, near) if 0 <= n < len(found)), key=lambda n: abs(found[n] - moment), default=-1
        )
        if best >= 0 and best not in taken and abs(found[best] - moment) <= within:
            taken.add(best)
            distances.append(found[best] - moment)
    return Agreement(len(taken), len(true) - len(taken), len(found) - len(taken), np.array(distances))
