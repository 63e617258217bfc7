"""The Bayesian platform trial as a declared design: arms enter and leave, one control is shared.

Practice after Saville & Berry (2016, Clinical Trials 13:358): patients come one after another, every open arm is looked
at after every so many patients, and leaves for success, futility or its last patient while others go on or enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.parallel import Progress, parts
from helmont.design.platform.analysis import Analysis
from helmont.design.platform.calibrating import calibrated
from helmont.design.platform.characteristics import summarised, true_effects
from helmont.design.platform.deciding import Data, next_decision
from helmont.design.platform.results import PlatformCharacteristics, PlatformDecision
from helmont.design.platform.running import run
from helmont.design.platform.settings import (
    CONTROLS,
    REGRESSIONS,
    Allocation,
    BinaryEndpoint,
    Controls,
    NormalEndpoint,
    PlatformArm,
    Trend,
)

UNIFORM = BinaryEndpoint()
PART = 1000
"""Trials that are simulated side by side."""


@design
@dataclass(frozen=True, kw_only=True)
class PlatformTrial(Declared):
    """Arms that enter and leave, compared with one shared control every so many patients.

    A period is what lies between two looks: allocation changes, arms enter and leave at looks alone, and the models
    with effects of time have an effect a period. Time is counted in patients of the platform unless ``accrual`` is set.
    An arm is a success when the probability of an effect above ``margin`` is above ``success``, and dropped when that
    of an effect above ``futility_margin`` is below ``futility``, given the outcomes known at the look; patients who
    wait for theirs do not count.
    """

    arms: tuple[PlatformArm, ...]
    """Every arm that is or was planned, in any order."""
    endpoint: BinaryEndpoint | NormalEndpoint = UNIFORM
    """What is observed of a patient, and its prior."""
    controls: Controls = "concurrent"
    """What becomes of controls of another time: ``helmont.design.platform.settings.CONTROLS`` states each with its
    bias."""
    every: int = 100
    """Patients in a period, control included; fewer where an arm takes its last patient."""
    success: float = 0.975
    """The posterior probability above which an arm is a success."""
    margin: float = 0.0
    """An effect is better than this: a difference of rates or of means."""
    futility: float = 0.1
    """The posterior probability below which an arm is dropped; 0 for no futility."""
    futility_margin: float | None = None
    """As ``margin`` where it is None."""
    least: int = 0
    """Patients of an arm with known outcomes before it can be decided; its cap where that is less."""
    allocation: Allocation = "equal"
    """``equal``; ``sqrt``: the control has the square root of the number of open arms to 1; ``ratio``: it has ``ratio``
    to 1; ``better``: the same, the others by the probability to be better than the control (Trippa et al. 2012, Journal
    of Clinical Oncology 30:3258); ``thompson``: by that to be the best (Thall & Wathen 2007, European Journal of Cancer
    43:859)."""
    ratio: float = 1.0
    """The control's patients to one of an arm, where the open arms share alike."""
    tempering: float = 0.5
    """The power of those probabilities."""
    limits: tuple[float, float] = (0.1, 0.8)
    """The least and the most that one arm gets of the patients who are not controls."""
    randomisation: str = "blocks"
    """``blocks``: patients of a period as near to their parts as whole numbers are; ``simple``: one by one."""
    most_open: int | None = None
    """Arms that enrol at once; the others wait in the order in which they enter."""
    accrual: float = 1.0
    """Patients in a unit of time."""
    delay: float = 0.0
    """The time from enrolment to outcome."""
    lower_is_better: bool = False
    """Whether fewer responses, or lower means, are the benefit."""
    discount: float = 0.5
    """Of ``discounted`` and ``robust``: the part of a patient that a control of another time counts for."""
    robust: float = 0.5
    """Of ``robust``: the prior weight of the vague component."""
    smoothing: tuple[float, ...] = (0.025, 0.05, 0.1, 0.2, 0.4)
    """Of ``time-machine``: equally probable deviations of the random walk from period to period, in log odds or
    deviations."""
    amends: str = ""
    """The digest of the design that this one amends."""

    def __post_init__(self) -> None:
        self._check_arms()
        if not isinstance(self.endpoint, (BinaryEndpoint, NormalEndpoint)):
            raise DesignError("endpoint", self.endpoint, "a BinaryEndpoint or a NormalEndpoint")
        self._check_choices()
        checking.count("every", self.every, 2)
        checking.count("least", self.least)
        for name in ("success", "robust"):
            object.__setattr__(self, name, checking.probability(name, getattr(self, name)))
        for name, most in (("ratio", 100.0), ("accrual", 1e9)):
            object.__setattr__(
                self, name, checking.between(name, checking.positive(name, getattr(self, name)), 0.0, most)
            )
        bound = 1.0 if isinstance(self.endpoint, BinaryEndpoint) else 1e9
        for name in ("margin", "futility_margin"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, checking.between(name, value, -bound, bound))
                if value and self.controls in REGRESSIONS and isinstance(self.endpoint, BinaryEndpoint):
                    raise DesignError(name, value, f"0 with {self.controls!r} controls, whose effects are log odds")
        object.__setattr__(
            self, "futility", checking.between("futility", self.futility, 0.0, self.success, closed=True)
        )
        for name, most in (("tempering", 10.0), ("delay", 1e9), ("discount", 1.0)):
            object.__setattr__(self, name, checking.between(name, getattr(self, name), 0.0, most, closed=True))
        if self.most_open is not None:
            checking.count("most_open", self.most_open, 1)
        self._check_tuples()

    def _check_arms(self) -> None:
        if not isinstance(self.arms, (tuple, list)) or not self.arms:
            raise DesignError("arms", self.arms, "one or more of PlatformArm")
        for place, arm in enumerate(self.arms, start=1):
            if not isinstance(arm, PlatformArm):
                raise DesignError(f"arms[{place}]", arm, "a PlatformArm")
            if arm.name in [each.name for each in self.arms[: place - 1]]:
                raise DesignError(f"arms[{place}]", arm.name, "a name that no other arm has")
        object.__setattr__(self, "arms", tuple(self.arms))

    def _check_choices(self) -> None:
        for name, choices in (
            ("controls", tuple(CONTROLS)),
            ("allocation", ("equal", "sqrt", "ratio", "better", "thompson")),
            ("randomisation", ("blocks", "simple")),
        ):
            if getattr(self, name) not in choices:
                raise DesignError(name, getattr(self, name), f"one of {', '.join(choices)}")
        if not isinstance(self.lower_is_better, bool):
            raise DesignError("lower_is_better", self.lower_is_better, "True or False")
        if not isinstance(self.amends, str):
            raise DesignError("amends", self.amends, "the digest of a design")

    def _check_tuples(self) -> None:
        limits = tuple(checking.probability("limits", each, closed=True) for each in self.limits)
        if len(limits) != 2 or limits[0] > limits[1]:
            raise DesignError("limits", limits, "the least part and the most")
        smoothing = tuple(checking.positive("smoothing", each) for each in self.smoothing)
        if not smoothing:
            raise DesignError("smoothing", smoothing, "one deviation or more")
        object.__setattr__(self, "limits", limits)
        object.__setattr__(self, "smoothing", smoothing)

    @property
    def analysis(self) -> Analysis:
        """The settings of the analysis at a look."""
        return Analysis(self.endpoint, self.controls, self.discount, self.robust, self.smoothing, self.lower_is_better)

    @property
    def futility_at(self) -> float:
        """The margin of futility."""
        return self.margin if self.futility_margin is None else self.futility_margin

    @property
    def open_at_once(self) -> int:
        """How many arms can be open at the same time."""
        return len(self.arms) if self.most_open is None else self.most_open

    def adding(self, arm: PlatformArm) -> PlatformTrial:
        """The amended design with one more arm; ``amends`` is the digest of this one."""
        return replace(self, arms=(*self.arms, arm), amends=self.digest)

    def dropping(self, name: str, at: float) -> PlatformTrial:
        """The amended design in which an arm is closed at a time, whatever its data say; its data remain."""
        if name not in [each.name for each in self.arms]:
            raise DesignError("name", name, f"one of {', '.join(each.name for each in self.arms)}")
        arms = tuple(replace(each, leaves=at) if each.name == name else each for each in self.arms)
        return replace(self, arms=arms, amends=self.digest)

    def next(
        self,
        patients: Mapping[str, Sequence[int]],
        outcomes: Mapping[str, Sequence[float]],
        *,
        squares: Mapping[str, Sequence[float]] | None = None,
        enrolled: Mapping[str, Sequence[int]] | None = None,
        closed: Sequence[str] = (),
        time: float | None = None,
    ) -> PlatformDecision:
        """What becomes of each arm at a look, why, and who the next patients go to.

        Mappings are by arm (``"control"`` and the names of the arms), each with a number a period; an arm that is left
        out has not enrolled. ``patients`` have known outcomes, ``outcomes`` are their responses or the sums of their
        outcomes, ``squares`` the sums of the squares where the deviation is estimated. ``enrolled`` counts patients
        whose outcomes are pending as well; ``closed`` are arms that were decided at earlier looks; ``time`` is that of
        the platform (by default from ``accrual``).
        """
        return next_decision(self, Data(patients, outcomes, squares, enrolled), tuple(closed), time)

    def simulate(
        self,
        truth: Sequence[float],
        trials: int = 1000,
        seed: int = 0,
        *,
        trend: Trend | None = None,
        deviation: float | None = None,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> PlatformCharacteristics:
        """How the design behaves where ``truth`` is the control's rate (or mean) and then every arm's, without a trend.

        ``trend`` moves all arms alike over time. ``deviation`` is the true one of normal outcomes, by default that of
        the endpoint, or 1 where it is estimated.
        """
        rates, effects = true_effects(self, truth)
        if trend is not None and not isinstance(trend, Trend):
            raise DesignError("trend", trend, "a Trend or None")
        given = None if deviation is None else checking.positive("deviation", deviation)
        count = checking.count("trials", trials, 2)
        spread = given or (self.endpoint.deviation if isinstance(self.endpoint, NormalEndpoint) else None) or 1.0
        work = partial(run, self, rates, trend, spread)
        found = list(parts(work, count, checking.count("seed", seed), progress, processes, PART))
        return summarised(self, rates, effects, found, seed)

    def calibrated(
        self,
        truth: Sequence[float],
        alpha: float = 0.025,
        trials: int = 2000,
        seed: int = 0,
        *,
        trend: Trend | None = None,
        deviation: float | None = None,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> PlatformTrial:
        """The design with the lowest ``success`` whose familywise error where ``truth`` holds is at most ``alpha``.

        Up to the Monte Carlo error of ``trials``. Raises ``DesignError`` where no threshold keeps it.
        """
        options = {"seed": seed, "trend": trend, "deviation": deviation, "processes": processes}
        return calibrated(self, truth, alpha, trials, progress, **options)
