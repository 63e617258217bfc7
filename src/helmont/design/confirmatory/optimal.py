"""The Wang-Tsiatis shape with the least expected sample size."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import WangTsiatis


def optimal_wang_tsiatis(
    information: Sequence[float] | int, alpha: float, beta: float, effect: float = 1.0
) -> WangTsiatis:
    """The ``delta`` between 0 and 1/2 with which the trial is shortest on average if ``effect`` is true.

    Wang & Tsiatis 1987.

    By golden section, to within 1e-4.
    """

    def length(delta: float) -> float:
        return GroupSequential(information, alpha, beta, WangTsiatis(delta)).exact(effect).expected[0]

    share = (sqrt(5) - 1) / 2
    low, high = 0.0, 0.5
    left, right = high - share * (high - low), low + share * (high - low)
    at_left, at_right = length(left), length(right)
    while high - low > 1e-4:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - share * (high - low)
            at_left = length(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + share * (high - low)
            at_right = length(right)
    return WangTsiatis((low + high) / 2)
