"""Heart beats in time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch, Values


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


def beats_in(signal: Signal, kinds: Collection[Kind], least: float, find: Callable[[Signal, Stretch], Values]) -> Beats:
    """The beats that ``find`` sees in each stretch, which gives them in samples (and parts of one) from its start.

    Raises ``SignalError`` for a channel of none of the kinds, for samples with a time each, and below ``least`` samples a second.
    """
    name = signal.channel.name
    if signal.channel.kind not in kinds:
        raise SignalError(name, f"a channel of {signal.channel.kind}", f"a channel of {next(iter(kinds))}")
    times, runs = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for run, stretch in enumerate(signal.stretches):
        if stretch.times is not None or SECOND / stretch.step < least:
            raise SignalError(name, "samples of another rate", f"at least {least:g} a second, evenly")
        found = stretch.start + np.rint(find(signal, stretch) * stretch.step).astype(np.int64)
        times.append(found)
        runs.append(np.full(len(found), run, np.int32))
    return Beats(np.concatenate(times), np.concatenate(runs))
