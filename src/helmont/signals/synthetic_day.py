"""Days of a person who wears a device, made up from a seed: when they sleep, sit, move about, walk, run and take it off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from helmont.signals.recording import SECOND

MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND


class State(IntEnum):
    """What the person does with the device."""

    OFF = 0
    SLEEP = 1
    SIT = 2
    LIGHT = 3
    WALK = 4
    RUN = 5


@dataclass(frozen=True, slots=True)
class Phase:
    """From ``start`` until before ``end`` (nanoseconds since 1970) one state; ``cadence`` in steps a minute, 0 at rest."""

    start: int
    end: int
    state: State
    cadence: float = 0.0

    @property
    def steps(self) -> float:
        """How many steps are taken, the last one in part."""
        return (self.end - self.start) / MINUTE * self.cadence


Phases = tuple[Phase, ...]


def synthetic_days(seed: int, start: int, end: int, zone: int = 0) -> Phases:
    """The phases of a window, one after the other; days are those of a clock ``zone`` nanoseconds before UTC.

    Each day depends on the seed and its date alone: windows of the same person fit together.
    """
    phases = whole_days(seed, start, end, zone)
    cut = (Phase(max(each.start, start), min(each.end, end), each.state, each.cadence) for each in phases)
    return tuple(each for each in cut if each.start < each.end)


def whole_days(seed: int, start: int, end: int, zone: int = 0) -> Phases:
    """The phases of all days, from noon to noon, that have a part in a window."""
    first, last = (start + zone - DAY // 2) // DAY, (end - 1 + zone - DAY // 2) // DAY
    return tuple(each for day in range(first, last + 1) for each in _day(seed, day, day * DAY + DAY // 2 - zone))


def spans_of(phases: Phases, state: State) -> tuple[tuple[int, int], ...]:
    """The spans of a state, those that touch taken together."""
    spans: list[tuple[int, int]] = []
    for each in phases:
        if each.state is state:
            if spans and spans[-1][1] == each.start:
                spans[-1] = (spans[-1][0], each.end)
            else:
                spans.append((each.start, each.end))
    return tuple(spans)


def steps_during(phases: Phases, start: int, end: int) -> float:
    """How many steps are taken in a window."""
    inside = ((min(each.end, end) - max(each.start, start), each.cadence) for each in phases)
    return sum(max(length, 0) / MINUTE * cadence for length, cadence in inside)


def _day(seed: int, number: int, noon: int) -> list[Phase]:
    """From noon to noon, in whole seconds: an afternoon, a night with times awake, a morning."""
    random = np.random.default_rng((seed, number))
    asleep = noon + _seconds(random.normal(11.0, 0.5), 9.5, 12.5)
    awake = asleep + _seconds(random.normal(7.6, 0.6), 6.0, 9.5)
    phases = _waking(random, noon, asleep, off=bool(random.random() < 0.4))
    at = asleep
    for share in np.sort(random.uniform(0.1, 0.9, random.integers(1, 4))):
        up = asleep + int(share * (awake - asleep)) // SECOND * SECOND
        length = int(random.integers(2, 10)) * MINUTE
        if up > at + 20 * MINUTE and up + length < awake - 20 * MINUTE:
            phases += [Phase(at, up, State.SLEEP), Phase(up, up + length, State.LIGHT)]
            at = up + length
    phases.append(Phase(at, awake, State.SLEEP))
    return phases + _waking(random, awake, noon + DAY, off=False)


def _waking(random: np.random.Generator, start: int, end: int, *, off: bool) -> list[Phase]:
    """Sitting, moving about, walking and running in turn; with ``off`` the device lies somewhere for some hours."""
    phases: list[Phase] = []
    at = start
    away = start + int(random.uniform(0.2, 0.5) * (end - start)) if off else end
    while at < end:
        if off and at >= away:
            until, off = at + _seconds(random.uniform(1.5, 3.5), 1.5, 3.5), False
            phases.append(Phase(at, min(until, end), State.OFF))
        else:
            state = State(random.choice([2, 2, 2, 3, 3, 4, 4, 5], p=[0.15, 0.15, 0.15, 0.15, 0.15, 0.115, 0.115, 0.02]))
            shortest, longest = {2: (5, 45), 3: (2, 20), 4: (1, 15), 5: (10, 25)}[int(state)]
            cadence = {4: float(random.uniform(85, 125)), 5: float(random.uniform(150, 170))}.get(int(state), 0.0)
            until = at + int(random.integers(shortest * 60, longest * 60)) * SECOND
            phases.append(Phase(at, min(until, end), state, round(cadence, 1)))
        at = until
    return phases


def _seconds(hours: float, least: float, most: float) -> int:
    """Hours as nanoseconds, in whole seconds."""
    return int(min(max(hours, least), most) * 3600) * SECOND
