"""Lengths of text as long as the data need them, so that files hold no room that nothing uses (FDA Study Data Technical
Conformance Guide, section 3.3.3: the same variable has the same length in every dataset of the kind)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from helmont.standards.define.model import Dataset, Define, Item, Variable


def fitted(define: Define, frames: Mapping[str, pl.DataFrame]) -> Define:
    """The document with each text variable as long (in bytes) as its longest value in any dataset where it has this name,
    and value-level items no longer than their variable. ``frames`` by the name of the dataset; text without values is 1 long.
    """
    longest: dict[str, int] = {}
    for dataset, variable in define.variables():
        if dataset.name in frames:
            name = variable.item.name
            longest[name] = max(longest.get(name, 1), _longest(frames[dataset.name], name))

    def fit(dataset: Dataset) -> Dataset:
        if dataset.name not in frames:
            return dataset
        return replace(dataset, variables=tuple(_fit(one, longest) for one in dataset.variables))

    return replace(define, datasets=tuple(fit(one) for one in define.datasets))


def _longest(frame: pl.DataFrame, name: str) -> int:
    if name not in frame.columns or frame.schema[name] != pl.String:
        return 1
    found = frame[name].str.len_bytes().max()
    return found if isinstance(found, int) and found else 1


def _fit(variable: Variable, longest: Mapping[str, int]) -> Variable:
    item = variable.item
    if item.type != "text":
        return variable
    length = longest[item.name]
    values = item.values
    if values is not None:
        within = tuple(replace(one, item=_within(one.item, length)) for one in values.values)
        values = replace(values, values=within)
    return replace(variable, item=replace(item, length=length, values=values))


def _within(item: Item, length: int) -> Item:
    return item if item.length is None or item.length <= length else replace(item, length=length)
