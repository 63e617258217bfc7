"""How long samples were on their way: counted in classes, so that a share of all batches can be told at once.

The delay of a batch is the time from its last sample until it was received. Class 0 is nothing; class ``k`` ends at
``2 ** (k / 4) - 1`` seconds, so that a class is a fifth wider than the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2

STEPS = 4
"""Classes until the delay doubles."""


def class_of(seconds: float) -> int:
    """The class of a delay; a device whose clock runs ahead has none."""
    return ceil(STEPS * log2(max(seconds, 0.0) + 1) - 1e-9)


def upper(number: int) -> float:
    """The longest delay of a class, in seconds."""
    return float(2 ** (number / STEPS) - 1)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The delay, in seconds, that ``share`` (0 to 1) of the batches do not exceed; None without batches.

    It is the upper end of a class: up to a fifth too long, never too short.
    """
    total, reached = sum(counts.values()), 0
    for number, count in sorted(counts.items()):
        reached += count
        if reached >= share * total:
            return upper(number)
    return None
