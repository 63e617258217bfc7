"""What multi-arm trials answer; arms and stages are counted from 1."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]


@dataclass(frozen=True)
class MamsBounds(Result):
    """Bounds of Z, one a stage: the trial stops at or above ``upper``, arms below ``lower`` are dropped."""

    upper: Looks
    lower: Looks
    information: Looks
    """Participants on control at each stage, as fractions of those at the end."""

    def frame(self) -> pl.DataFrame:
        """A row a stage."""
        import polars as pl

        stages = range(1, len(self.upper) + 1)
        columns = {"information": self.information, "upper": self.upper, "lower": self.lower}
        return pl.DataFrame({"stage": list(stages), **{name: list(each) for name, each in columns.items()}})


@dataclass(frozen=True)
class MamsSize(Result):
    """How many participants a trial needs."""

    n: int
    """On control at the first stage."""
    sizes: tuple[tuple[int, ...], ...]
    """Cumulated, a row a group with control first, a column a stage."""
    maximum: int
    """In all groups, if none is dropped."""
    power: float

    def frame(self) -> pl.DataFrame:
        """A row a group; arm 0 is control."""
        import polars as pl

        columns = {f"stage {stage}": list(each) for stage, each in enumerate(zip(*self.sizes, strict=True), start=1)}
        return pl.DataFrame({"arm": list(range(len(self.sizes))), **columns})


@dataclass(frozen=True)
class MamsPower(Result):
    """Probabilities, by integration."""

    any_rejected: float
    best: Looks
    """Of each arm, that the trial stops for it with the largest statistic."""


@dataclass(frozen=True)
class MamsSimulation(Result):
    """Shares of simulated trials, cumulated over the stages."""

    trials: int
    rejected: tuple[Looks, ...]
    """Of each arm (a row) by each stage."""
    futile: tuple[Looks, ...]
    """Dropped (or not rejected at the last stage), of each arm by each stage."""
    any_rejected: Looks
    all_rejected: Looks
    best: tuple[Looks, ...]
    """Rejected with the largest statistic, of each arm by each stage."""
    any_futile: Looks
    all_futile: Looks
    either_rejected: tuple[tuple[float, ...], ...]
    """``either_rejected[a - 1][b - 1]``: that arm a or arm b is rejected in the end."""
    expected: Looks
    """Participants on average, control first."""
    expected_sd: Looks

    @property
    def expected_total(self) -> float:
        """Participants of all groups on average."""
        return sum(self.expected)

    def standard_error(self, share: float) -> float:
        """The Monte Carlo error of a share."""
        return sqrt(share * (1 - share) / self.trials)

    def frame(self) -> pl.DataFrame:
        """A row for each arm and stage."""
        import polars as pl

        rows = [
            {"arm": arm, "stage": stage, "rejected": rejected, "futile": futile, "best": best}
            for arm, columns in enumerate(zip(self.rejected, self.futile, self.best, strict=True), start=1)
            for stage, (rejected, futile, best) in enumerate(zip(*columns, strict=True), start=1)
        ]
        return pl.DataFrame(rows)
