"""Mixtures of conjugate distributions: priors that stay mixtures when data come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc, betaln, ndtr, polygamma, psi

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.nodes import legendre
from helmont.design.results import Result

Floats = NDArray[np.float64]
Size = Literal["elir", "moment"]
"""Effective sample size: expected local-information ratio (Neuenschwander, Weber, Schmidli & O'Hagan 2020, Biometrics 76:578,
equation 6), or of the single conjugate distribution with the same mean and variance."""


@dataclass(frozen=True)
class BetaMixture(Result):
    """Of a response rate; tuples have an element a component."""

    weights: tuple[float, ...]
    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def mean(self) -> float:
        w, a, b = self._arrays()
        return float(w @ (a / (a + b)))

    @property
    def variance(self) -> float:
        w, a, b = self._arrays()
        return float(w @ (a * (a + 1) / ((a + b) * (a + b + 1))) - self.mean**2)

    def posterior(self, responses: int, patients: int) -> BetaMixture:
        """After ``responses`` of ``patients``."""
        checking.count("responses", responses, 0, checking.count("patients", patients))
        w, a, b = self._arrays()
        after_a, after_b = a + responses, b + patients - responses
        logarithm = np.log(w) + betaln(after_a, after_b) - betaln(a, b)
        found = np.exp(logarithm - logarithm.max())
        return BetaMixture(_tuple(found / found.sum()), _tuple(after_a), _tuple(after_b))

    def above(self, rate: float) -> float:
        """The probability that the response rate is above ``rate``."""
        w, a, b = self._arrays()
        return float(w @ betaincc(a, b, rate))

    def density(self, rate: Floats) -> Floats:
        w, a, b = (each[:, None] for each in self._arrays())
        return np.asarray((w * np.exp((a - 1) * np.log(rate) + (b - 1) * np.log1p(-rate) - betaln(a, b))).sum(axis=0))

    def effective_size(self, method: Size = "elir") -> float:
        """How many patients the distribution is worth."""
        if method == "moment":
            return self.mean * (1 - self.mean) / self.variance - 1
        _known(method)
        nodes, weights = legendre(600)
        t = np.pi * (nodes + 1) / 4  # rate = sin(t)**2: nodes gather at 0 and 1
        rate = np.sin(t) ** 2
        w, a, b = (each[:, None] for each in self._arrays())
        parts = w * np.exp((a - 1) * np.log(rate) + (b - 1) * np.log1p(-rate) - betaln(a, b))
        score = (a - 1) / rate - (b - 1) / (1 - rate)
        bend = score**2 - (a - 1) / rate**2 - (b - 1) / (1 - rate) ** 2
        return _ratio(parts, score, bend, rate * (1 - rate), np.sin(2 * t) * np.pi / 4 * weights)

    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.weights), np.array(self.a), np.array(self.b)


@dataclass(frozen=True)
class NormalMixture(Result):
    """Of a mean; ``deviation`` is the standard deviation of one patient's outcome."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    deviation: float

    @property
    def mean(self) -> float:
        w, m, _ = self._arrays()
        return float(w @ m)

    @property
    def variance(self) -> float:
        w, m, s = self._arrays()
        return float(w @ (s**2 + m**2) - self.mean**2)

    def posterior(self, mean: float, patients: int) -> NormalMixture:
        """After a mean of ``patients``."""
        checking.count("patients", patients, 1)
        w, m, s = self._arrays()
        error = self.deviation**2 / patients
        logarithm = np.log(w) - 0.5 * np.log(s**2 + error) - 0.5 * (mean - m) ** 2 / (s**2 + error)
        found, after = np.exp(logarithm - logarithm.max()), 1 / (1 / s**2 + 1 / error)
        means = after * (m / s**2 + mean / error)
        return NormalMixture(_tuple(found / found.sum()), _tuple(means), _tuple(np.sqrt(after)), self.deviation)

    def above(self, value: float) -> float:
        """The probability that the mean is above ``value``."""
        w, m, s = self._arrays()
        return float(w @ ndtr((m - value) / s))

    def density(self, value: Floats) -> Floats:
        w, m, s = (each[:, None] for each in self._arrays())
        return np.asarray((w * np.exp(-0.5 * ((value - m) / s) ** 2) / (s * np.sqrt(2 * np.pi))).sum(axis=0))

    def effective_size(self, method: Size = "elir") -> float:
        """How many patients the distribution is worth."""
        if method == "moment":
            return self.deviation**2 / self.variance
        _known(method)
        w, m, s = (each[:, None] for each in self._arrays())
        nodes, weights = legendre(600)
        total = 0.0
        for part in range(len(self.weights)):  # an integral a component, over where it is
            value = m[part] + 9 * s[part] * nodes
            scores = -(value - m) / s**2
            parts = w * np.exp(-0.5 * ((value - m) / s) ** 2) / s
            of_part = parts[part] * 9 * s[part] * weights / np.sqrt(2 * np.pi)
            density = np.maximum(parts.sum(axis=0), 1e-300)
            slope = (parts * scores).sum(axis=0) / density
            bend = (parts * (scores**2 - 1 / s**2)).sum(axis=0) / density
            total += float((of_part * (slope**2 - bend)).sum())
        return total * self.deviation**2

    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.weights), np.array(self.means), np.array(self.deviations)


