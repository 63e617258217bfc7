"""Analysis visits: assessments assigned by the day they took place (ADaMIG 1.3, 3.3.3 and 4.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helmont.study.datasets.rows import Cell, Row, Rows, Subject
from helmont.study.datasets.steps.assigning import order_key
from helmont.study.datasets.steps.grouping import grouped, matching
from helmont.study.datasets.vocabulary import Condition, Creates, Reads, step_making


@dataclass(frozen=True, slots=True)
class Window:
    """An analysis visit and the days, both included, that belong to it; open where a limit is left out."""

    visit: str
    number: float
    target: float
    range: str
    low: float | None = None
    high: float | None = None

    def holds(self, day: float) -> bool:
        """Whether a day lies in the window."""
        return (self.low is None or day >= self.low) and (self.high is None or day <= self.high)

    def values(self, day: Cell, unit: str) -> dict[str, Cell]:
        """The variables that say to which analysis visit a record belongs and how far it is from its target."""
        return {
            "AVISIT": self.visit,
            "AVISITN": self.number,
            "AWRANGE": self.range,
            "AWTARGET": self.target,
            "AWTDIFF": abs(self.target - day) if isinstance(day, int | float) else None,
            "AWLO": self.low,
            "AWHI": self.high,
            "AWU": unit,
        }


WINDOW_VARIABLES = frozenset(Window("", 0, 0, "").values(None, ""))


def _window_variables(study: object, arguments: object) -> set[str]:
    return set(WINDOW_VARIABLES)


@step_making(_window_variables)
def derive_vars_window(
    rows: Rows, subject: Subject, *, day: Reads, windows: tuple[Window, ...], unit: str = "DAYS"
) -> Rows:
    """Give each record the analysis visit in whose window its day lies: AVISIT, AVISITN, AWRANGE, AWTARGET, AWTDIFF,
    AWLO, AWHI and AWU (ADaMIG 1.3, 3.3.3).

    The first window that holds the day counts; a record without a day, or in no window, has none of these.
    """
    nothing: dict[str, Cell] = dict.fromkeys(WINDOW_VARIABLES)
    for row in rows:
        value = row.get(day)
        window = next((each for each in windows if each.holds(value)), None) if value is not None else None
        row.update(nothing if window is None else window.values(value, unit))
    return rows


@step_making(_window_variables)
def derive_locf_records(
    rows: Rows,
    subject: Subject,
    *,
    day: Reads,
    windows: tuple[Window, ...],
    by: tuple[Reads, ...],
    order: tuple[Reads, ...],
    where: Condition | None = None,
    type_variable: Creates = "DTYPE",
    type: str = "LOCF",
    unit: str = "DAYS",
) -> Rows:
    """Add a record for each analysis visit of ``windows`` that a group has none for: the last observation before it,
    carried forward (ADaMIG 1.3, 4.5.1).

    ``where`` says which records count, both as being there and as candidates to be carried; the last one in
    ``order`` whose AVISITN is lower is carried with all its variables and what it was made of. ``DTYPE`` marks what was
    added; AWTDIFF is the distance of the observation from the target that it now stands for.
    """
    added: Rows = []
    for group in grouped(matching(rows, subject, where), by).values():
        candidates = sorted(group, key=lambda row: order_key(row, order))
        added += [
            carried.derived(**window.values(carried.get(day), unit), **{type_variable: type})
            for window, carried in _carried(candidates, windows)
        ]
    return rows + added


def _carried(candidates: Rows, windows: tuple[Window, ...]) -> Iterator[tuple[Window, Row]]:
    """The windows without a record, each with the last candidate of an earlier analysis visit."""
    present = {row.get("AVISITN") for row in candidates}
    for window in windows:
        if window.number not in present:
            earlier = [
                row for row in candidates if (number := row.get("AVISITN")) is not None and number < window.number
            ]
            if earlier:
                yield window, earlier[-1]
