"""Where a function of one number crosses zero."""

from __future__ import annotations

from collections.abc import Callable
from sys import float_info


def root(f: Callable[[float], float], low: float, high: float, tolerance: float = 1e-13) -> float:
    """A zero of ``f`` between two points at which its signs differ; raises ``ValueError`` where they do not.

    Chandrupatla (1997), Advances in Engineering Software 28:145-149: inverse quadratic interpolation wherever the three
    last points allow it, else halving; ``tolerance`` is absolute, on the argument.
    """
    a, b = low, high
    fa, fb = float(f(a)), float(f(b))
    if fa == 0 or fb == 0:
        return a if fa == 0 else b
    if (fa > 0) == (fb > 0):
        raise ValueError(f"no change of sign between {low:g} ({fa:g}) and {high:g} ({fb:g})")
    share = 0.5
    while True:
        x = a + share * (b - a)
        fx = float(f(x))
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best, value = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        least = (2 * float_info.epsilon * abs(best) + tolerance) / abs(b - a) if b != a else 1.0
        if least > 0.5 or value == 0:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb) if fc != fb else 1.0
        if fc != fa and phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
            share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        else:
            share = 0.5
        share = min(1 - least, max(least, share))


def bracketed(f: Callable[[float], float], low: float, high: float, tolerance: float = 1e-13) -> float:
    """As ``root``, for a function that changes its sign somewhere above ``low``: ``high`` is doubled until it has."""
    start = f(low)
    for _ in range(60):
        if (f(high) > 0) != (start > 0):
            return root(f, low, high, tolerance)
        high = low + 2 * (high - low)
    raise ValueError(f"no change of sign above {low:g}")
