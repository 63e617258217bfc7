"""Samples of a device, sent as it would send them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from helmont.core.projections.runner import catch_up
from helmont.sensors.receiving import Sent, find_sender, forget_senders, receive_now
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import JSON

RATE = 50


def moment(text: str) -> int:
    """Nanoseconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def send(secret: str, channel: str, batch: str, body: dict[str, Any]) -> dict[str, Any]:
    forget_senders()
    sent = Sent(channel, batch, JSON, "", json.dumps(body).encode())
    return receive_now(find_sender(secret), sent, "http")


def still(minutes: int) -> list[list[int]]:
    """A device that lies flat on a table: 1 g on one axis."""
    return [[0, 0, 256]] * (minutes * 60 * RATE)


def moving(minutes: int, seed: int = 1) -> list[list[int]]:
    """A wrist in daily life."""
    noise = np.random.default_rng(seed)
    swing = noise.normal(0, 30, (minutes * 60 * RATE, 3))
    swing[:, 2] += 256
    counts: list[list[int]] = swing.astype(int).clip(-2000, 2000).tolist()
    return counts


def wrist(secret: str, batch: str, start: str, counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    return send(secret, "wrist", batch, {"start": start, "rate": RATE, "counts": counts})


def glucose(secret: str, batch: str, times: Sequence[str], values: Sequence[float]) -> dict[str, Any]:
    return send(secret, "cgm", batch, {"times": list(times), "values": list(values), "unit": "mmol/L"})


def follow() -> None:
    """The projections, as a server would."""
    catch_up("sensor streams")
