"""An example of every kind of design: settings that it can have, what is taken as true, and what those numbers are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.reports.designs.asking import Scenario
from helmont.reports.designs.language import gettext_noop


@dataclass(frozen=True)
class Example:
    """``settings`` are those without a default, and some more; ``truths`` as ``--truth`` takes them."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    truths: tuple[str, ...] = ()
    truth_label: str = ""
    """What a truth is; empty where the design needs none."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The truths as ``appendix`` takes them."""
        return tuple(scenario_of(text) for text in self.truths)


def scenario_of(text: str) -> Scenario:
    """Numbers with commas between them, rows with semicolons. Raises ``ValueError`` for anything else."""
    return tuple(tuple(float(each) for each in row.split(",")) for row in text.split(";"))


_TOXICITY = gettext_noop("True toxicity rate of each dose")
_BOTH = gettext_noop("True toxicity rate of each dose; true response rate of each dose")
_PAIRS = gettext_noop("True toxicity rates of the combinations, a row for each level of the first agent")
_EFFECTS = gettext_noop("True effects, as multiples of the planned alternative")
_ARM_EFFECTS = gettext_noop("True effect of each arm, in standard deviations")
_POPULATIONS = gettext_noop("True effects in the subgroup and outside of it, in standard deviations")
_RATES = gettext_noop("True response rates")
_ARM_RATES = gettext_noop("True response rate of each arm")
_CONTROLS = gettext_noop("True parameters of the control arm; effects")
_PLATFORM = gettext_noop(
    "True response rate of the control and of each arm; a linear trend: its amount in log odds, over which time"
)
_DRIFTS = gettext_noop("True means of Z at the planned size")

_FIVE = ("0.05,0.15,0.3,0.45,0.6", "0.3,0.45,0.55,0.65,0.75")
_TABLE = {"doses": 5, "target": 0.3}
_SKELETON = {"skeleton": [0.05, 0.12, 0.25, 0.4], "target": 0.25, "patients": 24}
_TEST = {
    "design": "InverseNormal",
    "information": [0.5, 1.0],
    "alpha": 0.025,
    "beta": 0.1,
    "upper": {"design": "OBrienFleming"},
}
_HISTORY = [[4, 20], [5, 25], [6, 30]]
_SEQUENTIAL = {"information": 3, "alpha": 0.025, "beta": 0.1, "upper": "LDOF"}

