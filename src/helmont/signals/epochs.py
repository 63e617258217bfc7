"""The layer of 5-second epochs: what days, dashboards and most endpoints of movement are computed from.

Epochs begin at whole 5 seconds of the clock (UTC), whatever the recording's start. A table is made of one signal or of several
pieces of it (``merge``), and is the same to the last bit however the recording was cut up: the samples of an epoch that may
still miss some are kept (``Epochs.loose``), and the epoch is folded again when the others are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from helmont.signals.channels import Kind
from helmont.signals.errors import SignalError
from helmont.signals.folding import EPOCH, whole
from helmont.signals.gathering import Affine, Gathering, Warmth, joined
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Values
from helmont.signals.temperature import temperatures

if TYPE_CHECKING:
    import polars

Three = tuple[float, float, float]

Spans = Sequence[tuple[int, int]]
"""Spans of time: each from its first nanosecond until before its second."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Acceleration of an axis in g is ``gain * measured + offset + slope * (temperature - reference)``.

    ``slope`` is in g per degree Celsius. The default changes nothing.
    """

    gain: Three = (1.0, 1.0, 1.0)
    offset: Three = (0.0, 0.0, 0.0)
    slope: Three = (0.0, 0.0, 0.0)
    reference: float = 0.0


UNCALIBRATED = Calibration()


@dataclass(frozen=True, eq=False)
class Epochs:
    """A table of epochs in order of time, only those with at least one sample; or, ``regular``, all of a window.

    ``start`` in nanoseconds since 1970; ``samples`` how many there were; ``mean``, ``sd`` (of the sample), ``low`` and ``high``
    of shape (epochs, 3) in g; ``enmo``, ``enmoa`` and ``mad`` in mg; ``angle`` of the z-axis to the horizontal in degrees;
    ``temperature`` in degrees Celsius, NaN where unknown. ENMO is the mean of max(0, norm - 1 g) (van Hees et al. 2013, PLoS
    ONE 8:e61691), ENMOa that of abs(norm - 1 g) (Esliger et al. 2011, Med Sci Sports Exerc 43:1085), MAD the mean distance of
    the norm from its mean in the epoch (Vähä-Ypyä et al. 2015, Clin Physiol Funct Imaging 35:64).
    """

    start: Nanoseconds
    samples: NDArray[np.int32]
    mean: Values
    sd: Values
    low: Values
    high: Values
    enmo: Values
    enmoa: Values
    mad: Values
    angle: Values
    temperature: Values
    loose: Signal
    calibration: Calibration = UNCALIBRATED

    def __len__(self) -> int:
        return len(self.start)

    @property
    def expected(self) -> float:
        """How many samples an epoch has: by the channel's rate or, when it has none, as most epochs here have."""
        if self.loose.channel.rate is not None:
            return self.loose.channel.rate * EPOCH / SECOND
        counted = self.samples[self.samples > 0]
        return float(np.median(counted)) if len(counted) else 1.0

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which epochs have at least half the samples expected: the others say too little and count as missing."""
        return np.asarray(self.samples >= self.expected / 2)

    def __getitem__(self, chosen: slice | NDArray[Any]) -> Epochs:
        """Some of the epochs, by a slice, numbers or a mask."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in TABLE})

    def between(self, start: int, end: int) -> Epochs:
        """The epochs that begin at ``start`` or later and before ``end``."""
        first, last = np.searchsorted(self.start, [start, end], side="left")
        return self[first:last]

    def outside(self, spans: Spans) -> Epochs:
        """The epochs of which no moment lies in a span, such as one in which the device was not worn."""
        kept = np.ones(len(self), np.bool_)
        for start, end in spans:
            kept &= (self.start + EPOCH <= start) | (self.start >= end)
        return self[kept]

    def regular(self, start: int, end: int) -> Epochs:
        """Every epoch that begins from ``start`` until before ``end``: those without samples have 0 of them and NaN."""
        begins = np.arange(-(-start // EPOCH), -(-end // EPOCH), dtype=np.int64) * EPOCH
        here = self.between(start, end)
        at = (here.start - (begins[0] if len(begins) else 0)) // EPOCH
        columns: dict[str, Any] = {"start": begins}
        for name in TABLE[1:]:
            column = getattr(here, name)
            empty = 0 if name == "samples" else np.nan
            columns[name] = np.full((len(begins), *column.shape[1:]), empty, column.dtype)
            columns[name][at] = column
        return replace(self, **columns)

    def frame(self) -> polars.DataFrame:
        """A table for dashboards and files: a column of each axis, the start as a time in UTC."""
        import polars

        columns: dict[str, Any] = {"start": polars.Series(self.start).cast(polars.Datetime("ns", "UTC"))}
        for name in TABLE[1:]:
            column = getattr(self, name)
            if column.ndim == 1:
                columns[name] = column
            else:
                columns |= {f"{name}_{axis}": column[:, i] for i, axis in enumerate("xyz")}
        return polars.DataFrame(columns)


TABLE = ("start", "samples", "mean", "sd", "low", "high", "enmo", "enmoa", "mad", "angle", "temperature")
"""The columns of a table of epochs."""


def epochs(signal: Signal, calibration: Calibration = UNCALIBRATED, temperature: Signal | None = None) -> Epochs:
    """The epochs of a signal of acceleration, with the temperature measured beside it, if any.

    An epoch's temperature is the mean of its samples, or lies on the line between those around it. Memory beside the signal is
    that of the table and some hundred megabytes at most, whatever its length. Raises ``SignalError`` for a channel that is no
    acceleration, or a temperature that is none.
    """
    if signal.channel.kind is not Kind.ACCELERATION:
        raise SignalError(signal.channel.name, signal.channel.kind, "a channel of acceleration")
    if temperature is not None and temperature.channel.kind is not Kind.TEMPERATURE:
        raise SignalError(temperature.channel.name, temperature.channel.kind, "a channel of temperature")
    gathering = Gathering(signal, _warmth(temperature), _affine(signal, calibration))
    for stretch in joined(each for each in signal.stretches if len(each)):
        for piece in whole(stretch, SECOND):
            gathering.add(piece)
    return _table(gathering, calibration)


def merge(parts: Sequence[Epochs], temperature: Signal | None = None) -> Epochs:
    """One table of tables made from pieces of one recording, in any order, no sample in two of them.

    An epoch that was cut is folded again from all its samples, with ``temperature`` or, when that is not given, the mean of its
    pieces' temperatures by their samples. Raises ``SignalError`` when there are no parts, when they differ in channel, scale or
    calibration, or when an epoch that is complete in one part has samples in another.
    """
    if not parts:
        raise SignalError("parts", 0, "at least one table of epochs")
    loose, calibration = parts[0].loose, parts[0].calibration
    if any(_made_with(each) != _made_with(parts[0]) for each in parts):
        raise SignalError(
            loose.channel.name, "parts of other channels, scales or calibrations", "pieces of one recording"
        )
    pieces = sorted((piece for each in parts for piece in each.loose.stretches), key=lambda piece: piece.start)
    together = replace(loose, stretches=tuple(pieces))
    everything = _concatenated([replace(each, loose=together) for each in parts])
    warmth = _warmth(temperature) if temperature is not None else _pooled(everything)
    known = (everything.start // EPOCH).tolist()
    gathering = Gathering(together, warmth, _affine(together, calibration), known)
    for piece in pieces:
        gathering.add(piece)
    again = _table(gathering, calibration)
    complete = everything[~np.isin(everything.start, again.start)]
    merged = _concatenated([complete, again])
    if len(np.unique(merged.start)) < len(merged) or merged.samples.sum() != everything.samples.sum():
        raise SignalError(
            loose.channel.name, "samples of an epoch that is complete elsewhere", "each sample in one part"
        )
    return merged[np.argsort(merged.start)]


def together(parts: Sequence[Epochs]) -> Epochs:
    """One table of tables of one channel whose devices or calibrations differ, such as those of one day each.

    Where the clock's pace was corrected or a device was changed, an epoch may be in two of them: the one of more samples stays.
    What was cut stays cut. Raises ``SignalError`` when there are no parts, or two channels.
    """
    if not parts:
        raise SignalError("parts", 0, "at least one table of epochs")
    first = parts[0]
    if any(each.loose.channel != first.loose.channel for each in parts):
        raise SignalError(first.loose.channel.name, "parts of other channels", "tables of one channel")
    apart = [replace(each, loose=replace(first.loose, stretches=())) for each in parts]
    everything = _concatenated(apart)
    order = np.lexsort((-everything.samples, everything.start))
    starts = everything.start[order]
    return everything[order[np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))]]


def alike(parts: Sequence[Epochs]) -> bool:
    """Whether tables can be pieces of one recording: of one channel, scale and calibration."""
    return all(_made_with(each) == _made_with(parts[0]) for each in parts)


def _made_with(table: Epochs) -> tuple[object, ...]:
    """What tables must have in common to be of one recording."""
    return table.loose.channel, table.loose.scale, table.loose.offset, table.calibration


def _concatenated(tables: Sequence[Epochs]) -> Epochs:
    """The rows of all; the loose samples are those of the last."""
    columns: dict[str, Any] = {name: np.concatenate([getattr(each, name) for each in tables]) for name in TABLE}
    return replace(tables[-1], **columns)


def _pooled(table: Epochs) -> Warmth:
    """The mean temperature of pieces of epochs, by their samples."""

    def warmth(begins: Nanoseconds) -> Values:
        known = np.isfinite(table.temperature)
        starts, at = np.unique(table.start[known], return_inverse=True)
        weights = np.bincount(at, table.samples[known], len(starts))
        degrees = np.bincount(at, table.samples[known] * table.temperature[known], len(starts)) / weights
        found = np.full(len(begins), np.nan)
        _, here, there = np.intersect1d(begins, starts, return_indices=True)
        found[here] = degrees[there]
        return found

    return warmth


def _warmth(temperature: Signal | None) -> Warmth:
    if temperature is None:
        return lambda begins: np.full(len(begins), np.nan)
    return lambda begins: temperatures(temperature, begins, EPOCH)


def _affine(signal: Signal, calibration: Calibration) -> Affine:
    """Counts to g, by the signal's scale and unit and the calibration."""
    quantity = signal.channel.quantity
    gain = np.array(calibration.gain) * quantity.factor * np.array(signal.scale)
    measured = quantity.factor * np.array(signal.offset) + quantity.shift
    shift = np.array(calibration.gain) * measured + np.array(calibration.offset)

    def affine(temperature: Values) -> tuple[Values, Values]:
        if not any(calibration.slope):
            return gain, shift[None, :]
        warmer = np.nan_to_num(temperature - calibration.reference, nan=0.0)
        return gain, shift + warmer[:, None] * np.array(calibration.slope)

    return affine


def _table(gathering: Gathering, calibration: Calibration) -> Epochs:
    numbers, samples, temperature, rows = gathering.table()
    mean, sd, low, high = (np.ascontiguousarray(rows[:, 3 * i : 3 * i + 3]) for i in range(4))
    enmo, enmoa, mad, angle = (np.ascontiguousarray(rows[:, i]) for i in (12, 13, 14, 15))
    loose = replace(gathering.signal, stretches=tuple(gathering.loose))
    return Epochs(
        numbers * EPOCH, samples, mean, sd, low, high, enmo, enmoa, mad, angle, temperature, loose, calibration
    )
