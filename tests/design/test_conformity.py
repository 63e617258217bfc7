"""Every method agrees with its references, and what would not agree is seen."""

from __future__ import annotations

from math import exp, inf, nan, pi, sqrt

import pytest
from scipy.integrate import dblquad
from scipy.special import ndtr

from helmont.design import GroupSequential
from helmont.design.conformity import comparisons, summarised, topics
from helmont.design.conformity.comparing import compare


@pytest.mark.parametrize("topic", topics())
def test_every_case_of_a_topic_holds(topic: str) -> None:
    compared = list(comparisons(topic))
    assert compared
    assert [each.to_dict() for each in compared if not each.holds] == []


def test_a_difference_is_seen_however_it_is_measured() -> None:
    assert compare("m", "s", "c", "q", [1, 2], [1, 2]).holds
    assert not compare("m", "s", "c", "q", [1, 2], [1, 3]).holds
    assert compare("m", "s", "c", "q", [nan], [nan]).holds
    assert compare("m", "s", "c", "q", [inf], [inf]).holds
    assert not compare("m", "s", "c", "q", [nan], [1], tolerance=9).holds
    assert not compare("m", "s", "c", "q", [1], [1, 1], tolerance=9).holds
    assert compare("m", "s", "c", "q", [99], [100], 0.01, "relative").difference == pytest.approx(0.01)
    assert compare("m", "s", "c", "q", [99], [100], 3, "standard errors", error=0.5).difference == pytest.approx(2)


def test_a_summary_names_what_failed() -> None:
    [line] = summarised([compare("m", "s", "a", "q", 1, 1), compare("m", "s", "b", "q", [1, 2], [1, 3])])
    assert (line.cases, line.values, line.failed, line.largest) == (2, 3, ("b: q",), {"equal": 1.0})


@pytest.mark.parametrize(
    ("last", "excess"),
    [(1.99915898043566, 3.41e-6), (GroupSequential(3, 0.025, 0.1, "HSD(-4)").bounds().upper[-1], 0.0)],
)
def test_a_bound_of_the_survival_design_spends_too_much_by_another_integration(last: float, excess: float) -> None:
    """``gsSurv_doc``: its first two bounds are those of its spending function to 3e-6; integrated by QUADPACK here."""
    first, second = GroupSequential(3, 0.025, 0.1, "HSD(-4)").bounds().upper[:2]

    def below(y: float, x: float) -> float:
        """The density of two increments of the score, times the probability that the third stays below the last bound."""
        return exp(-(x * x + y * y) / 2) / (2 * pi) * float(ndtr(last * sqrt(3) - x - y))

    stays, error = dblquad(below, -9, first, -9, lambda x: second * sqrt(2) - x, epsabs=1e-11, epsrel=1e-11)
    assert error < 1e-9
    assert 1 - stays - 0.025 == pytest.approx(excess, abs=1e-8)
