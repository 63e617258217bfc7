"""Nodes of Gauss-Legendre quadrature, made when they are first wanted: many take a tenth of a second."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=16)
def legendre(number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes in -1 to 1, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    return nodes, weights
