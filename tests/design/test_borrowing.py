"""Priors from history: exact predictive distributions, what they are worth, and trials that use them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import BorrowingTrial, Declared, DesignError, MapBinary, MapNormal
from helmont.design.borrowing.mixtures import BetaMixture, NormalMixture

HISTORY = ((23, 107), (12, 44), (19, 51), (9, 39), (39, 139), (6, 20), (9, 78), (10, 35))
"""Ankylosing spondylitis: responders and patients on placebo in eight trials (Baeten et al. 2013, Lancet 382:1705)."""


def test_the_predictive_rate_is_that_of_brute_force() -> None:
    rates, mass = MapBinary(HISTORY, tau=1.0, spread=2.0).predictive
    random = np.random.default_rng(1)
    draws = 200_000
    mu, tau = random.normal(0, 2, draws), np.abs(random.normal(0, 1, draws))
    z = np.linspace(-5, 5, 61)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    near = np.abs(mu + 1.1) < 0.9  # elsewhere the likelihood is nothing
    mu, tau = mu[near], tau[near]
    theta = mu[:, None] + tau[:, None] * z
    q = -np.logaddexp(0, theta)
    log = sum(np.log(np.exp(r * (theta + q) + (n - r) * q + 0.5 * n) @ weight) for r, n in HISTORY)
    joint = np.exp(log - np.max(log))
    joint /= joint.sum()
    mean = float(joint @ ((1 / (1 + np.exp(-theta))) @ weight))
    assert float(mass @ rates) == pytest.approx(mean, abs=0.002)
    assert mass.sum() == pytest.approx(1)


def test_the_mixture_stands_for_the_exact_distribution() -> None:
    """It keeps the mean and the variance, and is worth far fewer than the 513 patients of the history."""
    found = MapBinary(HISTORY, tau=1.0, robust=0.0).prior
    assert found.mean == pytest.approx(0.257, abs=0.005)
    assert 25 < found.effective_size("elir") < 50
    rates, mass = MapBinary(HISTORY, tau=1.0).predictive
    assert found.mean == pytest.approx(float(mass @ rates), abs=1e-3)
    assert found.variance == pytest.approx(float(mass @ rates**2) - float(mass @ rates) ** 2, rel=0.05)


def test_one_normal_trial_without_heterogeneity_is_itself() -> None:
    prior = MapNormal(((1.5, 0.2),), tau=1e-6, deviation=2.0, robust=0.0, components=1).prior
    assert prior.mean == pytest.approx(1.5, abs=1e-4)
    assert prior.variance == pytest.approx(0.04, rel=1e-3)
    assert prior.effective_size("elir") == pytest.approx(100, rel=1e-3)
    assert prior.effective_size("moment") == pytest.approx(100, rel=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.floats(1.5, 60), st.floats(1.5, 60), st.integers(0, 30), st.integers(0, 30))
def test_a_beta_distribution_is_worth_the_sum_of_its_parameters(a: float, b: float, r: int, more: int) -> None:
    one = BetaMixture((1.0,), (a,), (b,))
    assert one.effective_size("elir") == pytest.approx(a + b, rel=2e-3)
    assert one.effective_size("moment") == pytest.approx(a + b, rel=1e-6)
    two = BetaMixture((0.3, 0.7), (a, 1.0), (b, 1.0)).posterior(r, r + more)
    assert sum(two.weights) == pytest.approx(1)
    assert 0 <= two.above(0.5) <= two.above(0.2) <= 1
    normal = NormalMixture((0.5, 0.5), (0.0, 1.0), (0.3, 0.6), 2.0).posterior(0.1 * r, 10)
    assert sum(normal.weights) == pytest.approx(1)
    # predictively consistent: what is expected of the posterior's worth is the prior's and the patients'
    assert normal.effective_size("elir") > 5


def test_elir_is_predictively_consistent() -> None:
    """Neuenschwander et al. 2020, theorem 1: on average the posterior after n patients is worth n more than the prior."""
    prior = BetaMixture((0.8, 0.2), (12.0, 2.0), (30.0, 2.0))
    n = 20
    rate = np.linspace(0.0005, 0.9995, 1000)
    density = prior.density(rate) / prior.density(rate).sum()
    from math import comb

    marginal = [float(density @ (comb(n, r) * rate**r * (1 - rate) ** (n - r))) for r in range(n + 1)]
    after = sum(p * prior.posterior(r, n).effective_size("elir") for r, p in enumerate(marginal))
    assert after == pytest.approx(prior.effective_size("elir") + n, rel=0.01)


def test_robust_priors_lose_less_where_history_is_wrong() -> None:
    plain = BorrowingTrial(MapBinary(HISTORY, robust=0.0), control=20, treatment=40)
    robust = BorrowingTrial(MapBinary(HISTORY, robust=0.5), control=20, treatment=40)
    truths = (0.15, 0.25, 0.6)
    at, instead = plain.characteristics(truths), robust.characteristics(truths)
    assert at.success[2] > instead.success[2]
    assert abs(at.bias[2]) > abs(instead.bias[2])
    assert at.error[1] < instead.error[1]
    assert list(at.success) == sorted(at.success)
    power = robust.characteristics(truths, effect=0.3)
    assert all(more > less for more, less in zip(power.success, instead.success, strict=True))
    assert power.frame().height == 3
    assert plain.characteristics((0.25,), 0.3).success[0] > robust.characteristics((0.25,), 0.3).success[0]


def test_means_without_history_have_the_error_of_their_level() -> None:
    vague = MapNormal(((0.0, 1e3),), tau=1e-3, deviation=1.0, robust=0.0, components=1, spread=1e3)
    trial = BorrowingTrial(vague, control=50, treatment=50)
    found = trial.characteristics((0.0, 3.0))
    assert found.success == pytest.approx((0.025, 0.025), abs=1e-5)
    assert found.bias == pytest.approx((0, 0), abs=1e-4)
    assert found.error == pytest.approx((50**-0.5,) * 2, rel=1e-3)
    known = BorrowingTrial(MapNormal(((0.0, 0.1), (0.1, 0.1)), tau=0.1, deviation=1.0), control=50, treatment=50)
    assert known.characteristics((0.05,), 0.5).success[0] > trial.characteristics((0.05,), 0.5).success[0]


def test_what_cannot_be_is_refused_and_designs_keep() -> None:
    for make, message in (
        (lambda: MapBinary(((5, 4),)), r"history\[1\] is 5"),
        (lambda: MapBinary(()), "a pair for each"),
        (lambda: MapNormal(((0.0, 0.0),)), r"history\[1\] is 0.0"),
        (lambda: BorrowingTrial("map", 3, 3), "a MapBinary or a MapNormal"),  # type: ignore[arg-type]
        (lambda: BetaMixture((1.0,), (2.0,), (2.0,)).effective_size("other"), "elir or moment"),  # type: ignore[arg-type]
    ):
        with pytest.raises(DesignError, match=message):
            make()
    trial = BorrowingTrial(MapBinary(HISTORY), control=20, treatment=40)
    assert Declared.from_dict(trial.to_dict()) == trial
    assert Declared.from_dict(trial.to_dict()).digest == trial.digest
