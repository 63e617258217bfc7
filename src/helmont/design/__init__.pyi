"""Every public name of the floor and the module that it comes from, which is loaded when the name is first used."""

from .borrowing.predictive import MapBinary, MapNormal
from .borrowing.trial import BorrowingTrial
from .checking import DesignError
from .confirmatory.adaptive.closed import bonferroni, closed_test, dunnett, nested_populations, simes
from .confirmatory.adaptive.combination import InverseNormal
from .confirmatory.adaptive.enrichment import Enrichment
from .confirmatory.adaptive.fisher import FisherCombination
from .confirmatory.adaptive.multi_arm import ArmSelection
from .confirmatory.adaptive.promising import PromisingZone
from .confirmatory.adaptive.reestimation import Reestimation
from .confirmatory.binomial import BinomialGroupSequential, SimonTwoStage
from .confirmatory.endpoints.counts import Counts
from .confirmatory.endpoints.means import Means, means_p_value
from .confirmatory.endpoints.rates import OneRate, Rates, score_interval, score_p_value, score_statistic
from .confirmatory.endpoints.survival import Survival
from .confirmatory.endpoints.survival_simulation import simulate_survival
from .confirmatory.group_sequential import GroupSequential
from .confirmatory.multi_arm.mams import Mams
from .confirmatory.optimal import optimal_wang_tsiatis
from .confirmatory.rules import (
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
from .declared import DESIGNS, Declared
from .dose_finding.backfill import Backfill, BackfillBoin
from .dose_finding.blrm import Blrm
from .dose_finding.boin import Boin
from .dose_finding.boin12 import Boin12
from .dose_finding.combination import BoinCombination
from .dose_finding.crm import Crm
from .dose_finding.crm_skeleton import skeleton
from .dose_finding.keys import Keyboard, Mtpi, Mtpi2, Tpi
from .dose_finding.three_plus_three import ThreePlusThree
from .dose_finding.tite import TiteBoin, TiteKeyboard
from .dose_finding.tite_crm import TiteCrm
from .platform.settings import BinaryEndpoint, NormalEndpoint, PlatformArm, Trend
from .platform.trial import PlatformTrial
from .randomisation.adaptive import ResponseAdaptive
from .randomisation.blocks import PermutedBlocks
from .randomisation.minimisation import Minimisation
from .randomisation.restricted import BigStick, CompleteRandomisation, EfronCoin, Urn

__all__ = [
    "DESIGNS",
    "ArmSelection",
    "Backfill",
    "BackfillBoin",
    "BigStick",
    "BinaryEndpoint",
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
    "Enrichment",
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
    "NormalEndpoint",
    "OBrienFleming",
    "OneRate",
    "PampallonaTsiatis",
    "PermutedBlocks",
    "PlatformArm",
    "PlatformTrial",
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
    "Trend",
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
