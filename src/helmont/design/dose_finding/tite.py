"""Interval designs that go on while patients are still observed: TITE-BOIN and TITE-Keyboard.

A patient whose observation goes on without a toxicity counts with the time that has passed. Accrual waits while too many of the
patients at the dose are pending.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, SupportsFloat, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import design
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.characteristics import Characteristics
from helmont.design.dose_finding.conduct import decided, treated
from helmont.design.dose_finding.decisions import Decision
from helmont.design.dose_finding.interval import IntervalDesign, walk_of
from helmont.design.dose_finding.isotonic import Floats, Ints
from helmont.design.dose_finding.keys import Keyboard
from helmont.design.dose_finding.simulation import Truth
from helmont.design.dose_finding.tite_running import Entries, SimulatedInTime, Suspend, TimedTally, held, run_timed
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


_CHOICES = (
    ("accrual", ("exponential", "uniform")),
    ("onset", ("uniform", "weibull")),
    ("suspend", ("always", "escalation", "observed")),
    ("resume", ("at once", "next patient")),
)


@dataclass(frozen=True)
class Timed(SimulatedInTime, IntervalDesign):
    """Settings of designs with an observation window. All times are in the unit of ``window``; patients enter one by one."""

    window: float = 1.0
    """How long each patient is observed for a toxicity."""
    rate: float = 2.0
    """Patients expected per window."""
    accrual: Literal["exponential", "uniform"] = "exponential"
    """Intervals between patients: exponential, or uniform from 0 to twice the mean."""
    onset: Literal["uniform", "weibull"] = "uniform"
    """When a toxicity comes within the window, in simulations."""
    late: float = 0.5
    """The share of the toxicities of the window that come in its second half, of the Weibull distribution."""
    most_pending: float = 0.5
    """Accrual waits while more than this share of the patients at the current dose is pending."""
    suspend: Suspend = "always"
    """Whether it waits whatever the next dose would be, or only before an ``escalation``. ``observed`` has another rule: before
    an escalation it waits until three patients at the dose were observed to the end or to a toxicity, at the lowest dose also
    where the toxicities so far would de-escalate; until nobody is pending, at most (the software of Lin & Yuan 2020)."""
    resume: Literal["at once", "next patient"] = "at once"
    """When a patient enters after accrual has waited, in simulations: at once, or with the next that comes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        checking.positive("window", self.window)
        checking.positive("rate", self.rate)
        checking.probability("late", self.late)
        checking.probability("most_pending", self.most_pending, closed=True)
        for setting, accepted in _CHOICES:
            if getattr(self, setting) not in accepted:
                raise DesignError(setting, getattr(self, setting), " or ".join(accepted))
        if self.titrates():
            raise DesignError("titration", True, "False where patients are pending")

    @abstractmethod
    def moves_pending(self, n: Ints, dlt: Ints, pending: Ints, followup: Floats) -> NDArray[np.int8]:
        """1 up, 0 stay, -1 down for data at the current dose; ``followup`` is the total of the pending patients, in windows."""

    def next(
        self,
        n: Sequence[SupportsIndex],
        dlt: Sequence[SupportsIndex],
        current: SupportsIndex | None = None,
        pending: Sequence[SupportsIndex] | None = None,
        followup: Sequence[float] | None = None,
    ) -> Decision:
        """The next dose while patients are pending.

        ``n`` are all patients by dose, ``dlt`` their toxicities so far, ``pending`` those still observed without one,
        ``followup`` the total time for which the pending ones were observed. Nobody is pending where they are left out. With too
        many pending at the current dose the action is ``suspend``, unless the dose is eliminated.
        """
        found = super().next(n, dlt, current)
        patients, toxic = checking.outcomes(n, dlt, self.doses)
        if (pending is None and followup is None) or not sum(patients):
            return found
        current = treated(current, patients)
        waiting, passed = self._pending(patients, toxic, pending, followup)
        here = current - 1
        if not waiting[here] or found.action == "stop" or current in found.eliminated:
            return found
        seen = f"{waiting[here]} of {patients[here]} patients at dose {current} are pending"
        counts = [np.array([each[here]]) for each in (patients, toxic, waiting)]
        move = self.moves_pending(counts[0], counts[1], counts[2], np.array([passed[here] / self.window]))
        walk = walk_of(self, max(self.patients, *patients))
        known = walk.move[counts[0], counts[1]]
        if held(self.suspend, self.most_pending, counts[0], counts[2], move, (known < 0) & (here == 0))[0]:
            why = f"{seen}: accrual waits until no more than a share of {self.most_pending:g} is"
            if self.suspend == "observed":
                why = f"{seen}: accrual waits until three were observed or nobody is pending"
            return Decision("suspend", None, why, found.eliminated)
        table = walk.move.copy()
        table[patients[here], toxic[here]] = move[0]
        decision = decided(replace(walk, move=table), patients, toxic, current)
        return replace(decision, reason=f"{decision.reason}; {seen}, observed for {passed[here]:g} in all")

    def _pending(
        self,
        n: tuple[int, ...],
        dlt: tuple[int, ...],
        pending: Sequence[SupportsIndex] | None,
        followup: Sequence[float] | None,
    ) -> tuple[tuple[int, ...], tuple[float, ...]]:
        if pending is None or followup is None or len(pending) != self.doses or len(followup) != self.doses:
            raise DesignError("pending", pending, f"{self.doses} counts, one a dose, with as many times of followup")
        waiting = tuple(checking.count(f"pending[{i + 1}]", each, 0, n[i] - dlt[i]) for i, each in enumerate(pending))
        passed = tuple(
            checking.between(f"followup[{i + 1}]", each, 0.0, waiting[i] * self.window, closed=True)
            for i, each in enumerate(followup)
        )
        return waiting, passed

    def exact(self, truth: Sequence[SupportsFloat]) -> Characteristics:
        """Times have no finite tree of outcomes: raises ``DesignError``."""
        raise DesignError("window", self.window, "left out for exact characteristics; simulate this design")

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> TimedTally:
        entries = Entries(
            self.window,
            self.rate,
            self.accrual,
            self.onset,
            self.late,
            self.most_pending,
            self.suspend,
            self.resume,
        )
        return run_timed(walk_of(self), self.moves_pending, entries, truth, trials, random)


