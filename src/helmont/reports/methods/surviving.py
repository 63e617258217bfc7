"""Times to an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from helmont.analysis.survival import Limits, kaplan_meier, log_rank
from helmont.reports.methods.base import Cell, Found, computed, method

TIME = "TIME"
"""The grouping of what a curve says at a time."""


@method(
    "kaplan_meier",
    "Kaplan-Meier estimate",
    n="Number of participants",
    events="Number of events",
    censored="Number censored",
    median="Median time to event",
    median_lower="Lower confidence limit of the median",
    median_upper="Upper confidence limit of the median",
    survival="Probability of no event until a time",
    lower="Lower confidence limit of the probability",
    upper="Upper confidence limit of the probability",
    at_risk="Number at risk at a time",
    ended="Number of events at a time",
    p="p-value of the log-rank test",
)
def kaplan_meier_curves(cell: Cell) -> Iterator[Found]:
    """The product-limit estimate (Kaplan and Meier 1958) and the log-rank test (Mantel 1966), as SAS PROC LIFETEST.

    The variable is the time, ``censor`` is 0 where the event happened; ``limits`` are linear (SAS 9.1), log or loglog.
    """
    censor = cell.setting("censor", "CNSR")
    limits = cast("Limits", cell.setting("limits", "loglog"))
    places, groups = cell.complete([cell.analysis.variable, censor])
    times = cell.source.numbers(cell.analysis.variable)
    events = (cell.source.numbers(censor) == 0).astype(np.float64)
    names = np.array(groups)
    for member in cell.compared:
        mine = places[names == member.id] if len(places) else places
        if not len(mine):
            continue
        curve = kaplan_meier(times[mine], events[mine], limits)
        happened = float(events[mine].sum())
        median = curve.quantile(0.5)
        overall = {"n": float(len(mine)), "events": happened, "censored": len(mine) - happened}
        overall |= dict(zip(("median", "median_lower", "median_upper"), median, strict=True))  # type: ignore[arg-type]
        for name, value in overall.items():
            yield Found(name, value, (member.id,), mine)
        for place, time in enumerate(curve.time):
            at = ((TIME, f"{time:g}"),)
            figures = {
                "survival": curve.survival,
                "lower": curve.lower,
                "upper": curve.upper,
                "at_risk": curve.at_risk,
                "ended": curve.events,
            }
            behind = mine[times[mine] == time]
            for name, values in figures.items():
                value = float(values[place])
                yield Found(name, None if np.isnan(value) else value, (member.id,), behind, at)
    levels = [each.id for each in cell.compared]
    yield Found("p", computed(lambda: log_rank(times[places], events[places], groups, levels).test.p), places=places)
