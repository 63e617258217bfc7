"""Beats in a pulse wave (photoplethysmogram, or arterial pressure): Elgendi M and others 2013, PLOS ONE 8:e76585.

The signal is band-passed from 0.5 to 8 Hz, what lies below zero is cut off, and the rest squared. A systolic wave is where
the mean over 111 ms exceeds the mean over 667 ms by 2 % of the mean square, for 111 ms at least; its beat is the highest
point of the band-passed signal in it. The mean square is that of the minute around, not of the whole recording, so that a
movement at one time hides no beats at another. Of beats within 300 ms the higher one stays.
"""

from __future__ import annotations

import numpy as np

from helmont.signals.channels import Kind
from helmont.signals.heart.beats import Beats, beats_in
from helmont.signals.heart.chunks import averaged, chunks, filtered, sections
from helmont.signals.recording import SECOND, Signal, Stretch, Values

LEAST_RATE = 20.0
SHORTEST = 5.0
BETA, PEAK, BEAT, APART = 0.02, 0.111, 0.667, 0.3


def ppg_beats(signal: Signal) -> Beats:
    """The beats of a pulse wave that rises with the pulse. Stretches shorter than 5 s have none.

    Raises ``SignalError`` for a channel of another kind, for samples with a time each, and below 20 samples a second.
    """
    return beats_in(signal, (Kind.PPG, Kind.BLOOD_PRESSURE), LEAST_RATE, _beats_of)


def _beats_of(signal: Signal, stretch: Stretch) -> Values:
    """Where the beats of one stretch are, in samples and parts of one from its start."""
    rate = SECOND / stretch.step
    found = [np.empty(0)]
    for first, begin, end, values in chunks(signal, stretch, SHORTEST):
        peaks = _peaks(values, rate)
        found.append(peaks[(peaks >= begin) & (peaks < end)] + first)
    moments = np.concatenate(found)
    return moments[np.diff(moments, prepend=-np.inf) > APART * rate]


def _peaks(values: Values, rate: float) -> Values:
    wave = filtered(values, sections("bandpass", (0.5, min(8.0, 0.45 * rate)), rate))
    energy = np.maximum(wave, 0.0) ** 2
    threshold = averaged(energy, round(BEAT * rate)) + BETA * averaged(energy, round(60 * rate))
    inside = averaged(energy, round(PEAK * rate)) > threshold
    edges = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    wide = ends - starts >= max(round(PEAK * rate), 1)
    starts, ends = starts[wide], ends[wide]
    if not len(starts):
        return np.empty(0)
    tops = np.array([start + int(wave[start:end].argmax()) for start, end in zip(starts, ends, strict=True)])
    kept = _higher(tops, wave[tops], APART * rate)
    tops = np.clip(tops[kept], 1, len(wave) - 2)
    before, top, after = wave[tops - 1], wave[tops], wave[tops + 1]
    bend = before - 2 * top + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
    moments: Values = tops + np.clip(shift, -0.5, 0.5)
    return moments


def _higher(moments: Values, heights: Values, apart: float) -> list[int]:
    """Of peaks closer than ``apart`` the higher one, from left to right."""
    kept: list[int] = []
    for number in range(len(moments)):
        if kept and moments[number] - moments[kept[-1]] < apart:
            if heights[number] > heights[kept[-1]]:
                kept[-1] = number
        else:
            kept.append(number)
    return kept
