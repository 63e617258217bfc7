"""Effects of arms with effects of periods, against dense solutions of the same equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import expit

from helmont.design.platform.analysis import Analysis, analysed
from helmont.design.platform.posterior import Floats
from helmont.design.platform.regression import Cells, binary_effects, normal_effects, walk_precision
from helmont.design.platform.settings import BinaryEndpoint, NormalEndpoint

N = np.array([[[20, 20, 0], [15, 15, 15], [10, 0, 12], [8, 0, 9]]], dtype=np.float64)
R = np.array([[[5, 9, 0], [6, 8, 7], [5, 0, 9], [4, 0, 6]]], dtype=np.float64)


def outcomes(seed: int = 3) -> tuple[list[tuple[int, int, float]], Cells]:
    """Single normal outcomes as (period, arm, outcome), and the same in cells."""
    random = np.random.default_rng(seed)
    rows = [
        (b, k, float(0.3 * b + 0.5 * (k == 1) + random.normal()))
        for b in range(N.shape[1])
        for k in range(3)
        for _ in range(int(N[0, b, k]))
    ]
    sums, squares = np.zeros((2, *N.shape))
    for b, k, y in rows:
        sums[0, b, k] += y
        squares[0, b, k] += y * y
    return rows, Cells(N, sums, squares)


def design_matrix(rows: list[tuple[int, int, float]]) -> tuple[Floats, Floats]:
    x = np.array([[k == 1, k == 2, *(b == each for each in range(4))] for b, k, _ in rows], dtype=np.float64)
    return x, np.array([y for _, _, y in rows])


def test_means_with_free_periods_are_least_squares() -> None:
    rows, cells = outcomes()
    x, y = design_matrix(rows)
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    freedom = len(y) - x.shape[1]
    variance = ((y - x @ beta) ** 2).sum() / freedom
    error = np.sqrt(variance * np.diag(inverse)[:2])
    found = normal_effects(cells, None, None)
    assert found.mean[0] == pytest.approx(beta[:2], abs=1e-7)
    assert found.deviations[0, 0] == pytest.approx(error, rel=1e-7)
    assert found.above(0.1)[0] == pytest.approx(stats.t.sf((0.1 - beta[:2]) / error, freedom), abs=1e-8)
    known = normal_effects(cells, None, 2.0)
    assert known.deviation[0] == pytest.approx(2 * np.sqrt(np.diag(inverse)[:2]), rel=1e-7)


def test_a_walk_of_means_is_weighed_by_its_evidence() -> None:
    """The evidence of each deviation of the walk, from the joint normal distribution of all outcomes."""
    rows, cells = outcomes()
    x, y = design_matrix(rows)
    steps = (0.05, 0.3, 1.0)
    logs, means, spreads = [], [], []
    for step in steps:
        prior = np.zeros((6, 6))
        prior[:2, :2] = np.eye(2) * 1e-4
        prior[2:, 2:] = walk_precision(4, step, 1e-4)
        cover = x @ np.linalg.inv(prior) @ x.T + np.eye(len(y))
        logs.append(stats.multivariate_normal(np.zeros(len(y)), cover).logpdf(y))
        after = np.linalg.inv(x.T @ x + prior)
        means.append((after @ x.T @ y)[:2])
        spreads.append(np.diag(after)[:2])
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    found = normal_effects(cells, steps, 1.0)
    assert found.weights[:, 0, 0] == pytest.approx(weights, abs=2e-3)
    assert found.means[:, 0] == pytest.approx(np.array(means), abs=1e-3)
    assert found.deviations[:, 0] ** 2 == pytest.approx(np.array(spreads), rel=1e-3)


def curvature(n: Floats, theta: Floats) -> Floats:
    """Of the log likelihood in two arms and four periods."""
    p = expit(theta[2:, None] + np.array([0.0, *theta[:2]]))
    w = n * p * (1 - p)
    found = np.zeros((6, 6))
    found[:2, :2] = np.diag(w[:, 1:].sum(axis=0))
    found[2:, 2:] = np.diag(w.sum(axis=1))
    found[:2, 2:], found[2:, :2] = w[:, 1:].T, w[:, 1:]
    return found


@pytest.mark.parametrize("step", [None, 0.05, 0.5])
def test_responses_are_fitted_at_the_mode(step: float | None) -> None:
    precision = np.eye(4) * 1e-4 if step is None else walk_precision(4, step, 1e-4)
    part = N[0] / N[0].sum(axis=0)
    n, r = N[0] + 3 * part, R[0] + part  # the prior is worth one response and two without

    def loss(theta: Floats) -> float:
        eta = theta[2:, None] + np.array([0.0, *theta[:2]])
        fit = (r * eta - n * np.logaddexp(0, eta)).sum()
        return float(-fit + 0.5e-4 * (theta[:2] ** 2).sum() + theta[2:] @ precision @ theta[2:] / 2)

    best = optimize.minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-8}).x
    found = binary_effects(Cells(N, R), None if step is None else (step,), (1.0, 2.0))
    assert found.mean[0] == pytest.approx(best[:2], abs=1e-5)
    bend = curvature(n, best)
    bend[:2, :2] += 1e-4 * np.eye(2)
    bend[2:, 2:] += precision
    assert found.deviation[0] ** 2 == pytest.approx(np.diag(np.linalg.inv(bend))[:2], rel=1e-4)


@pytest.mark.parametrize("step", [None, 0.1])
def test_normal_posteriors_are_near_the_whole_ones(step: float | None) -> None:
    """The whole posterior by importance sampling, from a heavier-tailed distribution than the approximation."""
    n = np.full((4, 3), 25.0)
    n[:2, 2] = 0
    r = np.array([[6.0, 9, 0], [4, 8, 0], [6, 10, 11], [5, 6, 9]])
    part = n / n.sum(axis=0)
    more, good = n + 2 * part, r + part
    precision = np.eye(4) * 1e-4 if step is None else walk_precision(4, step, 1e-4)
    random = np.random.default_rng(8)
    whole = np.zeros((6, 6))
    whole[2:, 2:] = precision
    whole[:2, :2] = 1e-4 * np.eye(2)

    def log_posterior(theta: Floats) -> Floats:
        eta = theta[:, 2:, None] + np.concatenate([np.zeros((len(theta), 1)), theta[:, :2]], axis=1)[:, None]
        fit = (good * eta - more * np.logaddexp(0, eta)).sum(axis=(1, 2))
        return np.asarray(fit - np.einsum("db,bc,dc->d", theta, whole, theta) / 2)

    mode = optimize.minimize(lambda theta: -float(log_posterior(theta[None])[0]), np.zeros(6), method="BFGS")
    proposal = stats.multivariate_t(mode.x, np.linalg.inv(curvature(more, mode.x) + whole), df=6, seed=random)
    draws = proposal.rvs(100_000)
    weights = np.exp(log_posterior(draws) + float(mode.fun) - proposal.logpdf(draws))
    exact = (weights[:, None] * (draws[:, :2] > 0)).sum(axis=0) / weights.sum()
    found = binary_effects(Cells(n[None], r[None]), None if step is None else (step,)).above(0.0)[0]
    assert found == pytest.approx(exact, abs=0.006)


def test_a_loose_walk_is_free_and_a_tight_one_has_no_time() -> None:
    free, loose = binary_effects(Cells(N, R), None), binary_effects(Cells(N, R), (50.0,))
    assert loose.mean == pytest.approx(free.mean, abs=0.001)
    still = binary_effects(Cells(N, R), (1e-4,))
    once = binary_effects(Cells(N.sum(axis=1, keepdims=True), R.sum(axis=1, keepdims=True)), None)
    assert still.mean == pytest.approx(once.mean, abs=1e-3)


def test_nobody_or_everybody_responding_is_fitted() -> None:
    n = np.full((2, 3, 2), 10.0)
    r = np.stack([np.zeros((3, 2)), np.tile([0.0, 10.0], (3, 1))])
    found = binary_effects(Cells(n, r), None)
    assert np.isfinite(found.mean).all()
    assert found.above(0.0)[0, 0] == pytest.approx(0.5, abs=1e-3)
    assert found.above(0.0)[1, 0] > 0.99
    assert found.mean[1, 0] == pytest.approx(2 * np.log(31), abs=0.01)


@pytest.mark.parametrize("handling", ["concurrent", "concurrent-adjusted", "pooled", "time-adjusted"])
def test_one_period_is_the_same_under_every_handling(handling: str) -> None:
    """Without time no handling matters: each agrees with the beta posteriors, the models nearly."""
    cells = Cells(np.array([[[80.0, 80.0]]]), np.array([[[24.0, 36.0]]]))
    beta = analysed(Analysis(BinaryEndpoint(), "concurrent"), cells, cells.n).above(0.0)
    found = analysed(Analysis(BinaryEndpoint(), handling), cells, cells.n)  # type: ignore[arg-type]
    assert found.above(0.0) == pytest.approx(beta, abs=3e-3)
    assert found.moments()[0] == pytest.approx(np.log(36 * 56 / (44 * 24)), abs=0.02)


def test_means_of_an_estimated_deviation_are_compared_by_students_t() -> None:
    random = np.random.default_rng(5)
    x, y = random.normal(0.4, 1, 12), random.normal(0, 1, 15)
    cells = Cells(
        np.array([[[15.0, 12.0]]]), np.array([[[y.sum(), x.sum()]]]), np.array([[[(y**2).sum(), (x**2).sum()]]])
    )
    expected = stats.ttest_ind(x, y, alternative="greater").pvalue
    for handling in ("concurrent", "pooled", "concurrent-adjusted", "time-adjusted"):
        found = analysed(Analysis(NormalEndpoint(None), handling), cells, cells.n).above(0.0)  # type: ignore[arg-type]
        assert 1 - found[0, 0] == pytest.approx(expected, abs=1e-7)


def test_controls_of_another_time_count_as_they_are_told_to() -> None:
    """Arm 2 has concurrent controls in its three periods, and twenty others before."""
    cells, alone = Cells(N, R), Cells(N[:, 1:], R[:, 1:])

    def mean(handling: str, discount: float = 0.5, robust: float = 0.5, data: Cells = cells) -> float:
        settings = Analysis(BinaryEndpoint(), handling, discount, robust)  # type: ignore[arg-type]
        return float(analysed(settings, data, data.n).moments()[0][0, 1])

    assert mean("concurrent") == pytest.approx(mean("pooled", data=alone))
    assert mean("discounted", 0.0) == pytest.approx(mean("concurrent"))
    assert mean("discounted", 1.0) == pytest.approx(mean("pooled"))
    assert mean("robust", 1.0, 1e-9) == pytest.approx(mean("pooled"), abs=1e-6)
    assert mean("robust", 1.0, 1 - 1e-9) == pytest.approx(mean("concurrent"), abs=1e-6)
    low, high = sorted((mean("concurrent"), mean("pooled")))
    assert low < mean("robust", 1.0) < high


def test_a_conflict_moves_the_weight_of_a_robust_prior() -> None:
    n = np.array([[[40.0, 0.0], [40.0, 40.0]]])
    for endpoint, agree, conflict in (
        (BinaryEndpoint(), [[[12.0, 0.0], [12.0, 20.0]]], [[[36.0, 0.0], [12.0, 20.0]]]),
        (NormalEndpoint(1.0), [[[0.0, 0.0], [0.0, 20.0]]], [[[60.0, 0.0], [0.0, 20.0]]]),
    ):

        def gap(
            sums: list[list[list[float]]], part: float, endpoint: BinaryEndpoint | NormalEndpoint = endpoint
        ) -> float:
            cells = Cells(n, np.array(sums))
            robust = analysed(Analysis(endpoint, "robust", 1.0, part), cells, n).moments()[0]
            plain = analysed(Analysis(endpoint, "concurrent"), cells, n).moments()[0]
            return float(np.abs(robust - plain)[0, 0])

        assert gap(conflict, 0.5) < 0.1
        assert gap(conflict, 1e-12) > 0.5
        assert gap(agree, 0.5) < 0.05
