"""Batches as JSON, and as one JSON object a line.

{"start": "2026-03-01T08:15:00Z", "rate": 100, "unit": "[g]", "values": [[0.01, -0.02, 1.0], …]}
{"times": ["2026-03-01T08:15:00Z", …], "values": [5.6, …]}        counts instead of values: whole numbers
{"time": "2026-03-01T08:15:00Z", "value": 5.6}                    one sample a line, axes by name
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import Counts
from helmont.signals.wire.batch import Batch, as_counts, at_rate, at_times, check_counts, check_rows
from helmont.signals.wire.moments import moment

FIELDS = ("start", "rate", "times", "unit", "values", "counts")


def read_json(channel: Channel, body: bytes) -> Batch:
    """The samples of one JSON object. Raises ``SignalError``."""
    said = _object(body, "body")
    if unknown := sorted(said.keys() - set(FIELDS)):
        raise SignalError(unknown[0][:60], "not a member of a batch", ", ".join(FIELDS))
    counts = _counts(channel, said)
    if "times" in said:
        if "start" in said or "rate" in said:
            raise SignalError("times", "together with start or rate", "either times, or start and rate")
        times = _list(said["times"], "times")
        if len(times) != len(counts):
            raise SignalError("times", f"{len(times)} times for {len(counts)} samples", "one for each sample")
        moments = [moment(each, f"times[{number}]") for number, each in enumerate(times)]
        return at_times(channel, _moments(moments, "times"), counts, _unit(times))
    if "start" not in said:
        raise SignalError("start", "missing", "start with the channel's rate, or times")
    return at_rate(channel, moment(said["start"], "start"), _rate(said.get("rate")), counts)


def read_lines(channel: Channel, body: bytes) -> Batch:
    """The samples of a text with one JSON object a line. Raises ``SignalError``."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    check_rows("lines", len(lines))
    times, rows, unit = [], [], ""
    for number, line in enumerate(lines, 1):
        said = _object(line, f"line {number}")
        if unknown := sorted(said.keys() - {"time", "unit", *channel.axes}):
            raise SignalError(
                f"line {number}.{unknown[0][:60]}", "not a member", f"time, unit, {', '.join(channel.axes)}"
            )
        if said.get("unit", unit) != unit and number > 1:
            raise SignalError(f"line {number}.unit", repr(said.get("unit")), f"{unit!r} as in the lines before")
        unit = said.get("unit", unit)
        times.append(moment(said.get("time"), f"line {number}.time"))
        rows.append([_number(said.get(axis), f"line {number}.{axis}") for axis in channel.axes])
    counts = as_counts(channel, np.array(rows, np.float64), _text(unit, "unit"), "lines")
    return at_times(channel, _moments(times, "time"), counts, 1_000_000 if not any(t % 1_000_000 for t in times) else 1)


def _counts(channel: Channel, said: dict[str, Any]) -> Counts:
    if ("values" in said) == ("counts" in said):
        raise SignalError("values", "both or neither of values and counts", "values in a unit, or counts")
    name = "counts" if "counts" in said else "values"
    rows = _list(said[name], name)
    check_rows(name, len(rows))
    axes = len(channel.axes)
    try:
        table = np.array(rows)
    except ValueError:  # rows of several lengths
        table = np.empty(0, object)
    if table.ndim == 1 and axes == 1:
        table = table.reshape(-1, 1)
    if table.ndim != 2 or table.shape[1] != axes or table.dtype.kind not in "if":
        raise SignalError(name, "rows of another shape", f"{axes} {'number' if axes == 1 else 'numbers'} a sample")
    if name == "counts":
        if table.dtype.kind != "i":
            raise SignalError(name, "numbers with a fraction", "whole numbers; values otherwise")
        return check_counts(channel, table, name)
    return as_counts(channel, table.astype(np.float64), _text(said.get("unit", ""), "unit"), name)


def _object(text: bytes, place: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SignalError(place, f"not JSON: {error}", "a JSON object") from None
    if not isinstance(found, dict):
        raise SignalError(place, f"a JSON {type(found).__name__}", "a JSON object")
    return found


def _list(found: object, place: str) -> Sequence[Any]:
    if not isinstance(found, list):
        raise SignalError(place, f"a JSON {type(found).__name__}", "a list")
    return found


def _number(found: object, place: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise SignalError(place, repr(found)[:60], "a number")
    return float(found)


def _text(found: object, place: str) -> str:
    if not isinstance(found, str):
        raise SignalError(place, repr(found)[:60], "text")
    return found


def _rate(found: object) -> float | None:
    return None if found is None else _number(found, "rate")


def _moments(moments: Sequence[int], place: str) -> NDArray[np.int64]:
    try:
        return np.array(moments, np.int64)
    except OverflowError:
        raise SignalError(place, "beyond 2262", "moments from 2000 to 2099, in UTC") from None


def _unit(times: Sequence[Any]) -> int:
    """In how many nanoseconds the times are written: those in milliseconds are not more exact than that."""
    decimals = max((len(str(each).partition(".")[2].rstrip("Z")) for each in times if isinstance(each, str)), default=9)
    return 10 ** max(9 - decimals, 0) if decimals <= 9 else 1
