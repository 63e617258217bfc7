"""The heart: beats in electrocardiograms and pulse waves, intervals and their artefacts, heart rate and its variability.

Beats are found by ``helmont.signals.heart.ecg`` and ``.ppg``, which are not imported here: the first brings a compiler along.
"""

from __future__ import annotations

from helmont.signals.heart.beats import Beats
from helmont.signals.heart.intervals import ArtefactRule, Intervals, Kept, intervals_of, intervals_of_beats, kept
from helmont.signals.heart.rates import lowest_rate, mean_rate, rates_of
from helmont.signals.heart.variability import covered, mean_heart_rate, pnn50, resting_heart_rate, rmssd, sdnn

__all__ = [
    "ArtefactRule",
    "Beats",
    "Intervals",
    "Kept",
    "covered",
    "intervals_of",
    "intervals_of_beats",
    "kept",
    "lowest_rate",
    "mean_heart_rate",
    "mean_rate",
    "pnn50",
    "rates_of",
    "resting_heart_rate",
    "rmssd",
    "sdnn",
]
