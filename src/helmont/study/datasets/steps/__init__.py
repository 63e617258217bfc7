"""The words of the vocabulary, by what they are about. Importing this package registers them all."""

from helmont.study.datasets.steps import (
    assigning,
    collecting,
    findings,
    joining,
    relating,
    timing,
    trial_design,
    visits,
)
from helmont.study.datasets.vocabulary import STEPS

__all__ = ["STEPS", "assigning", "collecting", "findings", "joining", "relating", "timing", "trial_design", "visits"]
