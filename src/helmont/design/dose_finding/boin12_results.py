"""What BOIN12 answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Desirability(Result):
    """Rank-based desirability scores, a row a combination of patients, toxicities and responses at a dose."""

    patients: tuple[int, ...]
    toxicities: tuple[int, ...]
    responses: tuple[int, ...]
    score: tuple[float | None, ...]
    """The rank of Pr(utility > benchmark) among all admissible rows; None where the dose is not admissible."""

    def frame(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame({name: getattr(self, name) for name in ("patients", "toxicities", "responses", "score")})


@dataclass(frozen=True)
class OptimalDose(Result):
    """The optimal biological dose, at most the maximum tolerated one, and what they rest on (None where nobody was treated)."""

    obd: int | None
    mtd: int | None
    p_toxicity: tuple[float | None, ...]
    """Isotonic."""
    utility: tuple[float | None, ...]
    """Posterior mean, from 0 to 100."""
    admissible: tuple[bool, ...]


@dataclass(frozen=True)
class Boin12Characteristics(Result):
    """Per dose; ``frame()`` has a row a dose."""

    toxicity: tuple[float, ...]
    efficacy: tuple[float, ...]
    selection: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    toxicities: tuple[float, ...]
    responses: tuple[float, ...]
    method: Literal["exact", "pcg64"]
    selection_error: tuple[float, ...] | None = None
    """Monte Carlo standard error."""
    none_error: float | None = None
    patients_error: tuple[float, ...] | None = None
    trials: int | None = None
    seed: int | None = None

    def frame(self) -> pl.DataFrame:
        import polars as pl

        names = ["toxicity", "efficacy", "selection", "patients", "toxicities", "responses"]
        names += [] if self.selection_error is None else ["selection_error", "patients_error"]
        columns: dict[str, object] = {"dose": range(1, len(self.selection) + 1)}
        return pl.DataFrame(columns | {name: getattr(self, name) for name in names})
