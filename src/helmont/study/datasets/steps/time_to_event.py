"""Time to an event, and why the waiting ended when there was none (ADaM Basic Data Structure for Time-to-Event 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helmont.study.datasets.rows import Row, Rows, Subject
from helmont.study.datasets.steps.grouping import matching_of
from helmont.study.datasets.vocabulary import Condition, Creates, Of, Reads, ReadsOther, step_making


@dataclass(frozen=True, slots=True)
class Ending:
    """What may end the waiting: a date in a data set made before, and how it is described."""

    dataset: Of
    date: ReadsOther
    description: str
    where: Condition | None = None
    sequence: ReadsOther | None = None
    """The variable that numbers the records of the data set, for SRCSEQ."""


VARIABLES = ("ADT", "CNSR", "EVNTDESC", "SRCDOM", "SRCVAR", "SRCSEQ")


def _makes(study: object, arguments: object) -> set[str]:
    return set(VARIABLES)


@step_making(_makes)
def derive_param_tte(
    rows: Rows,
    subject: Subject,
    *,
    start: Reads,
    start_variable: Creates = "STARTDT",
    events: tuple[Ending, ...],
    censors: tuple[Ending, ...],
    values: Mapping[Creates, str],
    cutoff: str | None = None,
) -> Rows:
    """Turn the participant's record into one of a time-to-event parameter: when the event was, or when it was censored.

    The earliest date among ``events`` is the event (CNSR 0). Without one the latest among ``censors`` ends the waiting
    (CNSR 1). Of several on the same day the first in the order given counts. SRCDOM, SRCVAR and SRCSEQ say where the
    date was found. ``cutoff`` describes the end for whoever is still waited for: the data cut-off of the study definition
    (``data_cutoff``; CNSR 1, no source). What happened after the cut-off does not count. A participant without a start,
    or whose waiting has not ended, has no record.
    """
    made: Rows = []
    last = subject.context.cutoff if cutoff else None
    event = _found(subject, events, last, earliest=True)
    ended = event or _found(subject, censors, last, earliest=False)
    for row in rows:
        begin = row.get(start)
        if begin is None or (last is not None and begin > last):
            continue
        if ended is None:
            if last is not None:
                result = {start_variable: begin, **dict.fromkeys(VARIABLES), "ADT": last, "CNSR": 1, "EVNTDESC": cutoff}
                made.append(Row({**row, **values, **result}, row.sources, row.page))
            continue
        date, source, ending, record = ended
        result = {
            start_variable: begin,
            "ADT": date,
            "CNSR": 0 if event else 1,
            "EVNTDESC": ending.description,
            "SRCDOM": ending.dataset,
            "SRCVAR": ending.date,
            "SRCSEQ": record.get(ending.sequence) if ending.sequence else None,
        }
        made.append(Row({**row, **values, **result}, tuple(dict.fromkeys((*row.sources, source))), row.page))
    return made


_Found = tuple[float, tuple[str, str | int], Ending, Row]


def _found(subject: Subject, endings: tuple[Ending, ...], last: int | None, *, earliest: bool) -> _Found | None:
    candidates: list[_Found] = [
        (row[ending.date], source, ending, row)
        for ending in endings
        for source, row in matching_of(subject, ending.dataset, ending.where)
        if row.get(ending.date) is not None and (last is None or row[ending.date] <= last)
    ]
    if not candidates:
        return None
    pick = min if earliest else max
    return pick(candidates, key=lambda candidate: candidate[0])
