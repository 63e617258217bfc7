"""What the continual reassessment method answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helmont.design.dose_finding.decisions import Decision
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class CrmFit(Result):
    """The model fitted to what is known. Doses count from 1; tuples have an element a dose."""

    mtd: int
    """The dose of which the toxicity is nearest to the target; the lower one of two that are equally near."""
    estimate: float
    """The parameter: its posterior mean, or the value of greatest likelihood."""
    variance: float
    """The posterior variance; with greatest likelihood as ``Crm.mle_variance`` says."""
    toxicity: tuple[float, ...]
    """At the estimate."""
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    """Toxicity at the limits of the normal interval of the parameter."""
    above: tuple[float, ...]
    """Probability that the toxicity is above the target."""

    def frame(self) -> pl.DataFrame:
        """A row a dose."""
        import polars as pl

        columns = {name: list(getattr(self, name)) for name in ("toxicity", "lower", "upper", "above")}
        return pl.DataFrame({"dose": list(range(1, len(self.toxicity) + 1)), **columns})


@dataclass(frozen=True)
class CrmDecision(Decision):
    """The next step, with the model that it comes from."""

    recommended: int | None = None
    """What the model alone would give, before rules about escalation."""
    fit: CrmFit | None = None
