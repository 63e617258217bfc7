"""Nodes and weights of Gauss quadrature, found once."""

from __future__ import annotations

from functools import cache

from numpy.polynomial.hermite_e import hermegauss
from numpy.polynomial.legendre import leggauss

from helmont.design.confirmatory.recursion import Floats


@cache
def legendre(n: int) -> tuple[Floats, Floats]:
    """For integrals between -1 and 1."""
    nodes, weights = leggauss(n)
    return nodes, weights


@cache
def hermite(n: int) -> tuple[Floats, Floats]:
    """For expectations over a standard normal distribution: the weights add up to 1."""
    nodes, weights = hermegauss(n)
    return nodes, weights / weights.sum()
