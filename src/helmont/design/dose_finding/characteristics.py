"""Operating characteristics: what a design does on average if the toxicity rates of the doses were known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.parallel import Sums
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

Method = Literal["exact", "pcg64", "R"]


@dataclass(frozen=True)
class Errors(Result):
    """Monte Carlo standard errors of the simulated characteristics of the same name."""

    selection: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    toxicities: tuple[float, ...]
    total_patients: float
    total_toxicities: float
    overdose_60: float | None
    overdose_80: float | None


@dataclass(frozen=True)
class Characteristics(Result):
    """Per dose, the first dose first. ``frame()`` has one row a dose."""

    truth: tuple[float, ...]
    selection: tuple[float, ...]
    """The probability that each dose is selected."""
    none: float
    """The probability that no dose is."""
    patients: tuple[float, ...]
    """Expected patients."""
    toxicities: tuple[float, ...]
    """Expected dose-limiting toxicities."""
    allocation: tuple[float, ...]
    """Expected share of a trial's patients."""
    total_patients: float
    total_toxicities: float
    overdose_60: float | None
    """The probability that over 60 % of the planned patients are treated above the target toxicity rate; None without one."""
    overdose_80: float | None
    sizes: dict[int, float]
    """The distribution of the number of patients."""
    method: Method = "exact"
    endings: int | None = None
    """Distinct endings of an enumerated trial."""
    trials: int | None = None
    seed: int | None = None
    errors: Errors | None = None
    """None where nothing was simulated."""

    def frame(self) -> pl.DataFrame:
        import polars as pl

        columns: dict[str, object] = {
            "dose": range(1, len(self.truth) + 1),
            "truth": self.truth,
            "selection": self.selection,
            "patients": self.patients,
            "toxicities": self.toxicities,
            "allocation": self.allocation,
        }
        if self.errors is not None:
            columns |= {f"{name}_error": getattr(self.errors, name) for name in ("selection", "patients", "toxicities")}
        return pl.DataFrame(columns)


def above(truth: tuple[float, ...], target: float | None) -> list[int]:
    """The doses (from 0) that are truly more toxic than the target."""
    return [dose for dose, p in enumerate(truth) if target is not None and p > target]


def weighed(
    truth: tuple[float, ...],
    target: float | None,
    planned: int,
    chances: Floats,
    n: list[Ints],
    selected: Ints,
) -> Characteristics:
    """Exact characteristics from every ending: its probability, patients (arrays by dose) and selected dose (0 for none).

    Each patient's outcome is independent of what led to the dose, so expected toxicities are expected patients times the rate.
    """
    chosen = np.bincount(selected, weights=chances, minlength=len(truth) + 1)
    patients = tuple(float(chances @ each) for each in n)
    toxicities = tuple(mean * p for mean, p in zip(patients, truth, strict=True))
    total = sum(n[1:], start=n[0])
    shares = chances / total
    sizes = np.bincount(total, weights=chances)
    over = sum((n[dose] for dose in above(truth, target)), start=np.zeros_like(total))
    return Characteristics(
        truth=truth,
        selection=tuple(chosen[1:].tolist()),
        none=float(chosen[0]),
        patients=patients,
        toxicities=toxicities,
        allocation=tuple(float(shares @ each) for each in n),
        total_patients=sum(patients),
        total_toxicities=sum(toxicities),
        overdose_60=None if target is None else float(chances[over > 0.6 * planned].sum()),
        overdose_80=None if target is None else float(chances[over > 0.8 * planned].sum()),
        sizes={size: float(chance) for size, chance in enumerate(sizes) if chance > 0},
        endings=len(chances),
    )


@dataclass(frozen=True)
class Tally(Sums):
    """Sums over simulated trials."""

    trials: int
    selected: Ints
    n: Ints
    n_squared: Ints
    dlt: Ints
    dlt_squared: Ints
    dlt_total_squared: int
    over: Ints | None
    """Trials with over 60 % and over 80 % of their patients above the target."""
    sizes: Ints
    shares: Floats
    """Of patients at each dose."""


def tallied(truth: tuple[float, ...], target: float | None, planned: int, n: Ints, dlt: Ints, selected: Ints) -> Tally:
    """Sums over trials x doses."""
    over = n[:, above(truth, target)].sum(axis=1)
    toxic = dlt.sum(axis=1)
    return Tally(
        trials=len(n),
        selected=np.bincount(selected, minlength=len(truth) + 1),
        n=n.sum(axis=0),
        n_squared=(n**2).sum(axis=0),
        dlt=dlt.sum(axis=0),
        dlt_squared=(dlt**2).sum(axis=0),
        dlt_total_squared=int((toxic**2).sum()),
        over=None if target is None else np.array([(over > share * planned).sum() for share in (0.6, 0.8)]),
        sizes=np.bincount(n.sum(axis=1), minlength=planned + 1),
        shares=(n / n.sum(axis=1, keepdims=True)).sum(axis=0),
    )


def simulated(truth: tuple[float, ...], tally: Tally, method: Method, seed: int) -> Characteristics:
    """Means over simulated trials with their standard errors."""
    trials = tally.trials

    def spread(total: float, squares: float) -> float:
        return float(np.sqrt(max(squares / trials - (total / trials) ** 2, 0.0) / trials))

    def spreads(totals: Ints, squares: Ints) -> tuple[float, ...]:
        return tuple(spread(*each) for each in zip(totals.tolist(), squares.tolist(), strict=True))

    every = np.arange(len(tally.sizes))
    everyone = int(every @ tally.sizes)
    chosen = spreads(tally.selected, tally.selected)
    over: list[int] | None = None if tally.over is None else tally.over.tolist()
    return Characteristics(
        truth=truth,
        selection=tuple((tally.selected[1:] / trials).tolist()),
        none=float(tally.selected[0] / trials),
        patients=tuple((tally.n / trials).tolist()),
        toxicities=tuple((tally.dlt / trials).tolist()),
        allocation=tuple((tally.shares / trials).tolist()),
        total_patients=everyone / trials,
        total_toxicities=float(tally.dlt.sum() / trials),
        overdose_60=None if over is None else over[0] / trials,
        overdose_80=None if over is None else over[1] / trials,
        sizes={size: float(times / trials) for size, times in enumerate(tally.sizes) if times},
        method=method,
        trials=trials,
        seed=seed,
        errors=Errors(
            selection=chosen[1:],
            none=chosen[0],
            patients=spreads(tally.n, tally.n_squared),
            toxicities=spreads(tally.dlt, tally.dlt_squared),
            total_patients=spread(everyone, float(every**2 @ tally.sizes)),
            total_toxicities=spread(float(tally.dlt.sum()), tally.dlt_total_squared),
            overdose_60=None if over is None else spread(over[0], over[0]),
            overdose_80=None if over is None else spread(over[1], over[1]),
        ),
    )
