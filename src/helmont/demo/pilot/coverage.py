"""Which published values the forms hold, which the system works out, and which are not represented, counted one by one.

The counts come from mapping the entered forms forward and comparing with the published records, not from intentions: a
value is captured only when some answer gives exactly it. A published variable nobody has classified raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helmont.demo.pilot.classification import classify, domain_of, key_variables, record_key
from helmont.demo.pilot.events import Event
from helmont.demo.pilot.forward import Cell, Cells, forward
from helmont.demo.pilot.journey import site_events
from helmont.demo.pilot.reverse import as_typed
from helmont.demo.pilot.source import DATASETS, DESIGN, QUALIFIERS, as_text, frame, rows


@dataclass(slots=True)
class VariableCoverage:
    """One variable of one data set: its non-empty ``values`` are the sum of the four counts that follow."""

    dataset: str
    variable: str
    values: int = 0
    captured: int = 0
    derived: int = 0
    reference: int = 0
    missing: int = 0
    """Not represented anywhere."""
    rewritten: int = 0
    """Of the captured, how many the sites would write differently: ``061.0`` is ``61.0``."""
    reason: str = ""
    """Where the values come from that are not captured."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The account of every published value."""

    variables: list[VariableCoverage]
    records: dict[str, int]
    """Data set to number of records."""
    invented: list[tuple[str, Cell]] = field(default_factory=list)
    """Cells that answers give and that were not published; must be empty."""

    def of(self, dataset: str, variable: str) -> VariableCoverage:
        """The account of one variable; ``KeyError`` when it has no value."""
        for found in self.variables:
            if (found.dataset, found.variable) == (dataset, variable):
                return found
        raise KeyError(f"{dataset}.{variable} has no value in the published data")

    def not_represented(self) -> list[VariableCoverage]:
        """The variables with values that are nowhere, and why."""
        return [found for found in self.variables if found.missing]


def coverage(
    events: Iterable[Event] | None = None, datasets: Sequence[str] = (*DATASETS, *QUALIFIERS, *DESIGN)
) -> Coverage:
    """Compare what ``events`` (by default the whole trial) give with what was published; takes some seconds.

    With fewer ``datasets``, the events should be those they hold: whatever else was entered counts as invented.
    """
    cells = forward(site_events() if events is None else events)
    unclaimed = {(domain, cell) for domain, found in cells.items() for cell in found}
    account: list[VariableCoverage] = []
    records: dict[str, int] = {}
    for dataset in datasets:
        records[dataset] = frame(dataset).height
        account += _design(dataset) if dataset in DESIGN else _dataset(dataset, cells, unclaimed)
    return Coverage(account, records, sorted(unclaimed))


def _design(dataset: str) -> list[VariableCoverage]:
    published = frame(dataset)
    counts = {name: published[name].count() for name in published.columns}
    return [
        VariableCoverage(dataset, name, count, reference=count, reason=classify(dataset, name)[1])
        for name, count in counts.items()
        if count
    ]


def _dataset(dataset: str, cells: Cells, unclaimed: set[tuple[str, Cell]]) -> list[VariableCoverage]:
    published = frame(dataset)
    found = cells.get(domain_of(dataset), {})
    answered = {variable for _, _, variable in found}
    account = {name: VariableCoverage(dataset, name, published[name].count()) for name in published.columns}
    _compare(dataset, found, [name for name in published.columns if name in answered], account, unclaimed)
    for count in account.values():
        _classify(count, count.values - count.captured - count.derived)
    return [count for count in account.values() if count.values]


def _compare(
    dataset: str,
    found: Mapping[Cell, str],
    answered: list[str],
    account: Mapping[str, VariableCoverage],
    unclaimed: set[tuple[str, Cell]],
) -> None:
    """Look for every published value among the answers; count those found, and the keys of the records found."""
    domain, keys = domain_of(dataset), ("USUBJID", *key_variables(dataset))
    entered = {(participant, record) for participant, record, _ in found}
    others = [name for name in ("RDOMAIN", "IDVARVAL", "QSDRVFL") if name in account and name not in keys]
    for row in rows(dataset, *dict.fromkeys([*keys, *others, *answered])):
        participant, record = row["USUBJID"], record_key(dataset, row)
        calculated = row.get("QSDRVFL") == "Y"
        for name in keys:
            account[name].captured += row[name] is not None and (participant, record) in entered
            account[name].derived += row[name] is not None and calculated
        for name in answered:
            if row[name] is None or name in keys:
                continue
            text, cell = as_text(row[name]), (participant, record, name)
            answer = found.get(cell)
            if calculated:
                account[name].derived += 1
            elif answer is not None and answer in (text, as_typed(text)):
                account[name].captured += 1
                account[name].rewritten += answer != text
                unclaimed.discard((domain, cell))


def _classify(count: VariableCoverage, rest: int) -> None:
    """Account for the values that no answer gives."""
    if rest:
        kind, count.reason = classify(count.dataset, count.variable)
        match kind:
            case "derived":
                count.derived += rest
            case "reference":
                count.reference += rest
            case "not represented":
                count.missing += rest
