"""Designs that ask in which interval the toxicity rate most probably lies: mTPI, mTPI-2, Keyboard, and TPI before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from helmont.design.checking import DesignError, positive, probability
from helmont.design.declared import design
from helmont.design.dose_finding.interval import IntervalDesign
from helmont.design.dose_finding.isotonic import Floats, Ints

EQUAL = 1e-9
"""Densities that differ by less are equal: the limits of keys carry rounding."""


@dataclass(frozen=True)
class _Margins(IntervalDesign):
    """Designs with an interval around the target: ``margins`` are its widths below and above."""

    margins: tuple[float, float] = (0.05, 0.05)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.margins, Sequence) or len(self.margins) != 2:
            raise DesignError("margins", self.margins, "two widths, below and above the target")
        below, above = (positive(f"margins[{place}]", value) for place, value in enumerate(self.margins, start=1))
        probability("target - margins[1]", self.target - below)
        probability("target + margins[2]", self.target + above)
        object.__setattr__(self, "margins", (below, above))

    @property
    def interval(self) -> tuple[float, float]:
        """In which a rate is as wanted."""
        return self.target - self.margins[0], self.target + self.margins[1]


def densities(limits: Floats, n: Ints, dlt: Ints) -> Floats:
    """Posterior probability per width of each interval between limits, with a uniform prior; the last axis is the interval."""
    below = special.betainc(dlt[..., None] + 1, n[..., None] - dlt[..., None] + 1, limits)
    return np.asarray(np.diff(below, axis=-1) / np.diff(limits), dtype=np.float64)


def tiled(low: float, high: float) -> tuple[Floats, int]:
    """Limits of intervals as wide as the one from low to high, from 0 to 1 (the outermost are cut), and the place of that one."""
    width = high - low
    left = [low - step * width for step in range(1, int(low / width) + 2) if low - step * width > EQUAL]
    right = [high + step * width for step in range(1, int((1 - high) / width) + 2) if high + step * width < 1 - EQUAL]
    return np.array([0.0, *reversed(left), low, high, *right, 1.0]), len(left) + 1


@design
@dataclass(frozen=True)
class Keyboard(_Margins):
    """Go towards the target key from the strongest key (Yan, Mandrekar & Yuan 2017, Clin Cancer Res 23:3994-4003).

    Keys are as wide as the target key; the strongest has the highest posterior density (uniform prior; the outermost keys, which
    are cut, by density as well). ``stop_at`` ends the trial at that many patients whatever the table says.
    """

    tabulate_from: ClassVar[int] = 1
    stop_any: ClassVar[bool] = True

    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        return _strongest(*tiled(*self.interval), n, dlt)


@design
@dataclass(frozen=True)
class Mtpi2(_Margins):
    """The modified toxicity probability interval design 2 (Guo, Wang, Yang, Lynn & Ji 2017, Contemp Clin Trials 58:23-33).

    The interval with the largest unit probability mass, among intervals as wide as the one around the target, decides.
    """

    eliminate_from: ClassVar[int] = 2
    tabulate_from: ClassVar[int] = 2

    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        return _strongest(*tiled(*self.interval), n, dlt)


@design
@dataclass(frozen=True)
class Mtpi(_Margins):
    """The modified toxicity probability interval design (Ji, Liu, Li & Bekele 2010, Clin Trials 7:653-663).

    The largest unit probability mass of three intervals decides: below, around and above the target.
    """

    eliminate_from: ClassVar[int] = 2
    tabulate_from: ClassVar[int] = 2

    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        return _strongest(np.array([0.0, *self.interval, 1.0]), 1, n, dlt)


def _strongest(limits: Floats, target: int, n: Ints, dlt: Ints) -> NDArray[np.int8]:
    """Towards ``target`` from the densest interval; of equally dense ones the highest counts, which is the safest."""
    found = densities(limits, n, dlt)
    equal = found >= found.max(axis=-1, keepdims=True) * (1 - EQUAL)
    strongest = found.shape[-1] - 1 - np.argmax(equal[..., ::-1], axis=-1)
    return np.asarray(np.sign(target - strongest), dtype=np.int8)


@design
@dataclass(frozen=True)
class Tpi(IntervalDesign):
    """The toxicity probability interval design (Ji, Li & Bekele 2007, Clin Trials 4:235-244).

    The most probable of three intervals decides: below ``target - k2 * sd``, up to ``target + k1 * sd``, and above, where sd is
    the posterior standard deviation; the prior is beta(0.005, 0.005), also of the rule that eliminates doses.
    """

    k1: float = 1.0
    k2: float = 1.5

    prior: ClassVar[float] = 0.005
    eliminate_from: ClassVar[int] = 2
    tabulate_from: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "k1", positive("k1", self.k1))
        object.__setattr__(self, "k2", positive("k2", self.k2))

    def moves(self, n: Ints, dlt: Ints) -> NDArray[np.int8]:
        a, b = dlt + self.prior, n - dlt + self.prior
        sd = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
        low = special.betainc(a, b, np.clip(self.target - self.k2 * sd, 0.0, 1.0))
        high = special.betainc(a, b, np.clip(self.target + self.k1 * sd, 0.0, 1.0))
        masses = np.stack([low, high - low, 1 - high])
        return np.asarray(1 - np.argmax(masses, axis=0), dtype=np.int8)
