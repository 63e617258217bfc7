"""Times to an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from helmont.analysis.arrays import Floats
from helmont.analysis.survival import Curve, Limits, kaplan_meier, log_rank
from helmont.reports.frames import Places
from helmont.reports.methods.base import Cell, Found, computed, method

TIME = "TIME"
"""The grouping of the steps of a curve."""
DAY = "DAY"
"""The grouping of the times that an analysis asks for."""


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
    survival_at="Probability of no event until a time asked for",
    lower_at="Lower confidence limit of that probability",
    upper_at="Upper confidence limit of that probability",
    at_risk_at="Number at risk at a time asked for",
    p="p-value of the log-rank test",
)
def kaplan_meier_curves(cell: Cell) -> Iterator[Found]:
    """The product-limit estimate (Kaplan and Meier 1958) and the log-rank test (Mantel 1966), as SAS PROC LIFETEST.

    The variable is the time, ``censor`` is 0 where the event happened; ``limits`` are linear (SAS 9.1), log or loglog;
    ``times`` are asked for beside the steps of the curve, as groups of ``DAY``.
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
        yield from _steps(curve, member.id, mine, times)
        for text in cell.settings("times"):
            risk, survival, _, lower, upper = curve.at(float(text))
            asked = {"survival_at": survival, "lower_at": lower, "upper_at": upper, "at_risk_at": float(risk)}
            for name, value in asked.items():
                yield Found(name, value, (member.id,), mine, ((DAY, text),))
    levels = [each.id for each in cell.compared]
    yield Found("p", computed(lambda: log_rank(times[places], events[places], groups, levels).test.p), places=places)


def _steps(curve: Curve, group: str, places: Places, times: Floats) -> Iterator[Found]:
    """What the curve says at each of its times, from the rows that end there."""
    figures = {
        "survival": curve.survival,
        "lower": curve.lower,
        "upper": curve.upper,
        "at_risk": curve.at_risk,
        "ended": curve.events,
    }
    for place, time in enumerate(curve.time):
        behind = places[times[places] == time]
        for name, values in figures.items():
            value = float(values[place])
            yield Found(name, None if np.isnan(value) else value, (group,), behind, ((TIME, f"{time:g}"),))
