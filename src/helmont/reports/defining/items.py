"""The variables of one data set as items: types, lengths, decimals, codelists, origins and methods."""

from __future__ import annotations

import polars as pl

from helmont.reports.annotated_crf import AnnotatedCrf
from helmont.reports.defining.codelists import Codelists
from helmont.reports.defining.methods import method_of
from helmont.reports.defining.numbers import decimals_of, digits_of
from helmont.reports.defining.origins import Origins
from helmont.reports.defining.parts import Shared
from helmont.reports.defining.values import values_of
from helmont.standards.define.model import DataType, Item, Variable
from helmont.standards.define.names import comment_oid, item_oid
from helmont.study.datasets import model
from helmont.study.model import Study

DATES = ("DTC",)
"""Endings of SDTM variables that hold ISO 8601, complete or not (SDTMIG 3.4, 4.4.1)."""


class Items:
    """Makes the items of a data set."""

    def __init__(
        self, study: Study, dataset: model.Dataset, frame: pl.DataFrame, crf: AnnotatedCrf | None, leaf: str,
        shared: Shared, codelists: Codelists,
    ) -> None:  # fmt: skip
        self.study, self.dataset, self.frame, self.shared, self.codelists = study, dataset, frame, shared, codelists
        self.origins = Origins(study, dataset, crf, leaf)

    def variable(self, variable: model.Variable) -> Variable:
        """A variable with everything that Define-XML says of it."""
        dataset, name = self.dataset, variable.name
        origin = self.origins.of(variable)
        method = None
        if origin.type == "Derived":
            method = self.shared.method(method_of(dataset, variable, self.origins.makers.get(name, [])))
        comment = self.shared.comment(comment_oid(dataset.id, name), variable.comment) if variable.comment else None
        values = self.frame[name]
        kind = type_of(dataset, variable)
        empty = values.null_count() == values.len()
        if empty and comment is None:
            comment = self.shared.comment(comment_oid("empty"), "No value has been collected or derived.")
        item = Item(
            oid=item_oid(dataset.id, name),
            name=name,
            type=kind,
            label=variable.label,
            length=_length(kind, variable, values),
            significant_digits=(variable.decimals or decimals_of(values)) if kind == "float" else None,
            format=variable.format,
            codelist=self.codelists.of(dataset, variable, values),
            origins=(origin,),
            comment=comment,
            values=values_of(self, variable),
        )
        key = dataset.keys.index(name) + 1 if name in dataset.keys else None
        return Variable(item, variable.mandatory, key, method, variable.role)


def type_of(dataset: model.Dataset, variable: model.Variable) -> DataType:
    """The data type; a date of SDTM that is declared as text may be incomplete."""
    if variable.type == "text" and dataset.standard == "SDTM" and variable.name.endswith(DATES):
        return "partialDatetime"
    if variable.format is not None and variable.type not in ("integer", "float"):
        return "integer"
    return variable.type


def _length(kind: DataType, variable: model.Variable, values: pl.Series) -> int | None:
    match kind:
        case "text":
            return variable.length or 1  # fitted to the data afterwards
        case "integer" | "float":
            return digits_of(values)
    return None
