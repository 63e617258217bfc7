"""Intervals between heart beats, and which of them are artefacts or ectopic.

Rules, both by default. *Range*: an interval is from 300 to 2000 ms long, that is 200 to 30 beats a minute. *Difference*: it
differs from the one just before by at most 20 % of that (Malik M and others 1989, European Heart Journal 10:1060-1074).
What does not hold is left out, never altered; the share that was left out goes with every result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.heart.beats import Beats
from helmont.signals.recording import Nanoseconds, Signal, Values

MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Intervals in order of time, each an entry of three arrays of shape (intervals,).

    ``ends`` is when the interval ended, ``milliseconds`` its length, and ``follows`` whether it began where the one before ended.
    """

    ends: Nanoseconds
    milliseconds: Values
    follows: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if not self.ends.shape == self.milliseconds.shape == self.follows.shape or self.ends.ndim != 1:
            shapes = f"{self.ends.shape}, {self.milliseconds.shape}, {self.follows.shape}"
            raise SignalError("intervals", f"arrays of shape {shapes}", "one end, length and connection for each")

    def __len__(self) -> int:
        return len(self.ends)

    @classmethod
    def none(cls) -> Intervals:
        """No intervals at all."""
        return cls(np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))

    def between(self, start: int, end: int) -> Intervals:
        """The intervals that end from ``start`` until before ``end``."""
        first, last = np.searchsorted(self.ends, [start, end], side="left")
        return Intervals(self.ends[first:last], self.milliseconds[first:last], self.follows[first:last])


def intervals_of_beats(beats: Beats) -> Intervals:
    """The times from beat to beat within each run."""
    one_run = beats.runs[1:] == beats.runs[:-1]
    lengths = np.diff(beats.times) / MILLISECOND
    follows = np.concatenate([[False], one_run[:-1]])[: len(one_run)]
    return Intervals(beats.times[1:][one_run], lengths[one_run], follows[one_run])


def intervals_of(signal: Signal) -> Intervals:
    """The intervals of a channel that has them. Raises ``SignalError`` for a channel of another kind.

    Devices send several at one time, with the time of sending. Intervals of one time follow each other; the first of them follows
    the last of the time before unless more time has passed between than all of them together and half of their mean.
    """
    if signal.channel.kind is not Kind.INTERBEAT_INTERVAL:
        raise SignalError(signal.channel.name, f"a channel of {signal.channel.kind}", "a channel of interbeat_interval")
    times, values = signal.whole()
    lengths = values[:, 0] * signal.channel.quantity.factor
    if not len(times):
        return Intervals.none()
    firsts = np.flatnonzero(np.concatenate([[True], times[1:] > times[:-1]]))
    together, count = np.add.reduceat(lengths, firsts), np.diff(np.append(firsts, len(times)))
    passed = np.diff(times[firsts]) / MILLISECOND
    follows = np.ones(len(times), np.bool_)
    follows[firsts] = np.concatenate([[False], passed <= together[1:] + 0.5 * together[1:] / count[1:]])
    return Intervals(times, lengths, follows)


@dataclass(frozen=True, slots=True)
class ArtefactRule:
    """Which intervals are kept: ``shortest`` to ``longest`` milliseconds, and at most ``difference`` from the one before.

    ``difference`` is a share of the interval before; None leaves that rule out.
    """

    shortest: float = 300.0
    longest: float = 2000.0
    difference: float | None = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.shortest < self.longest:
            raise SignalError("range", f"{self.shortest} to {self.longest} ms", "above 0, the shorter one first")
        if self.difference is not None and not self.difference > 0:
            raise SignalError("difference", self.difference, "above 0, or none")

    def keeps(self, intervals: Intervals) -> NDArray[np.bool_]:
        """Which intervals are kept. The first after an interruption has none before it, so that only the range holds."""
        lengths = intervals.milliseconds
        kept: NDArray[np.bool_] = (lengths >= self.shortest) & (lengths <= self.longest)
        if self.difference is not None and len(lengths):
            before = np.concatenate([lengths[:1], lengths[:-1]])
            kept &= ~intervals.follows | (np.abs(lengths - before) <= self.difference * before)
        return kept


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a rule kept: the lengths, the differences between neighbours that were both kept, and the share removed.

    Lengths and differences are in milliseconds; ``ends`` is when each kept one ended; ``removed`` is a percentage, NaN
    when there were no intervals.
    """

    ends: Nanoseconds
    lengths: Values
    differences: Values
    removed: float


def kept(intervals: Intervals, rule: ArtefactRule) -> Kept:
    """The intervals that the rule keeps."""
    keeps = rule.keeps(intervals)
    pairs = keeps[1:] & keeps[:-1] & intervals.follows[1:]
    removed = 100 * float(np.count_nonzero(~keeps)) / len(keeps) if len(keeps) else float("nan")
    return Kept(intervals.ends[keeps], intervals.milliseconds[keeps], np.diff(intervals.milliseconds)[pairs], removed)
