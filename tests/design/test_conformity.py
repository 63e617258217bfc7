"""Every method agrees with its references, and what would not agree is seen."""

from __future__ import annotations

from math import inf, nan

import pytest

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
