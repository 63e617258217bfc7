"""The words of the vocabulary, by what they are about. Importing this package registers them all."""

from helmont.study.datasets.steps import (
    assigning,
    baselines,
    categories,
    collecting,
    exposure,
    findings,
    flags,
    imputing,
    joining,
    parameters,
    pooling,
    relating,
    time_to_event,
    timing,
    trial_design,
    visits,
    windows,
)
from helmont.study.datasets.vocabulary import STEPS

__all__ = [
    "STEPS",
    "assigning",
    "baselines",
    "categories",
    "collecting",
    "exposure",
    "findings",
    "flags",
    "imputing",
    "joining",
    "parameters",
    "pooling",
    "relating",
    "time_to_event",
    "timing",
    "trial_design",
    "visits",
    "windows",
]
