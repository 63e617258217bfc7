"""The robust meta-analytic-predictive prior of the parameter of a new trial's control arm.

Schmidli, Gsteiger, Roychoudhury, O'Hagan, Spiegelhalter & Neuenschwander (2014) Biometrics 70:1023. Parameters of the trials are
normal about a common mean, with a half-normal prior of the deviation ``tau`` between trials; for binary responses on the logit
scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, gammaln

from helmont.design import checking
from helmont.design.borrowing.mixtures import BetaMixture, Floats, NormalMixture, fit_betas, fit_normals
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.nodes import legendre

_Z = np.linspace(-6.0, 6.0, 241)
_MASS = np.exp(-0.5 * _Z**2) / np.exp(-0.5 * _Z**2).sum()


def _heterogeneity(scale: float) -> tuple[Floats, Floats]:
    """Nodes of ``tau`` and the logarithm of their half-normal prior times weight; 0 to 5 scales, closer together near 0."""
    nodes, weights = legendre(48)
    u = (nodes + 1) / 2
    tau = 5 * scale * u**2
    return tau, np.log(weights * u) - 0.5 * (tau / scale) ** 2


def _normalised(logarithm: Floats) -> Floats:
    found = np.exp(logarithm - logarithm.max())
    return np.asarray(found / found.sum())


@dataclass(frozen=True)
class _Map(Declared):
    history: tuple[tuple[float, float], ...]
    tau: float
    """Scale of the half-normal prior of the deviation between trials."""
    robust: float = 0.2
    """Weight of a component that knows nothing of the history."""
    components: int = 3
    """Of the mixture that stands for the exact predictive distribution."""

    def __post_init__(self) -> None:
        history = tuple(tuple(each) for each in self.history)
        if not history or any(len(each) != 2 for each in history):
            raise DesignError("history", self.history, "a pair for each of one or more trials")
        object.__setattr__(self, "history", history)
        checking.positive("tau", self.tau)
        checking.between("robust", self.robust, 0.0, 1.0, closed=True)
        checking.count("components", self.components, 1, 6)

    def _robustified(self, weights: Floats) -> tuple[float, ...]:
        return (*(float(each) * (1 - self.robust) for each in weights), *((self.robust,) if self.robust else ()))


@design
@dataclass(frozen=True)
class MapBinary(_Map):
    """``history``: responses and patients of each earlier control arm; ``tau`` on the logit scale, often 0.5 to 1."""

    tau: float = 1.0
    centre: float = 0.0
    spread: float = 2.0
    """Mean and standard deviation of the normal prior of the common mean, on the logit scale."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for place, (responses, patients) in enumerate(self.history, start=1):
            checking.count(f"history[{place}]", responses, 0, checking.count(f"history[{place}]", patients, 1))  # type: ignore[arg-type]
        checking.number("centre", self.centre)
        checking.positive("spread", self.spread)

    @cached_property
    def predictive(self) -> tuple[Floats, Floats]:
        """The exact predictive distribution without the robust component: response rates and their masses."""
        tau, log_tau = _heterogeneity(self.tau)
        mu = self.centre + self.spread * np.linspace(-4.5, 4.5, 181)
        log_prior = log_tau[:, None] - 0.5 * ((mu - self.centre) / self.spread) ** 2
        edges, mass = np.linspace(-12.0, 12.0, 2401), np.zeros(2400)
        responses, patients = np.array(self.history, dtype=float).T
        choose = gammaln(patients + 1) - gammaln(responses + 1) - gammaln(patients - responses + 1)
        for place, deviation in enumerate(tau):  # one at a time stays in the processor's cache
            theta = mu[:, None] + deviation * _Z
            log_q = -np.logaddexp(0.0, theta)
            for r, n, ways in zip(responses, patients, choose, strict=True):
                likelihood = np.exp(r * theta + n * log_q + ways) @ _MASS
                log_prior[place] += np.log(np.maximum(likelihood, 1e-300))
        joint = _normalised(log_prior)
        for deviation, each in zip(tau, joint, strict=True):
            bins = ((mu[:, None] + deviation * _Z - edges[0]) / (edges[1] - edges[0])).astype(np.int64)
            mass += np.bincount(np.clip(bins, 0, 2399).ravel(), (each[:, None] * _MASS).ravel(), minlength=2400)
        return np.asarray(expit((edges[1:] + edges[:-1]) / 2)), np.asarray(mass / mass.sum())

    @cached_property
    def prior(self) -> BetaMixture:
        """The mixture of beta distributions, the robust component (uniform) last."""
        w, a, b = fit_betas(*self.predictive, self.components)
        flat = (1.0,) if self.robust else ()
        return BetaMixture(
            self._robustified(w), (*(float(each) for each in a), *flat), (*(float(each) for each in b), *flat)
        )


@design
@dataclass(frozen=True)
class MapNormal(_Map):
    """``history``: mean and standard error of each earlier control arm; ``deviation`` of one patient's outcome."""

    tau: float = 1.0
    deviation: float = 1.0
    centre: float = 0.0
    spread: float = 100.0
    """Mean and standard deviation of the normal prior of the common mean."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for place, (mean, error) in enumerate(self.history, start=1):
            checking.number(f"history[{place}]", mean)
            checking.positive(f"history[{place}]", error)
        checking.positive("deviation", self.deviation)
        checking.positive("spread", self.spread)

    @cached_property
    def predictive(self) -> tuple[Floats, Floats, Floats]:
        """The exact predictive distribution without the robust component: weights, means and deviations of normals, one a
        ``tau``."""
        tau, log_tau = _heterogeneity(self.tau)
        y, error = np.array(self.history, dtype=float).T
        precision = 1 / (error**2 + tau[:, None] ** 2)
        total = precision.sum(axis=1) + self.spread**-2
        centre = (precision @ y + self.centre / self.spread**2) / total
        away = (precision * (y - centre[:, None]) ** 2).sum(axis=1) + ((self.centre - centre) / self.spread) ** 2
        weight = _normalised(log_tau + 0.5 * np.log(precision).sum(axis=1) - 0.5 * np.log(total) - 0.5 * away)
        return weight, centre, np.sqrt(1 / total + tau**2)

    @cached_property
    def prior(self) -> NormalMixture:
        """The mixture of normals; the robust component, last, is worth one patient at the mean of the others."""
        weight, centre, spread = self.predictive
        few = _MASS[::6] / _MASS[::6].sum()
        points = (centre[:, None] + spread[:, None] * _Z[::6]).ravel()
        w, m, s = fit_normals(points, (weight[:, None] * few).ravel(), self.components)
        vague = ((float(w @ m),), (float(self.deviation),)) if self.robust else ((), ())
        return NormalMixture(
            self._robustified(w),
            (*(float(each) for each in m), *vague[0]),
            (*(float(each) for each in s), *vague[1]),
            self.deviation,
        )
