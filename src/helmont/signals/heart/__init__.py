"""The heart: beats in electrocardiograms and pulse waves, intervals and their artefacts, heart rate and its variability."""

from __future__ import annotations

from helmont.signals.heart.beats import Beats
from helmont.signals.heart.ecg import ecg_beats
from helmont.signals.heart.intervals import ArtefactRule, Intervals, Kept, intervals_of, intervals_of_beats, kept
from helmont.signals.heart.ppg import ppg_beats
from helmont.signals.heart.rates import lowest_rate, mean_rate, rates_of
from helmont.signals.heart.variability import covered, mean_heart_rate, pnn50, resting_heart_rate, rmssd, sdnn

__all__ = [
    "ArtefactRule",
    "Beats",
    "Intervals",
    "Kept",
    "covered",
    "ecg_beats",
    "intervals_of",
    "intervals_of_beats",
    "kept",
    "lowest_rate",
    "mean_heart_rate",
    "mean_rate",
    "pnn50",
    "ppg_beats",
    "rates_of",
    "resting_heart_rate",
    "rmssd",
    "sdnn",
]