EXAMPLES: dict[str, Example] = {
    **{
        name: Example(_TABLE, _FIVE, _TOXICITY)
        for name in ("Boin", "Keyboard", "Mtpi", "Mtpi2", "Tpi", "TiteBoin", "TiteKeyboard")
    },
    "ThreePlusThree": Example({"doses": 5}, _FIVE, _TOXICITY),
    "Crm": Example(_SKELETON, ("0.05,0.12,0.25,0.4",), _TOXICITY),
    "TiteCrm": Example(_SKELETON, ("0.05,0.12,0.25,0.4",), _TOXICITY),
    "Blrm": Example({"doses": [1, 2.5, 5, 10, 20], "reference": 10.0}, ("0.05,0.1,0.2,0.3,0.5",), _TOXICITY),
    "Boin12": Example(
        {"doses": 4, "toxicity": 0.35, "efficacy": 0.25}, ("0.05,0.15,0.3,0.45;0.1,0.3,0.45,0.5",), _BOTH
    ),
    "BackfillBoin": Example({"doses": 4, "target": 0.25}, ("0.05,0.15,0.25,0.4;0.1,0.2,0.4,0.5",), _BOTH),
    "Backfill": Example(),
    "BoinCombination": Example({"levels": [2, 3], "target": 0.3}, ("0.05,0.15,0.3;0.15,0.3,0.45",), _PAIRS),
    "GroupSequential": Example({**_SEQUENTIAL, "lower": "HSD(-2)"}, ("0,0.5,1",), _EFFECTS),
    "InverseNormal": Example({**_SEQUENTIAL, "upper": "OF"}, ("0,0.5,1",), _EFFECTS),
    "Enrichment": Example(
        {"test": _TEST, "prevalence": 0.4, "first": 100, "second": 100}, ("0,0", "0.4,0.1"), _POPULATIONS
    ),
    "FisherCombination": Example({"stages": 2}),
    "Mams": Example({"arms": 2, "stages": 2, "p": 0.65, "p0": 0.55}, ("0.55,0.18",), _ARM_EFFECTS),
    "ArmSelection": Example({"test": _TEST, "arms": 3, "n": 40}, ("0,0,0", "0,0.25,0.4"), _ARM_EFFECTS),
    "PromisingZone": Example({"n_interim": 100, "n": 200, "n_max": 400}, ("0,2,3",), _DRIFTS),
    "Reestimation": Example({"test": _TEST, "planned": 200, "most": 400}, ("0,0.7,1",), _EFFECTS),
    "SimonTwoStage": Example({"null": 0.1, "alternative": 0.3}, ("0.1,0.2,0.3",), _RATES),
    "BinomialGroupSequential": Example({"n": [10, 29], "lower": [1, 5], "upper": [11, 6]}, ("0.1,0.2,0.3",), _RATES),
    "Means": Example({"difference": 0.5}),
    "Rates": Example({"treatment": 0.5, "control": 0.3}),
    "OneRate": Example({"rate": 0.4, "null": 0.2}),
    "Counts": Example({"treatment": 0.6, "control": 1.0, "dispersion": 0.5}),
    "Survival": Example({"hazard_ratio": 0.7, "hazard": 0.05, "entry_ends": [12.0], "follow_up": 12.0}),
    "CompleteRandomisation": Example(),
    "PermutedBlocks": Example({"sizes": [4, 6], "strata": ["below 65 years", "65 years or more"]}),
    "BigStick": Example(),
    "EfronCoin": Example(),
    "Urn": Example(),
    "Minimisation": Example({"factors": [["sex", ["female", "male"]], ["site", ["A", "B", "C"]]]}),
    "ResponseAdaptive": Example({"arms": 2, "patients": 60}, ("0.3,0.3", "0.3,0.5"), _ARM_RATES),
    "MapBinary": Example({"history": _HISTORY}),
    "MapNormal": Example({"history": [[1.0, 0.2], [1.2, 0.25], [0.9, 0.3]]}),
    "BorrowingTrial": Example(
        {"prior": {"design": "MapBinary", "history": _HISTORY}, "control": 20, "treatment": 40},
        ("0.1,0.2,0.3;0,0.3",),
        _CONTROLS,
    ),
    "PlatformTrial": Example(
        {
            "arms": [
                {"design": "PlatformArm", "name": "A", "cap": 150},
                {"design": "PlatformArm", "name": "B", "cap": 150},
                {"design": "PlatformArm", "name": "C", "cap": 150, "enters": 300},
            ],
            "controls": "time-adjusted",
        },
        ("0.3,0.3,0.5,0.45", "0.3,0.3,0.3,0.3;0.5,600"),
        _PLATFORM,
    ),
    "PlatformArm": Example({"name": "A", "cap": 150}),
    "BinaryEndpoint": Example(),
    "NormalEndpoint": Example(),
    "Trend": Example({"amount": 0.5, "over": 600}),
    "OBrienFleming": Example(),
    "Pocock": Example(),
    "HaybittlePeto": Example(),
    "WangTsiatis": Example({"delta": 0.25}),
    "LanDeMets": Example(),
    "HwangShihDeCani": Example(),
    "PowerSpending": Example({"rho": 2.0}),
    "GivenSpending": Example({"cumulated": [0.001, 0.01, 0.025]}),
    "GivenBounds": Example({"values": [3.0, 2.5, 2.0]}),
    "Symmetric": Example(),
    "PampallonaTsiatis": Example({"delta": 0.0}),
}
