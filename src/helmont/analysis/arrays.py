"""The arrays that go in and come out, and the one error of this floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Ints: TypeAlias = NDArray[np.int64]


class NotComputable(ValueError):
    """The data do not permit the statistic; the message says why in a sentence."""


def floats(values: object, name: str = "values") -> Floats:
    """``values`` as numbers; raises ``NotComputable`` where one is missing or infinite."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise NotComputable(f"{name} holds a missing or infinite number; leave such rows out beforehand")
    return array


def codes(values: Sequence[object], levels: Sequence[object], name: str) -> Ints:
    """The place of each value among the ``levels``; raises ``NotComputable`` for a value that is none of them."""
    places = {level: place for place, level in enumerate(levels)}
    try:
        return np.array([places[value] for value in values], dtype=np.int64)
    except KeyError as error:
        raise NotComputable(f"{error.args[0]!r} is not a level of {name}: {', '.join(map(str, levels))}") from None
