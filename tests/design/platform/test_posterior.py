"""The probability that one beta distribution is above another, against a finite sum and against quadrature by scipy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.special import betaln

from helmont.design.platform.posterior import beta_greater

counts = st.integers(1, 400)
parameters = st.floats(0.5, 200)


def closed(a: int, b: int, control_a: int, control_b: int) -> float:
    """The finite sum for a whole ``a``."""
    i = np.arange(a)
    terms = betaln(control_a + i, control_b + b) - np.log(b + i) - betaln(1 + i, b) - betaln(control_a, control_b)
    return float(np.exp(terms).sum())


@settings(max_examples=100, deadline=None)
@given(counts, counts, counts, counts)
def test_whole_parameters_agree_with_the_finite_sum(a: int, b: int, c: int, d: int) -> None:
    assert beta_greater(a, b, c, d) == pytest.approx(closed(a, b, c, d), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(parameters, parameters, parameters, parameters, st.floats(-0.4, 0.4))
def test_a_margin_agrees_with_quadrature(a: float, b: float, c: float, d: float, margin: float) -> None:
    x, y = stats.beta(a, b), stats.beta(c, d)

    def integrand(u: float) -> float:
        log = (2 * c - 1) * np.log(np.sin(u)) + (2 * d - 1) * np.log(np.cos(u)) - betaln(c, d)
        return float(2 * np.exp(log) * x.sf(np.sin(u) ** 2 + margin))

    near = [*(x.ppf(each) - margin for each in (1e-5, 0.5, 1 - 1e-5)), *(y.ppf(each) for each in (1e-5, 0.5, 1 - 1e-5))]
    ends = {float(np.arcsin(np.sqrt(min(max(each, 0.0), 1.0)))) for each in (*near, -margin, 1 - margin)}
    cuts = sorted({0.0, np.pi / 2, *ends})
    whole = sum(
        integrate.quad(integrand, low, high, epsabs=1e-10, limit=200)[0]
        for low, high in pairwise(cuts)
        if high - low > 1e-9
    )
    assert beta_greater(a, b, c, d, margin) == pytest.approx(whole, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(parameters, parameters, parameters, parameters, st.floats(-0.9, 0.9))
def test_one_of_two_is_the_greater(a: float, b: float, c: float, d: float, margin: float) -> None:
    assert beta_greater(a, b, c, d, margin) + beta_greater(c, d, a, b, -margin) == pytest.approx(1, abs=1e-5)
    halves = [round(2 * each) / 2 for each in (a, b, c, d)]
    assert beta_greater(*halves) + beta_greater(*halves[2:], *halves[:2]) == pytest.approx(1, abs=1e-9)
    assert beta_greater(*halves[:2], *halves[:2]) == pytest.approx(0.5, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60), st.floats(-0.3, 0.3))
def test_more_responses_are_better_and_a_larger_margin_is_harder(n: int, s: int, m: int, margin: float) -> None:
    r = np.arange(n + 1)
    control = min(s, m)
    found = beta_greater(1 + r, 1 + n - r, 1 + control, 1 + m - control, margin)
    assert (np.diff(found) > -1e-9).all()
    assert (beta_greater(1 + r, 1 + n - r, 1 + control, 1 + m - control, margin + 0.05) <= found + 1e-9).all()


def test_shapes_broadcast_and_extreme_margins_are_certain() -> None:
    found = beta_greater([[1.0], [5.0]], [[1.0], [2.0]], [1.0, 2.0, 1.0], [1.0, 2.0, 1.0])
    assert found.shape == (2, 3)
    assert (found[:, 0] == found[:, 2]).all()
    assert beta_greater(2, 2, 2, 2, 1.0) == 0.0
    assert beta_greater(2, 2, 2, 2, -1.5) == 1.0
    assert beta_greater(0.5, 200, 200, 0.5, 0.9) == pytest.approx(0, abs=1e-12)
    assert beta_greater(200, 0.5, 0.5, 200, 0.5) == pytest.approx(1, abs=1e-9)
