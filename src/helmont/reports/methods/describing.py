"""Counts, percentages and descriptive statistics."""

from __future__ import annotations

from collections.abc import Iterator

from helmont.analysis.descriptive import summary as summarize
from helmont.reports.methods.base import Cell, Found, method


@method(
    "count",
    "Counts and percentages",
    n="Number of participants",
    pct="Percentage of participants",
    total="Number of participants that the percentage is of",
    records="Number of records",
)
def count(cell: Cell) -> Iterator[Found]:
    """Participants are counted once in a group, however many records they have; the whole is the count of another analysis."""
    n = cell.people(cell.places)
    whole = cell.whole("")
    yield Found("n", float(n))
    yield Found("records", float(len(cell.places)))
    if whole is not None:
        yield Found("total", whole)
        yield Found("pct", 100 * n / whole if whole else None)


@method(
    "summary",
    "Descriptive statistics",
    n="Number of values",
    mean="Mean",
    sd="Standard deviation",
    median="Median",
    q1="Lower quartile",
    q3="Upper quartile",
    min="Minimum",
    max="Maximum",
    se="Standard error of the mean",
)
def summary(cell: Cell) -> Iterator[Found]:
    """Descriptive statistics with SAS's fifth definition of percentiles (PROC UNIVARIATE, PCTLDEF=5); missing values left out."""
    found = summarize(cell.numbers())
    yield Found("n", float(found.n))
    values = {
        "mean": found.mean,
        "sd": found.sd,
        "median": found.median,
        "q1": found.lower_quartile,
        "q3": found.upper_quartile,
        "min": found.minimum,
        "max": found.maximum,
        "se": found.error,
    }
    for name, value in values.items():
        yield Found(name, None if value != value else value)
