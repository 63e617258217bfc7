"""What group sequential designs answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from helmont.design.confirmatory.recursion import Floats
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]


@dataclass(frozen=True)
class Bounds(Result):
    """Bounds of Z, one a look. A trial stops for efficacy at or above ``upper``, for futility (or harm) below ``lower``."""

    information: Looks
    """Fractions of the planned maximal information."""
    upper: Looks
    lower: Looks | None
    spent: Looks
    """The error of the upper bound under no effect, cumulated."""
    lower_spent: Looks | None
    """The probability to cross the lower bound first, cumulated, under the hypothesis under which it spends."""
    final: bool
    """Whether the last of these looks is the last of the trial."""
    drift: float
    """The mean of Z at information 1 under the planned alternative."""
    inflation: float
    """The planned maximal information as a multiple of that of a trial without interim looks."""
    stops_below: bool
    """Whether the error of the upper bound reckons with trials that stopped at the lower."""

    @property
    def levels(self) -> Looks:
        """The one-sided p-value that reaches the upper bound at each look."""
        return tuple(float(ndtr(-each)) for each in self.upper)

    def frame(self) -> pl.DataFrame:
        """A row a look."""
        import polars as pl

        looks = range(1, len(self.upper) + 1)
        columns = {"information": self.information, "upper": self.upper, "level": self.levels, "spent": self.spent}
        if self.lower is not None and self.lower_spent is not None:
            columns |= {"lower": self.lower, "lower_spent": self.lower_spent}
        return pl.DataFrame({"look": list(looks), **{name: list(values) for name, values in columns.items()}})


@dataclass(frozen=True)
class Characteristics(Result):
    """Probabilities to stop at each look (a column) for each effect (a row), and the information taken on average."""

    effects: Looks
    upper: tuple[Looks, ...]
    lower: tuple[Looks, ...]
    power: Looks
    """The probability to cross the upper bound at any look."""
    expected_information: Looks
    """As a fraction of the planned maximum."""
    expected: Looks
    """As a multiple of the information of a trial without interim looks."""
    trials: int | None = None
    """How many were simulated; None for exact numbers."""

    @classmethod
    def of(
        cls,
        effects: Looks,
        information: Looks,
        inflation: float,
        found: Sequence[tuple[Floats, Floats]],
        trials: int | None = None,
    ) -> Characteristics:
        times = np.array(information)
        stops = [above + below for above, below in found]
        mean = tuple(float(each[:-1] @ times[:-1] + (1 - each[:-1].sum()) * times[-1]) for each in stops)
        return cls(
            effects,
            tuple(tuple(float(each) for each in above) for above, _ in found),
            tuple(tuple(float(each) for each in below) for _, below in found),
            tuple(float(above.sum()) for above, _ in found),
            mean,
            tuple(inflation * each for each in mean),
            trials,
        )

    @property
    def standard_error(self) -> Looks | None:
        """Of the simulated power; None for exact numbers."""
        return None if self.trials is None else tuple(sqrt(p * (1 - p) / self.trials) for p in self.power)

    def frame(self) -> pl.DataFrame:
        """A row for each effect and look."""
        import polars as pl

        rows = [
            {"effect": effect, "look": look, "upper": above, "lower": below}
            for effect, up, down in zip(self.effects, self.upper, self.lower, strict=True)
            for look, (above, below) in enumerate(zip(up, down, strict=True), start=1)
        ]
        return pl.DataFrame(rows)


@dataclass(frozen=True)
class SampleSize(Result):
    """Participants of all groups together, not rounded."""

    fixed: float
    """Of a trial without interim looks."""
    maximum: float
    treatment: float
    """Of the maximum, on treatment."""
    control: float
    looks: Looks
    """At each look."""
    inflation: float
    expected_null: float
    expected_between: float
    """Halfway between no effect and the alternative."""
    expected_alternative: float
    critical_effects: Looks | None = None
    """The least observed effect that crosses the upper bound at each look."""

    @classmethod
    def of(
        cls, fixed: float, inflation: float, information: Looks, expected: Sequence[float], treatment_share: float = 0.5
    ) -> SampleSize:
        maximum = fixed * inflation
        null, between, alternative = (fixed * each for each in expected)
        return cls(
            fixed,
            maximum,
            maximum * treatment_share,
            maximum * (1 - treatment_share),
            tuple(maximum * each for each in information),
            inflation,
            null,
            between,
            alternative,
        )

    def with_effects(self, critical_effects: Sequence[float]) -> SampleSize:
        """With the least effects that cross the upper bound."""
        return replace(self, critical_effects=tuple(critical_effects))

    def frame(self) -> pl.DataFrame:
        """A row a look."""
        import polars as pl

        columns = {"look": list(range(1, len(self.looks) + 1)), "participants": list(self.looks)}
        if self.critical_effects is not None:
            columns["critical_effect"] = list(self.critical_effects)
        return pl.DataFrame(columns)
