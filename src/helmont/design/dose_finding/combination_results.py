"""What a design of two agents answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helmont.design.dose_finding.decisions import Action
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Cell = tuple[int, int]
Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class CombinationDecision(Result):
    """The next combination; where several are equally desirable it is drawn at random among ``options``."""

    action: Action
    dose: Cell | None
    reason: str
    options: tuple[Cell, ...] = ()
    eliminated: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class CombinationPathway(Result):
    """One way: the combination and toxicities of each cohort, the step after the last, what may be next (none: it stops)."""

    doses: tuple[Cell, ...]
    toxicities: tuple[int, ...]
    action: Action
    options: tuple[Cell, ...]


@dataclass(frozen=True)
class CombinationPathways(Result):
    """A row a way."""

    ways: tuple[CombinationPathway, ...]

    def frame(self) -> pl.DataFrame:
        import polars as pl

        longest = max(len(way.doses) for way in self.ways)
        rows = []
        for way in self.ways:
            row: dict[str, object] = {}
            for cohort in range(longest):
                went = cohort < len(way.doses)
                row[f"dose_{cohort + 1}"] = list(way.doses[cohort]) if went else None
                row[f"toxicities_{cohort + 1}"] = way.toxicities[cohort] if went else None
            rows.append(row | {"action": way.action, "options": [list(cell) for cell in way.options]})
        return pl.DataFrame(rows, infer_schema_length=None)


@dataclass(frozen=True)
class CombinationSelection(Result):
    """``mtd`` is the selected combination (None for none), ``contour`` one for every level of the first agent that has one."""

    mtd: Cell | None
    contour: tuple[Cell, ...]
    p_est: Matrix
    """Isotonic rates; also where nobody was treated."""


@dataclass(frozen=True)
class CombinationCharacteristics(Result):
    """Matrices: a row a level of the first agent. ``frame()`` has a row a combination."""

    truth: Matrix
    selection: Matrix
    none: float
    correct: float
    """That what is selected is nearest to the target; with a contour, that it is in every row and nothing else is selected."""
    patients: Matrix
    toxicities: Matrix
    total_patients: float
    total_toxicities: float
    selection_error: Matrix
    """Monte Carlo standard error."""
    none_error: float
    patients_error: Matrix
    method: Literal["pcg64", "R"]
    trials: int
    seed: int

    def frame(self) -> pl.DataFrame:
        import polars as pl

        names = ("truth", "selection", "patients", "toxicities", "selection_error", "patients_error")
        cells = [(row, column) for row in range(len(self.truth)) for column in range(len(self.truth[0]))]
        return pl.DataFrame(
            [{"a": a + 1, "b": b + 1, **{name: getattr(self, name)[a][b] for name in names}} for a, b in cells]
        )
