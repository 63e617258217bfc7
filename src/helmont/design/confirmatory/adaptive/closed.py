"""Closed tests of several hypotheses over stages, with arms or populations chosen in between.

Every intersection of hypotheses has its p-value in every stage, from the participants of that stage; the stages are
combined by the inverse normal method, and a hypothesis is rejected if every intersection that it belongs to is (Bauer &
Kieser 1999, Stat Med 18:1833-1848; Wassmer & Brannath 2016, chapter 11). Arms that are dropped take their part out of an
intersection from then on. The same test serves treatment arms against a control and enrichment, where the hypotheses are
those of a population and its subgroups (Brannath et al 2009, Stat Med 28:1445-1463): whatever rule chooses at the interim
analysis, the error is held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan, sqrt
from typing import TypeAlias

import numpy as np
from scipy.special import gammaln, ndtr, stdtr

from helmont.design.checking import DesignError, positive
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.multi_arm.closed import Members, rejected_by_closure, subsets
from helmont.design.confirmatory.quadrature import hermite, legendre
from helmont.design.confirmatory.recursion import Floats
from helmont.design.results import Plain, Result

Intersection: TypeAlias = "Callable[[int, Members], float]"
"""The p-value of an intersection (hypotheses from 1) in a stage (from 1), of those of its members that are still there."""


@dataclass(frozen=True)
class ClosedTest(Result):
    """What a closed test found, at every stage so far; nan for an intersection none of whose hypotheses is left."""

    p_values: dict[Members, tuple[float, ...]]
    statistics: dict[Members, tuple[float, ...]]
    rejected_intersections: dict[Members, tuple[bool, ...]]
    rejected: tuple[tuple[bool, ...], ...]
    """``rejected[hypothesis - 1][stage - 1]``."""

    def to_dict(self) -> dict[str, Plain]:
        """Intersections as ``"1 2"``."""
        found: dict[str, Plain] = {
            name: {" ".join(map(str, members)): [_or_none(each) for each in row] for members, row in table.items()}
            for name, table in (
                ("p_values", self.p_values),
                ("statistics", self.statistics),
                ("rejected_intersections", self.rejected_intersections),
            )
        }
        return {**found, "rejected": [list(row) for row in self.rejected]}


def _or_none(value: float | bool) -> Plain:
    return None if isinstance(value, float) and value != value else value


def closed_test(
    planned: InverseNormal, hypotheses: int, chosen: Sequence[Sequence[int]], p_value: Intersection
) -> ClosedTest:
    """Test ``hypotheses`` by closure, of which ``chosen[stage - 1]`` (numbers from 1) went on in each stage so far.

    An intersection stays rejected once it is. Raises ``DesignError`` for a hypothesis that comes back.
    """
    if not 0 < len(chosen) <= planned.looks:
        raise DesignError("chosen", chosen, f"the hypotheses of 1 to {planned.looks} stages")
    for stage, (before, now) in enumerate(pairwise(chosen), start=2):
        if not set(now) <= set(before):
            raise DesignError(f"chosen[{stage}]", tuple(now), f"some of {tuple(before)}, which went on until then")
    upper = planned.bounds().upper
    p_values: dict[Members, tuple[float, ...]] = {}
    statistics: dict[Members, tuple[float, ...]] = {}
    rejected: dict[Members, tuple[bool, ...]] = {}
    for members in subsets(hypotheses):
        found: list[float] = []
        for stage, present in enumerate(chosen, start=1):
            left = tuple(each for each in members if each in present)
            found.append(p_value(stage, left) if left else nan)
        known = [p for p in found if p == p]
        z = planned.combined(known) if known else ()
        row = [*z, *(nan,) * (len(found) - len(z))]
        p_values[members], statistics[members] = tuple(found), tuple(row)
        crossed = [each >= bound for each, bound in zip(row, upper, strict=False)]
        rejected[members] = tuple(any(crossed[: stage + 1]) for stage in range(len(crossed)))
    by_stage = [
        rejected_by_closure({members: row[stage] for members, row in rejected.items()}) for stage in range(len(chosen))
    ]
    # A hypothesis that was dropped before it was rejected is not rejected later.
    final = []
    for hypothesis in range(1, hypotheses + 1):
        row_, so_far = [], False
        for stage, present in enumerate(chosen):
            so_far = so_far or (hypothesis in present and by_stage[stage][hypothesis - 1])
            row_.append(so_far)
        final.append(tuple(row_))
    return ClosedTest(p_values, statistics, rejected, tuple(final))


def dunnett(statistics: Sequence[float], sizes: Sequence[float], control: float, df: float | None = None) -> float:
    """The p-value of the largest of several statistics that share a control (Dunnett 1955, J Am Stat Assoc 50:1096-1121).

    ``sizes``: participants of each arm, ``control`` those of the control; ``df``: of the common variance estimate, None
    if it is known.
    """
    largest = max(statistics)
    if len(statistics) == 1:
        return float(ndtr(-largest) if df is None else stdtr(df, -largest))
    loadings = np.array([sqrt(each / (each + control)) for each in sizes])
    points, weights = hermite(64)

    def below(bound: Floats) -> Floats:
        """The probability that all statistics with known variance are below each bound."""
        within = ndtr((bound[:, None, None] + loadings * points[:, None]) / np.sqrt(1 - loadings**2))
        found: Floats = within.prod(-1) @ weights
        return found

    if df is None:
        return 1 - float(below(np.array([largest]))[0])
    scale, mass = _scales(df)
    return 1 - float(mass @ below(largest * scale))


def _scales(df: float) -> tuple[Floats, Floats]:
    """Nodes and weights for the estimated over the true standard deviation, which is chi(df) / sqrt(df)."""
    positive("df", df)
    spread = 8 / sqrt(2 * df)
    low, high = max(1e-9, 1 - spread), 1 + spread + 4 / df
    nodes, weights = legendre(64)
    s = (low + high) / 2 + (high - low) / 2 * nodes
    density = np.exp(np.log(2) + df / 2 * np.log(df / 2) - gammaln(df / 2) + (df - 1) * np.log(s) - df * s * s / 2)
    mass = density * weights * (high - low) / 2
    return s, mass / mass.sum()


def bonferroni(p_values: Sequence[float]) -> float:
    """The smallest of several p-values times their number."""
    return min(1.0, len(p_values) * min(p_values))


def simes(p_values: Sequence[float]) -> float:
    """Simes 1986, Biometrika 73:751-754."""
    ordered = sorted(p_values)
    return min(1.0, *(len(ordered) * p / rank for rank, p in enumerate(ordered, start=1)))


def nested_populations(whole: float, subgroup: float, share: float) -> float:
    """The p-value of the larger statistic of a population and a subgroup with this ``share`` of its information.

    Spiessens & Debois 2010, Contemp Clin Trials 31:647-656: bivariate normal with correlation sqrt(share).
    """
    if not 0 < share < 1:
        raise DesignError("share", share, "between 0 and 1, and neither")
    largest, r = max(whole, subgroup), sqrt(share)
    nodes, weights = legendre(96)
    low = -9.0
    at = (largest + low) / 2 + (largest - low) / 2 * nodes
    density = np.exp(-0.5 * at * at) / sqrt(2 * np.pi)
    inside = weights * density * ndtr((largest - r * at) / sqrt(1 - r * r)) * (largest - low) / 2
    return 1 - float(inside.sum())


def from_statistics(z: Mapping[tuple[int, int], float], share: float) -> Intersection:
    """The intersection test of enrichment: ``z[stage, 1]`` of the whole population, ``z[stage, 2]`` of the subgroup."""

    def p_value(stage: int, members: Members) -> float:
        if len(members) == 1:
            return float(ndtr(-z[stage, members[0]]))
        return nested_populations(z[stage, 1], z[stage, 2], share)

    return p_value
