"""Response-adaptive randomisation of a yes-or-no response: more patients to the arms that do better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, SupportsIndex

import numpy as np
from scipy.special import betainc, betaln

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.merging import merged
from helmont.design.nodes import legendre
from helmont.design.parallel import Progress, Sums, summed
from helmont.design.randomisation.diagnostics import Counts, Reals
from helmont.design.randomisation.restricted import drawn
from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl

_TOGETHER = 1_000
"""Simulated trials that share the states that they come to."""


def best(n: Counts, responses: Counts, prior: tuple[float, float] = (1.0, 1.0)) -> Reals:
    """The probability that each arm has the highest response rate; rows of patients and responses by arm.

    Beta posteriors; the integral over the rate ``x`` of one arm's density times the others' distributions, with ``x =
    sin(t)**2``.
    """
    nodes, weights = legendre(160)
    t = (np.pi / 4) * (nodes + 1)
    x = np.sin(t) ** 2
    log_x, log_y = 2 * np.log(np.sin(t)), 2 * np.log(np.cos(t))
    measure = 2 / (np.sin(t) * np.cos(t)) * (np.pi / 4) * weights
    seen, which = merged(np.stack([n.ravel(), responses.ravel()], axis=1))  # arms of many trials have seen the same
    a, b = (seen[:, 1] + prior[0])[:, None], (seen[:, 0] - seen[:, 1] + prior[1])[:, None]
    density = np.exp(a * log_x + b * log_y - betaln(a, b)) * measure
    below = betainc(a, b, x)
    found, of = np.empty(n.shape), which.reshape(n.shape)
    for arm in range(n.shape[1]):
        product = density[of[:, arm]]
        for other in range(n.shape[1]):
            if other != arm:
                product *= below[of[:, other]]
        found[:, arm] = product.sum(axis=1)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class AdaptiveCharacteristics(Result):
    """Means over simulated trials. Tuples have an element an arm, counted from 1."""

    truth: tuple[float, ...]
    trials: int
    seed: int
    patients: tuple[float, ...]
    patients_deviation: tuple[float, ...]
    responses: tuple[float, ...]
    best: tuple[float, ...]
    """How often the arm has the highest probability to be the best at the end."""
    best_error: tuple[float, ...]
    worse_than_equal: float
    """How often the truly best arm gets fewer patients than under equal allocation."""

    def frame(self) -> pl.DataFrame:
        """A row an arm."""
        import polars as pl

        names = ("truth", "patients", "patients_deviation", "responses", "best", "best_error")
        columns = {name: list(getattr(self, name)) for name in names}
        return pl.DataFrame({"arm": list(range(1, len(self.truth) + 1)), **columns})


@design
@dataclass(frozen=True)
class ResponseAdaptive(Declared):
    """Allocation follows the responses once every arm has its burn-in, within caps.

    * ``thompson``: the probability to be the best arm, to the power ``tempering`` (Thompson 1933, Biometrika 25:285). Where
      ``tempering`` is None it is ``n / (2 N)`` for ``n`` of ``N`` patients (Thall & Wathen 2007, European Journal of Cancer
      43:859).
    * ``optimal``: to the square root of the response rate, which gives the fewest failures for a power (Rosenberger, Stallard,
      Ivanova, Harper & Ricks 2001, Biometrics 57:909).
    * ``neyman``: to the standard deviation of the response, which gives the greatest power.
    """

    arms: int = 2
    patients: int = 100
    rule: Literal["thompson", "optimal", "neyman"] = "thompson"
    burn_in: int = 5
    """Patients of each arm who come first, in blocks with every arm once."""
    least: float = 0.1
    most: float = 0.9
    """Caps of the probability of each arm."""
    tempering: float | None = None
    prior: tuple[float, float] = (1.0, 1.0)
    """Of the beta distribution of each response rate."""
    every: int = 1
    """The probabilities are made anew after so many patients."""

    def __post_init__(self) -> None:
        checking.count("arms", self.arms, 2)
        checking.count("patients", self.patients, self.arms)
        checking.count("burn_in", self.burn_in, 0, self.patients // self.arms)
        checking.count("every", self.every, 1)
        checking.between("least", self.least, 0.0, 1 / self.arms, closed=True)
        checking.between("most", self.most, 1 / self.arms, 1.0, closed=True)
        object.__setattr__(self, "prior", tuple(checking.positive("prior", each) for each in self.prior))
        if self.rule not in ("thompson", "optimal", "neyman"):
            raise DesignError("rule", self.rule, "thompson, optimal or neyman")
        if self.tempering is not None:
            checking.between("tempering", self.tempering, 0.0, 10.0, closed=True)

    def probabilities(self, n: Sequence[SupportsIndex], responses: Sequence[SupportsIndex]) -> tuple[float, ...]:
        """Of each arm for the next patient, after ``n`` patients with known responses in each arm."""
        if len(n) != self.arms or len(responses) != self.arms:
            raise DesignError("n", tuple(n), f"{self.arms} counts, one an arm, and as many of responses")
        patients = np.array([[checking.count(f"n[{arm}]", each) for arm, each in enumerate(n, 1)]])
        good = [
            [checking.count(f"responses[{i + 1}]", each, 0, int(patients[0, i])) for i, each in enumerate(responses)]
        ]
        return tuple(self.chances(patients, np.array(good))[0].tolist())

    def chances(self, n: Counts, responses: Counts) -> Reals:
        """The probabilities of the arms for rows of trials."""
        total = n.sum(axis=1, keepdims=True)
        rate = (responses + self.prior[0]) / (n + sum(self.prior))
        if self.rule == "thompson":
            power = total / (2 * self.patients) if self.tempering is None else self.tempering
            raw = best(n, responses, self.prior) ** power
        else:
            raw = np.sqrt(rate) if self.rule == "optimal" else np.sqrt(rate * (1 - rate))
        chances = self._capped(raw / raw.sum(axis=1, keepdims=True))
        behind = (n == n.min(axis=1, keepdims=True)) / (n == n.min(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
        return np.asarray(np.where(n.min(axis=1, keepdims=True) < self.burn_in, behind, chances))

    def _capped(self, chances: Reals) -> Reals:
        """The nearest probabilities of the form clip(c + shift) within the caps: what a cap takes, all others share alike."""
        outside = ((chances < self.least) | (chances > self.most)).any(axis=1)
        raw = chances[outside]
        low = np.full((len(raw), 1), -1.0)
        high = -low
        for _ in range(60):
            shift = (low + high) / 2
            over = np.clip(raw + shift, self.least, self.most).sum(axis=1, keepdims=True) > 1
            low, high = np.where(over, low, shift), np.where(over, shift, high)
        capped = np.clip(raw + (low + high) / 2, self.least, self.most)
        found = chances.copy()
        found[outside] = capped / capped.sum(axis=1, keepdims=True)
        return found

    def assign(self, n: Sequence[SupportsIndex], responses: Sequence[SupportsIndex], draw: float) -> int:
        """The arm, from 1, for a uniform number."""
        chances = np.array([self.probabilities(n, responses)])
        return int(drawn(chances, np.array([checking.between("draw", draw, 0.0, 1.0, closed=True)]))[0])

    def simulate(
        self,
        truth: Sequence[float],
        trials: int = 1000,
        seed: int = 0,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> AdaptiveCharacteristics:
        """Trials in which each response is known before the next patient.

        ``progress`` is told the trials done and the trials in all; ``processes`` None takes every processor if that is sooner,
        to the same result.
        """
        rates = checking.probabilities("truth", truth, closed=True)
        if len(rates) != self.arms:
            raise DesignError("truth", rates, f"{self.arms} probabilities, one an arm")
        checking.count("trials", trials, 2)
        part = _Part(self, rates)
        tally = summed(part, trials, checking.count("seed", seed), progress, processes, _TOGETHER)
        mean, share = tally.n / trials, tally.best / trials
        squares = np.maximum(tally.n_squared - tally.n * mean, 0.0)
        return AdaptiveCharacteristics(
            rates,
            trials,
            seed,
            tuple(mean.tolist()),
            tuple(np.sqrt(squares / (trials - 1)).tolist()),
            tuple((tally.responses / trials).tolist()),
            tuple(share.tolist()),
            tuple(np.sqrt(share * (1 - share) / trials).tolist()),
            tally.worse / trials,
        )


@dataclass(frozen=True)
class _Tally(Sums):
    """Sums over trials; arrays have an element an arm."""

    n: Counts
    n_squared: Counts
    responses: Counts
    best: Counts
    worse: int


@dataclass(frozen=True)
class _Part:
    """Simulates a part of the trials; can be sent to another process."""

    design: ResponseAdaptive
    rates: tuple[float, ...]

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> _Tally:
        design, random, p = self.design, np.random.default_rng(seed), np.array(self.rates)
        n, responses = np.zeros((2, trials, design.arms), dtype=np.int64)
        rows = np.arange(trials)
        for patient in range(design.patients):
            uniform = random.random((trials, 2))
            if patient <= design.burn_in * design.arms or patient % design.every == 0:
                chances = design.chances(n, responses)
            arm = drawn(chances, uniform[:, 0]) - 1
            n[rows, arm] += 1
            responses[rows, arm] += uniform[:, 1] < p[arm]
        found = best(n, responses, design.prior).argmax(axis=1)
        worse = int((n[:, int(p.argmax())] < design.patients / design.arms).sum())
        chosen = np.bincount(found, minlength=design.arms)
        return _Tally(n.sum(axis=0), (n**2).sum(axis=0), responses.sum(axis=0), chosen, worse)
