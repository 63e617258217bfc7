"""What every design that is simulated under a toxicity rate a dose has in common: what it is asked, and trials in parts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, SupportsFloat, TypeVar

import numpy as np

from helmont.design.checking import DesignError, count, probabilities
from helmont.design.dose_finding.characteristics import Characteristics, Tally, simulated
from helmont.design.parallel import PART, Progress, summed

T = TypeVar("T")
Truth = tuple[float, ...]
"""True toxicity rates, one a dose."""


@dataclass(frozen=True)
class Part(Generic[T]):
    """Simulates a part of the trials; can be sent to another process."""

    run: Callable[[Truth, int, np.random.Generator], T]
    truth: Truth

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> T:
        return self.run(self.truth, trials, np.random.default_rng(seed))


class Simulated:
    """A design inherits ``simulate`` and says how its trials run."""

    if TYPE_CHECKING:  # a dataclass would take it for the default of its field

        @property
        def doses(self) -> int | tuple[float, ...]:
            """How many, or their amounts."""

    part: ClassVar[int] = PART
    """Trials that run together."""

    @abstractmethod
    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> Tally:
        """Whole trials, added up."""

    def replayed(self, truth: Truth, trials: int, seed: int, progress: Progress | None) -> Characteristics:
        """The same trials as R has after ``set.seed(seed)``."""
        raise DesignError("rng", "R", "'pcg64': no simulation in R is replayed for this design")

    def simulate(
        self,
        truth: Sequence[SupportsFloat],
        trials: int = 10_000,
        seed: int = 6,
        rng: Literal["pcg64", "R"] = "pcg64",
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> Characteristics:
        """Operating characteristics under true toxicity rates (one a dose) by simulation, with standard errors.

        ``rng="R"`` draws as the R package of the design does after ``set.seed(seed)`` (its default seed is 6), on one processor;
        some designs have none that is replayed. ``progress`` is told the trials done and the trials in all. ``processes`` None
        takes every processor if that is sooner, to the same result.
        """
        rates, _ = self._truth(truth), count("trials", trials, 1)
        if rng == "R":
            return self.replayed(rates, trials, seed, progress)
        if rng != "pcg64":
            raise DesignError("rng", rng, "'pcg64' or 'R'")
        tally = summed(Part(self.run, rates), trials, count("seed", seed), progress, processes, self.part)
        return simulated(rates, tally, rng, seed)

    def _truth(self, truth: Sequence[SupportsFloat]) -> Truth:
        doses = self.doses if isinstance(self.doses, int) else len(self.doses)
        rates = probabilities("truth", truth, closed=True)
        if len(rates) != doses:
            raise DesignError("truth", rates, f"{doses} rates, one a dose")
        return rates
