"""Trials in the same state are one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def merged(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different rows of counts, and which of them each row is."""
    packed = np.ascontiguousarray(rows, dtype=np.min_scalar_type(rows.max(initial=0)))
    keys = packed.view(np.dtype((np.void, packed.shape[1] * packed.itemsize))).ravel()
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], which.reshape(-1)
