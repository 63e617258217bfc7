"""Exposure: how much was taken as planned (ADaMIG 1.3, 3.2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.study.datasets.rows import Environment, Rows, Subject
from helmont.study.datasets.vocabulary import Condition, Creates, Reads, step


@dataclass(frozen=True, slots=True)
class Period:
    """A period of one daily dose: the dose, and the last day it is given; to the end of treatment without one."""

    dose: Condition
    until: Condition | None = None


@step
def derive_var_planned_dose(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    start: Reads,
    end: Reads,
    periods: tuple[Period, ...],
    where: Condition | None = None,
) -> Rows:
    """The sum of daily doses from the first day of treatment to the last, by the periods that were planned.

    Each period begins on the day after the one before and lasts until its last day, or to the end of treatment when that
    day is unknown or later. Empty where ``where`` is not true: so several of these steps may fill one variable.
    """
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        row.setdefault(variable, None)
        day, last = row.get(start), row.get(end)
        if day is None or last is None or (where is not None and where(environment) is not True):
            continue
        total = 0.0
        for period in periods:
            until = period.until(environment) if period.until else None
            stop = min(last, until) if isinstance(until, int | float) else last
            dose = period.dose(environment)
            total += float(dose) * max(0, stop - day + 1)  # type: ignore[arg-type]
            day = max(day, stop + 1)
        row[variable] = total
    return rows