def _known(method: str) -> None:
    if method != "elir":
        raise DesignError("method", method, "elir or moment")


def _ratio(parts: Floats, score: Floats, bend: Floats, per_patient: Floats, measure: Floats) -> float:
    """The mean of the local information of the mixture over that of one patient; ``parts`` are densities by component."""
    density = np.maximum(parts.sum(axis=0), 1e-300)
    slope, second = (parts * score).sum(axis=0) / density, (parts * bend).sum(axis=0) / density
    return float((density * (slope**2 - second) * per_patient * measure).sum())


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def fit_normals(points: Floats, mass: Floats, components: int) -> tuple[Floats, Floats, Floats]:
    """Weights, means and standard deviations of the mixture of greatest likelihood for points with masses (EM)."""
    m, s = _starts(points, mass, components)
    w = np.full(components, 1 / components)
    for _ in range(400):
        logarithm = np.log(w)[:, None] - np.log(s)[:, None] - 0.5 * ((points - m[:, None]) / s[:, None]) ** 2
        share = _shares(logarithm) * mass
        before, w = w, np.maximum(share.sum(axis=1), 1e-12)
        m = share @ points / w
        s = np.sqrt(np.maximum((share * (points - m[:, None]) ** 2).sum(axis=1) / w, 1e-12))
        if np.abs(w - before).max() < 1e-8:
            break
    return w / w.sum(), m, s


def fit_betas(points: Floats, mass: Floats, components: int) -> tuple[Floats, Floats, Floats]:
    """Weights and parameters of the mixture of beta distributions of greatest likelihood (EM; Newton in the parameters)."""
    m, s = _starts(points, mass, components)
    size = np.clip(m * (1 - m) / s**2 - 1, 1.0, 1e4)
    a, b, w = m * size, (1 - m) * size, np.full(components, 1 / components)
    log_p, log_q = np.log(points), np.log1p(-points)
    for _ in range(300):
        logarithm = np.log(w)[:, None] + a[:, None] * log_p + b[:, None] * log_q - betaln(a, b)[:, None]
        share = _shares(logarithm) * mass
        before, w = w, np.maximum(share.sum(axis=1), 1e-12)
        first, second = share @ log_p / w, share @ log_q / w
        for _ in range(3):
            g, h = psi(a) - psi(a + b) - first, psi(b) - psi(a + b) - second
            gg, hh, both = polygamma(1, a), polygamma(1, b), polygamma(1, a + b)
            determinant = (gg - both) * (hh - both) - both**2
            step_a, step_b = ((hh - both) * g + both * h) / determinant, ((gg - both) * h + both * g) / determinant
            a, b = np.maximum(a - step_a, a / 3), np.maximum(b - step_b, b / 3)
        if np.abs(w - before).max() < 1e-7:
            break
    return w / w.sum(), a, b


def _starts(points: Floats, mass: Floats, components: int) -> tuple[Floats, Floats]:
    """One mean, and standard deviations that differ: historical priors have one mode and long tails."""
    mean = float(mass @ points)
    spread = float(np.sqrt(mass @ (points - mean) ** 2))
    return mean + spread * np.linspace(-0.3, 0.3, components), spread * np.geomspace(0.5, 1.5, components)


def _shares(logarithm: Floats) -> Floats:
    density = np.exp(logarithm - logarithm.max(axis=0))
    return np.asarray(density / density.sum(axis=0))
