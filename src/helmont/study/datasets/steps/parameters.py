"""Parameters made of others: totals, summaries, criteria (ADaMIG 1.3, 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from typing import Any, Literal

from helmont.study.cel import UNKNOWN
from helmont.study.datasets.rows import Cell, Environment, Row, Rows, Subject
from helmont.study.datasets.steps.assigning import cell, order_key
from helmont.study.datasets.steps.grouping import Key, grouped, matching, matching_of, united
from helmont.study.datasets.vocabulary import Condition, Creates, Of, Reads, ReadsOther, step

Function = Literal["sum", "mean", "min", "max", "count"]


def _made(group: Rows, by: tuple[str, ...], key: Key, keep: tuple[str, ...], values: Mapping[str, Any]) -> Row:
    """A record for a group: what it was grouped by, what is kept of its first record, and what is new."""
    return Row(
        {**{name: group[0].get(name) for name in keep}, **dict(zip(by, key, strict=True)), **values}, united(group)
    )


@step
def derive_param_prorated_total(
    rows: Rows,
    subject: Subject,
    *,
    items: Mapping[str, float],
    by: tuple[Reads, ...],
    parameter: Reads = "PARAMCD",
    of: Reads = "AVAL",
    missing: float = 0,
    keep: tuple[Reads, ...] = (),
    values: Mapping[Creates, str],
    existing: bool = False,
) -> Rows:
    """Add a total of items to each group, stretched to the full range of the scale when some are missing.

    ``items`` maps the items to their greatest score. The sum of those that are there is multiplied by the greatest
    possible total over the greatest possible one of these items. When more than ``missing`` (a share of the items, 0.3)
    are missing there is no total. With ``existing`` a group keeps the total that it has, such as one that the form
    calculated. (Analysis plan of the pilot, 14.2; the rule of most rating scales.)
    """
    full = sum(items.values())
    added: Rows = []
    answered = [row for row in rows if row.get(parameter) in items and row.get(of) is not None]
    totals = grouped((row for row in rows if existing and row.get(parameter) == values.get(parameter)), by)
    for key, group in grouped(answered, by).items():
        if key in totals:
            continue
        reached = sum(items[row[parameter]] for row in group)
        if len(items) - len(group) <= missing * len(items):
            total = fsum(row[of] for row in group)
            total = total if reached == full else total * full / reached
            added.append(_made(group, by, key, keep, {**values, of: total}))
    return rows + added


@step
def derive_summary_records(
    rows: Rows,
    subject: Subject,
    *,
    by: tuple[Reads, ...],
    function: Function,
    of: Reads = "AVAL",
    where: Condition | None = None,
    keep: tuple[Reads, ...] = (),
    values: Mapping[Creates, str] | None = None,
    numbers: Mapping[Creates, float] | None = None,
) -> Rows:
    """Add a record to each group whose value sums the group up: its mean, sum, least, greatest, or how many there are.

    Records without a value are passed over (ADaMIG 1.3, 4.2.1).
    """
    added: Rows = []
    known = [row for row in matching(rows, subject, where) if row.get(of) is not None]
    for key, group in grouped(known, by).items():
        value = summarised([row[of] for row in group], function)
        added.append(_made(group, by, key, keep, {**(values or {}), **(numbers or {}), of: value}))
    return rows + added


def summarised(values: list[float], function: Function) -> Cell:
    """The sum, mean, least, greatest or number of values; empty for none, but a count is zero."""
    if function == "count":
        return len(values)
    if not values:
        return None
    if function in ("min", "max"):
        return min(values) if function == "min" else max(values)
    total = fsum(values)
    return total if function == "sum" else total / len(values)


@step
def derive_var_merged_summary(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    dataset: Of,
    of: ReadsOther,
    function: Function,
    where: Condition | None = None,
) -> Rows:
    """Give the records a sum, mean or the like of the participant's records in another data set."""
    found = [(source, row) for source, row in matching_of(subject, dataset, where) if row.get(of) is not None]
    value = summarised([row[of] for _, row in found], function)
    for row in rows:
        row[variable] = value
        row.sources = (*row.sources, *(source for source, _ in found))
    return rows


@step
def derive_param_criterion(
    rows: Rows,
    subject: Subject,
    *,
    parameters: tuple[str, ...],
    by: tuple[Reads, ...],
    where: Condition,
    require: Literal["any", "all"],
    parameter: Reads = "PARAMCD",
    value: Creates = "AVAL",
    keep: tuple[Reads, ...] = (),
    values: Mapping[Creates, str],
) -> Rows:
    """Add a parameter to each group: 1 when ``any`` or ``all`` records of other parameters meet a criterion, else 0
    (ADaMIG 1.3, 4.7; Hy's law).

    The value is empty when records for which the criterion is unknown could change it. A group with none of the
    parameters gets no record.
    """
    environment = Environment(subject)
    decisive = require == "any"
    added: Rows = []
    for key, group in grouped((row for row in rows if row.get(parameter) in parameters), by).items():
        answers = set()
        for row in group:
            environment.row = row
            answers.add(where(environment))
        reached = decisive if decisive in answers else None if UNKNOWN in answers else not decisive
        added.append(_made(group, by, key, keep, {**values, value: None if reached is None else int(reached)}))
    return rows + added


@step
def derive_extreme_records(
    rows: Rows,
    subject: Subject,
    *,
    by: tuple[Reads, ...],
    order: tuple[Reads, ...],
    mode: Literal["first", "last"],
    where: Condition | None = None,
    values: Mapping[Creates, str] | None = None,
    numbers: Mapping[Creates, float] | None = None,
) -> Rows:
    """Add a copy of the first or last record of each group under another name: the last visit on treatment as End of
    Treatment (ADaMIG 1.3, 4.5.3)."""
    changes: dict[str, Cell] = {**(values or {}), **(numbers or {})}
    added: Rows = []
    for group in grouped(matching(rows, subject, where), by).values():
        ordered = sorted(group, key=lambda row: order_key(row, order))
        added.append(ordered[0 if mode == "first" else -1].derived(**changes))
    return rows + added


@step
def derive_param_from_records(
    rows: Rows,
    subject: Subject,
    *,
    variables: Mapping[Creates, Condition],
    empty: tuple[Creates, ...] = (),
    where: Condition | None = None,
) -> Rows:
    """Add another parameter to every record it can be told from: a copy with the values of expressions over the record,
    and without those that mean nothing for the new parameter (ADaMIG 1.3, 4.2.1)."""
    environment = Environment(subject)
    cleared: dict[str, Cell] = dict.fromkeys(empty)
    added: Rows = []
    for row in rows:
        environment.row = row
        if where is None or where(environment) is True:
            changes = {variable: cell(expression(environment)) for variable, expression in variables.items()}
            added.append(row.derived(**cleared, **changes))
    return rows + added
