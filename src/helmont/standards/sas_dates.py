"""SAS dates: days, and date-times: seconds, since 1960-01-01; times: seconds since midnight."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Literal

import polars as pl

Kind = Literal["date", "datetime", "time"]
EPOCH = datetime(1960, 1, 1)
_DAYS_TO_1970 = 3653
_SPAN: dict[Kind, tuple[float, float]] = {
    "date": (-135_140, 2_936_549),  # 1590-01-01 to 9999-12-31, the range of SAS
    "datetime": (-135_140 * 86_400, 2_936_550 * 86_400 - 1),
    "time": (0, 86_400 - 1),
}
_SECONDS = {"datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?", "time": r"\d\d:\d\d:\d\d(?:\.\d{1,6})?"}


def out_of_range(values: pl.Series, kind: Kind) -> pl.Series:
    """Where a number is no such date: outside the years of SAS, or part of a day."""
    least, most = _SPAN[kind]
    odd = (values < least) | (values >= most + 1) | ~values.is_finite()
    return odd | (values != values.round()) if kind == "date" else odd


def to_iso(values: pl.Series, kind: Kind) -> pl.Series:
    """Numbers within range as ISO 8601 text: ``2014-01-02``, ``2014-01-02T10:30:00``, ``10:30:00``."""
    if kind == "date":
        return (values.cast(pl.Int64) - _DAYS_TO_1970).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m-%d")
    since = values if kind == "time" else values - _DAYS_TO_1970 * 86_400
    moments = (since * 1_000_000).round().cast(pl.Int64).cast(pl.Datetime("us"))
    texts = moments.dt.strftime("%H:%M:%S%.6f" if kind == "time" else "%Y-%m-%dT%H:%M:%S%.6f")
    return texts.str.replace(r"\.?0{1,6}$", "")  # of the fraction alone: there are always six places


def from_iso(text: str, kind: Kind) -> float:
    """The number of a complete ISO 8601 date, date-time or time without a zone; raises ``ValueError`` for another text."""
    if kind == "date":
        return float((date.fromisoformat(text) - EPOCH.date()).days)
    if not re.fullmatch(_SECONDS[kind], text):
        raise ValueError(f"{text!r} is not complete")
    if kind == "datetime":
        return (datetime.fromisoformat(text) - EPOCH).total_seconds()
    return (datetime.combine(EPOCH, time.fromisoformat(text)) - EPOCH) / timedelta(seconds=1)