@dataclass(frozen=True)
class FollowupTable(Result):
    """Total follow-up of the pending patients, in windows, from which to escalate and up to which to de-escalate; a row a
    state."""

    patients: tuple[int, ...]
    dlt: tuple[int, ...]
    pending: tuple[int, ...]
    escalate: tuple[float, ...]
    """At least; below 0 always, above ``pending`` never."""
    de_escalate: tuple[float, ...]
    """At most; below 0 never, above ``pending`` always."""

    def frame(self) -> pl.DataFrame:
        import polars as pl

        names = ("patients", "dlt", "pending", "escalate", "de_escalate")
        return pl.DataFrame({name: list(getattr(self, name)) for name in names})


@design
@dataclass(frozen=True)
class TiteBoin(Timed, Boin):
    """Boin with pending patients. Two formulas of the estimated rate are in use:

    * ``single imputation``: the standardised total follow-up time ``s`` of ``c`` pending patients stands for their outcomes,
      ``(y + p / (1 - p) (c - s)) / n`` with ``p = (y + target / 2) / (n - c + 1)``, the posterior mean of the complete data under
      a beta prior of size 1 and mean ``target / 2`` (Yuan, Lin, Li, Nie & Warren 2018, Clinical Cancer Research 24:4921);
    * ``effective size``: ``y / (n - c + s)``, the approximated likelihood of Lin & Yuan (2020) Biostatistics 21:807, which newer
      software uses for every design with a table.
    """

    formula: Literal["single imputation", "effective size"] = "single imputation"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.formula not in ("single imputation", "effective size"):
            raise DesignError("formula", self.formula, "single imputation or effective size")

    def moves_pending(self, n: Ints, dlt: Ints, pending: Ints, followup: Floats) -> NDArray[np.int8]:
        if self.formula == "effective size":
            size = n - pending + followup
            up, down = dlt <= self.lambda_e * size, dlt >= self.lambda_d * size
            return np.where(size > 0, up.astype(np.int8) - down.astype(np.int8), 0).astype(np.int8)
        rate = (dlt + self._odds(n, dlt, pending) * (pending - followup)) / n
        return (rate <= self.lambda_e).astype(np.int8) - (rate >= self.lambda_d).astype(np.int8)

    def _odds(self, n: Ints, dlt: Ints, pending: Ints) -> Floats:
        p = np.minimum((dlt + 0.5 * self.target) / (n - pending + 1), 1 - 1e-12)
        return np.asarray(p / (1 - p))

    def followup_table(self, patients: int | None = None) -> FollowupTable:
        """The limits for every number of patients at the dose, toxicities and pending patients."""
        most = self.patients if patients is None else checking.count("patients", patients, 1)
        states = [(n, y, c) for n in range(1, most + 1) for y in range(n) for c in range(1, n - y + 1)]
        n, y, c = (np.array(each, dtype=np.int64) for each in zip(*states, strict=True))
        limits = []
        for bound in (self.lambda_e, self.lambda_d):
            if self.formula == "effective size":
                limits.append(y / bound - n + c)
            else:
                limits.append(c - (bound * n - y) / self._odds(n, y, c))
        return FollowupTable(
            tuple(n.tolist()), tuple(y.tolist()), tuple(c.tolist()), *(tuple(each.tolist()) for each in limits)
        )


@design
@dataclass(frozen=True)
class TiteKeyboard(Timed, Keyboard):
    """Keyboard with pending patients: the posterior of ``y`` toxicities in the effective size ``n - c + s`` (Lin & Yuan 2020)."""

    def moves_pending(self, n: Ints, dlt: Ints, pending: Ints, followup: Floats) -> NDArray[np.int8]:
        size = n - pending + followup
        return self.moves(size, dlt)  # type: ignore[arg-type]  # the beta distribution takes any size
