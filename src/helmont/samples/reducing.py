"""A participant's day of a channel, reduced to what endpoints are computed from; and what calibrations of devices rest on.

Functions of one partition, which run wherever ``map_partitions`` takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from helmont.samples.mapping import Part
from helmont.samples.parquet import DAY, Stream
from helmont.samples.view import View
from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints.partition import MARGIN, Partial, joined, partition
from helmont.signals.errors import SignalError
from helmont.signals.levels import HOUR
from helmont.signals.recording import Signal, Stretch, Values

if TYPE_CHECKING:
    from helmont.signals.epochs import Calibration

WRIST = ("wrist",)


@dataclass(frozen=True)
class Known:
    """What is known of a participant's day beside its samples.

    By the number of a stream: where the device was worn, and its calibration if there is one. ``warmth`` is the participant's
    channel of temperature.
    """

    placements: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    calibrations: Mapping[int, Calibration] = field(default_factory=dict)
    warmth: str | None = None


@dataclass(frozen=True)
class Reduced:
    """The parts of a channel's day, None where it cannot be read (``refused`` says why).

    Of so many samples (``rows``), in these hours since 1970.
    """

    partial: Partial | None
    rows: int
    hours: tuple[int, ...] = ()
    refused: str = ""


def reduced(part: Part, known: Known) -> Reduced:
    """The parts of the day; each stretch of time from the device that the participant wore then, by its own calibration.

    Raises ``SignalError`` for a damaged file; a channel that no endpoint can be computed from is told as refused.
    """
    start, end = part.partition.span
    found = [(stream, view) for stream, view in part.views(MARGIN, MARGIN) if len(view.signal)]
    if not found:
        return Reduced(None, 0)
    channel = found[0][1].signal.channel
    moving = channel.kind is Kind.ACCELERATION
    beside = _warmth(part, known.warmth) if moving and known.warmth else {}
    partials: list[Partial] = []
    rows, refused = 0, ""
    hours: set[int] = set()
    for begin, upto, number, signal in _pieces(found, start, end):
        own = signal.between(begin, upto)
        if not len(own):
            continue
        rows += len(own)
        hours.update(hour for stretch in own.stretches for hour in _hours(stretch))
        used = {channel.name: known.calibrations[number]} if number in known.calibrations else {}
        placements = known.placements.get(number, WRIST)
        try:
            whole = partition({channel.name: signal, **beside}, begin, upto, used, placements)
        except SignalError as fault:
            refused = str(fault)
            continue
        parts = {name: each for name, each in whole.parts.items() if name == channel.name}
        partials.append(Partial(begin, upto, {channel.name: channel.kind}, parts))
    parts = dict(joined(partials).parts) if partials else {}
    partial = Partial(start, end, {channel.name: channel.kind}, parts) if partials else None
    return Reduced(partial, rows, tuple(sorted(hours)), refused)


def silent(channel: Channel, spans: Sequence[tuple[int, int, int]], day: int, known: Known) -> Partial | None:
    """The parts of a day (since 1970) on which a device was worn that sent nothing; None when none was worn.

    ``spans`` say from when until when which stream counts.
    """
    there = (
        (max(start, day * DAY), min(end, (day + 1) * DAY), number)
        for start, end, number in spans
        if start < (day + 1) * DAY and end > day * DAY
    )
    start, end, number = min(there, default=(0, 0, 0))
    if start == end:
        return None
    try:
        return partition({channel.name: Signal(channel, ())}, start, end, {}, known.placements.get(number, WRIST))
    except SignalError:
        return None


def _pieces(found: Sequence[tuple[Stream, View]], start: int, end: int) -> Iterator[tuple[int, int, int, Signal]]:
    """From when until when which stream counts, and its samples; streams of which two count at once are read as one."""
    pieces = sorted(
        (max(begin, start), min(upto, end), stream.number, place)
        for place, (stream, view) in enumerate(found)
        for begin, upto in view.spans
        if begin < end and upto > start
    )
    if any(after[0] < before[1] for before, after in pairwise(pieces)):
        yield start, end, found[-1][0].number, _together([view.signal for _, view in found])
        return
    for begin, upto, number, place in pieces:
        yield begin, upto, number, found[place][1].signal


def _together(signals: Sequence[Signal]) -> Signal:
    stretches = sorted((each for signal in signals for each in signal.stretches), key=lambda each: each.start)
    return Signal(signals[0].channel, tuple(stretches), signals[0].scale, signals[0].offset)


def _warmth(part: Part, channel: str) -> dict[str, Signal]:
    """The temperature of the day, under its channel; nothing where there is none."""
    views = replace(part, partition=replace(part.partition, channel=channel)).views()
    signals = [view.signal for _, view in views if len(view.signal)]
    return {channel: _together(signals)} if signals else {}


def _hours(stretch: Stretch) -> Iterator[int]:
    """The hours since 1970 that have samples of the stretch."""
    if stretch.times is None and stretch.step <= HOUR:
        yield from range(stretch.start // HOUR, stretch.last // HOUR + 1)
    else:
        yield from np.unique(stretch.moments() // HOUR).tolist()


def still(part: Part) -> dict[int, Values]:
    """Of each device of the participant, by stream: its windows without movement of the day, whoever wore it.

    They are found in buckets of 5 seconds to the precision of a float32, as a server keeps them, of shape (windows, 3).
    Raises ``SignalError`` for a damaged file.
    """
    from helmont.signals import levels
    from helmont.signals.motion.calibration import still_windows

    mine = tuple(replace(each, worn=()) for each in part.corrections if each.participant == part.partition.participant)
    found: dict[int, Values] = {}
    for stream, view in replace(part, corrections=mine).views():
        if not len(view.signal):
            continue
        try:
            table = levels.epochs_of(levels.fine(view.signal), view.signal.channel)
        except SignalError:  # too slow to be calibrated
            continue
        found[stream.number] = still_windows(table)[0]
    return found


def fitted(days: Sequence[Values]) -> Calibration | None:
    """The calibration by the windows without movement of some days; None where there are too few of them."""
    from helmont.signals.motion.calibration import calibrated

    points = np.concatenate(days)
    found = calibrated(points, np.full(len(points), np.nan))
    return found.calibration if found.done else None
