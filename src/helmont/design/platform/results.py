"""What a platform trial answers: the decision for each arm at a look, and how the design behaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helmont.design.platform.settings import Controls
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Action = Literal["continue", "graduate", "drop", "cap", "withdrawn", "closed", "waiting"]
"""Of an arm: enrol on; success; futility; its patients are all in and neither was reached; left by an amendment; closed
before; not entered."""


@dataclass(frozen=True)
class ArmDecision(Result):
    arm: str
    action: Action
    reason: str
    probability: float
    """That the effect is above the margin of success."""
    futility: float
    """That it is above the margin of futility."""
    patients: int
    """Enrolled so far, whether or not their outcomes are known."""
    known: int
    concurrent: int
    """Controls enrolled in the periods of the arm."""
    other: int
    """All other controls."""
    effect: float
    """The posterior mean: log odds ratio, or difference of means; positive is better."""
    deviation: float
    alternatives: dict[str, float]
    """The probability of success under every other treatment of controls of another time."""


@dataclass(frozen=True)
class PlatformDecision(Result):
    """The decisions at a look, who the next patients go to, and the design that they were made under."""

    arms: tuple[ArmDecision, ...]
    allocation: dict[str, float]
    """The probability of each open arm and of the control for the next patients."""
    controls: Controls
    statement: str
    """What becomes of controls of another time, and what bias that can leave."""
    digest: str

    def frame(self) -> pl.DataFrame:
        """A row an arm."""
        import polars as pl

        rows = [{**each.to_dict(), "allocation": self.allocation.get(each.arm, 0.0)} for each in self.arms]
        return pl.DataFrame([{k: v for k, v in row.items() if k != "alternatives"} for row in rows])


@dataclass(frozen=True)
class ArmCharacteristics(Result):
    """Over simulated trials; an ``error`` is the Monte Carlo standard error of what it is named for."""

    arm: str
    truth: float
    effect: float
    """The true log odds ratio, or difference of means; positive is better."""
    success: float
    success_error: float
    futility: float
    futility_error: float
    cap: float
    """How often it takes its last patient and is then neither a success nor futile."""
    cap_error: float
    withdrawn: float
    patients: float
    patients_error: float
    concurrent: float
    """Controls enrolled in the periods of the arm, on average."""
    other: float
    """Other controls enrolled until the arm was decided."""
    duration: float
    """From its first period to its decision."""
    bias: float
    """Of the posterior mean of the effect at the decision."""
    bias_error: float
    mean_squared_error: float


@dataclass(frozen=True)
class PlatformCharacteristics(Result):
    """``familywise``: how often an arm whose effect is not above the margin is a success; ``any_power``: how often one
    above it is."""

    arms: tuple[ArmCharacteristics, ...]
    control: float
    """The true rate or mean of the control at the start."""
    trials: int
    seed: int
    familywise: float | None
    familywise_error: float | None
    any_power: float | None
    any_power_error: float | None
    all_power: float | None
    """How often every arm whose effect is above the margin is a success."""
    all_power_error: float | None
    enrolled: float
    """Patients of the whole platform."""
    enrolled_error: float
    control_patients: float
    time: float
    """From the first patient to the last decision."""
    time_error: float
    controls: Controls
    statement: str
    digest: str

    def frame(self) -> pl.DataFrame:
        """A row an arm."""
        import polars as pl

        return pl.DataFrame([each.to_dict() for each in self.arms], infer_schema_length=None)
