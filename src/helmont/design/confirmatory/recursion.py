"""The distribution of a test statistic over the looks of a group sequential trial, by recursive numerical integration.

The score statistic S of a trial with effect theta is at information I normal with mean theta I and variance I, and its
increments are independent. The part of its density that has crossed no bound at looks 1 to k follows from that at look k
- 1 (Armitage, McPherson & Rowe 1969, J R Stat Soc A 132:235-244; Jennison & Turnbull 2000, chapter 19, equations 19.2 to
19.7, there on the scale Z = S / sqrt(I)). Between two bounds the integrand is smooth, so that Gauss-Legendre panels no
wider than the increments' standard deviation allows are exact to about 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, pi, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.special import ndtr

from helmont.design.roots import root

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = leggauss(16)
_PANEL = 4.0
"""The width of a panel in standard deviations of the narrower of the increments before and after it."""
_PANELS = 128
"""At most; looks closer than 1e-4 of the information would need more."""
_REACH = 9.0
"""Beyond this many standard deviations there is nothing: 1e-19."""


class Path:
    """The sub-density of the score on its way from look to look; ``look`` counts those that are behind, from 0.

    0 at the beginning.

    ``score`` and ``start`` are where it begins: at nothing known both are 0, at an interim analysis the score and the
    information there. Bounds are on the scale of Z; ``information`` holds the looks to come.
    """

    def __init__(self, information: Sequence[float], theta: float, score: float = 0.0, start: float = 0.0) -> None:
        self.information, self.theta, self.look = tuple(information), theta, 0
        self._from, self._start = score, start
        self._scores, self._mass = np.array([score]), np.array([1.0])

    def _increment(self, look: int) -> float:
        """The information that a look (from 0) adds."""
        return self.information[look] - (self.information[look - 1] if look else self._start)

    def _distance(self, bound: float) -> Floats:
        """How far every score is from a bound at the next look, in standard deviations of the increment."""
        added = self._increment(self.look)
        distance: Floats = (self._scores + self.theta * added - bound * sqrt(self.information[self.look])) / sqrt(added)
        return distance

    def above(self, bound: float) -> float:
        """The probability to have crossed no bound before and to be above ``bound`` at the next look."""
        return 0.0 if bound == inf else float(self._mass @ ndtr(self._distance(bound)))

    def below(self, bound: float) -> float:
        """The probability to have crossed no bound before and to be below ``bound`` at the next look."""
        return 0.0 if bound == -inf else float(self._mass @ ndtr(-self._distance(bound)))

    def upper(self, probability: float) -> float:
        """The bound at the next look above which the statistic is with this probability; infinite where it cannot be."""
        return self._bound(probability, 1)

    def lower(self, probability: float) -> float:
        """The bound at the next look below which the statistic is with this probability; infinite where it cannot be."""
        return self._bound(probability, -1)

    def _bound(self, probability: float, side: int) -> float:
        """The bound with this probability beyond it, above (``side`` 1) or below (-1); on logarithms, nearly straight."""
        if probability <= 0:
            return side * inf
        information = self.information[self.look]
        middle = (self._from + self.theta * (information - self._start)) / sqrt(information)
        width = _REACH * sqrt((information - self._start) / information)
        beyond = self.above if side > 0 else self.below
        if beyond(middle - side * width) <= probability:
            return -side * inf

        def excess(bound: float) -> float:
            return log(max(beyond(bound), 1e-300) / probability)

        far = middle + side * width
        return far if excess(far) > 0 else root(excess, middle - width, middle + width)

    def go_on(self, lower: float, upper: float) -> None:
        """Pass the next look: the trial goes on with a statistic between these bounds."""
        added, information = self._increment(self.look), self.information[self.look]
        middle = self._from + self.theta * (information - self._start)
        width = _REACH * sqrt(information - self._start)
        low, high = max(lower * sqrt(information), middle - width), min(upper * sqrt(information), middle + width)
        self.look += 1
        if low >= high or not self._scores.size:
            self._scores, self._mass = np.empty(0), np.empty(0)
            return
        narrow = sqrt(added if self.look == len(self.information) else min(added, self._increment(self.look)))
        panels = min(_PANELS, max(1, int(np.ceil((high - low) / (_PANEL * narrow)))))
        half = (high - low) / panels / 2
        centres = low + half * (2 * np.arange(panels) + 1)
        scores = (centres[:, None] + half * _NODES).ravel()
        away = (scores[:, None] - (self._scores + self.theta * added)) / sqrt(added)
        density = np.exp(-0.5 * away**2) @ self._mass / sqrt(2 * pi * added)
        self._scores, self._mass = scores, density * np.tile(half * _WEIGHTS, panels)


def crossing(
    information: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    theta: float,
    score: float = 0.0,
    start: float = 0.0,
) -> tuple[Floats, Floats]:
    """The probabilities to cross the upper and the lower bound first at each look, each of shape (looks,)."""
    path = Path(information, theta, score, start)
    above, below = np.zeros(len(upper)), np.zeros(len(upper))
    for look, (low, high) in enumerate(zip(lower, upper, strict=True)):
        above[look], below[look] = path.above(high), path.below(low)
        if look + 1 < len(upper):
            path.go_on(low, high)
    return above, below
