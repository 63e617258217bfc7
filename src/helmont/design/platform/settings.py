"""The parts of a platform trial: arms, endpoint, controls of another time, and the trend of a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Literal

import numpy as np

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.platform.posterior import Floats

Controls = Literal[
    "concurrent", "concurrent-adjusted", "pooled", "discounted", "robust", "time-adjusted", "time-machine"
]
Allocation = Literal["equal", "sqrt", "ratio", "better", "thompson"]

CONTROLS: dict[Controls, str] = {
    "concurrent": "Controls enrolled in the periods in which the arm enrolled, as if they were one sample. No bias by a"
    " time trend while the ratio of arm to control stays the same; one that changes (response-adaptive, or"
    " 'sqrt' when arms enter or leave) confounds the arm with time.",
    "concurrent-adjusted": "Controls enrolled in the periods in which the arm enrolled, with an effect of each"
    " period. No bias by a time trend that is alike in all arms, whatever the allocation; controls of"
    " other periods are not used.",
    "pooled": "All controls alike. Under a time trend the effect of an arm that entered late is biased by the"
    " difference between earlier and concurrent controls, and the error of the first kind with it, upwards"
    " where outcomes improve over time.",
    "discounted": "Controls of other periods count for a fixed part of a patient each (power prior). The bias of 'pooled'"
    " by a time trend, in part: the smaller the part, the smaller the bias.",
    "robust": "Controls of other periods make a discounted prior, mixed with a vague one; a conflict with concurrent"
    " controls moves the weight to the vague one. The bias by a time trend is largest where the trend is too"
    " small to be seen.",
    "time-adjusted": "All patients of all arms, with an effect of each period. No bias by a time trend that is alike in all"
    " arms on the scale of the model; a trend that differs between arms biases it.",
    "time-machine": "All patients of all arms, with effects of the periods that a second-order random walk smooths. A little"
    " bias where the trend is sharper than the prior of the walk expects, and as 'time-adjusted' where it"
    " differs between arms.",
}
"""What becomes of controls who were enrolled while an arm was not, and what bias a time trend can leave.

``concurrent-adjusted`` and ``time-adjusted`` are the regression with effects of periods of Bofill Roig, Krotka, Burman
et al. (2022, BMC Medical Research Methodology 22:228), on concurrent and on all data; ``discounted`` the power prior of
Ibrahim & Chen (2000, Statistical Science 15:46); ``robust`` the mixture of Schmidli et al. (2014, Biometrics 70:1023);
``time-machine`` follows Saville, Berry, Berry, Viele & Berry (2022, Clinical Trials 19:490).
"""

REGRESSIONS = ("concurrent-adjusted", "time-adjusted", "time-machine")
"""Handlings that fit a model with effects of periods; for responses these are on the log odds."""


@design
@dataclass(frozen=True)
class PlatformArm(Declared):
    """An arm that is compared with the shared control: from when it enrols, and how many patients at most."""

    name: str
    """How data and results name the arm."""
    cap: int
    """Patients at most."""
    enters: float = 0.0
    """The time of the platform from which it enrols; it starts with the first period that begins at that time or
    later."""
    leaves: float | None = None
    """The time at which it is closed whatever its data say, where that was decided outside of the design."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or self.name == "control":
            raise DesignError("name", self.name, "a name of the arm that is not 'control'")
        checking.count("cap", self.cap, 1)
        object.__setattr__(self, "enters", checking.between("enters", self.enters, 0.0, 1e9, closed=True))
        if self.leaves is not None:
            object.__setattr__(self, "leaves", checking.between("leaves", self.leaves, self.enters, 1e9))


@design
@dataclass(frozen=True)
class BinaryEndpoint(Declared):
    """Responses: every arm's rate has a beta prior. An effect is a difference of rates for margins, log odds for
    estimates."""

    prior: tuple[float, float] = (1.0, 1.0)
    """Parameters of the beta distribution, at least 0.5 each (Jeffreys)."""

    def __post_init__(self) -> None:
        if not isinstance(self.prior, (tuple, list)) or len(self.prior) != 2:
            raise DesignError("prior", self.prior, "two numbers of at least 0.5")
        prior = tuple(checking.between("prior", each, 0.5, 1e6, closed=True) for each in self.prior)
        object.__setattr__(self, "prior", prior)


@design
@dataclass(frozen=True)
class NormalEndpoint(Declared):
    """Normal outcomes, compared by their means under even priors."""

    deviation: float | None = 1.0
    """The standard deviation of an outcome where it is known; None where it is estimated, alike in all arms."""

    def __post_init__(self) -> None:
        if self.deviation is not None:
            object.__setattr__(self, "deviation", checking.positive("deviation", self.deviation))


@design
@dataclass(frozen=True)
class Trend(Declared):
    """How outcomes of all arms drift over the time of the platform in a simulation: log odds of response, or the mean.

    The shapes are those of Bofill Roig et al. (2022). A trend is the same within a period: its value in the middle.
    """

    amount: float
    """The change from the start to ``over``; of ``inverted-u`` the height of the peak, of ``seasonal`` the
    amplitude."""
    over: float
    """The time in which the change takes place (``inverted-u``: up and down; ``seasonal``: one cycle)."""
    shape: Literal["linear", "step", "inverted-u", "seasonal"] = "linear"
    """``linear`` stays where it is after ``over``; ``step`` is the whole change at ``over``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", checking.number("amount", self.amount))
        object.__setattr__(self, "over", checking.positive("over", self.over))
        if self.shape not in ("linear", "step", "inverted-u", "seasonal"):
            raise DesignError("shape", self.shape, "'linear', 'step', 'inverted-u' or 'seasonal'")

    def at(self, time: Floats) -> Floats:
        """The drift at times of the platform."""
        part = time / self.over
        if self.shape == "linear":
            found = np.minimum(part, 1.0)
        elif self.shape == "step":
            found = (part >= 1.0).astype(np.float64)
        elif self.shape == "inverted-u":
            found = np.maximum(1 - np.abs(2 * np.minimum(part, 1.0) - 1), 0.0)
        else:
            found = np.sin(2 * pi * part)
        return np.asarray(self.amount * found)
