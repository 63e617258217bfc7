"""Every design that has a page, by what it answers. Settings to begin with are those of ``reports.designs.examples``."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Family:
    """Designs that answer the same question."""

    name: str
    title: str | Promise
    lede: str | Promise
    kinds: tuple[str, ...]


FAMILIES = (
    Family(
        "dose",
        gettext_lazy("Dose finding"),
        gettext_lazy("Which dose the next cohort gets, and which dose is selected at the end."),
        ("Boin", "Keyboard", "Mtpi2", "Mtpi", "Tpi", "ThreePlusThree", "Crm", "Blrm", "TiteBoin", "TiteKeyboard", "TiteCrm",
         "BackfillBoin", "Boin12", "BoinCombination"),
    ),
    Family(
        "confirmatory",
        gettext_lazy("Confirmatory and adaptive"),
        gettext_lazy("When a trial may stop, how large it must be, and what it may change on the way."),
        ("GroupSequential", "Mams", "InverseNormal", "FisherCombination", "PromisingZone", "Reestimation", "ArmSelection",
         "Enrichment", "SimonTwoStage", "BinomialGroupSequential"),
    ),
    Family(
        "sizes",
        gettext_lazy("Sample size"),
        gettext_lazy("How many participants an endpoint needs."),
        ("Means", "Rates", "OneRate", "Survival", "Counts"),
    ),
    Family(
        "randomisation",
        gettext_lazy("Randomisation"),
        gettext_lazy("Who gets what: how balanced the arms become, and how well the next one can be guessed."),
        ("PermutedBlocks", "Minimisation", "BigStick", "EfronCoin", "Urn", "CompleteRandomisation", "ResponseAdaptive"),
    ),
    Family(
        "platform",
        gettext_lazy("Platform trials"),
        gettext_lazy("Arms that enter and leave, one control that they share."),
        ("PlatformTrial",),
    ),
    Family(
        "borrowing",
        gettext_lazy("Borrowing from history"),
        gettext_lazy("What earlier trials are worth in patients, and what it costs to trust them."),
        ("BorrowingTrial", "MapBinary", "MapNormal"),
    ),
)  # fmt: skip

TRIALS = {"BackfillBoin": 100}
"""Simulated trials to begin with where a trial takes long; 1,000 elsewhere."""


def family_of(kind: str) -> Family | None:
    """The family that a kind of design belongs to, None for one without a page."""
    return next((family for family in FAMILIES if kind in family.kinds), None)
