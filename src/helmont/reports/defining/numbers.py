"""How many characters and decimals the numbers of a column take."""

from __future__ import annotations

import polars as pl

from helmont.study.datasets.steps.assigning import number

MOST_DECIMALS = 15


def written(value: float) -> str:
    """The number as short as it goes, without exponent: ``37.5``, ``120``."""
    text = f"{value:.15g}"
    return f"{value:.15f}".rstrip("0").rstrip(".") if "e" in text else text


def digits_of(values: pl.Series) -> int:
    """The characters of the longest number; 1 without any."""
    return max((len(written(value)) for value in _distinct(values)), default=1)


def decimals_of(values: pl.Series) -> int:
    """The decimals of the number that has most; 0 without any."""
    return max((len(written(value).partition(".")[2]) for value in _distinct(values)), default=0)


def numbers_in(values: pl.Series) -> pl.Series | None:
    """Texts as numbers, or ``None`` when one of them is none."""
    if values.dtype != pl.String:
        return values
    found = [number(text) for text in values.drop_nulls().unique().to_list()]
    return None if not found or any(each is None for each in found) else pl.Series(found, dtype=pl.Float64)


def _distinct(values: pl.Series) -> list[float]:
    return [float(value) for value in values.drop_nulls().unique().to_list()]
