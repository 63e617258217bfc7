"""What a dose-finding design says during a trial: the next step, the table it is read from, the ways ahead, the selected dose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Action = Literal["escalate", "stay", "de-escalate", "stop", "suspend"]
Letter = Literal["E", "S", "D", "DU"]
"""Escalate, stay, de-escalate, de-escalate and never return (the dose is unacceptably toxic)."""


@dataclass(frozen=True)
class Alternative(Result):
    """Another step than the recommended one, and whether the design permits it: a lower dose always is, a higher one is not."""

    action: Action
    dose: int | None
    permitted: bool
    reason: str


@dataclass(frozen=True)
class Decision(Result):
    """The next step; ``dose`` is the one for the next cohort, None when the trial stops."""

    action: Action
    dose: int | None
    reason: str
    eliminated: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class DecisionTable(Result):
    """For every number of patients at the current dose; None where no number of toxicities leads there. A row a number."""

    patients: tuple[int, ...]
    escalate: tuple[int | None, ...]
    """Escalate with at most this many toxicities."""
    de_escalate: tuple[int | None, ...]
    """De-escalate with at least this many."""
    eliminate: tuple[int | None, ...]
    """Eliminate the dose and all above with at least this many."""
    stop: tuple[int | None, ...]
    """At the lowest dose, stop the trial with at least this many."""
    decisions: tuple[tuple[Letter, ...], ...]
    """A row for every number of patients, an entry for 0, 1, ... toxicities."""

    def at(self, patients: int) -> tuple[Letter, ...]:
        """The decisions after ``patients`` at the dose, for 0, 1, ... toxicities."""
        return self.decisions[self.patients.index(patients)]

    def frame(self) -> pl.DataFrame:
        import polars as pl

        names = ("patients", "escalate", "de_escalate", "eliminate", "stop")
        return pl.DataFrame({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class NextCohort(Result):
    """What a model-based design decides after each outcome of the next cohort; a row a number of toxicities."""

    dose: int
    patients: int
    """At the dose, with this cohort."""
    toxicities: tuple[int, ...]
    action: tuple[Action, ...]
    next_dose: tuple[int | None, ...]
    reason: tuple[str, ...]

    def frame(self) -> pl.DataFrame:
        import polars as pl

        columns: dict[str, object] = {"dose": [self.dose] * len(self.toxicities)}
        names = ("toxicities", "action", "next_dose", "reason")
        return pl.DataFrame(columns | {name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Selection(Result):
    """The maximum tolerated dose and what it rests on, per dose; None for a dose that treated nobody. A row a dose."""

    mtd: int | None
    """None when no dose is acceptable."""
    reason: str
    p_est: tuple[float | None, ...]
    """Isotonic estimates of the toxicity rates."""
    lower: tuple[float | None, ...]
    """95 % credible limits, isotonic as well."""
    upper: tuple[float | None, ...]
    p_overdose: tuple[float | None, ...]
    """Pr(toxicity rate > target | data)."""

    def frame(self) -> pl.DataFrame:
        import polars as pl

        names = ("p_est", "lower", "upper", "p_overdose")
        columns: dict[str, object] = {"dose": range(1, len(self.p_est) + 1)}
        return pl.DataFrame(columns | {name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Pathway(Result):
    """One way through the next cohorts: the dose and the toxicities of each, and the step after the last."""

    doses: tuple[int, ...]
    toxicities: tuple[int, ...]
    action: Action
    dose: int | None
    responses: tuple[int, ...] = ()
    """Of a design that looks at efficacy as well."""


@dataclass(frozen=True)
class Pathways(Result):
    """Dose-transition pathways (Yap et al. 2017, Clin Cancer Res 23:7440-7447); a row a way."""

    ways: tuple[Pathway, ...]

    def frame(self) -> pl.DataFrame:
        import polars as pl

        longest = max(len(way.doses) for way in self.ways)
        rows = []
        for way in self.ways:
            row: dict[str, object] = {}
            for cohort in range(longest):
                went = cohort < len(way.doses)
                row[f"dose_{cohort + 1}"] = way.doses[cohort] if went else None
                row[f"toxicities_{cohort + 1}"] = way.toxicities[cohort] if went else None
                if way.responses:
                    row[f"responses_{cohort + 1}"] = way.responses[cohort] if went else None
            rows.append(row | {"action": way.action, "next_dose": way.dose})
        return pl.DataFrame(rows, infer_schema_length=None)
