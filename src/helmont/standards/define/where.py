"""Where clauses on data: which rows of a dataset a clause is about."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import polars as pl

from helmont.standards.define.model import Condition, Dataset, Define

_ORDERED: Mapping[str, Callable[[Any, Any], pl.Expr]] = {
    "LT": operator.lt,
    "LE": operator.le,
    "GT": operator.gt,
    "GE": operator.ge,
}


def where(define: Define, dataset: Dataset, frame: pl.DataFrame, oid: str) -> pl.Expr | None:
    """The rows of ``frame`` for which a where clause holds; ``None`` when it looks into another dataset, or is unknown.

    A missing value differs from every value (``NE``, ``NOTIN`` hold) and is in no order.
    """
    clause = next((one for one in define.where_clauses if one.oid == oid), None)
    names = {variable.item.oid: variable.item.name for variable in dataset.variables}
    if clause is None or not clause.conditions:
        return None
    found = [_condition(one, names.get(one.item, ""), frame) for one in clause.conditions]
    conditions = [one for one in found if one is not None]
    return reduce(operator.and_, conditions) if len(conditions) == len(found) else None


def _condition(one: Condition, name: str, frame: pl.DataFrame) -> pl.Expr | None:
    if name not in frame.columns:
        return None
    values: list[Any] = list(one.values)
    column = pl.col(name)
    if frame.schema[name].is_numeric():
        try:
            values = [float(value) for value in values]
        except ValueError:
            return pl.lit(False)
        column = column.cast(pl.Float64)
    if not values:
        return pl.lit(False)
    if one.comparator in _ORDERED:
        return _ORDERED[one.comparator](column, pl.lit(values[0])).fill_null(False)
    inside = column.is_in(values).fill_null(False)
    return ~inside if one.comparator in ("NE", "NOTIN") else inside
