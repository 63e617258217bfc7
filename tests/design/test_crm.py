"""The continual reassessment method: one parameter, many trials, every path."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import Crm, Declared, DesignError, TiteCrm, skeleton

SIX = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
TRUTH = (0.1, 0.2, 0.4, 0.5, 0.6, 0.65)


def test_the_posterior_is_that_of_brute_force() -> None:
    crm = Crm(SIX, 0.25, scale=0.9)
    levels, dlt, weights = (1, 2, 3, 3, 4), (0, 0, 0, 1, 0), (1.0, 1.0, 0.4, 1.0, 0.1)
    b = np.linspace(-9, 9, 200_001)
    density = np.exp(-0.5 * (b / 0.9) ** 2)
    for level, toxic, weight in zip(levels, dlt, weights, strict=True):
        p = SIX[level - 1] ** np.exp(b)
        density *= p if toxic else 1 - weight * p
    mean = float((density * b).sum() / density.sum())
    fit = crm.fit(levels, dlt, weights)
    assert fit.estimate == pytest.approx(mean, abs=1e-9)
    assert fit.toxicity == pytest.approx([p ** exp(mean) for p in SIX], abs=1e-9)
    for dose, above in enumerate(fit.above, start=1):
        share = float(density[b < crm.curve.parameter(dose, 0.25)].sum() / density.sum())
        assert above == pytest.approx(share, abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=6, max_size=6),
    st.sampled_from(["power", "logistic"]),
)
def test_many_trials_at_once_are_what_one_fit_is(counts: list[tuple[int, int]], model: str) -> None:
    crm = Crm(SIX, 0.25, model=model, patients=36)  # type: ignore[arg-type]
    n = [max(pair) for pair in counts]
    dlt = [min(pair) for pair in counts]
    mean, _ = crm.quadrature.means(np.array([n]), np.array([dlt]))
    assert mean[0] == pytest.approx(crm.fit_counts(n, dlt).estimate, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=12), st.data())
def test_a_toxicity_more_never_raises_the_dose(levels: list[int], data: st.DataObject) -> None:
    dlt = data.draw(st.lists(st.integers(0, 1), min_size=len(levels), max_size=len(levels)))
    crm = Crm(SIX, 0.25)
    worse = [*dlt[:-1], 1]
    assert crm.fit(levels, worse).mtd <= crm.fit(levels, dlt).mtd
    assert crm.fit(levels, worse).toxicity[0] >= crm.fit(levels, dlt).toxicity[0] - 1e-12


@pytest.mark.parametrize(
    "crm",
    [
        Crm(SIX, 0.2, patients=12, cohort_size=3),
        Crm(SIX, 0.25, patients=11, cohort_size=2, safety=0.9, stop_at=6),
        Crm(SIX, 0.25, patients=12, cohort_size=3, initial=(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4), method="mle"),
        Crm(SIX, 0.3, model="logistic", patients=8, no_skipping=False, coherent=False),
    ],
)
def test_every_path_together_is_what_simulation_estimates(crm: Crm) -> None:
    exact, simulated = crm.exact(TRUTH), crm.simulate(TRUTH, 4000, seed=3)
    assert sum(exact.selection) + exact.none == pytest.approx(1)
    assert exact.trials is None
    assert simulated == crm.simulate(TRUTH, 4000, seed=3)
    assert exact.toxicities == pytest.approx([p * n for p, n in zip(TRUTH, exact.patients, strict=True)])
    for name in ("selection", "patients", "toxicities"):
        error = np.maximum(getattr(simulated.errors, name), 1e-3)
        assert np.all(np.abs(np.subtract(getattr(exact, name), getattr(simulated, name))) < 4 * error)


def test_more_toxic_doses_are_less_often_passed() -> None:
    crm = Crm(SIX, 0.25, patients=12, cohort_size=3)
    mild, severe = crm.exact(TRUTH), crm.exact([p + 0.1 for p in TRUTH])
    assert np.all(np.cumsum(severe.selection) >= np.cumsum(mild.selection) - 1e-12)


def test_the_next_dose_says_why() -> None:
    crm = Crm(SIX, 0.25, cohort_size=3, safety=0.95, stop_at=9)
    first = crm.next([0] * 6, [0] * 6)
    assert (first.dose, first.reason) == (1, "the first dose")
    up = crm.next([3, 0, 0, 0, 0, 0], [0] * 6, 1)
    assert (up.action, up.dose, [each.dose for each in up.alternatives if each.permitted]) == ("escalate", 2, [1])
    assert (up.recommended or 0) > 2
    assert "no dose is skipped" in up.reason
    held = crm.next([3, 3, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], 2)
    assert held.dose is not None
    assert held.dose <= 2
    stopped = crm.next([3, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0], 1)
    assert stopped.dose is None
    assert "above the target" in stopped.reason
    assert crm.select([3, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0]).mtd is None
    assert crm.select([3, 3, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]).mtd == held.recommended
    enough = crm.next([3, 9, 3, 0, 0, 0], [0, 2, 2, 0, 0, 0], 3)
    assert enough.dose is None
    assert enough.reason == "dose 2 has had 9 patients"
    unknown = crm.next([3, 6, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], 2)
    assert unknown.reason.endswith("coherence is not looked at")
    staged = Crm(SIX, 0.2, initial=(1, 1, 1, 3))
    assert staged.next([3, 0, 0, 0, 0, 0], [0] * 6, 1).dose == 3


def test_time_that_has_passed_is_the_weight() -> None:
    whole = TiteCrm(SIX, 0.25, window=30, patients=12)
    levels, dlt = (1, 1, 2, 2), (0, 0, 0, 1)
    assert whole.fit_times(levels, dlt, (30, 31, 40, 3)) == Crm(SIX, 0.25).fit(levels, dlt)
    assert whole.fit_times(levels, dlt, (30, 30, 5, 3)).mtd <= whole.fit_times(levels, dlt, (30, 30, 30, 3)).mtd
    assert whole.next_patient(levels, dlt, (30, 30, 5, 3)).dose in {1, 2}
    simulated = whole.simulate(TRUTH, 200, seed=1)
    assert sum(simulated.patients) == pytest.approx(12)
    assert sum(simulated.selection) + simulated.none == pytest.approx(1)
    with pytest.raises(DesignError, match="simulate this design"):
        whole.exact(TRUTH)
    quick = TiteCrm(SIX, 0.25, window=1, rate=1e-3, patients=12, accrual="fixed").simulate(TRUTH, 4000, seed=1)
    slow = Crm(SIX, 0.25, patients=12).exact(TRUTH)
    assert quick.patients == pytest.approx(slow.patients, abs=0.2)


def test_many_weighted_trials_at_once_are_what_one_fit_is() -> None:
    timed = TiteCrm(SIX, 0.25, window=10)
    levels, dlt, weights = np.array([[1, 2, 2, 3]]), np.array([[0, 1, 0, 0]]), np.array([[1.0, 1.0, 0.3, 0.0]])
    mean, _ = timed.quadrature.weighted_means(levels, dlt, weights)
    assert mean[0] == pytest.approx(timed.fit(levels[0], dlt[0], weights[0]).estimate, abs=1e-8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": 1.2}, "target is 1.2"),
        ({"skeleton": (0.1, 0.1)}, r"skeleton\[2\] is 0.1; it must be above 0.1"),
        ({"model": "probit"}, "power or logistic"),
        ({"model": "logistic", "intercept": 0.5}, "intercept is 0.5; it must be above 0.847298"),
        ({"initial": (2, 1)}, r"initial\[2\] is 1; it must be at least 2"),
        ({"start": 7}, "start is 7"),
        ({"safety": 1.0}, "safety is 1.0"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Crm(**{"skeleton": SIX, "target": 0.2, **settings})  # type: ignore[arg-type]


def test_impossible_data_are_refused() -> None:
    crm = Crm(SIX, 0.2)
    for levels, dlt, weights in (((7,), (0,), None), ((1,), (2,), None), ((1, 2), (0,), None), ((1,), (0,), (1.5,))):
        with pytest.raises(DesignError):
            crm.fit(levels, dlt, weights)
    with pytest.raises(DesignError, match="a dose that treated patients"):
        crm.next([3, 0, 0, 0, 0, 0], [0] * 6, 2)
    with pytest.raises(DesignError, match="some toxicities, and some patients without"):
        Crm(SIX, 0.2, method="mle").fit((1, 2), (0, 0))
    with pytest.raises(DesignError, match="more than 10 states"):
        crm.exact(TRUTH, most=10)
    with pytest.raises(DesignError, match="an initial design"):
        crm.coherence()
    with pytest.raises(DesignError, match="halfwidth"):
        skeleton(0.3, 0.25, 3, 5)


def test_a_design_is_known_by_its_name() -> None:
    for design in (Crm(list(SIX), 0.2, initial=[1, 1, 2]), TiteCrm(SIX, 0.2, window=6)):  # type: ignore[arg-type]
        assert Declared.from_dict(design.to_dict()) == design
        assert Declared.from_dict(design.to_dict()).digest == design.digest
    frame = Crm(SIX, 0.2).fit((1,), (0,)).frame()
    assert frame.columns == ["dose", "toxicity", "lower", "upper", "above"]
    assert frame.height == 6


def test_the_variance_of_the_greatest_likelihood_is_that_of_its_curve_or_of_its_spread() -> None:
    levels, dlt = (3, 4, 4, 3, 3, 4, 3, 2, 2, 2), (0, 0, 1, 0, 0, 1, 1, 0, 0, 0)
    b = np.linspace(-9, 9, 100_001)
    likelihood = np.ones_like(b)
    for level, toxic in zip(levels, dlt, strict=True):
        p = SIX[level - 1] ** np.exp(b)
        likelihood *= p if toxic else 1 - p
    top = int(likelihood.argmax())
    step = b[1] - b[0]
    curve = -(np.log(likelihood[top + 100]) - 2 * np.log(likelihood[top]) + np.log(likelihood[top - 100]))
    fit = Crm(SIX, 0.2, method="mle").fit(levels, dlt)
    assert fit.variance == pytest.approx((100 * step) ** 2 / curve, rel=1e-3)
    wide = Crm(SIX, 0.2, method="mle", mle_variance="moment").fit(levels, dlt)
    spread = (likelihood * b**2).sum() / likelihood.sum() - b[top] ** 2
    assert wide.variance == pytest.approx(spread, abs=1e-4)
    assert wide.toxicity == fit.toxicity
    assert wide.lower[0] < fit.lower[0]
