"""How probable it is that one arm is better than another by more than a margin, for many pairs at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln

from helmont.design.nodes import legendre

Floats = NDArray[np.float64]

NODES = 40
"""Of the quadrature. Its error is below 1e-9 for whole and half parameters without a margin (uniform and Jeffreys
priors); with a margin, or for any others of at least 0.5, below 1e-5."""
_ROUGH = 160
"""Nodes for other parameters below 1, whose densities have no smooth end."""
_LEAST = 1e-6
"""The least width of the range of the quadrature, where a margin leaves nothing of the density."""
_WIDE = 8.5
"""How far the quadrature reaches, in standard deviations on the arcsine scale."""
_SHIFTED = 56
"""Nodes where there is a margin."""
_AT_ONCE = 2_000
"""Pairs in one pass, which keeps it in the processor's cache."""


def beta_greater(a: ArrayLike, b: ArrayLike, control_a: ArrayLike, control_b: ArrayLike, margin: float = 0.0) -> Floats:
    """``P(x > y + margin)`` for independent ``x ~ Beta(a, b)`` and ``y ~ Beta(control_a, control_b)``, element by
    element.

    The integral of the narrower density times the distribution function of the other, itself a cumulative integral over
    the same nodes. ``y = low + (high - low) sin(u)**2`` takes away the singularities of the densities at 0 and 1.
    """
    parts = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (a, b, control_a, control_b)))
    if margin >= 1 or margin <= -1:
        return np.full(parts[0].shape, 0.0 if margin >= 1 else 1.0)
    flat = np.stack([each.ravel() for each in parts])
    # P(x > y + m) = P(1 - y > 1 - x + m): the narrower distribution takes the place of y
    turned = flat[0] + flat[1] > flat[2] + flat[3]
    flat, back = _distinct(np.where(turned, flat[[3, 2, 1, 0]], flat))
    found = np.empty(flat.shape[1])
    for begin in range(0, flat.shape[1], _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        found[some] = _greater(flat[:, some], margin)
    return np.clip(found, 0.0, 1.0)[back].reshape(parts[0].shape)


def _distinct(columns: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Each column once, and where every column is among them: simulated trials have few different counts."""
    order = np.lexsort(columns)
    ordered = columns[:, order]
    new = np.ones(order.size, dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    back = np.empty(order.size, dtype=np.int64)
    back[order] = np.cumsum(new) - 1
    return ordered[:, new], back


def _greater(parameters: Floats, margin: float) -> Floats:
    a, b, c, d = parameters
    nodes, weights, running = _running(_nodes(parameters, margin))
    low, top = max(0.0, -margin), max(0.0, margin)  # y is between low and 1 - top, x between top and 1 - low
    size = 1 - low - top
    start, end = _window(c, d, low, 1 - top)
    half = (end - start) / 2
    u = start[:, None] + half[:, None] * (nodes + 1)
    sine, cosine = np.sin(u), np.cos(u)
    low_part, high_part = size * sine**2, size * cosine**2
    slope = 2 * size * sine * cosine * half[:, None]
    log_y, log_rest = np.log(low + low_part), np.log(top + high_part)
    log_x, log_x_rest = (np.log(top + low_part), np.log(low + high_part)) if margin else (log_y, log_rest)
    inner = _density(a, b, log_x, log_x_rest) * slope
    outer = _density(c, d, log_y, log_rest) * slope
    above = betainc(b, a, low + size * np.cos(start) ** 2)[:, None] - inner @ running
    found = np.asarray((outer * above) @ weights)
    return found + betainc(c, d, -margin) if margin < 0 else found


def _nodes(parameters: Floats, margin: float) -> int:
    if ((parameters < 1) & (parameters != 0.5)).any():
        return _ROUGH
    return _SHIFTED if margin else NODES


def _density(a: Floats, b: Floats, log_x: Floats, log_rest: Floats) -> Floats:
    """Of Beta(a, b), pairs in rows; ``betaln`` itself would take as long as all else."""
    size = gammaln(a + b) - gammaln(a) - gammaln(b)
    return np.asarray(np.exp((a - 1)[:, None] * log_x + (b - 1)[:, None] * log_rest + size[:, None]))


def _window(a: Floats, b: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Between which ``u`` the density of Beta(a, b) is not negligible."""
    middle, wide = np.arcsin(np.sqrt(a / (a + b))), _WIDE / (2 * np.sqrt(a + b))
    begin = np.sin(np.maximum(middle - wide, 0.0)) ** 2
    end = np.sin(np.minimum(middle + wide, np.pi / 2)) ** 2
    begin, end = (np.clip((each - low) / (high - low), 0.0, 1.0) for each in (begin, end))
    start = np.minimum(np.arcsin(np.sqrt(begin)), np.pi / 2 - _LEAST)
    return start, np.maximum(np.arcsin(np.sqrt(end)), start + _LEAST)


@lru_cache(maxsize=4)
def _running(number: int) -> tuple[Floats, Floats, Floats]:
    """Nodes, weights, and the matrix that turns values at the nodes into integrals from -1 to each node.

    A function is a sum of Legendre polynomials there, and the integral of the polynomial of degree ``k`` is that of
    degree ``k + 1`` less that of degree ``k - 1``, over ``2 k + 1``.
    """
    nodes, weights = legendre(number)
    values = np.polynomial.legendre.legvander(nodes, number)
    degrees = np.arange(number)
    coefficients = (2 * degrees + 1) / 2 * values[:, :number] * weights[:, None]
    integrals = np.empty((number, number))
    integrals[0] = nodes + 1
    integrals[1:] = (values[:, 2:] - values[:, : number - 1]).T / (2 * degrees[1:, None] + 1)
    return nodes, weights, np.ascontiguousarray(coefficients @ integrals)
