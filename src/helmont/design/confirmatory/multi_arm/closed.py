"""Closed tests: an arm is rejected if every intersection of hypotheses that it belongs to is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from helmont.design.checking import DesignError
from helmont.design.results import Plain, Result

if TYPE_CHECKING:
    import polars as pl

Looks = tuple[float, ...]
Members = tuple[int, ...]


def subsets(arms: int) -> list[Members]:
    """Every set of arms (from 1) that is not empty, small ones first."""
    return [each for size in range(1, arms + 1) for each in combinations(range(1, arms + 1), size)]


def rejected_by_closure(intersections: Mapping[Members, bool]) -> tuple[bool, ...]:
    """Which hypotheses are rejected if so their intersections are.

    Marcus, Peritz & Gabriel 1976, Biometrika 63:655-660.
    """
    arms = max(max(each) for each in intersections)
    return tuple(all(found for members, found in intersections.items() if arm in members) for arm in range(1, arms + 1))


@dataclass(frozen=True)
class StepDown(Result):
    """Bounds of the largest statistic of every set of arms, one a stage."""

    upper: dict[Members, Looks]
    lower: dict[Members, Looks]
    spent: Looks

    def rejected(self, z: Sequence[Sequence[float | None]]) -> tuple[bool, ...]:
        """Which arms are rejected by the last stage in ``z``: a row a stage, a column an arm, None for an arm dropped before."""
        arms = max(max(each) for each in self.upper)
        if any(len(row) != arms for row in z) or not 0 < len(z) <= len(self.spent):
            raise DesignError("z", z, f"up to {len(self.spent)} rows of {arms} statistics")
        return rejected_by_closure(
            {
                members: any(
                    each is not None and each >= bounds[stage]
                    for stage, row in enumerate(z)
                    for arm, each in enumerate(row, start=1)
                    if arm in members
                )
                for members, bounds in self.upper.items()
            }
        )

    def to_dict(self) -> dict[str, Plain]:
        """Sets of arms as ``"1 2"``."""
        return {
            "upper": {" ".join(map(str, each)): list(bounds) for each, bounds in self.upper.items()},
            "lower": {" ".join(map(str, each)): list(bounds) for each, bounds in self.lower.items()},
            "spent": list(self.spent),
        }

    def frame(self) -> pl.DataFrame:
        """A row for each set of arms and stage."""
        import polars as pl

        rows = [
            {"arms": " ".join(map(str, members)), "stage": stage, "upper": upper, "lower": lower}
            for members, bounds in self.upper.items()
            for stage, (upper, lower) in enumerate(zip(bounds, self.lower[members], strict=True), start=1)
        ]
        return pl.DataFrame(rows)
