"""What a simulated device sends, and when: a function of the seed alone, so that a run can be repeated.

Each device has a clock of its own, which is off by up to a second at the beginning and goes too fast or too slow by a few
parts in a million. By that clock it cuts its samples into batches of so many minutes and numbers them. A batch falls due
when the device has all of it; faults change the order, the time and how often it is sent.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

MINUTE = 60 * SECOND
OFF = 500_000_000
"""Nanoseconds by which a clock may be off at the beginning, before or after."""
SHORTEST, LONGEST = 2.0, 45.0
"""Minutes for which a batch is held back."""
RESTARTING = 30, 1200
"""Seconds for which a device that restarts records nothing."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each goes wrong, as shares of batches from 0 to 1; ``drift`` in parts in a million at most.

    ``duplicates`` are sent again a while later, ``reorder`` after the batch that follows, ``delay`` much later; ``truncate``
    arrive cut off at first, and whole after they were refused; after ``restart`` of them the device restarts.
    """

    duplicates: float = 0.0
    reorder: float = 0.0
    delay: float = 0.0
    drift: float = 0.0
    truncate: float = 0.0
    restart: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            share, most = getattr(self, each.name), 1000.0 if each.name == "drift" else 1.0
            if not 0 <= share <= most:
                raise SignalError(each.name, share, f"from 0 to {most:g}")


@dataclass(frozen=True, slots=True)
class Clock:
    """A device's clock: at the true moment ``begin`` it shows ``begin + ahead``, and gains ``drift`` parts of what passes."""

    begin: int
    ahead: int
    drift: float

    def shows(self, true: int) -> int:
        return true + self.ahead + round((true - self.begin) * self.drift)

    def true(self, shown: int) -> int:
        """The moment at which it shows this, to the nanosecond."""
        return self.begin + round((shown - self.begin - self.ahead) / (1 + self.drift))


@dataclass(frozen=True, slots=True, order=True)
class Sending:
    """One time that a batch is sent: ``number`` of the device, samples from ``start`` until before ``end`` by its clock.

    ``due`` is the true moment in nanoseconds since 1970. ``cut`` is the share of the body that arrives, 1 for all of it;
    ``fresh``: the device has restarted before and connects anew.
    """

    due: int
    number: int
    channel: str
    start: int
    end: int
    cut: float = 1.0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """From ``begin`` until ``end``, true moments in nanoseconds since 1970, in batches of ``length`` nanoseconds."""

    begin: int
    end: int
    length: int = MINUTE


def clock_of(seed: int, device: int, timing: Timing, faults: Faults) -> Clock:
    """The clock of the device of this number. Whole milliseconds ahead, so that times can be told in them."""
    chance = random.Random(f"{seed} clock {device}")
    ahead = chance.randint(-OFF, OFF) // 1_000_000 * 1_000_000 if faults.drift else 0
    return Clock(timing.begin, ahead, chance.uniform(-faults.drift, faults.drift) / 1e6)


def plan(seed: int, device: int, channels: Sequence[Channel], timing: Timing, faults: Faults) -> Iterator[Sending]:
    """Everything that a device sends, in the order of time; made as it is asked for.

    It records since before ``timing.begin``: its first batch falls due at some moment of the first ``timing.length``.
    """
    clock = clock_of(seed, device, timing, faults)
    chance = random.Random(f"{seed} faults {device}")
    waiting: list[Sending] = []
    phase = chance.randrange(timing.length // 1_000_000) * 1_000_000
    start, number, fresh = timing.begin + clock.ahead + phase - timing.length, 0, False
    last = clock.shows(timing.end)
    while start < last:
        end = min(start + timing.length, last)
        due = clock.true(end)
        while waiting and waiting[0].due < due:
            yield heapq.heappop(waiting)
        for channel in channels:
            for sending in _sendings(
                chance, Sending(due, number, channel.name, start, end, fresh=fresh), timing, faults
            ):
                heapq.heappush(waiting, sending)
        fresh = chance.random() < faults.restart
        after = end + (chance.randint(*RESTARTING) * SECOND if fresh else 0)
        if fresh:  # it does not know whether its last batch arrived, and sends that again
            for channel in channels:
                heapq.heappush(waiting, Sending(clock.true(after), number, channel.name, start, end, fresh=True))
        start, number = after, number + 1
    while waiting:
        yield heapq.heappop(waiting)


def _sendings(chance: random.Random, whole: Sending, timing: Timing, faults: Faults) -> Iterator[Sending]:
    """The times that one batch is sent."""
    due = whole.due
    if chance.random() < faults.reorder:
        due += timing.length + timing.length // 2
    if chance.random() < faults.delay:
        due += round(chance.uniform(SHORTEST, LONGEST) * MINUTE)
    if chance.random() < faults.truncate:
        yield _at(whole, due, chance.uniform(0.05, 0.95))
        due += 1
    yield _at(whole, due)
    while chance.random() < faults.duplicates:
        due += round(chance.uniform(0, LONGEST) * MINUTE)
        yield _at(whole, due)


def _at(sending: Sending, due: int, cut: float = 1.0) -> Sending:
    return replace(sending, due=due, cut=cut)
