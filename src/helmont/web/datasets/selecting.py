"""Rows of a data set as an address asks for them: limited, sorted, some of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from helmont.datasets.seen import PARTICIPANT
from helmont.study.datasets.model import Dataset, Variable

OPERATORS = {
    "eq": _("is"),
    "ne": _("is not"),
    "contains": _("contains"),
    "gt": _("is greater than"),
    "lt": _("is less than"),
    "has": _("has a value"),
    "empty": _("is empty"),
}
WITHOUT_VALUE = ("has", "empty")
FIRST = 16
"""Columns shown unless others are chosen."""
EPOCH = date(1960, 1, 1)


@dataclass(frozen=True)
class Condition:
    variable: str
    operator: str
    value: str


@dataclass(frozen=True)
class Selection:
    """``sort`` begins with a minus to go down; ``columns`` are empty unless chosen."""

    participant: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = ""
    columns: tuple[str, ...] = ()


def read(query: QueryDict, dataset: Dataset, hidden: frozenset[str]) -> Selection:
    """What the address asks for; what names no variable that the person may see does not count."""
    there = [variable.name for variable in dataset.variables if variable.name not in hidden]
    given = zip(query.getlist("fc"), query.getlist("fo"), query.getlist("fv"), strict=False)
    conditions = tuple(
        Condition(name, operator, value.strip()[:200])
        for name, operator, value in given
        if name in there and operator in OPERATORS and (value.strip() or operator in WITHOUT_VALUE)
    )
    sort = query.get("sort", "")
    chosen = set(query.getlist("col"))
    return Selection(
        query.get("participant", "").strip()[:60],
        conditions[:10],
        sort if sort.removeprefix("-") in there else "",
        tuple(name for name in there if name in chosen),
    )


def select(frame: pl.DataFrame, dataset: Dataset, selection: Selection) -> pl.DataFrame:
    """The rows that meet every condition, in order."""
    if selection.participant:
        wanted = pl.col(PARTICIPANT).str.to_lowercase().str.contains(selection.participant.lower(), literal=True)
        frame = frame.filter(wanted)
    for each in selection.conditions:
        variable = dataset.variable(each.variable)
        if variable is not None:
            frame = frame.filter(_meets(variable, each))
    if selection.sort:
        down = selection.sort.startswith("-")
        column = selection.sort.removeprefix("-")
        frame = frame.sort(column, descending=down, nulls_last=True, maintain_order=True)
    return frame


def _meets(variable: Variable, condition: Condition) -> pl.Expr:
    column = pl.col(variable.name)
    value: str | float = condition.value
    if variable.is_number and condition.operator not in ("contains", *WITHOUT_VALUE):
        number = _number(condition.value, variable)
        if number is None:
            return pl.lit(value=False)
        value = number
    match condition.operator:
        case "eq":
            return column == value
        case "ne":
            return column.ne_missing(value)
        case "gt":
            return column > value
        case "lt":
            return column < value
        case "has":
            return column.is_not_null()
        case "empty":
            return column.is_null()
    text = column.cast(pl.String).str.to_lowercase()
    return text.str.contains(condition.value.lower(), literal=True)


def _number(text: str, variable: Variable) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float((date.fromisoformat(text) - EPOCH).days) if is_date(variable) else None
    except ValueError:
        return None


def is_date(variable: Variable) -> bool:
    """Whether a variable holds days since 1960."""
    form = (variable.format or "").upper()
    return form.startswith(("DATE", "YYMMDD", "E8601DA")) and not form.startswith("DATETIME")


def text_of(variable: Variable, value: Any) -> str:
    """A value as people read it: numbers without needless decimals, days as dates."""
    if value is None:
        return ""
    if isinstance(value, float):
        if is_date(variable):
            return (EPOCH + timedelta(days=int(value))).isoformat()
        return f"{value:.10g}"
    return str(value)


def chosen(dataset: Dataset, hidden: frozenset[str], selection: Selection) -> list[Variable]:
    """The columns to show, in the order of the data set."""
    there = [variable for variable in dataset.variables if variable.name not in hidden]
    if selection.columns:
        return [variable for variable in there if variable.name in selection.columns]
    plain = [each for each in there if each.name not in ("STUDYID", "DOMAIN")]
    return plain[:FIRST]
