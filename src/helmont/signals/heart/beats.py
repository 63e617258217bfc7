"""Heart beats in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.recording import Nanoseconds


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """``times`` of shape (beats,), increasing; ``runs`` numbers the stretch that each beat was found in.

    Between beats of different runs the recording was interrupted, so that the time between them is no interval.
    """

    times: Nanoseconds
    runs: NDArray[np.int32]

    def __post_init__(self) -> None:
        if self.times.shape != self.runs.shape or self.times.ndim != 1:
            raise SignalError("beats", f"{self.times.shape} times, {self.runs.shape} runs", "one run for every time")
        if np.any(np.diff(self.times) <= 0):
            raise SignalError("beats", "a beat that is not after the one before", "increasing times")

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def none(cls) -> Beats:
        """No beats at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int32))

    def between(self, start: int, end: int) -> Beats:
        """The beats from ``start`` until before ``end``."""
        first, last = np.searchsorted(self.times, [start, end], side="left")
        return Beats(self.times[first:last], self.runs[first:last])
