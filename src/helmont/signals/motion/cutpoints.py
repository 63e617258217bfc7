"""Published cut points: from which mean acceleration of an epoch on movement is light, moderate and vigorous.

They are data. Each was found with a device at a place of the body, in an age group, by a metric over epochs of a length; applied
elsewhere they say something else. Studies that summed a metric over their epochs are given as means: the sum over the samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from helmont.signals.errors import SignalError


class Metric(StrEnum):
    """A column of a table of epochs."""

    ENMO = "enmo"
    ENMOA = "enmoa"
    MAD = "mad"


class Placement(StrEnum):
    """Where a device was worn."""

    NON_DOMINANT_WRIST = "non-dominant wrist"
    DOMINANT_WRIST = "dominant wrist"
    LEFT_WRIST = "left wrist"
    RIGHT_WRIST = "right wrist"
    HIP = "hip"


@dataclass(frozen=True, slots=True)
class CutPoints:
    """From ``light``, ``moderate`` and ``vigorous`` mg on an epoch is of that level; below ``light`` it is sedentary.

    None where a study gives no such point. ``ages`` in years as published; ``epoch`` the seconds over which the study took its
    metric, None where that is not noted here.
    """

    metric: Metric
    placement: Placement
    ages: str
    device: str
    epoch: float | None
    light: float | None
    moderate: float
    vigorous: float | None
    reference: str

    def __post_init__(self) -> None:
        points = [point for point in (self.light, self.moderate, self.vigorous) if point is not None]
        if points[0] <= 0 or points != sorted(set(points)):
            raise SignalError("cut points", points, "numbers above 0, each above the one before")


_HILDEBRAND = "Hildebrand et al. 2014, Med Sci Sports Exerc 46:1816; 2017, Scand J Med Sci Sports 27:1814"
_ESLIGER = "Esliger et al. 2011, Med Sci Sports Exerc 43:1085"
_PHILLIPS = "Phillips et al. 2013, J Sci Med Sport 16:124"
_MIGUELES = "Migueles et al. 2019, Sci Rep 9:18235"
_OLDER = "Migueles et al. 2021, Sensors 21:3326"
_SANDERS = "Sanders et al. 2019, J Sports Sci, doi:10.1080/02640414.2018.1555904, by the Youden index"
_FRAYSSE = "Fraysse et al. 2021, Front Sports Act Living 2:579278"
_VAHA_YPYA = "Vähä-Ypyä et al. 2015, PLoS ONE 10:e0134813"
_AITTASALO = "Aittasalo et al. 2015, BMC Sports Sci Med Rehabil 7:18"

_ENMO, _ENMOA, _MAD = Metric.ENMO, Metric.ENMOA, Metric.MAD
_NON_DOMINANT, _DOMINANT, _HIP = Placement.NON_DOMINANT_WRIST, Placement.DOMINANT_WRIST, Placement.HIP
_LEFT, _RIGHT = Placement.LEFT_WRIST, Placement.RIGHT_WRIST
_ACTIGRAPH, _GENEACTIV, _GENEA, _HOOKIE = "ActiGraph", "GENEActiv", "GENEA", "Hookie AM20"

CUT_POINTS = MappingProxyType(
    {
        "hildebrand-adult-wrist-actigraph": CutPoints(
            _ENMO, _NON_DOMINANT, "21-61", _ACTIGRAPH, 1, 44.8, 100.6, 428.8, _HILDEBRAND
        ),
        "hildebrand-adult-wrist-geneactiv": CutPoints(
            _ENMO, _NON_DOMINANT, "21-61", _GENEACTIV, 1, 45.8, 93.2, 418.3, _HILDEBRAND
        ),
        "hildebrand-adult-hip-actigraph": CutPoints(
            _ENMO, _HIP, "21-61", _ACTIGRAPH, 1, 47.4, 69.1, 258.7, _HILDEBRAND
        ),
        "hildebrand-adult-hip-geneactiv": CutPoints(
            _ENMO, _HIP, "21-61", _GENEACTIV, 1, 46.9, 68.7, 266.8, _HILDEBRAND
        ),
        "hildebrand-child-wrist-actigraph": CutPoints(
            _ENMO, _NON_DOMINANT, "7-11", _ACTIGRAPH, 1, 35.6, 201.4, 707.0, _HILDEBRAND
        ),
        "hildebrand-child-wrist-geneactiv": CutPoints(
            _ENMO, _NON_DOMINANT, "7-11", _GENEACTIV, 1, 56.3, 191.6, 695.8, _HILDEBRAND
        ),
        "hildebrand-child-hip-actigraph": CutPoints(
            _ENMO, _HIP, "7-11", _ACTIGRAPH, 1, 63.3, 142.6, 464.6, _HILDEBRAND
        ),
        "hildebrand-child-hip-geneactiv": CutPoints(
            _ENMO, _HIP, "7-11", _GENEACTIV, 1, 64.1, 152.8, 514.3, _HILDEBRAND
        ),
        "migueles-adult-dominant-wrist": CutPoints(
            _ENMO, _DOMINANT, "adults", _ACTIGRAPH, None, 50.0, 110.0, 440.0, _MIGUELES
        ),
        "migueles-older-wrist": CutPoints(
            _ENMO, _NON_DOMINANT, "70 and above", _ACTIGRAPH, None, 18.0, 60.0, None, _OLDER
        ),
        "migueles-older-dominant-wrist": CutPoints(
            _ENMO, _DOMINANT, "70 and above", _ACTIGRAPH, None, 22.0, 64.0, None, _OLDER
        ),
        "migueles-older-hip": CutPoints(_ENMO, _HIP, "70 and above", _ACTIGRAPH, None, 7.0, 14.0, None, _OLDER),
        "sanders-older-wrist": CutPoints(_ENMO, _NON_DOMINANT, "60-86", _GENEACTIV, None, 20.0, 32.0, None, _SANDERS),
        "sanders-older-hip": CutPoints(_ENMO, _HIP, "60-86", _ACTIGRAPH, None, 6.0, 19.0, None, _SANDERS),
        "fraysse-older-wrist": CutPoints(
            _ENMOA, _NON_DOMINANT, "70 and above", _GENEACTIV, None, 42.5, 98.0, None, _FRAYSSE
        ),
        "fraysse-older-dominant-wrist": CutPoints(
            _ENMOA, _DOMINANT, "70 and above", _GENEACTIV, None, 62.5, 92.5, None, _FRAYSSE
        ),
        "esliger-adult-left-wrist": CutPoints(
            _ENMOA, _LEFT, "40-65", _GENEA, 60, 217 / 4.8, 644 / 4.8, 1810 / 4.8, _ESLIGER
        ),
        "esliger-adult-right-wrist": CutPoints(
            _ENMOA, _RIGHT, "40-65", _GENEA, 60, 386 / 4.8, 439 / 4.8, 2098 / 4.8, _ESLIGER
        ),
        "esliger-adult-hip": CutPoints(_ENMOA, _HIP, "40-65", _GENEA, 60, 77 / 4.8, 219 / 4.8, 2056 / 4.8, _ESLIGER),
        "phillips-child-left-wrist": CutPoints(
            _ENMOA, _LEFT, "8-14", _GENEA, 1, 7 / 0.08, 20 / 0.08, 60 / 0.08, _PHILLIPS
        ),
        "phillips-child-right-wrist": CutPoints(
            _ENMOA, _RIGHT, "8-14", _GENEA, 1, 6 / 0.08, 22 / 0.08, 56 / 0.08, _PHILLIPS
        ),
        "phillips-child-hip": CutPoints(_ENMOA, _HIP, "8-14", _GENEA, 1, 3 / 0.08, 17 / 0.08, 51 / 0.08, _PHILLIPS),
        "vaha-ypya-adult-hip": CutPoints(_MAD, _HIP, "35 (SD 11)", _HOOKIE, 6, None, 91.0, 414.0, _VAHA_YPYA),
        "aittasalo-adolescent-hip-actigraph": CutPoints(
            _MAD, _HIP, "13-15", _ACTIGRAPH, 6, 26.9, 332.0, 558.3, _AITTASALO
        ),
        "aittasalo-adolescent-hip-hookie": CutPoints(_MAD, _HIP, "13-15", _HOOKIE, 6, 28.7, 338.0, 603.8, _AITTASALO),
    }
)
"""Cut points by name. Esliger and Phillips summed over 60 and 1 seconds at 80 samples a second: g times 1000 / (80 * seconds)."""
