"""Bayesian logistic regression: the same as brute force, and no overdose is recommended."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from helmont.design import Blrm, Declared, DesignError

AMOUNTS = (1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0)


def brute(design: Blrm, n: tuple[int, ...], dlt: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Means and probabilities above the interval, from 6 million points of the prior's square."""
    a = np.linspace(design.mean[0] - 6.5 * design.deviation[0], design.mean[0] + 6.5 * design.deviation[0], 4001)
    b = np.linspace(design.mean[1] - 6.5 * design.deviation[1], design.mean[1] + 6.5 * design.deviation[1], 301)
    a, b = a[None, :], b[:, None]
    u, v = (a - design.mean[0]) / design.deviation[0], (b - design.mean[1]) / design.deviation[1]
    r = design.correlation
    density = np.exp(-(u**2 - 2 * r * u * v + v**2) / (2 * (1 - r**2)))
    p = [1 / (1 + np.exp(-(a + np.exp(b) * log(amount / design.reference)))) for amount in design.doses]
    for here, m, y in zip(p, n, dlt, strict=True):
        density = density * here**y * (1 - here) ** (m - y)
    density /= density.sum()
    return (
        np.array([(density * here).sum() for here in p]),
        np.array([density[here > design.interval[1]].sum() for here in p]),
    )


@pytest.mark.parametrize(
    ("n", "dlt"),
    [
        ((0,) * 7, (0,) * 7),
        ((3, 4, 5, 4, 0, 0, 2), (0, 0, 0, 0, 0, 0, 2)),
        ((3, 3, 9, 12, 0, 0, 0), (0, 0, 1, 4, 0, 0, 0)),
    ],
)
def test_the_posterior_is_that_of_brute_force(n: tuple[int, ...], dlt: tuple[int, ...]) -> None:
    design = Blrm(AMOUNTS, 25.0, mean=(-0.5, 0.3), deviation=(1.5, 0.7), correlation=0.2)
    fit = design.fit(n, dlt)
    mean, over = brute(design, n, dlt)
    assert fit.toxicity == pytest.approx(mean, abs=1e-5)
    assert fit.over == pytest.approx(over, abs=1.5e-3)  # half a step of the brute grid
    assert np.add(np.add(fit.under, fit.within), fit.over) == pytest.approx(np.ones(7))
    assert list(fit.toxicity) == sorted(fit.toxicity)


def test_no_overdose_is_recommended() -> None:
    design = Blrm(AMOUNTS, 25.0, stop_at=9, most_increase=2.0)
    assert design.next((0,) * 7, (0,) * 7).dose == 1
    up = design.next((3, 0, 0, 0, 0, 0, 0), (0,) * 7, 1)
    assert up.dose == 1  # 2.5 is more than twice 1
    free = Blrm(AMOUNTS, 25.0)
    up = free.next((3, 0, 0, 0, 0, 0, 0), (0,) * 7, 1)
    assert (up.action, up.dose) == ("escalate", 2)
    assert up.fit is not None
    assert up.fit.over[1] < 0.25
    down = free.next((3, 3, 3, 0, 0, 0, 0), (0, 0, 3, 0, 0, 0, 0), 3)
    assert down.dose is not None
    assert down.dose < 3
    assert 3 in down.eliminated
    stop = free.next((3, 0, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 0), 1)
    assert (stop.action, stop.dose) == ("stop", None)
    assert free.select((3, 0, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 0)).mtd is None
    assert free.select((3, 3, 3, 3, 0, 0, 0), (0, 0, 0, 1, 0, 0, 0)).mtd == 4


def test_simulated_trials_follow_the_decisions() -> None:
    design = Blrm((1.0, 2.0, 4.0, 8.0), 8.0, patients=12, stop_at=9)
    found = design.simulate((0.05, 0.1, 0.25, 0.5), 300, seed=1)
    assert found == design.simulate((0.05, 0.1, 0.25, 0.5), 300, seed=1)
    assert sum(found.selection) + found.none == pytest.approx(1)
    certain = design.simulate((0.0, 0.0, 0.0, 1.0), 2, seed=1)
    n, dlt, at = [0] * 4, [0] * 4, 1
    for _ in range(4):
        n[at - 1] += 3
        dlt[at - 1] += 3 * (at == 4)
        dose = design.next(n, dlt, at).dose
        if dose is None:
            break
        at = dose
    assert certain.patients == tuple(float(each) for each in n)
    assert certain.selection[(design.select(n, dlt).mtd or 0) - 1] == 1
    assert design.simulate((0.9, 0.9, 0.9, 0.9), 100, seed=1).none > 0.9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"doses": (2.0, 1.0)}, r"doses\[2\] is 1.0; it must be above 2"),
        ({"interval": (0.33, 0.16)}, r"interval\[2\] is 0.16"),
        ({"deviation": (1.0, 0.0)}, r"deviation\[2\] is 0.0"),
        ({"correlation": 1.0}, "correlation is 1.0"),
        ({"mean": (1.0,)}, "two numbers"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Blrm(**{"doses": AMOUNTS, "reference": 25.0, **settings})  # type: ignore[arg-type]
    design = Blrm(AMOUNTS, 25.0)
    assert Declared.from_dict(design.to_dict()) == design
