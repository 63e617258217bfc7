"""Tables of epochs made of given columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.epochs import TABLE, Epochs
from helmont.signals.folding import EPOCH
from helmont.signals.recording import SECOND, Signal

MIDNIGHT = 1_700_006_400 * SECOND  # 2023-11-15T00:00:00Z
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", 100.0, 1 / 256, (-8.0, 8.0))


def table(start: int = MIDNIGHT, **columns: Any) -> Epochs:
    """Complete epochs in a row with the columns given; the others are those of a device at rest on a table."""
    length = len(next(iter(columns.values())))
    found: dict[str, Any] = {name: np.zeros(length) for name in TABLE}
    found |= {name: np.zeros((length, 3)) for name in ("sd", "low", "high")}
    found["mean"] = np.tile([0.0, 0.0, 1.0], (length, 1))
    found["start"] = start + EPOCH * np.arange(length, dtype=np.int64)
    found["samples"] = np.full(length, 500, np.int32)
    found["temperature"] = np.full(length, np.nan)
    found |= {name: np.asarray(column) for name, column in columns.items()}
    return Epochs(**found, loose=Signal(WRIST, ()))
