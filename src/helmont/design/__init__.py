"""Trial designs: one declared object enumerates, simulates and executes a design.

A design is a frozen dataclass whose fields are its settings (``declared``); what it answers are small typed results (``results``)
with ``to_dict()`` and ``frame()``. Doses, stages and arms are counted from 1, as papers and protocols count them. Only numpy and
scipy.special are loaded with it, so that the first answer comes at once.
"""

from helmont.design.borrowing.predictive import MapBinary, MapNormal
from helmont.design.borrowing.trial import BorrowingTrial
from helmont.design.checking import DesignError
from helmont.design.confirmatory.adaptive.closed import bonferroni, closed_test, dunnett, nested_populations, simes
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.adaptive.fisher import FisherCombination
from helmont.design.confirmatory.adaptive.multi_arm import ArmSelection
from helmont.design.confirmatory.adaptive.promising import PromisingZone
from helmont.design.confirmatory.adaptive.reestimation import Reestimation
from helmont.design.confirmatory.binomial import BinomialGroupSequential, SimonTwoStage
from helmont.design.confirmatory.endpoints.counts import Counts
from helmont.design.confirmatory.endpoints.means import Means, means_p_value
from helmont.design.confirmatory.endpoints.rates import OneRate, Rates, score_interval, score_p_value, score_statistic
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.endpoints.survival_simulation import simulate_survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.multi_arm.mams import Mams
from helmont.design.confirmatory.optimal import optimal_wang_tsiatis
from helmont.design.confirmatory.rules import (
    GivenBounds,
    GivenSpending,
    HaybittlePeto,
    HwangShihDeCani,
    LanDeMets,
    OBrienFleming,
    PampallonaTsiatis,
    Pocock,
    PowerSpending,
    Symmetric,
    WangTsiatis,
)
from helmont.design.declared import DESIGNS, Declared
from helmont.design.dose_finding.backfill import Backfill, BackfillBoin
from helmont.design.dose_finding.blrm import Blrm
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.boin12 import Boin12
from helmont.design.dose_finding.combination import BoinCombination
from helmont.design.dose_finding.crm import Crm
from helmont.design.dose_finding.crm_skeleton import skeleton
from helmont.design.dose_finding.keys import Keyboard, Mtpi, Mtpi2, Tpi
from helmont.design.dose_finding.three_plus_three import ThreePlusThree
from helmont.design.dose_finding.tite import TiteBoin, TiteKeyboard
from helmont.design.dose_finding.tite_crm import TiteCrm
from helmont.design.randomisation.adaptive import ResponseAdaptive
from helmont.design.randomisation.blocks import PermutedBlocks
from helmont.design.randomisation.minimisation import Minimisation
from helmont.design.randomisation.restricted import BigStick, CompleteRandomisation, EfronCoin, Urn

__all__ = [
    "DESIGNS",
    "ArmSelection",
    "Backfill",
    "BackfillBoin",
    "BigStick",
    "BinomialGroupSequential",
    "Blrm",
    "Boin",
    "Boin12",
    "BoinCombination",
    "BorrowingTrial",
    "CompleteRandomisation",
    "Counts",
    "Crm",
    "Declared",
    "DesignError",
    "EfronCoin",
    "FisherCombination",
    "GivenBounds",
    "GivenSpending",
    "GroupSequential",
    "HaybittlePeto",
    "HwangShihDeCani",
    "InverseNormal",
    "Keyboard",
    "LanDeMets",
    "Mams",
    "MapBinary",
    "MapNormal",
    "Means",
    "Minimisation",
    "Mtpi",
    "Mtpi2",
    "OBrienFleming",
    "OneRate",
    "PampallonaTsiatis",
    "PermutedBlocks",
    "Pocock",
    "PowerSpending",
    "PromisingZone",
    "Rates",
    "Reestimation",
    "ResponseAdaptive",
    "SimonTwoStage",
    "Survival",
    "Symmetric",
    "ThreePlusThree",
    "TiteBoin",
    "TiteCrm",
    "TiteKeyboard",
    "Tpi",
    "Urn",
    "WangTsiatis",
    "bonferroni",
    "closed_test",
    "dunnett",
    "means_p_value",
    "nested_populations",
    "optimal_wang_tsiatis",
    "score_interval",
    "score_p_value",
    "score_statistic",
    "simes",
    "simulate_survival",
    "skeleton",
]
